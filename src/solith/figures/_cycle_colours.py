"""Colours that run from dark to light over the cycles of one cell."""

from __future__ import annotations

from collections.abc import Sequence

from solith.figures._style import Look

__all__ = ["in_cycle_colours"]

_DARK, _LIGHT = 0.0, 0.85  # of the scale; its end is too pale on white


def in_cycle_colours(names: Sequence[str]) -> dict[str, Look]:
    """The line of each name, in the order given, dark to light (viridis)."""
    from plotly.colors import sample_colorscale

    step = (_LIGHT - _DARK) / max(len(names) - 1, 1)
    colours = sample_colorscale("Viridis", [_DARK + step * place for place in range(len(names))])
    return {
        name: {"color": colour, "width": 1.8, "dash": "solid"}
        for name, colour in zip(names, colours, strict=True)
    }
