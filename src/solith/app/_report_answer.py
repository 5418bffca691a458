"""The answer of a run in plain sentences, made of its numbers and of nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from solith.app._report_cases import Case, find_cases, sample_names, split_by_rate
from solith.app._report_numbers import show_deviation, show_name, show_unit
from solith.core.intervals import NORMAL_95
from solith.figures import LOSS_LABELS, show_number
from solith.study.comparison import known_as

if TYPE_CHECKING:
    from solith.core.result import Result, Value
    from solith.study import Row, StudyRun

__all__ = ["WITHIN_PERCENT", "state_answer"]

WITHIN_PERCENT = 10.0
"""A computed value within this many percent of the published one is counted as within."""

# A smaller relative change may come from the numerics as well as from the sample.
_SAME = 5e-4
_TOLD = 0.01  # mV; a smaller part of the loss is told as below it
# The part whose share is told however small: whether it decides is what coating studies ask.
_IN_QUESTION = "coating"
_THE_SAME = f"the same (within {100 * _SAME:g} %)"


def state_answer(run: StudyRun) -> list[str]:
    """Sentences that say what the run found.

    First where the first sample's voltage goes; then one paragraph for each sample
    (capacity at each rate, efficiency, largest loss, resistance), one for each sample's
    difference from the first, one for each sample that was measured, one for each role of the
    compared values, and one for failures. Numbers that the run lacks are left out; numbers
    with flags are marked, the words stand in the tables.
    """
    found = split_by_rate(find_cases(run))
    cases = [case for case in found if not case.measured]
    measured = [case for case in found if case.measured]
    samples = sample_names(cases)
    paragraphs = [_split(sample, _of(cases, sample)) for sample in samples[:1]]
    paragraphs += [_describe(sample, _of(cases, sample)) for sample in samples]
    paragraphs += [
        _compare(samples[0], _of(cases, samples[0]), sample, _of(cases, sample))
        for sample in samples[1:]
    ]
    paragraphs += [
        _describe(f"{sample} as measured", _of(measured, sample))
        for sample in sample_names(measured)
    ]
    paragraphs += _state_comparisons(run.rows)
    paragraphs.append(_state_failures(run))
    stated = [paragraph for paragraph in paragraphs if paragraph]
    return stated or ["The run holds no number that answers the question."]


def _of(cases: list[Case], sample: str) -> list[Case]:
    return [case for case in cases if case.sample == sample]


def _split(sample: str, cases: list[Case]) -> str:
    """The shares of the parts where the sample loses most."""
    totals = {place: sum(_losses(case.result).values()) for place, case in enumerate(cases)}
    worst = max(totals, key=lambda place: totals[place], default=None)
    if worst is None or totals[worst] <= 0:
        return ""
    case, total = cases[worst], totals[worst]
    shares = sorted(_losses(case.result).items(), key=lambda item: -item[1])
    told = [
        f"{_part(part)} {_share(loss / total)}"
        for part, loss in shares
        if loss >= _TOLD or (loss > 0 and part == _IN_QUESTION)
    ]
    small = [_part(part) for part, loss in shares if 0 < loss < _TOLD and part != _IN_QUESTION]
    if small:
        told.append(f"{_and(small)} below {_TOLD:g} mV{' each' if len(small) > 1 else ''}")
    return (
        f"Sample {sample} loses {show_number(total, 3)} mV between open circuit and terminals"
        f"{_at(case)} (mean over the discharge): {_and(told)}."
    )


def _share(share: float) -> str:
    return (
        f"{show_number(100 * share, 2)} %"
        if share >= 1e-3
        else f"{show_number(1e6 * share, 2)} ppm"
    )


def _describe(sample: str, cases: list[Case]) -> str:
    sentences = [
        _sentence(
            f"Sample {sample} delivers", [_number(case, "discharge_capacity") for case in cases]
        ),
        _sentence(
            "Its first coulombic efficiency is",
            [_efficiency(case) for case in cases],
        ),
        _sentence("Its largest voltage loss (mean over the discharge) is", _largest_losses(cases)),
        _sentence(
            "Its interfacial resistance is",
            [_resistance(case) for case in cases],
        ),
    ]
    text = " ".join(sentence for sentence in sentences if sentence)
    return f"Sample {sample}: {_lowered(text)}" if text and not sentences[0] else text


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _number(case: Case, quantity: str) -> str:
    value = _value(case.result, quantity)
    return "" if value is None else f"{_shown(value)}{_at(case)}"


def _efficiency(case: Case) -> str:
    """Above 100 % a simulated cell says why: it did not begin full of lithium."""
    value = _value(case.result, "initial_coulombic_efficiency")
    if value is None or case.measured or (value.to("%").value or 0.0) <= 100.0 or not value.flags:
        return _number(case, "initial_coulombic_efficiency")
    why = "above 100 %: the discharge put more lithium into the cathode than it began with"
    return f"{_shown(replace(value, flags=()))} ({why}){_at(case)}"


def _resistance(case: Case) -> str:
    """That of the cell, and on its geometric area where that is known."""
    told = _number(case, "interfacial_resistance")
    value = _value(case.result, "interfacial_resistance")
    area = None if case.record is None else case.record.data.attrs.get("geometric_area_m2")
    if value is None or value.value is None or value.unit != "ohm" or area is None:
        return told
    per_area = show_number(1e4 * value.value * float(area))
    return f"{told}, which is {per_area} Ω cm² (geometric area)"


def _largest_losses(cases: list[Case]) -> list[str]:
    """The largest part of each case; cases with the same part are told together."""
    found: dict[str, list[str]] = {}
    for case in cases:
        losses = _losses(case.result)
        part = max(losses, key=lambda name: losses[name], default="")
        if not part or losses[part] <= 0:
            continue
        total = _value(case.result, "loss_total")
        whole = sum(losses.values()) if total is None or total.value is None else total.value
        found.setdefault(part, []).append(
            f"{show_number(losses[part], 3)} of {show_number(whole, 3)} mV{_at(case)}"
        )
    return [f"{_part(part)} ({_and(numbers)})" for part, numbers in found.items()]


def _compare(first: str, before: list[Case], sample: str, cases: list[Case]) -> str:
    known = {(case.experiment, case.part): case for case in before}
    pairs = [(known[key], case) for case in cases if (key := (case.experiment, case.part)) in known]
    clauses = (
        ("delivers", [_change(*pair, "discharge_capacity", ("more", "less")) for pair in pairs]),
        ("loses", [_loss_change(*pair) for pair in pairs]),
        (
            "has an interfacial resistance that is",
            [_change(*pair, "interfacial_resistance", ("higher", "lower")) for pair in pairs],
        ),
    )
    stated = [
        f"{verb} {_and(changes)}"
        for verb, parts in clauses
        if (changes := [part for part in parts if part])
    ]
    return f"Compared with sample {first}, sample {sample} {'; '.join(stated)}." if stated else ""


def _loss_change(old: Case, new: Case) -> str:
    before, after = _losses(old.result), _losses(new.result)
    shared = [part for part in after if part in before]
    if not shared:
        return ""
    steps = {part: after[part] - before[part] for part in shared}
    part = max(steps, key=lambda name: abs(steps[name]))
    if steps[part] == 0:
        return f"{_THE_SAME}{_at(new)}"
    total = sum(after.values()) - sum(before.values())
    size = f"{show_number(abs(total), 3)} mV {'more' if total > 0 else 'less'}"
    if abs(total) <= _SAME * abs(sum(before.values())):
        size = _THE_SAME
    sign = "+" if steps[part] > 0 else ""
    return (
        f"{size}{_at(new)} (largest change: {_part(part)}, {sign}{show_number(steps[part], 3)} mV)"
    )


def _part(part: str) -> str:
    return _lowered(LOSS_LABELS.get(part, show_name(part)))


def _change(old: Case, new: Case, quantity: str, words: tuple[str, str]) -> str:
    before, after = _value(old.result, quantity), _value(new.result, quantity)
    if before is None or after is None or before.unit != after.unit:
        return ""
    assert before.value is not None
    assert after.value is not None
    step = after.value - before.value
    if abs(step) <= _SAME * abs(before.value):
        return f"{_THE_SAME}{_at(new)}"
    percent = f" ({show_number(100 * abs(step / before.value), 3)} %)" if before.value else ""
    word = words[0] if step > 0 else words[1]
    return f"{show_number(abs(step))} {show_unit(after.unit)}{percent} {word}{_at(new)}"


def _state_comparisons(rows: tuple[Row, ...]) -> list[str]:
    paragraphs = []
    predicted = [row for row in rows if row.role == "predicted"]
    comparable = _once_each([row for row in predicted if _percent(row) is not None])
    if comparable:
        within = [row for row in comparable if abs(_percent(row) or 0.0) <= WITHIN_PERCENT]
        outside = [row for row in comparable if row not in within]
        text = (
            f"Of {_count(len(comparable), 'predicted value')} with a "
            f"{known_as(comparable)} counterpart, "
            f"{len(within) or 'none'} {'lie' if len(within) > 1 else 'lies'} within "
            f"{WITHIN_PERCENT:g} % of it"
        )
        text += f": {_listed_rows(within)}." if within else "."
        if outside:
            text += f" Outside: {_listed_rows(outside)}."
        paragraphs.append(text)
    calibrated = [row for row in rows if row.role == "calibrated" and _percent(row) is not None]
    if calibrated:
        paragraphs.append(
            f"The model was adjusted to "
            f"{_count(len(calibrated), f'{known_as(calibrated)} value')}, whose "
            f"agreement is therefore no prediction: {_listed_rows(calibrated)}."
        )
    inputs = [row for row in rows if row.role == "input" and row.published is not None]
    if inputs:
        paragraphs.append(
            f"{_count(len(inputs), 'compared value')} "
            f"{'was' if len(inputs) == 1 else 'were'} given to the model as input."
        )
    paragraphs += _state_recovered(rows)
    missing = [row for row in rows if row.computed is None and row.role != "recovered"]
    if missing:
        paragraphs.append(
            f"Not computed, so not compared: {_and([_row_name(row) for row in missing])}."
        )
    return paragraphs


def _once_each(rows: list[Row]) -> list[Row]:
    """Rows without those that repeat a number: one agreement is not counted for every sample."""
    first: dict[tuple[object, ...], Row] = {}
    for row in rows:
        assert row.computed is not None
        first.setdefault((row.quantity, f"{row.computed:.9g}", row.published), row)
    return list(first.values())


def _state_recovered(rows: tuple[Row, ...]) -> list[str]:
    """How many numbers put into synthetic records the analyses found within their intervals."""
    known = [row for row in rows if row.role == "recovered" and row.published is not None]
    told = [row for row in known if row.computed is not None and row.uncertainty is not None]
    if not told:
        return []
    within = [
        row
        for row in told
        if abs((row.computed or 0.0) - (row.published or 0.0)) <= NORMAL_95 * (row.uncertainty or 0)
    ]
    return [
        f"Spectra and images are synthetic: of {_count(len(told), 'number')} that they were made "
        f"with, {len(within) or 'none'} {'lie' if len(within) != 1 else 'lies'} within the 95 % "
        "interval of what the analyses found."
    ]


def _state_failures(run: StudyRun) -> str:
    if not run.failures:
        return ""
    names = _and(list(run.failures))
    return (
        f"{_count(len(run.failures), 'task')} did not succeed ({names}); what depends on a "
        "failed task is missing here."
    )


def _listed_rows(rows: list[Row]) -> str:
    return _and(
        [
            f"{_row_name(row)} ({show_deviation(row.computed, row.published, row.unit)}"
            f"{', flagged' if row.flags else ''})"
            for row in rows
        ]
    )


def _row_name(row: Row) -> str:
    return f"{show_name(row.quantity)} of {row.sample}" if row.sample else show_name(row.quantity)


def _percent(row: Row) -> float | None:
    if row.computed is None or not row.published:
        return None
    return 100 * (row.computed - row.published) / abs(row.published)


def _value(result: Result | None, quantity: str) -> Value | None:
    if result is None or quantity not in result or result[quantity].value is None:
        return None
    return result[quantity]


def _losses(result: Result | None) -> dict[str, float]:
    found = {}
    for value in result or ():
        part = value.quantity.removeprefix("loss_")
        if part != value.quantity and part != "total" and value.value is not None:
            found[part] = float(value.to("mV").value or 0.0)
    return found


def _shown(value: Value) -> str:
    spread = "" if value.spread is None else f" ± {show_number(value.spread, 2)}"
    unit = show_unit(value.unit, value.area)
    shown = f"{show_number(value.value)}{spread} {unit}".rstrip()
    return f"{shown} (flagged)" if value.flags else shown


def _at(case: Case) -> str:
    """The condition in a sentence; that an impedance was taken needs no saying."""
    if not case.condition or case.condition.lower() == case.kind == "impedance":
        return ""
    return f" at {case.condition}" if case.rate is not None else f" ({case.condition})"


def _sentence(opening: str, parts: list[str]) -> str:
    stated = [part for part in parts if part]
    return f"{opening} {_and(stated)}." if stated else ""


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _and(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
