"""The surfaces of phases in space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from solith.core.errors import InputError, UnknownNameError
from solith.core.volume import AXES, Volume
from solith.figures._phase_colours import length_unit, phase_colours
from solith.figures._style import INK, label, new_figure
from solith.figures._surface_nets import surface_net

__all__ = ["plot_phase_surfaces"]

_CELLS = (64, 48, 36, 28, 20)
"""Along a side; as many as the number of vertices allows."""
_MOST_VERTICES = 60_000
_FLATTEST = 2.0
"""By how much a block may be wider than it is high: of flat volumes the middle is drawn."""
_LIGHT = {"ambient": 0.55, "diffuse": 0.7, "specular": 0.15, "roughness": 0.6, "fresnel": 0.1}


def plot_phase_surfaces(volume: Volume, phases: Sequence[str] | None = None) -> go.Figure:
    """Surfaces of phases in three dimensions, closed where the volume ends.

    ``phases`` are those to draw, all but the largest unless given. At most 64 cells along a side
    are drawn, fewer where the surface is large, of a flat volume a block in the middle: details
    finer than a cell are missing.
    """
    if not isinstance(volume, Volume):
        raise InputError(f"a Volume is drawn here, not {type(volume).__name__}")
    block = _block(volume)
    sides = [n * h for n, h in zip(block.shape, volume.voxel_size, strict=True)]
    unit, scale = length_unit(max(sides))
    colours = phase_colours(volume.phases)
    figure = new_figure(height=560)
    cell, nets = _nets(volume, block, _chosen(volume, block, phases))
    for name, (vertices, triangles) in nets.items():
        size = np.array(volume.voxel_size) * cell * scale
        x, y, z = ((vertices - 0.5) * size).astype(np.float32).T
        i, j, k = triangles.astype(np.uint16 if len(vertices) < 65536 else np.int32).T
        figure.add_mesh3d(
            x=x,
            y=y,
            z=z,
            i=i,
            j=j,
            k=k,
            color=colours[name],
            name=label(name),
            showlegend=True,
            hoverinfo="name",
            lighting=_LIGHT,
        )
    axis = {
        "showbackground": False,
        "showgrid": False,
        "zeroline": False,
        "showline": True,
        "linecolor": INK,
        "linewidth": 2,
        "ticks": "outside",
        "nticks": 5,
        "tickfont": {"size": 12},
        "showspikes": False,
    }
    titles = {f"{letter}axis": {**axis, "title": {"text": f"{letter} ({unit})"}} for letter in AXES}
    figure.update_layout(
        scene={
            **titles,
            "aspectmode": "data",
            "camera": {
                "eye": {"x": 1.35, "y": -1.55, "z": 0.95},
                "projection": {"type": "orthographic"},
            },
        },
        margin={"l": 0, "r": 0, "t": 24, "b": 0},
    )
    return figure


def _block(volume: Volume) -> NDArray[Any]:
    """The labels to draw."""
    least = min(volume.size)
    boxes = []
    for n, h in zip(volume.shape, volume.voxel_size, strict=True):
        side = min(n, max(1, round(_FLATTEST * least / h)))
        boxes.append(slice((n - side) // 2, (n - side) // 2 + side))
    return np.asarray(volume.labels[tuple(boxes)])


def _nets(
    volume: Volume, block: NDArray[Any], names: list[str]
) -> tuple[int, dict[str, tuple[NDArray[Any], NDArray[Any]]]]:
    """How many voxels along an edge make a cell, and vertices and triangles of each phase."""
    for finest in _CELLS:
        cell = max(1, -(-max(block.shape) // finest))
        nets = {}
        for name in names:
            field = _shares(block == volume.phases[name], cell)
            vertices, triangles = surface_net(np.pad(field, 1), 0.5)
            if len(triangles):
                nets[name] = vertices, triangles
        if sum(len(vertices) for vertices, _ in nets.values()) <= _MOST_VERTICES:
            break
    return cell, nets


def _chosen(volume: Volume, block: NDArray[Any], phases: Sequence[str] | None) -> list[str]:
    if phases is not None:
        for name in phases:
            if name not in volume.phases:
                raise UnknownNameError.among("phase", str(name), volume.phases)
        return list(phases)
    counts = {name: np.count_nonzero(block == at) for name, at in volume.phases.items()}
    present = [name for name, count in counts.items() if count]
    largest = max(present, key=lambda name: counts[name])
    return [name for name in present if name != largest or len(present) == 1]


def _shares(inside: NDArray[np.bool_], cell: int) -> NDArray[np.float32]:
    """The part of each cell of voxels that is inside; a rest at the end is left out."""
    whole = [max(n // cell, 1) for n in inside.shape]
    sides = [min(cell, n) for n in inside.shape]
    cut = inside[tuple(slice(0, n * side) for n, side in zip(whole, sides, strict=True))]
    parts = cut.reshape(whole[0], sides[0], whole[1], sides[1], whole[2], sides[2])
    shares: NDArray[np.float32] = parts.mean(axis=(1, 3, 5), dtype=np.float32)
    return shares
