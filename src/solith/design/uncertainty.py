"""Many stacks at once: Monte Carlo over ranges, sensitivities, and the best of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import in_unit
from solith.core.result import Result, Value
from solith.design._choice import choice_details, pareto_set_of
from solith.design._paths import unit_at, with_arrays
from solith.design._weights import Weights, weigh
from solith.design.energy import EnergyResult, require_stack
from solith.design.inverse import break_even_thickness, read_target
from solith.design.load import Load, area_resistances, highest_power, read_load
from solith.design.ranges import Range, read_ranges
from solith.design.resistances import INTERFACE_LOSSES
from solith.design.stack import Stack

__all__ = ["OUTPUTS", "EnergySamples", "find_sensitivities", "sample_energy", "sweep_energy"]

Array = NDArray[np.float64]
_PERCENTILES = (5.0, 50.0, 95.0)
_AIMS = ("gravimetric", "separator_thickness")  # where none are asked for
_HOUR = 3600.0  # s

OUTPUTS: dict[str, tuple[str, str]] = {
    "gravimetric": ("J/kg", "Wh/kg"),
    "volumetric": ("J/m3", "Wh/L"),
    "areal_capacity": ("C/m2", "mAh/cm2"),
    "areal_energy": ("J/m2", "mWh/cm2"),
    "thickness": ("m", "um"),
    "areal_mass": ("kg/m2", "mg/cm2"),
    "separator_thickness": ("m", "um"),
    "separator_resistance": ("ohm m2", "ohm cm2"),
    "separator_drop_at_1c": ("V", "mV"),
    "break_even_gravimetric": ("m", "um"),
    "break_even_volumetric": ("m", "um"),
    "gravimetric_at_load": ("J/kg", "Wh/kg"),
    "volumetric_at_load": ("J/m3", "Wh/L"),
    "interface_cost": ("J/kg", "Wh/kg"),
    "interface_resistance": ("ohm m2", "ohm cm2"),
    "cell_resistance": ("ohm m2", "ohm cm2"),
    "highest_power": ("W/kg", "W/kg"),
}
"""What is found for each sample: SI unit and the unit it is given in; areas are geometric."""

_OF_REFERENCE = {"break_even_gravimetric": "gravimetric", "break_even_volumetric": "volumetric"}
_OF_LOAD = (
    "gravimetric_at_load",
    "volumetric_at_load",
    "interface_cost",
    "interface_resistance",
    "cell_resistance",
    "highest_power",
)
_OF_CONDUCTIVITY = ("separator_resistance", "separator_drop_at_1c")


@dataclass(frozen=True)
class EnergySamples:
    """Samples of one or several stacks.

    ``stack`` names the stack of each sample; ``inputs`` has SI values by path, ``outputs`` those of
    :data:`OUTPUTS` in the units there, those of a load only where one was given. Not a number are
    resistance and drop where a stack's separator has no conductivity, a break-even that is not
    reached, and energies at a load that a stack cannot bear. ``units`` are those of the
    inputs, ``sources`` says where each range is from, ``load`` is the one that was given: what is
    not of the load is at open circuit.
    """

    stack: NDArray[Any]
    inputs: Mapping[str, Array]
    outputs: Mapping[str, Array]
    units: Mapping[str, str]
    sources: Mapping[str, str]
    convention: str
    load: str = ""

    def __len__(self) -> int:
        return len(self.stack)

    def pareto_set(
        self, *, maximise: Sequence[str] = (), minimise: Sequence[str] = ()
    ) -> NDArray[np.intp]:
        """Numbers of the samples that no other beats in every one of these outputs or inputs.

        An input is named by its path: ``minimise=["fixture.pressure"]``.
        """
        return pareto_set_of({**self.inputs, **self.outputs}, maximise, minimise)

    def choose(self, *, maximise: Sequence[str] = (), minimise: Sequence[str] = ()) -> Result:
        """The values of :attr:`result` and the Pareto set by these aims, with every sample.

        Aims are those of :meth:`pareto_set`, of which it needs one. More values: ``in_pareto_set``
        (how many) and ``share_of_pareto_set, NAME`` of each stack. ``details["pareto"]`` is what
        :func:`solith.figures.plot_pareto` draws.
        """
        spread = self.result
        chosen = self._chosen(maximise, minimise)
        best = self.stack[chosen["best"]]
        values = [*spread.values, Value("in_pareto_set", float(len(best)))]
        for name in dict.fromkeys(self.stack.tolist()):
            share = float(np.mean(best == name)) if len(best) else None
            values.append(Value(f"share_of_pareto_set, {name}", share))
        return Result("choice among stacks", tuple(values), {**spread.details, "pareto": chosen})

    @property
    def result(self) -> Result:
        """Mean, standard deviation and percentiles (5, 50, 95 %) of each output, by stack.

        Quantities are ``OUTPUT`` and ``OUTPUT, 50 %``, or ``OUTPUT, NAME, 50 %`` of several
        stacks; the uncertainty is the standard deviation over the ranges. ``details["pareto"]`` has
        every sample, and those that no other beats in energy by mass and thickness of the
        separator, for :func:`solith.figures.plot_pareto`; :meth:`choose` takes other aims.
        """
        values = []
        for name in dict.fromkeys(self.stack.tolist()):
            own = self.stack == name
            for output, numbers in self.outputs.items():
                known = numbers[own][np.isfinite(numbers[own])]
                if not len(known):
                    continue
                missed = int(own.sum()) - len(known)
                flags = (f"not reached in {missed} of {own.sum()}",) * bool(missed)
                told = f"{output}, {name}" if len(set(self.stack.tolist())) > 1 else output
                unit = OUTPUTS[output][1]
                at = f"at {self.load}" if output in _OF_LOAD else "at open circuit"
                method = f"{at}; {self.convention}"
                spread = float(known.std(ddof=1)) if len(known) > 1 else None
                mean = float(known.mean())
                values.append(Value(told, mean, unit, spread, method=method, flags=flags))
                for percent, number in zip(
                    _PERCENTILES, np.percentile(known, _PERCENTILES), strict=True
                ):
                    named = f"{told}, {percent:g} %"
                    values.append(Value(named, float(number), unit, method=method, flags=flags))
        details = {
            "convention": self.convention,
            "sources": dict(self.sources),
            "pareto": self._chosen(_AIMS, ()),
        }
        return Result("energy over ranges", tuple(values), details)

    def _chosen(self, maximise: Sequence[str], minimise: Sequence[str]) -> dict[str, Any]:
        found = choice_details(self.stack, self.inputs, self.outputs, maximise, minimise)
        return {**found, "units": dict(self.units), "load": self.load}


def sample_energy(
    stacks: Stack | Mapping[str, Stack],
    ranges: Sequence[Range],
    *,
    samples: int = 1000,
    seed: int = 0,
    reference: Stack | EnergyResult | None = None,
    load: Any = None,
) -> EnergySamples:
    """Energies of ``samples`` stacks whose numbers lie in ``ranges``, by Latin hypercubes.

    Several stacks by name (one for each electrolyte, say) share the samples evenly. The numbers
    vary independently of each other. With a ``reference``, whose own numbers stay, each sample has
    its break-even thicknesses, too; with a ``load`` ("300 W/kg", "1 C") what
    :func:`compute_energy_at` finds. The same seed gives the same samples.
    """
    targets, asked = _targets(reference), _load(load)
    named = {"stack": stacks} if isinstance(stacks, Stack) else dict(stacks)
    for stack in named.values():
        require_stack(stack)
    if not named:
        raise InputError("give at least one stack", where="stacks")
    _check_number(samples, max(2, len(named)))
    shares = [len(part) for part in np.array_split(np.arange(samples), len(named))]
    names, inputs, outputs = [], [], []
    for place, ((name, stack), share) in enumerate(zip(named.items(), shares, strict=True)):
        box = read_ranges(stack, ranges)
        numbers = np.random.default_rng([seed, place])
        values = box.draw(share, numbers)
        names += [name] * share
        inputs.append(values)
        outputs.append(_outputs(stack, values, share, targets, asked))
    first = next(iter(named.values()))
    conventions = dict.fromkeys(stack.convention for stack in named.values())
    return EnergySamples(
        np.array(names),
        {path: np.concatenate([one[path] for one in inputs]) for path in inputs[0]},
        {name: np.concatenate([one[name] for one in outputs]) for name in outputs[0]},
        {one.path: unit_at(first, one.path) for one in ranges},
        {one.path: one.source for one in ranges},
        "; ".join(conventions),
        "" if asked is None else asked.written,
    )


def sweep_energy(
    stack: Stack, path: str, low: Any, high: Any, *, points: int = 101, load: Any = None
) -> EnergySamples:
    """Energies of ``stack`` with the value at ``path`` in equal steps from ``low`` to ``high``.

    With a ``load`` also what :func:`compute_energy_at` finds.
    """
    require_stack(stack)
    _check_number(points, 2)
    box = read_ranges(stack, [Range(path, low, high, source="swept")])
    values = box.values(np.linspace(0, 1, points)[:, np.newaxis])
    return EnergySamples(
        np.full(points, "stack"),
        values,
        _outputs(stack, values, points, {}, _load(load)),
        {path: unit_at(stack, path)},
        {path: "swept"},
        stack.convention,
        "" if load is None else read_load(load).written,
    )


def find_sensitivities(
    stack: Stack,
    ranges: Sequence[Range],
    output: str = "gravimetric",
    *,
    samples: int = 1024,
    seed: int = 0,
    reference: Stack | EnergyResult | None = None,
    load: Any = None,
) -> Result:
    """Shares of the variance of ``output`` that each range has alone, and with all others.

    Sobol indices of first and total order (scipy.stats.sobol_indices, after Saltelli,
    10.1016/j.cpc.2009.09.018); ``samples`` is a power of 2, and each is weighed once for every
    range and twice more. Values are ``first PATH`` and ``total PATH``; what the totals exceed the
    first orders by is due to ranges acting together. A break-even thickness needs a ``reference``,
    and counts below 0 where it is not reached; what depends on a ``load`` needs one, and a stack
    that cannot bear it counts as one without energy.
    """
    require_stack(stack)
    if output not in OUTPUTS:
        raise UnknownNameError.among("output", output, OUTPUTS)
    if output in _OF_CONDUCTIVITY and stack.separator.conductivity is None:
        raise InputError(f"is missing; {output} needs it", where="separator.conductivity")
    if output in _OF_REFERENCE and reference is None:
        raise InputError(f"is missing; {output} needs it", where="reference")
    if output in _OF_LOAD and load is None:
        raise InputError(f"is missing; {output} needs it", where="load")
    targets, asked = _targets(reference), _load(load)
    _check_number(samples, 2)
    if samples & (samples - 1):
        raise InputError(f"{samples} is no power of 2", where="samples")
    from scipy import stats

    box = read_ranges(stack, ranges)

    def weighed(unit: Array) -> Array:
        count = unit.shape[1]
        own = unit[: len(ranges)].T
        found = _outputs(stack, box.values(own), count, targets, asked, reached=False)
        return found[output][np.newaxis, :]

    found = stats.sobol_indices(
        func=weighed,
        n=samples,
        dists=[stats.uniform(0, 1)] * max(2, len(ranges)),  # scipy fails on a single one
        rng=np.random.default_rng(seed),
    )
    values = [
        Value(f"{order} {path}", float(number), method=stack.convention)
        for order, numbers in (("first", found.first_order), ("total", found.total_order))
        for path, number in zip(box.paths, np.ravel(numbers)[: len(ranges)], strict=True)
    ]
    sources = {one.path: one.source for one in ranges}
    return Result(f"sensitivities of {output}", tuple(values), {"sources": sources})


def _targets(reference: Stack | EnergyResult | None) -> dict[str, float]:
    if reference is None:
        return {}
    return {name: read_target(reference, by) for name, by in _OF_REFERENCE.items()}


def _outputs(
    stack: Stack,
    values: Mapping[str, Array],
    count: int,
    targets: Mapping[str, float],
    load: Load | None,
    *,
    reached: bool = True,
) -> dict[str, Array]:
    varied = with_arrays(stack, dict(values))
    weights = weigh(varied)
    found = _si_outputs(varied, weights)
    if load is not None:
        under = _under_load(varied, weights, load)
        found |= under if reached else {name: np.nan_to_num(one) for name, one in under.items()}
    for name, target in targets.items():
        thickness = break_even_thickness(varied, target, _OF_REFERENCE[name])
        found[name] = np.where(thickness < 0, np.nan, thickness) if reached else thickness
    return {
        name: np.broadcast_to(in_unit(1.0, *OUTPUTS[name]) * np.asarray(number), (count,)).copy()
        for name, number in found.items()
    }


def _si_outputs(stack: Stack, weights: Weights) -> dict[str, Any]:
    separator = stack.separator
    conductivity = np.nan if separator.conductivity is None else separator.conductivity
    resistance = separator.thickness / conductivity
    return {
        "gravimetric": weights.gravimetric,
        "volumetric": weights.volumetric,
        "areal_capacity": weights.capacity,
        "areal_energy": weights.energy,
        "thickness": weights.thickness,
        "areal_mass": weights.mass,
        "separator_thickness": separator.thickness,
        "separator_resistance": resistance,
        "separator_drop_at_1c": weights.capacity / _HOUR * resistance,
    }


def _under_load(stack: Stack, weights: Weights, load: Load) -> dict[str, Any]:
    discharge, resistances = load.on(stack, weights), area_resistances(stack)
    lost = [discharge.losses[name] for name in INTERFACE_LOSSES if name in discharge.losses]
    own = [resistances[name] for name in INTERFACE_LOSSES if name in resistances]
    unknown = np.nan if stack.resistances is None else 0.0
    return {
        "gravimetric_at_load": discharge.delivered / weights.mass,
        "volumetric_at_load": discharge.delivered / weights.volume,
        "interface_cost": sum(lost, unknown) / weights.mass,
        "interface_resistance": sum(own, unknown),
        "cell_resistance": sum(resistances.values()),
        "highest_power": highest_power(stack, weights) / weights.mass,
    }


def _load(load: Any) -> Load | None:
    return None if load is None else read_load(load)


def _check_number(samples: Any, least: int) -> None:
    if isinstance(samples, bool) or not isinstance(samples, int) or samples < least:
        raise InputError(f"{samples!r} is no number of samples from {least} up", where="samples")
