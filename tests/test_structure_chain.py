"""From odd volumes to a composite: what is zero, sections, specks, any order of phases."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.volume import GreyVolume, Volume
from solith.structure import find_isolated_particles, find_particle_contacts, split_particles
from solith.study.structure_chain import MeasuredStructure, measure_structure

PHASES = {"void": 0, "electrolyte": 1, "active": 2}


def ball(labels: NDArray[Any], label: int, centre: tuple[float, float, float], radius: float):
    x, y, z = np.ogrid[tuple(slice(n) for n in labels.shape)]
    a, b, c = centre
    labels[(x + 0.5 - a) ** 2 + (y + 0.5 - b) ** 2 + (z + 0.5 - c) ** 2 < radius**2] = label


def halves() -> NDArray[np.uint8]:
    """Electrolyte beside void, along z; a ball half in each, and one in the void alone."""
    labels = np.zeros((44, 24, 24), np.uint8)
    labels[:20] = 1
    ball(labels, 2, (20, 12, 12), 6.2)
    ball(labels, 2, (35, 12, 12), 6.2)
    return labels


def quantities(found: MeasuredStructure) -> set[tuple[str, str, str]]:
    return {(one.value.quantity, one.phase, one.other) for one in found.measures}


# --- what the composite takes -------------------------------------------------------------


def test_contact_of_the_composite_is_that_of_the_accessible_particles() -> None:
    volume = Volume(halves(), PHASES, "0.5 um")
    found = measure_structure(volume)
    whole = found.value("contact_fraction", "active", "electrolyte").value
    taken = found.composite.contact_fraction
    particles = split_particles(volume, "active")
    alone = find_isolated_particles(volume, "active", "electrolyte", particles)
    contacts = find_particle_contacts(volume, "active", "electrolyte", particles)
    reached = ~np.isin(contacts.numbers, alone)
    assert list(reached) == [True, False]
    assert taken == pytest.approx(contacts.contact_fraction[0])
    assert taken == pytest.approx(0.5, abs=0.03)
    assert whole == pytest.approx(taken * contacts.surface_area[0] / contacts.surface_area.sum())
    # A cell multiplies the three: for particles of one size, the contact area of the volume.
    touching = found.composite.surface_area * taken * found.composite.accessible_fraction
    area = found.value("contact_area_per_volume", "active", "electrolyte").value
    assert touching == pytest.approx(area, rel=0.01)
    source = found.composite.sources["contact_fraction"]
    assert source.startswith("contact_fraction_accessible measured on the volume")
    assert "over the accessible particles alone" in source


def test_without_particles_contact_is_over_the_whole_surface() -> None:
    found = measure_structure(Volume(halves(), PHASES), particles=False)
    whole = found.value("contact_fraction", "active", "electrolyte").value
    assert found.composite.contact_fraction == whole
    assert found.composite.accessible_fraction == 1


def test_no_composite_where_active_touches_no_electrolyte() -> None:
    labels = np.zeros((30, 20, 20), np.uint8)
    labels[:6] = 1
    ball(labels, 2, (20, 10, 10), 6)
    for particles in (True, False):
        found = measure_structure(Volume(labels, PHASES), particles=particles)
        assert found.composite is None
        assert "contact_fraction is 0 (active does not touch electrolyte)" in found.no_composite
        assert found.value("contact_fraction", "active", "electrolyte").value == 0


def test_no_composite_where_no_particle_is_accessible() -> None:
    labels = np.zeros((30, 20, 20), np.uint8)
    labels[:6] = 1
    labels[16:20, :, :8] = 1  # does not span
    ball(labels, 2, (20, 10, 10), 6)
    found = measure_structure(Volume(labels, PHASES))
    assert found.value("isolated_particle_fraction", "active", "electrolyte").value == 1
    assert found.value("contact_fraction", "active", "electrolyte").value > 0
    assert found.composite is None
    assert found.no_composite == (
        "accessible_fraction is 0 (no particle of active touches electrolyte that spans)"
    )


@pytest.mark.parametrize("conductivity", ["1 mS/cm", 0.0])
def test_no_composite_where_no_electron_passes(conductivity: Any) -> None:
    found = measure_structure(Volume(halves(), PHASES), conductivities={"active": conductivity})
    assert found.composite is None
    assert found.no_composite == (
        "electronic_conductivity is 0 (what conducts electrons does not span)"
    )


# --- sections and specks --------------------------------------------------------------------


def test_a_section_is_no_volume() -> None:
    found = measure_structure(Volume(halves()[:, :, 12], PHASES), axis="y")
    note = "one voxel deep along z: a section is no volume"
    assert found.notes == (note,)
    assert found.composite is None
    assert found.no_composite == note
    for quantity, phase, other in (
        ("tortuosity_flux", "electrolyte", ""),
        ("effective_conductivity", "electrolyte", ""),
        ("tortuosity_geodesic_mean", "electrolyte", ""),
        ("isolated_fraction", "active", ""),
        ("connected_fraction", "active", ""),
        ("isolated_particle_fraction", "active", "electrolyte"),
        ("diameter_d50", "active", ""),
        ("contact_fraction", "active", "electrolyte"),
    ):
        flags = found.value(quantity, phase, other).flags
        assert [flag for flag in flags if flag.startswith("one voxel")], quantity


def test_specks_are_measured_without_particles() -> None:
    labels = np.ones((30, 30, 30), np.uint8)
    labels[::5, ::5, ::5] = 2
    labels[3::6, 3::6, 3::6] = 0
    found = measure_structure(Volume(labels, PHASES, "1 um"))
    assert found.notes == ("particles are left out: active has none, only specks of a few voxels",)
    assert found.value("contact_fraction", "active", "electrolyte").value > 0.9
    assert not [one for one in found.measures if one.value.quantity == "diameter_d50"]
    assert found.composite.accessible_fraction == 1


def test_noise_is_measured_without_particles() -> None:
    noise = np.random.default_rng(1).random((40, 40, 40)) < 0.15
    found = measure_structure(Volume(np.where(noise, 2, 1).astype(np.uint8), PHASES))
    assert len(found.notes) == 1
    assert found.notes[0].startswith("particles are left out: ")
    assert found.value("contact_fraction", "active", "electrolyte").value > 0.9


# --- rows ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names", [["active", "electrolyte", "void", "binder", "foil"], ["a", "b", "c", "d", "e"]]
)
def test_rows_do_not_depend_on_the_order_of_phases(names: list[str]) -> None:
    labels = np.random.default_rng(2).integers(0, 5, (5, 5, 5)).repeat(4, 0).repeat(4, 1)
    first: MeasuredStructure | None = None
    for order in list(permutations(range(5)))[::17]:
        phases = {names[label]: label for label in order}
        found = measure_structure(Volume(labels, phases), particles=False)
        first = first or found
        assert quantities(found) == quantities(first)
        for one in first.measures:
            if one.value.quantity.startswith(("contact", "surface")):
                again = found.value(one.value.quantity, one.phase, one.other)
                assert again.value == pytest.approx(one.value.value, rel=1e-9)


def test_the_last_pair_has_all_rows() -> None:
    found = measure_structure(Volume(halves(), PHASES), particles=False)
    for quantity, phase, other in (
        ("contact_fraction", "void", "active"),
        ("contact_anisotropy", "active", "void"),
        ("surface_area_per_volume", "void", ""),
    ):
        assert found.value(quantity, phase, other).value is not None


# --- messages --------------------------------------------------------------------------------


def test_phases_as_one_text() -> None:
    found = measure_structure(Volume(halves()), "void, electrolyte, active", particles=False)
    assert found.present == ("void", "electrolyte", "active")
    assert dict(found.volume.phases) == PHASES


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"thresholds": [50, 60]}, "thresholds: the volume holds labels"),
        ({"greys": [50, 60, 70]}, "greys: the volume holds labels"),
        ({"conductivities": [1, 2]}, r"conductivities: \[1, 2\] is no table of phases"),
        ({"conductivities": {1: 2}}, "conductivities: unknown phase '1'"),
        ({"roles": "active"}, "roles: 'active' is no table"),
        ({"roles": {1: "active"}}, "roles: unknown role '1'"),
        ({"phases": 3}, "phases: phases are a list of names or a table, not 3"),
        ({"phases": "void, , active"}, "phases: 'void, , active' has an empty name"),
        ({"volume": halves()}, "volume: ndarray is no volume"),
    ],
)
def test_what_does_not_fit_is_told(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        measure_structure(**{"volume": Volume(halves(), PHASES), **changes})


def test_thresholds_for_labels_in_a_grey_volume_are_told() -> None:
    with pytest.raises(InputError, match="thresholds: the volume holds labels"):
        measure_structure(GreyVolume(halves()), list(PHASES), thresholds=[0.5, 1.5])
