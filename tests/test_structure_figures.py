"""Figures of volumes: what is drawn is what was measured, and what cannot be drawn is refused."""

from __future__ import annotations

import numpy as np
import pytest

from solith.core.errors import InputError
from solith.core.result import Result, Value
from solith.core.volume import GreyVolume, Volume
from solith.figures import (
    plot_contact_rose,
    plot_current_map,
    plot_geodesic_tortuosity,
    plot_grey_histogram,
    plot_particle_sizes,
    plot_phase_profiles,
    plot_phase_surfaces,
    plot_segmentation,
    plot_slices,
)
from solith.figures._phase_colours import length_unit, phase_colours, round_length
from solith.figures._surface_nets import surface_net

EMPTY = Result("empty", ())
SHADES = GreyVolume(np.arange(64, dtype=np.uint8).reshape(4, 4, 4), 1e-6)


def ball(side: int = 32, radius: float = 10.0) -> Volume:
    x, y, z = np.mgrid[:side, :side, :side] + 0.5 - side / 2
    inside = x**2 + y**2 + z**2 < radius**2
    return Volume(inside.astype(np.uint8), ["electrolyte", "active"], "1 um")


def test_a_surface_net_of_a_ball_is_closed_and_of_the_right_size() -> None:
    x, y, z = np.mgrid[:32, :32, :32] - 15.5
    field = (10 - np.sqrt(x**2 + y**2 + z**2)).astype(np.float32)
    vertices, triangles = surface_net(field, 0.0)
    assert np.abs(np.linalg.norm(vertices - 15.5, axis=1) - 10).max() < 0.2
    edges = np.sort(triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    _, counts = np.unique(edges, axis=0, return_counts=True)
    assert (counts % 2 == 0).all()
    a, b, c = (vertices[triangles[:, corner]] for corner in range(3))
    enclosed = np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6
    assert abs(enclosed) == pytest.approx(4 / 3 * np.pi * 1000, rel=0.02)


def test_surfaces_stand_where_the_phase_is() -> None:
    figure = plot_phase_surfaces(ball())
    (mesh,) = figure.data
    assert mesh.name == "active"
    assert min(mesh.x) == pytest.approx(6, abs=0.6)
    assert max(mesh.z) == pytest.approx(26, abs=0.6)
    with pytest.raises(InputError, match="unknown phase 'void'"):
        plot_phase_surfaces(ball(), ["void"])


def test_of_a_flat_volume_a_block_is_drawn() -> None:
    labels = np.zeros((200, 200, 10), np.uint8)
    labels[95:105] = 1
    figure = plot_phase_surfaces(Volume(labels, ["a", "b"], 1e-6), ["b"])
    assert max(figure.data[0].x) - min(figure.data[0].x) == pytest.approx(10, abs=1)
    assert max(figure.data[0].y) <= 20.5


def test_slices_have_a_scale_bar_and_every_phase() -> None:
    figure = plot_slices(ball())
    assert [trace.name for trace in figure.data if trace.name] == ["electrolyte", "active"]
    assert figure.layout.annotations[0].text == "5 µm"
    cuts = [trace for trace in figure.data if trace.type == "heatmap"]
    assert [np.mean(cut.z) for cut in cuts] == pytest.approx([316 / 1024] * 3, rel=0.02)
    with pytest.raises(InputError, match="a Volume is drawn here, not GreyVolume"):
        plot_slices(GreyVolume(np.ones((4, 4, 4)), 1e-6))


def test_grey_and_labels_have_one_shape() -> None:
    with pytest.raises(InputError, match=r"the grey volume has \(4, 4, 4\) voxels"):
        plot_segmentation(GreyVolume(np.ones((4, 4, 4)), 1e-6), ball())


def test_thresholds_stand_in_the_histogram() -> None:
    grey = GreyVolume(np.arange(64, dtype=np.uint8).reshape(4, 4, 4), 1e-6)
    values = (
        Value("threshold_void_active", 30.0, "", 2.0),
        Value("grey_void", 10.0),
        Value("grey_active", 50.0),
    )
    figure = plot_grey_histogram(grey, Result("segmentation", values))
    assert sum(figure.data[0].y) == pytest.approx(100)
    assert [trace.name for trace in figure.data[1:]] == [
        "void (10)",
        "active (50)",
        "threshold, with its 95 % range",
    ]
    assert figure.layout.shapes[0].x0 == pytest.approx(30 - 3.92)


def test_a_rose_stacks_what_is_touched() -> None:
    rose = {"cosine_edges": [-1.0, 0.0, 1.0], "contact_fraction": [0.25, None]}
    result = Result("contact", (), {"a": "active", "b": "void", "axis": "z", "rose": rose})
    (bars,) = plot_contact_rose(result).data
    assert list(bars.theta) == pytest.approx([135, 45, 225, 315])
    assert list(bars.r) == [0.25, 0, 0.25, 0]


@pytest.mark.parametrize(
    ("shares", "end"), [([0.08, 0.06], 0.1), ([0.19, None], 0.2), ([0.97, 0.2], 1.0), ([1.0], 1.0)]
)
def test_the_radial_axis_of_a_rose_ends_above_its_shares(
    shares: list[float | None], end: float
) -> None:
    edges = list(np.linspace(-1, 1, len(shares) + 1))
    rose = {"cosine_edges": edges, "contact_fraction": shares}
    result = Result("contact", (), {"a": "active", "b": "void", "axis": "z", "rose": rose})
    axis = plot_contact_rose(result).layout.polar.radialaxis
    assert axis.range == (0, end)
    assert float(axis.ticktext[1]) == pytest.approx(end / 2)


def test_a_map_is_black_without_current() -> None:
    density = np.zeros((6, 4))
    density[2:4] = 3.0
    figure = plot_current_map(density, (1e-6, 2e-6))
    drawn = np.asarray(figure.data[0].z)
    assert drawn.shape == (4, 6)
    assert (drawn[:, :2] == 0).all()
    assert (drawn[:, 2:4] == 250).all()
    assert figure.layout.yaxis.title.text == "<i>z</i> (µm)"
    with pytest.raises(InputError, match="a plane has two axes, this array 3"):
        plot_current_map(np.ones((2, 2, 2)), (1, 1))
    with pytest.raises(InputError, match="not finite"):
        plot_current_map(np.full((2, 2), np.nan), (1, 1))


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (plot_geodesic_tortuosity, "holds no histogram"),
        (plot_phase_profiles, "holds no profile"),
        (plot_particle_sizes, "holds no sizes"),
        (plot_contact_rose, "holds no rose"),
        (
            lambda result: plot_grey_histogram(GreyVolume(np.ones((2, 2, 2)), 1), result),
            "threshold",
        ),
    ],
)
def test_other_results_are_refused(draw, message) -> None:
    with pytest.raises(InputError, match=message):
        draw(EMPTY)


def test_colours_are_fixed_by_name_and_never_shared() -> None:
    assert phase_colours(["void"])["void"] == phase_colours(["a", "void"])["void"]
    names = ["active", "electrolyte", "a", "b", "c"]
    assert len(set(phase_colours(names).values())) == len(names)


def test_lengths_are_round() -> None:
    assert length_unit(50e-6) == ("µm", 1e6)
    assert round_length(60e-6) == (pytest.approx(10e-6), "10 µm")
    assert round_length(2e-7)[1] == "50 nm"
