"""Published cells: the packaged table, a user's own, and the figures against them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.test_rates_and_replicates import RATES, SIZES, cycled

from solith.analysis import analyse_cycling, find_rate_capability
from solith.core.errors import InputError, StorageError
from solith.core.result import Result
from solith.figures import plot_beside_literature, plot_ragone
from solith.materials import LiteratureCell, find_literature_cells, read_literature_cells

OWN = """
[[cell]]
name = "mine"
cathode = "NMC532"
electrolyte = "LGPS"
source = "10.1000/own"
certainty = "recalled"
loading = "10 mg/cm2"
one_c = "150 mA/g"
mean_voltage = "3.2 V"
capacities = [{rate = 0.5, capacity = "120 mAh/g"}]
retentions = [{cycles = 50, retention = "90 %"}, {cycles = 60, capacity = "100 mAh/g"}]
"""


def known(**facts: float) -> Result:
    record = cycled(SIZES, RATES, one_c_ampere=2e-3, active_mass_kg=1e-5, **facts)
    return find_rate_capability(record)


def own(folder: Path, text: str = OWN) -> Path:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_packaged_table() -> None:
    cells = find_literature_cells()
    counted = [cell for cell in cells if cell.counts]
    assert len(counted) >= 12
    assert all(cell.doi == cell.source for cell in cells)
    assert len({cell.doi for cell in cells}) >= 8
    for cell in cells:
        assert 2015 < (cell.year or 0) < 2030, cell.name
        for one in cell.capacities:
            assert 5 < one.capacity / 3600 < 300, cell.name  # Ah/kg, which is mAh/g
        for left in cell.retentions:
            if left.retention is not None:
                assert 0.2 < left.retention <= 1, cell.name
        if cell.loading is not None:
            assert "loading" in cell.derived or cell.certainty == "read"


def test_what_was_read_of_the_two_publications() -> None:
    lnto = {cell.name: cell for cell in find_literature_cells("10.1016/j.nanoen.2020.104686")}
    assert len(lnto) == 3
    best = lnto["NMC532, LNTO 450 | LGPS"]
    assert best.beside()["capacities"] == [(0.1, pytest.approx(152.0)), (1.0, pytest.approx(107.5))]
    assert best.beside()["retentions"] == [(200, pytest.approx(70.3))]
    assert best.first_efficiency == pytest.approx(0.8668)
    shells = {cell.name: cell.beside()["capacities"] for cell in find_literature_cells("smt.2019")}
    assert [pairs[0][1] for pairs in shells.values()] == pytest.approx([8.8, 92.2, 125.8])


def test_search_and_own_rows(tmp_path: Path) -> None:
    halides = find_literature_cells("li3incl6")
    assert halides
    assert all("Li3InCl6" in cell.electrolyte for cell in halides)
    mine = read_literature_cells(own(tmp_path))
    assert not mine[0].counts
    joined = find_literature_cells(also=mine)
    assert joined[-1].name == "mine"
    assert len(joined) == len(find_literature_cells()) + 1
    row = mine[0].beside()
    assert row["areal"] == [(0.5, pytest.approx(1.2))]
    assert row["retentions"] == [(50, pytest.approx(90.0))]  # a capacity alone is no share
    (energy,) = mine[0].energies()
    assert energy["energy"] == pytest.approx(120 * 3.2)
    assert energy["power"] == pytest.approx(0.5 * 150 * 3.2)
    assert LiteratureCell.from_mapping(mine[0].to_mapping()) == mine[0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[cell", "is no TOML"),
        ("name = 1", "holds no list of cells; begin each with"),
        (OWN.replace("120 mAh/g", "120 mAh"), r"cell\[1\]\.capacities\.1\.capacity: '120 mAh'"),
        (OWN.replace('"120 mAh/g"', "120"), r"capacity: 120 has no unit"),
        (OWN.replace('"10.1000/own"', '""'), r"cell\[1\]\.source: is empty"),
        (OWN.replace("recalled", "heard"), "unknown certainty 'heard'"),
        (OWN.replace("loading", "load"), "unknown field 'load'"),
        (OWN.replace('retention = "90 %"', "rate = 1.0"), "give a retention or a capacity"),
        (OWN + OWN, "'mine' stands there twice"),
        (OWN.split("capacities")[0], r"cell\[1\]\.capacities: give a capacity at a rate or a ret"),
    ],
)
def test_own_rows_that_are_wrong(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        read_literature_cells(own(tmp_path, text))
    assert str(caught.value).startswith(str(tmp_path / "own.toml"))


def test_files_and_arguments_that_are_wrong(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        read_literature_cells(tmp_path / "none.toml")
    (tmp_path / "own.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="is no text in UTF-8"):
        read_literature_cells(tmp_path / "own.toml")
    with pytest.raises(InputError, match="query: 3 is not a text"):
        find_literature_cells(3)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="also: 'x' is no LiteratureCell"):
        find_literature_cells(also=["x"])  # type: ignore[list-item]


def test_the_figure(tmp_path: Path) -> None:
    beside = [
        cell.beside() for cell in find_literature_cells(also=read_literature_cells(own(tmp_path)))
    ]
    record = cycled(SIZES, RATES, one_c_ampere=2e-3, active_mass_kg=1e-5)
    figure = plot_beside_literature({"mine": [known(), analyse_cycling(record)]}, beside)
    by_name = {
        trace.name: trace for trace in figure.data if trace.name and trace.showlegend is None
    }
    assert list(by_name) == [
        "mine",
        f"{len(beside) - 1} published cells",
        "1 published cells, recalled",
    ]
    assert list(by_name["mine"].x) == pytest.approx([0.1, 1, 2])
    assert list(by_name["mine"].y) == pytest.approx([200, 155, 100])
    lasting = next(t for t in figure.data if t.xaxis == "x2" and t.name == "mine")
    assert list(lasting.x) == [1, 2, 3, 7, 8]
    assert list(lasting.y) == pytest.approx([100, 100, 100, 95, 90])
    crosses = [t for t in figure.data if t.marker.symbol == "x-thin-open"]
    assert [list(t.x) for t in crosses[:2]] == [[0.5], [50]]
    assert "10.1016/j.nanoen.2020.104686" in figure.data[0].hovertemplate


def test_the_figure_per_area(tmp_path: Path) -> None:
    beside = [cell.beside() for cell in read_literature_cells(own(tmp_path))]
    figure = plot_beside_literature(known(geometric_area_m2=1e-4), beside, areal=True)
    own_trace = next(trace for trace in figure.data if trace.name == "sample")
    assert list(own_trace.y) == pytest.approx([2.0, 1.55, 1.0])
    assert figure.layout.yaxis.title.text == "Areal capacity (mAh/cm², geometric)"
    with pytest.raises(InputError, match="sample: holds no areal_capacity at a C rate"):
        plot_beside_literature(known(), beside, areal=True)


def test_the_figure_refuses_what_has_no_mass() -> None:
    per_cell = find_rate_capability(cycled(SIZES, RATES, one_c_ampere=2e-3))
    with pytest.raises(
        InputError, match="a: the capacities are in mAh; published ones are in mAh/g"
    ):
        plot_beside_literature({"a": per_cell}, [])
    with pytest.raises(InputError, match="samples: there is no sample to draw"):
        plot_beside_literature({}, [])
    unknown = find_rate_capability(cycled(SIZES, RATES, active_mass_kg=1e-5))
    with pytest.raises(InputError, match="holds no discharge_capacity at a C rate"):
        plot_beside_literature(unknown, [])


def test_published_cells_stand_in_a_ragone_plot() -> None:
    rows = [row for cell in find_literature_cells() for row in cell.energies()]
    assert len(rows) >= 3
    figure = plot_ragone(known(), beside=rows)
    marks = [trace for trace in figure.data if trace.mode == "markers+text"]
    assert len(marks) == len(rows)
    # 853 Wh/kg is printed, and 3.76 V with 215 mAh/g
    assert {round(trace.y[0]) for trace in marks} >= {853, 808}


def test_names_of_lines_in_a_ragone_plot_keep_clear_of_lines_and_names() -> None:
    units = {"mean_discharge_power": "W/kg", "discharge_energy": "Wh/kg"}
    rows = [
        {"label": str(power), "mean_discharge_power": power, "discharge_energy": 300.0}
        for power in (10.0, 100.0, 1000.0)
    ]
    line = Result("line", (), {"rates": rows, "units": units, "mass_of": "stack"})
    # A line of the literature a little below the curve: above it its name would lie on the curve.
    beside = [{"name": "one cell", "energy": 297.0}, {"name": "another cell", "energy": 294.0}]
    first, second = plot_ragone(line, beside=beside).layout.annotations
    assert (first.xanchor, first.yanchor) == ("left", "top")
    assert second.x + 0.011 * len(second.text) <= first.x
