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
    show_number,
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
_DECIDES, _WHOLE = 95.0, 100.0  # % of the variance; above the first, bars are all alike


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
        _losses(name, one)
        for place, (name, one) in enumerate(lines.items())
        if place == 0 or name not in at_load
    ]
    return panels


def _losses(name: str, line: Result) -> Panel:
    rows = line.details["rates"]
    whole = show_number(rows[0]["open_circuit_energy"], 3)
    base = f"{whole} Wh/kg at open circuit"
    told = f"Energy that each part takes, stacked, of {base}: the stack's capacity at its voltage."
    if any("undelivered" in row["losses"] for row in rows):
        told = (
            f"Energy that each part takes, stacked, of {base}: all that the cell model's window "
            "holds, of which 'undelivered' is what the rate leaves in the cell. Other lines count "
            "the capacity that their stack is given."
        )
    return Panel(_LOAD, f"Losses against power ({name}), of {base}", told, plot_energy_losses(line))


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
            _cause(name, result, output, words)
            for output, words in _EXPLAINED.items()
            if output in explained
        ),
    ]


def _cause(name: str, result: Result, output: str, words: str) -> Panel:
    """Shares of the variance, or the samples against the one range that has nearly all of it."""
    decided = _decided_by(result, output)
    if decided is None or output not in result.details["pareto"]["outputs"]:
        return Panel(
            _GROUP,
            f"What decides the {words} ({name})",
            "Share of the variance over the ranges that each takes part in (Sobol, total order).",
            plot_sensitivities(result, output),
        )
    path, least = decided
    most = "" if least == _WHOLE else "at least "
    cause = path.replace("_", " ").replace(".", " ")
    return Panel(
        _GROUP,
        f"{words[0].upper()}{words[1:]} against the {cause}, which decides it ({name})",
        f"Of every stack's variance over the ranges the {cause} has {most}{least:.3g} % (Sobol, "
        "total order); what the others do is the width of a cloud of samples. Samples without "
        "a value, such as a break-even that is not reached, are not drawn.",
        plot_pareto(result, path, output, marked=False),
    )


def _decided_by(result: Result, output: str) -> tuple[str, float] | None:
    """The range with nearly all of the variance in every stack, and its least share [%]."""
    shares = [one[output] for one in result.details["sensitivities"].values()]
    first = max(shares[0], key=lambda path: shares[0][path])
    least = 100 * min(one[first] for one in shares)
    return (first, min(least, _WHOLE)) if least >= _DECIDES else None


def _conventions(results: dict[str, Result]) -> str:
    told = "; ".join(dict.fromkeys(str(one.details["convention"]) for one in results.values()))
    return f"{told[0].upper()}{told[1:]}."
