"""Pellets: known conductivities come back, with the geometry's uncertainty, and doubts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.real_files import real_file

from solith.analysis import find_conductivity, fit_impedance, parse_circuit
from solith.core.constants import VACUUM_PERMITTIVITY
from solith.core.errors import InputError, UnitError, UnknownNameError
from solith.core.record import Record
from solith.core.result import Result
from solith.readers import read

AREA, THICKNESS = 7.85e-5, 6e-4  # m2, m
CONSTANT = THICKNESS / AREA


def pellet(circuit: str, values: list[float], highest: float = 1e7, **facts: Any) -> Record:
    frequency = np.logspace(np.log10(highest), -1, 65)
    impedance = parse_circuit(circuit).impedance(frequency, values)
    noise = 0.005 * np.random.default_rng(7).normal(size=(2, 65))
    impedance = impedance * (1 + noise[0] + 1j * noise[1])
    return Record.from_arrays(
        "impedance",
        name="pellet",
        frequency_hertz=frequency,
        real_impedance_ohm=impedance.real,
        imaginary_impedance_ohm=impedance.imag,
    ).with_facts(**facts)


def known(circuit: str, values: list[float], highest: float = 1e7) -> Record:
    return pellet(circuit, values, highest, geometric_area=AREA, thickness=THICKNESS)


def two_arcs() -> Record:
    """4 kohm of bulk with 40 pF and 5.5 kohm of boundaries with 4 nF."""
    return known("p(R1,C1)-p(R2,C2)-CPE3", [4000, 4e-11, 5500, 4e-9, 5e-6, 0.9])


def uncertain(record: Record) -> Result:
    return find_conductivity(record, area_uncertainty="0.01 cm2", thickness_uncertainty="0.012 mm")


def relative(result: Result, name: str) -> float:
    value = result[name]
    assert value.value is not None
    assert value.uncertainty is not None
    return value.uncertainty / value.value


def test_bulk_and_boundaries_apart() -> None:
    result = uncertain(two_arcs())
    assert result.details["parts"] == {"bulk": ["R1"], "boundary": ["R2"], "interface": []}
    for name, expected in (
        ("ionic_conductivity", CONSTANT / 9500),
        ("bulk_conductivity", CONSTANT / 4000),
        ("boundary_conductivity", CONSTANT / 5500),
        ("boundary_specific_conductivity", CONSTANT / 5500 * 4e-11 / 4e-9),
    ):
        value = result[name]
        assert value.value == pytest.approx(expected, rel=0.02)
        assert (value.unit, value.area, value.flags) == ("S/m", "geometric", ())
    assert result["bulk_permittivity"].value == pytest.approx(
        4e-11 * CONSTANT / VACUUM_PERMITTIVITY, rel=0.02
    )
    in_centimetres = result["bulk_conductivity"].to("S/cm")
    assert in_centimetres.value == pytest.approx(CONSTANT / 4000 / 100, rel=0.02)
    assert "brick-layer" in result["boundary_specific_conductivity"].method
    assert "10.1557/JMR.1998.0219" in result["boundary_specific_conductivity"].source


def test_the_geometry_enters_the_uncertainty() -> None:
    record = two_arcs()
    geometry = np.hypot(0.01 / 0.785, 0.012 / 0.6)
    with_geometry, without = uncertain(record), find_conductivity(record)
    for name in ("ionic_conductivity", "boundary_specific_conductivity", "bulk_permittivity"):
        assert relative(with_geometry, name) == pytest.approx(
            np.hypot(relative(without, name), geometry), rel=1e-6
        )
    told = "without the uncertainty of area and thickness, which was not given"
    assert without["ionic_conductivity"].flags == (told,)


def test_uncertainties_are_given_in_units_or_parts() -> None:
    record = two_arcs()
    parts = find_conductivity(record, area_uncertainty="1 %", thickness_uncertainty="2 %")
    units = find_conductivity(
        record, area_uncertainty="0.00785 cm2", thickness_uncertainty="0.012 mm"
    )
    assert relative(parts, "ionic_conductivity") == pytest.approx(
        relative(units, "ionic_conductivity"), rel=1e-9
    )


def flags_with(**facts: Any) -> list[tuple[str, ...]]:
    record = two_arcs().with_facts(**facts)
    return [value.flags for value in find_conductivity(record)]


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (
            {"thickness": "0.6 m"},
            "thickness 600 mm beside an area of 0.785 cm2: check both and their units "
            "(a bare number is in m or m2)",
        ),
        ({"thickness": "2.1 cm", "geometric_area": "9 cm2"}, "thickness 21 mm beside an area of"),
        ({"geometric_area": 0.785}, "area 7850 cm2: was it given in cm2 without its unit?"),
        ({"thickness": "9 mm", "geometric_area": "0.01 mm2"}, "S/m is more than any lithium solid"),
    ],
)
def test_a_geometry_that_no_pellet_has_is_told_on_every_value(
    facts: dict[str, Any], told: str
) -> None:
    assert all(any(told in flag for flag in flags) for flags in flags_with(**facts))
    assert not any(told in flag for flags in flags_with() for flag in flags)


def test_a_spectrum_that_does_not_block_is_told() -> None:
    told = "not blocking at low frequency"
    arcs = [4000, 4e-11, 5500, 4e-9]
    for circuit, values in (
        ("p(R1,C1)-p(R2,C2)", arcs),
        ("p(R1,C1)-p(R2,C2)-W3", [*arcs, 200.0]),
    ):
        record = known(circuit, values)
        result = find_conductivity(record, circuit=circuit)
        assert all(any(told in flag for flag in value.flags) for value in result)
        result = find_conductivity(record, "lithium-pellet", circuit)
        assert not any(told in flag for value in result for flag in value.flags)


def test_the_real_pellet_is_known_as_a_whole_only() -> None:
    (record,) = read(real_file("eis/PEIS_LPSCl_IonBlocking_-25C.mpr"))
    result = find_conductivity(record, geometric_area="0.785 cm2", thickness="0.6 mm")
    for name in ("bulk_conductivity", "bulk_permittivity", "boundary_conductivity"):
        assert result[name].value is None
        assert (
            "bulk and grain boundary are not resolved by this spectrum: read the total"
            in result[name].flags
        )
    total = result["ionic_resistance"]
    assert total.value is not None
    assert total.uncertainty is not None
    by_circuit = result.details["ionic_resistance_by_finer_circuits"]
    furthest = max(abs(other - total.value) for other in by_circuit.values())
    assert len(by_circuit) >= 2
    assert total.uncertainty > furthest / np.sqrt(3) > 10
    assert "differences from R0-p(R1,CPE1)-p(R2,CPE2)" in total.method
    assert any("circuits that leave less give" in flag for flag in total.flags)
    fitted = fit_impedance(record, "blocking-pellet")
    assert set(fitted["residual"].flags) <= set(result["ionic_conductivity"].flags)


def test_a_whole_cell_is_no_blocking_pellet() -> None:
    (record,) = read(real_file("eis/PEIS_SSB.mpr"))
    result = find_conductivity(record, geometric_area="0.785 cm2", thickness="0.6 mm")
    assert all(value.flags[0].startswith("not blocking at low frequency") for value in result)


def test_the_kind_of_record_is_looked_at_first() -> None:
    cycling = Record.from_arrays(
        "cycling", test_time_second=[0, 1], voltage_volt=[3, 3], current_ampere=[0, 0]
    )
    with pytest.raises(InputError, match="is a record of kind 'cycling'; expected kind 'impeda"):
        find_conductivity(cycling)


def test_what_is_given_here_goes_before_the_record() -> None:
    record = two_arcs()
    twice = find_conductivity(record, geometric_area="1.57 cm2", thickness="0.3 mm")
    value, once = twice["ionic_conductivity"].value, find_conductivity(record)["ionic_conductivity"]
    assert once.value is not None
    assert value == pytest.approx(once.value / 4, rel=1e-6)


def test_bulk_above_the_frequencies_is_taken_from_the_intercept() -> None:
    record = known("R0-p(R1,CPE1)-CPE2", [40, 300, 2e-9, 0.95, 5e-6, 0.9], highest=1e6)
    result = find_conductivity(record)
    value = result["bulk_conductivity"]
    assert value.value == pytest.approx(CONSTANT / 40, rel=0.1)
    assert value.flags[0] == (
        "its arc lies above the measured frequencies: R0 is taken, leads included"
    )
    assert result["boundary_conductivity"].value == pytest.approx(CONSTANT / 300, rel=0.05)
    assert result["bulk_permittivity"].value is None
    assert result["boundary_specific_conductivity"].value is None
    assert result["boundary_specific_conductivity"].flags == (
        "needs an arc of bulk and one of grain boundaries",
    )


def test_without_arcs_there_is_only_the_total() -> None:
    result = find_conductivity(known("R0-CPE1", [40, 5e-6, 0.9], highest=1e6), circuit="R0-CPE1")
    assert result["ionic_conductivity"].value == pytest.approx(CONSTANT / 40, rel=0.01)
    assert result["bulk_conductivity"].value is None
    assert result["bulk_conductivity"].flags == (
        "no arc of bulk or grain boundaries: they are not told apart",
    )


def test_interfaces_of_lithium_are_left_out() -> None:
    record = known("R0-p(R1,CPE1)-p(R2,CPE2)", [0.1, 400, 6e-11, 0.97, 200, 2e-6, 0.9])
    result = find_conductivity(record, "lithium-pellet")
    assert result["ionic_resistance"].value == pytest.approx(400, rel=0.02)
    flags = result["ionic_conductivity"].flags
    told = "without R2 (lithium interface), by its capacitance or apex an interface or electrode"
    assert told in flags


def test_an_odd_permittivity_is_told() -> None:
    record = pellet(
        "p(R1,C1)-CPE2",
        [4000, 4e-11, 5e-6, 0.9],
        geometric_area="0.785 cm2",
        thickness="0.05 mm",
    )
    value = find_conductivity(record)["bulk_permittivity"]
    assert value.value == pytest.approx(2.9, rel=0.1)
    assert "outside 5 to 1000: is R1 bulk, is the geometry right?" in value.flags


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        (
            {},
            "pellet: no geometric area is known; give geometric_area: "
            r"record.with_facts\(geometric_area='0.785 cm2'\)",
        ),
        (
            {"geometric_area": AREA},
            "pellet: no thickness is known; give thickness: "
            r"record.with_facts\(thickness='0.6 mm'\)",
        ),
    ],
)
def test_missing_geometry_is_named(facts: dict[str, Any], missing: str) -> None:
    with pytest.raises(InputError, match=missing):
        find_conductivity(pellet("R0-CPE1", [40, 5e-6, 0.9], **facts))


@pytest.mark.parametrize(
    ("options", "error", "told"),
    [
        ({"cell_type": "symmetric-cell"}, UnknownNameError, "unknown cell type 'symmetric-cell'"),
        ({"area_uncertainty": "1 mm"}, UnitError, "area_uncertainty: .*wrong dimension"),
        ({"thickness_uncertainty": "0.6 mm"}, InputError, "as large as what it belongs to"),
        (
            {"area_uncertainty": 0.01},
            InputError,
            "area_uncertainty: 0.01 is 0.01 m2, as large as what it belongs to, 7.85e-05 m2; "
            "write it with its unit or as a part, such as '1 %'",
        ),
        ({"area_uncertainty": "x %"}, InputError, "area_uncertainty: 'x %' does not begin with"),
        ({"area_uncertainty": "200 %"}, InputError, "as large as what it belongs to"),
        ({"thickness": "0 mm"}, InputError, "thickness: '0 mm' must be above 0"),
    ],
)
def test_what_is_refused(options: dict[str, Any], error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        find_conductivity(two_arcs(), **options)


def test_an_arc_that_may_be_an_interphase_is_not_counted_and_told() -> None:
    record = known("R0-p(R1,C1)", [200, 300, 5e-8])
    result = find_conductivity(record, "lithium-pellet")
    assert result["ionic_conductivity"].value == pytest.approx(CONSTANT / 200, rel=0.02)
    assert any(
        "without R1 (grain boundary or lithium interface)" in flag
        for flag in result["ionic_conductivity"].flags
    )


def test_names_of_elements_do_not_matter() -> None:
    record = known("R0-p(R1,CPE1)-CPE2", [300, 200, 1e-8, 0.9, 2e-6, 0.9])
    usual = find_conductivity(record, circuit="R0-p(R1,CPE1)-CPE2")
    other = find_conductivity(record, circuit="R1-p(R2,CPE5)-CPE3")
    for name in ("ionic_conductivity", "bulk_conductivity"):
        assert other[name].value == pytest.approx(usual[name].value, rel=1e-4)
        assert other[name].uncertainty == pytest.approx(usual[name].uncertainty, rel=1e-2)
