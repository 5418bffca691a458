"""What a figure of samples and their Pareto set is drawn of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import UnknownNameError
from solith.design.pareto import find_pareto_set

__all__ = ["choice_details", "pareto_set_of"]

Columns = Mapping[str, NDArray[np.float64]]
_DRAWN = 4  # significant digits of what is kept for figures


def pareto_set_of(
    offered: Columns, maximise: Sequence[str], minimise: Sequence[str]
) -> NDArray[np.intp]:
    """Numbers of the samples that no other beats in these columns.

    Raises :class:`UnknownNameError` for an aim that is no column.
    """
    for name in (*maximise, *minimise):
        if name not in offered:
            raise UnknownNameError.among("output or input", name, offered)
    return find_pareto_set(
        [offered[name] for name in maximise], [offered[name] for name in minimise]
    )


def choice_details(
    stack: NDArray[Any],
    inputs: Columns,
    outputs: Columns,
    maximise: Sequence[str],
    minimise: Sequence[str],
) -> dict[str, Any]:
    """Every sample, which are in the set of all (``best``) and in that of their own stack."""
    offered = {**inputs, **outputs}
    best_of_each = {}
    for name in dict.fromkeys(stack.tolist()):
        own = np.flatnonzero(stack == name)
        found = pareto_set_of({key: one[own] for key, one in offered.items()}, maximise, minimise)
        best_of_each[name] = own[found].tolist()
    return {
        "maximise": list(maximise),
        "minimise": list(minimise),
        "stack": stack.tolist(),
        "best": pareto_set_of(offered, maximise, minimise).tolist(),
        "best_of_each": best_of_each,
        "outputs": {name: _short(numbers) for name, numbers in outputs.items()},
        "inputs": {path: _short(numbers) for path, numbers in inputs.items()},
    }


def _short(numbers: NDArray[np.float64]) -> list[float | None]:
    return [float(f"{number:.{_DRAWN}g}") if np.isfinite(number) else None for number in numbers]
