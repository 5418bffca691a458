"""Damage to files, as instruments, people, mails and disks do it, and as nobody would.

Every mutation is a function of a content and a random generator; the same generator gives the
same damage.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable, Sequence
from random import Random

__all__ = ["MOST_BYTES", "mutated"]

MOST_BYTES = 100_000
"""No input is longer, so that a slow one is slow for its content."""

Mutation = Callable[[bytes, Random, Sequence[bytes]], bytes]
"""The damaged form of a content; the last argument holds other files' contents."""

_ODD = (
    "", "nan", "NaN", "-nan", "inf", "-Infinity", "1e999", "-1e999", "1e308", "-1.7e308", "1e-320",
    "0", "-0", "-0.0", "-1", "1", "2", "0.5", "4294967295", "-2147483648", "99999999999999999999",
    "1e15", "1e6", "100000", "1,5", "1.5.2", "1.234,5", "1 000", "1_000", "0x1F", "1:2:3",
    "00:00:00", "-1:-1", "99:99:99.9", "1d 2", "0d 00:00:00", "1d 99:99:99", "02/30/2018 25:61:61",
    "2018-02-13 10:02", "02/13/2018 10:02:46.5", "12.5.2020", "x", "é", "°C", "µA", "Ω", "−5", "٣",
    "１", "½", "--", "-", "+", ".", ",", "e", "e5", "1e", "(", ")", "[", "%", "#N/A", "NULL",
    "None", "True", "Charge", "CC Chg", "Rest", "overload", "T1", "C", "D", '"', "'", '""', "\\",
    "/", "=", "<", ">", ";", ":", "a b", "\u2028", "\ufeff", "\ufffd", "\u0130",
)  # fmt: skip
_WORDS = ("Freq", "Z'", "Z''", "-Im(Z)/Ohm", "time/s", "Ewe/V", "<I>/mA", "I/A", "Cycle", "mode",
          "Test Time / s", "Voltage / V", "Current / A", "current_ampere", "(mA)", "(Ohm)", "/kHz",
          "(mA/cm2)", "[K]", " / foo", "TABLE", "CURVE", "ZCURVE", "End Comments", "Definition=",
          "<Segment1>", "</Segment1>", "EC-Lab ASCII FILE", "Nb header lines : 3", "Rec#", "Phase",
          "unix_time_second", "Aux #1", "Type=2", "Segments=1", "EXPLAIN", "TAG\tCV",
          "Loop 0 from point number 5 to 1")  # fmt: skip
_PIECES = (
    b"\0", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xc3", b"\x80", b"\r", b"\n", b"\r\n", b"\x0b",
    b"\x0c", b"\x1c", b"\x85", b"\x1a", b'"', b"'", b",", b";", b"\t", b" ", b"  ", b"MODULE",
    b"PAR1", b"PK\x03\x04", b"\x89HDF\r\n\x1a\n", b"NEWARE", b"\0" * 64, b"\xff" * 8, b"A" * 300,
)  # fmt: skip
_WHOLE = (0, 1, 2, 3, 7, 127, 128, 255, 256, 32767, 65535, 2**31 - 1, 2**31, 2**32 - 1, 10**6)
_REAL = (0.0, -1.0, 1e300, -1e300, 1e-310, float("nan"), float("inf"), float("-inf"), 1e18)
_NUMBER = re.compile(rb"[-+]?\d+(?:[.,]\d*)?(?:[eE][-+]?\d+)?")
_WORD = re.compile(rb"[^\t,;\n\r]+")
_ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "cp1252", "gb18030",
              "cp037", "utf-7")  # fmt: skip


