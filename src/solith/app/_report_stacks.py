"""Figures of stacks and their energy in a study's report."""

from __future__ import annotations

from solith.app._report_cases import Case
from solith.app._report_page import Panel
from solith.core.result import Result
from solith.figures import (
    plot_energy_losses,
    plot_interface_costs,
    plot_pareto,
    plot_ragone,
    plot_sensitivities,
    plot_stack_components,
    plot_stack_energy,
)

__all__ = ["find_stack_panels"]

_GROUP = "Energy of stacks"
_LOAD = "Energy under load"
_THICKNESS, _LOADING = "separator.thickness", "cathode.loading"
_EXPLAINED = {
    "gravimetric": "energy by mass",
    "break_even_gravimetric": "break-even thickness by mass",
    "gravimetric_at_load": "energy by mass at the load",
    "highest_power": "highest power",
}
_DRAWN_BESIDE = "separator_thickness"
_KINDS = ("gravimetric", "volumetric")


def find_stack_panels(cases: list[Case]) -> list[Panel]:
    """Energies along thickness, loading and other collectors, what stacks weigh, the choice."""
    given = {case.sample: case.result for case in cases if case.result is not None}
    energies = {name: one for name, one in given.items() if "components" in one.details}
    panels = _along(energies, _THICKNESS, "Separator thickness", "of each electrolyte")
    panels += _along(
        energies, _LOADING, "Cathode loading", "with separators of several thicknesses"
    )
    panels += _compared(energies)
    if energies:
        panels.append(
            Panel(
                _GROUP,
                "What the cells weigh",
                "Share of each material in the stack's mass.",
                plot_stack_components(energies),
            )
        )
    for name, result in given.items():
        if "pareto" in result.details:
            panels += _choice(name, result)
    return panels + _under_load(
        {name: one for name, one in given.items() if "beside" in one.details}
    )


def _under_load(lines: dict[str, Result]) -> list[Panel]:
    if not lines:
        return []
    beside = next(iter(lines.values())).details["beside"]
    at_load = {
        name: Result(one.name, (), {"rates": [one.details["at_load"]]})
        for name, one in lines.items()
        if "at_load" in one.details
    }
    panels = [
        Panel(
            _LOAD,
            "Ragone lines",
            "Energy against power, by mass of the whole stack; dotted, cells of the literature "
            f"of which only one of the two is told. {_conventions(lines)}",
            plot_ragone(lines, beside=beside),
        )
    ]
    if at_load:
        label = next(iter(at_load.values())).details["rates"][0]["label"]
        panels.append(
            Panel(
                _LOAD,
                f"What interfaces cost at {label}",
                "Where the energy at open circuit goes: delivered, or lost in each part.",
                plot_interface_costs(at_load),
            )
        )
    panels += [
        Panel(
            _LOAD,
            f"Losses against power ({name})",
            "Energy that each part takes, stacked.",
            plot_energy_losses(one),
        )
        for place, (name, one) in enumerate(lines.items())
        if place == 0 or name not in at_load
    ]
    return panels


def _along(energies: dict[str, Result], path: str, title: str, told: str) -> list[Panel]:
    drawn = {
        name: one
        for name, one in energies.items()
        if path in one.details.get("curves", {}) and "compared" not in one.details
    }
    if not drawn:
        return []
    return [
        Panel(
            _GROUP,
            f"{title}, {kind}",
            f"{kind.capitalize()} energy {told}; dotted, the reference. {_conventions(drawn)}",
            plot_stack_energy(drawn, path, kind),
        )
        for kind in _KINDS
    ]


def _compared(energies: dict[str, Result]) -> list[Panel]:
    panels = []
    for name, one in energies.items():
        if "compared" not in one.details or _LOADING not in one.details.get("curves", {}):
            continue
        panels += [
            Panel(
                _GROUP,
                f"Collectors, {kind}",
                f"{kind.capitalize()} energy against loading ({name}), dashed with other "
                f"values. {_conventions({name: one})}",
                plot_stack_energy({name: one}, _LOADING, kind, compared=True),
            )
            for kind in _KINDS
        ]
    return panels


def _choice(name: str, result: Result) -> list[Panel]:
    found = result.details["pareto"]
    aims = [f"high {aim}" for aim in found["maximise"]] + [
        f"low {aim}" for aim in found["minimise"]
    ]
    at = f" at {found['load']}" if found["load"] else ""
    told = (
        f"Samples over sourced ranges{at}; discs are those that no other of their own stack beats "
        f"in {', '.join(aims).replace('_', ' ')}, black rings the {len(found['best'])} of "
        f"{len(found['stack'])} that none beats at all. {_conventions({name: result})}"
    )
    drawn = [one for one in (*found["maximise"], *found["minimise"]) if one in found["outputs"]]
    axes = (drawn[1], drawn[0]) if len(drawn) > 1 else (_DRAWN_BESIDE, drawn[0])
    explained = next(iter(result.details["sensitivities"].values()))
    return [
        Panel(_GROUP, f"Pareto set ({name})", told, plot_pareto(result, *axes)),
        Panel(
            _GROUP,
            f"Pareto set by loading ({name})",
            f"The same samples against their areal capacity, which the loading sets. {told}",
            plot_pareto(result, "areal_capacity", drawn[0]),
        ),
        *(
            Panel(
                _GROUP,
                f"What decides the {words} ({name})",
                "Share of the variance over the ranges that each takes part in (Sobol, total "
                "order).",
                plot_sensitivities(result, output),
            )
            for output, words in _EXPLAINED.items()
            if output in explained
        ),
    ]


def _conventions(results: dict[str, Result]) -> str:
    told = "; ".join(dict.fromkeys(str(one.details["convention"]) for one in results.values()))
    return f"{told[0].upper()}{told[1:]}."
