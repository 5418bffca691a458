"""The task ``read``: one record of an instrument's file, with what is known of its cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from solith.core.errors import InputError, SolithError, UnknownNameError
from solith.core.provenance import fingerprint_file
from solith.core.quantities import to_si
from solith.core.record import FACTS, Record
from solith.core.spectra import join_spectra
from solith.study.tasks._registry import task_kind

__all__: list[str] = []

_ONE_C = "one_c"
_STATE = ("cycling", "time", "charge", "potential", "clock_offset")
_SHOWN = {"m2": ("cm2", 1e4), "kg": ("mg", 1e6)}


def _check(inputs: Mapping[str, Any]) -> None:
    from solith.study._description import outputs_in

    if not isinstance(inputs.get("file", ""), str):
        raise InputError(f"{inputs['file']!r} is not the name of a file", where="file")
    number = inputs.get("number", 1)
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise InputError(f"{number!r} is not a whole number from 1", where="number")
    for name in ("facts", "usual", "state"):
        if not isinstance(inputs.get(name, {}), Mapping):
            raise InputError(f"{inputs[name]!r} is not a table", where=name)
    _paths(inputs.get("file", ""), inputs.get("files", ()), inputs["folder"])
    known = {
        name: given
        for name, given in inputs.get("facts", {}).items()
        if not outputs_in(given)  # what other tasks give is not known yet
    }
    state = inputs.get("state", {})
    for name in state:
        if name not in _STATE:
            raise UnknownNameError.among("field", name, _STATE).inside("state")
    if outputs_in(state):
        state = {}
    _read(**{**inputs, "facts": known, "state": state})


def _depends_on(inputs: Mapping[str, Any]) -> str | list[str]:
    paths = _paths(inputs.get("file", ""), inputs.get("files", ()), inputs["folder"])
    found = [fingerprint_file(path) for path in paths]
    return found if inputs.get("files") else found[0]


@task_kind("read", gives="record", check=_check, depends_on=_depends_on)
def _read(
    *,
    file: str = "",
    files: Sequence[str] = (),
    number: int = 1,
    facts: Mapping[str, Any] | None = None,
    usual: Mapping[str, Any] | None = None,
    state: Mapping[str, Any] | None = None,
    kind: str = "",
    technique: str = "",
    sample: str,
    folder: str,
) -> Record:
    """The record with this ``number`` in the file, from 1, which has to be of the ``kind``.

    Of several ``files``, each a spectrum, they are joined to one record of kind "spectra", in
    their order; a pattern such as "scan_*.xdi" stands for the files that it fits, by name.
    ``facts`` are those of :meth:`Record.with_facts`. Those in ``usual``, which may also have
    the current density ``one_c`` on the geometric area, hold where neither ``facts`` nor the
    file say anything. Both are told in the notes of the record's provenance. ``state`` is what
    :func:`solith.analysis.join_cycling` takes: where on the cell's ``cycling``, by ``time``,
    ``charge`` or ``potential``, the record was measured. A ``technique`` replaces the file's own.
    """
    given = dict(facts or {})
    area = given.get("geometric_area", (usual or {}).get("geometric_area"))
    paths = _paths(file, files, folder)
    if files:
        chosen = [_chosen(path, path.name, number, "spectrum", area) for path in paths]
        record = join_spectra(dict(zip(_stems(paths), chosen, strict=True)))
    else:
        record = _chosen(paths[0], file, number, kind, area)
    added = {
        name: value
        for name, value in (usual or {}).items()
        if name in FACTS and name not in given and FACTS[name][1] not in record.data.attrs
    }
    known = record.with_facts(**given, **added)
    attributes = _rate(known, usual or {}) | ({"technique": technique} if technique else {})
    notes = [f"{_told(name, value)}, given in the study" for name, value in given.items()]
    notes += [f"{_told(name, value)}, that of the sample's cell" for name, value in added.items()]
    provenance = replace(
        known.provenance,
        sample=sample or known.provenance.sample,
        notes=(*known.provenance.notes, *notes),
    )
    told = replace(known, data=known.data.assign_attrs(attributes), provenance=provenance)
    return _placed(told, state) if state else told


def _placed(record: Record, state: Mapping[str, Any]) -> Record:
    from solith.analysis import join_cycling

    try:
        return join_cycling(record, **state)
    except InputError as error:
        raise error.inside("state") from None


def _chosen(path: Path, file: str, number: int, kind: str, area: Any) -> Record:
    from solith.readers import read

    try:
        records = read(path, area=area)
    except SolithError as error:
        raise InputError(str(error), where="file") from None
    held = ", ".join(f"{place} ({record.kind})" for place, record in enumerate(records, start=1))
    if number > len(records):
        raise InputError(f"{file!r} has no record {number}; choose among: {held}")
    record = records[number - 1]
    if kind and record.kind != kind:
        raise InputError(
            f"record {number} of {file!r} is of the kind {record.kind!r}, but {kind!r} is wanted; "
            f"give another file or record (it holds: {held}), or a name that is no experiment's"
        )
    return record


def _rate(record: Record, usual: Mapping[str, Any]) -> dict[str, float]:
    """The current at 1 C, where the file does not know it."""
    known = record.data.attrs
    if _ONE_C not in usual or "one_c_ampere" in known or "geometric_area_m2" not in known:
        return {}
    return {"one_c_ampere": to_si(usual[_ONE_C], "A/m2") * float(known["geometric_area_m2"])}


def _told(name: str, given: Any) -> str:
    unit = FACTS[name][0]
    shown, scale = _SHOWN.get(unit, (unit, 1.0))
    return f"{name.replace('_', ' ')} {to_si(given, unit) * scale:.6g} {shown}"


def _paths(file: str, files: Any, folder: str) -> list[Path]:
    """The one file, or all that are named or fit a pattern; an error where there is none."""
    if not files:
        if not file:
            raise InputError("is missing; give a file, or several as files", where="file")
        path = Path(folder) / file
        if not path.is_file():
            raise InputError(
                f"there is no file {file!r} (looked for from the study's folder)", where="file"
            )
        return [path]
    if file:
        raise InputError("give either file or files", where="files")
    if not isinstance(files, (list, tuple)) or not all(isinstance(one, str) for one in files):
        raise InputError(f"{files!r:.60} is no list of names of files", where="files")
    paths: dict[Path, None] = {}
    for name in files:
        fitting = any(sign in name for sign in "*?[")
        try:
            found = sorted(Path(folder).glob(name)) if fitting else [Path(folder) / name]
        except (ValueError, NotImplementedError) as error:
            raise InputError(f"{name!r} is no pattern ({error})", where="files") from None
        found = [path for path in found if path.is_file()]
        if not found:
            raise InputError(
                f"there is no file {name!r} (looked for from the study's folder)", where="files"
            )
        paths |= dict.fromkeys(found)
    return list(paths)


def _stems(paths: Sequence[Path]) -> list[str]:
    """Names of the spectra: those of their files, without ending where that keeps them apart."""
    stems = [path.stem for path in paths]
    return stems if len(set(stems)) == len(stems) else [str(path) for path in paths]
