"""From plain data to calibrations, with everything checked on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import in_unit, no_unit_message, split_quantity
from solith.study._calibration_tasks import goal_of
from solith.study._checks import (
    check_keys,
    check_name,
    read_choice,
    read_list,
    read_sample_names,
    read_table,
    read_text,
    read_whole,
)
from solith.study._description import (
    Calibration,
    CalibrationTarget,
    Experiment,
    FreeParameter,
    Output,
    Sample,
)
from solith.study._published import Published, check_reference, read_published
from solith.study.calibration import SCALES, absolute_uncertainty
from solith.study.tasks import find_kind

__all__ = ["check_calibrated", "read_calibrations"]

_PARAMETER = (
    "name",
    "place",
    "low",
    "high",
    "start",
    "scale",
    "experiment",
    "per_sample",
    "samples",
    "prior",
)
_TARGET = (
    "experiment",
    "value",
    "sample",
    "samples",
    "published",
    "target",
    "uncertainty",
    "cycle",
    "ratio_to",
)


def read_calibrations(
    table: Mapping[str, Any],
    samples: Mapping[str, Sample],
    experiments: Mapping[str, Experiment],
) -> dict[str, Calibration]:
    """The calibrations that plain data describe; places and numbers are checked later."""
    calibrations = {}
    for name in table:
        check_name(name, "calibrations")
        where = f"calibrations.{name}"
        entry = read_table(table, name, "calibrations")
        check_keys(entry, ("about", "samples", "parameters", "targets"), where)
        chosen = read_sample_names(entry, where, samples) or tuple(
            name for name, item in samples.items() if not item.is_only_measured
        )
        parameters = tuple(
            _read_parameter(item, f"{where}.parameters.{place}", samples, experiments)
            for place, item in enumerate(read_list(entry, "parameters", where), start=1)
        )
        targets = tuple(
            _read_target(item, f"{where}.targets.{place}", chosen, samples, experiments)
            for place, item in enumerate(read_list(entry, "targets", where), start=1)
        )
        for place, item in enumerate(parameters):
            if item.name in [other.name for other in parameters[:place]]:
                raise InputError(
                    f"a second parameter is named {item.name!r}",
                    where=f"{where}.parameters.{place + 1}.name",
                )
        for what, found in (("parameters", parameters), ("targets", targets)):
            if not found:
                raise InputError(
                    f"are missing; give at least one as [[{where}.{what}]]",
                    where=f"{where}.{what}",
                )
        about = read_text(entry, "about", where, "")
        calibrations[name] = Calibration(name, chosen, parameters, targets, about)
    return calibrations


def check_calibrated(
    samples: Mapping[str, Sample], calibrations: Mapping[str, Calibration]
) -> None:
    """Refuse samples that name no calibration, or take nothing of one."""
    for name, sample in samples.items():
        where = f"samples.{name}.calibrated_by"
        for chosen in sample.calibrated_by:
            if chosen not in calibrations:
                raise UnknownNameError.among("calibration", chosen, calibrations).inside(where)
            calibration = calibrations[chosen]
            if not any(
                item.taken_by(name) and (not item.per_sample or name in calibration.samples)
                for item in calibration.parameters
            ):
                raise InputError(
                    f"{name!r} takes no parameter of {chosen!r}; name it in its samples",
                    where=where,
                )


def _read_parameter(
    item: Any,
    where: str,
    samples: Mapping[str, Sample],
    experiments: Mapping[str, Experiment],
) -> FreeParameter:
    entry = read_table({where: item}, where, "")
    check_keys(entry, _PARAMETER, where)
    name = check_name(read_text(entry, "name", where), f"{where}.name")
    if name == "chi_squared":
        raise InputError("'chi_squared' is the name of another value", where=f"{where}.name")
    place = read_text(entry, "place", where)
    low, unit = _read_number(entry, "low", where)
    high, _ = _read_number(entry, "high", where, unit)
    scale = read_choice(entry, "scale", where, SCALES, "linear")
    if not low < high:
        raise InputError(
            f"{entry['low']!r} must be below high, {entry['high']!r}", where=f"{where}.low"
        )
    if scale == "log" and low <= 0:
        raise InputError(f"{entry['low']!r} must be above 0 on the scale log", where=f"{where}.low")
    start = _read_number(entry, "start", where, unit)[0] if "start" in entry else None
    prior = None
    if "prior" in entry:
        table = read_table(entry, "prior", where)
        check_keys(table, ("value", "uncertainty"), f"{where}.prior")
        value, _ = _read_number(table, "value", f"{where}.prior", unit)
        try:
            prior = (value, absolute_uncertainty(table.get("uncertainty"), value, unit))
        except InputError as error:
            raise error.inside(f"{where}.prior.uncertainty") from None
    per_sample = entry.get("per_sample", False)
    if not isinstance(per_sample, bool):
        raise InputError(f"{per_sample!r} must be true or false", where=f"{where}.per_sample")
    return FreeParameter(
        name=name,
        place=place,
        low=low,
        high=high,
        unit=unit,
        start=start,
        scale=scale,
        experiment=_read_experiment(entry, place, where, experiments),
        per_sample=per_sample,
        samples=read_sample_names(entry, where, samples),
        prior=prior,
    )


def _read_experiment(
    entry: Mapping[str, Any], place: str, where: str, experiments: Mapping[str, Experiment]
) -> str:
    root = place.partition(".")[0]
    if root == "cell":
        if "experiment" in entry:
            raise InputError(
                "a cell is the same in all experiments; leave it out", where=f"{where}.experiment"
            )
        return ""
    if "experiment" not in entry:
        raise InputError(
            f"is missing; {place!r} is no place of a cell (cell. ...), so name the experiment "
            "whose it is",
            where=f"{where}.experiment",
        )
    name = read_text(entry, "experiment", where)
    if name not in experiments:
        raise UnknownNameError.among("experiment", name, experiments).inside(f"{where}.experiment")
    return name


def _read_target(
    item: Any,
    where: str,
    chosen: tuple[str, ...],
    samples: Mapping[str, Sample],
    experiments: Mapping[str, Experiment],
) -> CalibrationTarget:
    entry = read_table({where: item}, where, "")
    check_keys(entry, _TARGET, where)
    experiment = read_text(entry, "experiment", where)
    if experiment not in experiments:
        raise UnknownNameError.among("experiment", experiment, experiments).inside(
            f"{where}.experiment"
        )
    kind = find_kind(experiments[experiment].do)
    if kind.name == "calibrate":
        raise InputError("a calibration is no experiment", where=f"{where}.experiment")
    names = read_sample_names(entry, where, samples)
    for name in names:
        if name not in chosen:
            raise InputError(
                f"{name!r} is none of the calibration's samples ({', '.join(chosen)})",
                where=f"{where}.samples",
            )
    ratio_to = read_text(entry, "ratio_to", where, "")
    if ratio_to and ratio_to not in samples:
        raise UnknownNameError.among("sample", ratio_to, samples).inside(f"{where}.ratio_to")
    target = CalibrationTarget(
        experiment=experiment,
        value=read_text(entry, "value", where),
        samples=names or tuple(name for name in chosen if name != ratio_to),
        published=_read_goal(entry, where),
        uncertainty=read_text(entry, "uncertainty", where),
        cycle=read_whole(entry, "cycle", where),
        ratio_to=ratio_to,
    )
    _check_goals(target, where, samples)
    return target


def _read_goal(entry: Mapping[str, Any], where: str) -> str | Published | Output:
    if ("published" in entry) == ("target" in entry):
        raise InputError("give either published or target", where=where)
    if "published" in entry:
        written = entry["published"]
        if isinstance(written, Mapping) and "task" in written:
            return _read_output(written, f"{where}.published")
        return read_published(entry, where)
    written = entry["target"]
    if isinstance(written, Mapping):
        return _read_output(written, f"{where}.target")
    number, unit = _read_number(entry, "target", where)
    return Published(number, unit)


def _read_output(table: Mapping[str, Any], where: str) -> Output:
    check_keys(table, ("task", "value", "cycle"), where)
    return Output(
        read_text(table, "task", where),
        read_text(table, "value", where),
        read_whole(table, "cycle", where),
    )


def _check_goals(target: CalibrationTarget, where: str, samples: Mapping[str, Sample]) -> None:
    other = samples[target.ratio_to] if target.ratio_to else None
    if isinstance(target.published, Output):
        return
    if isinstance(target.published, str):
        named = [samples[name].published_as for name in target.samples]
        check_reference(target.published, f"{where}.published", named)
    for name in target.samples:
        known = goal_of(target, samples[name], other)
        if known is None:
            raise InputError(
                f"the publication has nothing at {target.published!r} for sample {name!r}"
                + (f" or {target.ratio_to!r}" if other else "")
                + "; leave the sample out of this target, or give target",
                where=f"{where}.published",
            )
        try:
            absolute_uncertainty(target.uncertainty, known.value, known.unit)
        except InputError as error:
            raise error.inside(f"{where}.uncertainty") from None


def _read_number(
    entry: Mapping[str, Any], key: str, where: str, unit: str | None = None
) -> tuple[float, str]:
    """The number under ``key`` and its unit; given in ``unit`` where there is one."""
    if key not in entry:
        raise InputError("is missing; give a value for it", where=f"{where}.{key}")
    written = entry[key]
    try:
        if isinstance(written, bool) or not isinstance(written, (str, int, float)):
            raise InputError(f"{written!r} is not a quantity")
        own = split_quantity(written) if isinstance(written, str) else (float(written), "")
        if own[0] - own[0] != 0:
            raise InputError(f"{written!r} is not a finite number")
        if unit is None:
            in_unit(1.0, own[1], own[1])
            return own
        if unit and not own[1]:
            raise InputError(no_unit_message(written, unit))
        return in_unit(own[0], own[1], unit), unit
    except InputError as error:
        raise error.inside(f"{where}.{key}") from None