def mutated(content: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """The content with one to six mutations; of an archive mostly what is inside."""
    if content.startswith(b"PK") and random.random() < 0.8:
        return _inside(content, random, others)
    text = b"\0" not in content
    for _ in range(random.choice((1, 1, 1, 1, 2, 2, 3, 6))):
        kinds = _OF_TEXT if text and random.random() < 0.75 else _OF_BYTES
        content = random.choice(kinds)(content, random, others)[:MOST_BYTES]
    return content


def _inside(content: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """An archive whose checksums are right and whose members are not."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(random.choice((1, 1, 2))):
        name = random.choice(list(members))
        members[name] = random.choice(_OF_BYTES)(members[name], random, others)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, inner in members.items():
            archive.writestr(zipfile.ZipInfo(name), inner)
    return made.getvalue()


def _span(length: int, random: Random, longest: int) -> tuple[int, int]:
    start = random.randrange(length + 1)
    return start, min(length, start + random.randint(1, max(1, longest)))


# --- bytes ---------------------------------------------------------------------------


def _flip_bit(content: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    damaged = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 8)) if damaged else 0):
        damaged[random.randrange(len(damaged))] ^= 1 << random.randrange(8)
    return bytes(damaged)


def _set_bytes(content: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    start, end = _span(len(content), random, random.choice((1, 1, 4, 32)))
    return content[:start] + random.randbytes(end - start) + content[end:]


def _truncate(content: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    return content[: random.randrange(len(content) + 1)]


def _behead(content: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    return content[random.randrange(min(len(content), 40) + 1) :]


def _insert(content: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    place = random.randrange(len(content) + 1)
    if random.random() < 0.7:
        piece = random.choice(_PIECES)
    else:
        piece = random.randbytes(random.randint(1, 16))
    return content[:place] + piece + content[place:]


def _delete(content: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    start, end = _span(len(content), random, random.choice((1, 4, 32, len(content) // 2)))
    return content[:start] + content[end:]


def _duplicate(content: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    start, end = _span(len(content), random, random.choice((1, 8, 64, len(content))))
    return content[:end] + content[start:end] * random.choice((1, 1, 2, 9)) + content[end:]


def _swap(content: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    first, second, third = sorted(random.randrange(len(content) + 1) for _ in range(3))
    return content[:first] + content[second:third] + content[first:second] + content[third:]


def _overwrite_number(content: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    form, values = random.choice((("<I", _WHOLE), ("<f", _REAL), ("<d", _REAL), ("<Q", _WHOLE)))
    value = random.choice(values)
    if form == "<f" and 3.4e38 < abs(value) < float("inf"):
        value = 3e38
    packed = struct.pack(form, value)
    place = random.randrange(len(content) + 1)
    if random.random() < 0.7:
        place &= ~3
    return content[:place] + packed + content[place + len(packed) :]


def _graft(content: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """The beginning of one file before the rest of another."""
    other = random.choice(others)
    head, body = (content, other) if random.random() < 0.5 else (other, content)
    return (
        head[: random.randrange(len(head) + 1)] + body[random.randrange(len(body) + 1) :]
        if random.random() < 0.5
        else head + body
    )


# --- text ----------------------------------------------------------------------------


def _on_lines(change: Callable[[list[bytes], Random], None]) -> Mutation:
    def mutation(content: bytes, random: Random, others: Sequence[bytes]) -> bytes:
        lines = content.split(b"\n")
        change(lines, random)
        return b"\n".join(lines)

    return mutation


def _drop_lines(lines: list[bytes], random: Random) -> None:
    start, end = _span(len(lines), random, random.choice((1, 1, 3, len(lines))))
    del lines[start:end]


def _repeat_lines(lines: list[bytes], random: Random) -> None:
    start, end = _span(len(lines), random, random.choice((1, 1, 3, len(lines))))
    lines[end:end] = lines[start:end] * random.choice((1, 1, 2, 30))


def _move_line(lines: list[bytes], random: Random) -> None:
    lines.insert(random.randrange(len(lines)), lines.pop(random.randrange(len(lines))))


def _shuffle_lines(lines: list[bytes], random: Random) -> None:
    start, end = _span(len(lines), random, 8)
    part = lines[start:end]
    random.shuffle(part)
    lines[start:end] = part


def _change_fields(lines: list[bytes], random: Random) -> None:
    """In one line or in many: a field dropped, doubled, emptied, moved or given an odd value."""
    start, end = _span(len(lines), random, random.choice((1, 1, 2, len(lines))))
    column, what = random.randrange(12), random.randrange(5)
    odd = random.choice(_ODD).encode()
    for place in range(start, end):
        separator = max((b"\t", b",", b";", b" "), key=lines[place].count)
        fields = lines[place].split(separator)
        if column >= len(fields):
            continue
        if what == 0:
            del fields[column]
        elif what == 1:
            fields.insert(column, fields[column])
        elif what == 2:
            fields[column] = b""
        elif what == 3:
            fields.append(fields.pop(column))
        else:
            fields[column] = odd
        lines[place] = separator.join(fields)


def _overlong_line(lines: list[bytes], random: Random) -> None:
    place = random.randrange(len(lines))
    lines[place] = lines[place] * random.choice((2, 9, 400))


def _replace_numbers(content: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    found = list(_NUMBER.finditer(content))
    for match in sorted(
        random.sample(found, min(len(found), random.choice((1, 1, 1, 4)))),
        key=lambda one: -one.start(),
    ):
        odd = random.choice(_ODD).encode()
        content = content[: match.start()] + odd + content[match.end() :]
    return content


def _replace_word(content: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    found = list(_WORD.finditer(content, 0, random.choice((400, len(content)))))
    if not found:
        return content
    match = random.choice(found)
    word = random.choice(_WORDS).encode()
    if random.random() < 0.3:
        word = match.group() + word
    return content[: match.start()] + word + content[match.end() :]


def _other_separator(content: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    old, new = random.sample((b",", b";", b"\t", b" ", b"  ", b".", b"|"), 2)
    place = random.choice((0, 0, random.randrange(len(content) + 1)))
    return content[:place] + content[place:].replace(old, new)


def _decimal_comma(content: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    return re.sub(rb"(?<=\d)\.(?=\d)", b",", content)


def _other_ends(content: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    return content.replace(b"\n", random.choice((b"\r", b"\r\n", b"\r\r\n", b"\n\n", b"", b"\0\n")))


def _other_encoding(content: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    text = content.decode("utf-8", errors="replace")
    return text.encode(random.choice(_ENCODINGS), errors="replace")


def _graft_lines(content: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """The header of one format on the body of another."""
    other = random.choice(others)
    head, body = (content, other) if random.random() < 0.5 else (other, content)
    upper, lower = head.split(b"\n"), body.split(b"\n")
    return b"\n".join(
        [*upper[: random.randint(1, len(upper))], *lower[random.randrange(len(lower)) :]]
    )


_OF_BYTES: tuple[Mutation, ...] = (
    _flip_bit, _flip_bit, _set_bytes, _set_bytes, _truncate, _behead, _insert, _insert, _delete,
    _duplicate, _swap, _overwrite_number, _overwrite_number, _overwrite_number, _graft,
)  # fmt: skip
_OF_TEXT: tuple[Mutation, ...] = (
    _replace_numbers, _replace_numbers, _replace_numbers, _replace_word, _replace_word,
    _other_separator, _decimal_comma, _other_ends, _other_encoding, _graft_lines,
    *map(_on_lines, (_drop_lines, _repeat_lines, _move_line, _shuffle_lines, _change_fields,
                     _change_fields, _overlong_line)),
)  # fmt: skip
