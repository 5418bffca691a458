"""``solith materials`` and the figure of conductivity over the years."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from solith.app.cli import main
from solith.core.errors import InputError
from solith.figures import plot_conductivity_history
from solith.materials import Property, find_material, find_materials, find_measurements


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["solith", "materials", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_list_of_all(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:4] == ["material", "formula", "kind", "family"]
    assert len(lines) == len(find_materials()) + 4
    lgps = next(line for line in lines if line.startswith("LGPS"))
    assert "1.2e-2 S/cm, of 10: 1.2e-3 to 2.46e-2 S/cm" in lgps
    assert "(recalled)" in next(line for line in lines if line.startswith("PEO-LiTFSI"))
    assert "`solith materials NAME` shows all of one." in lines[-1]


def test_card_of_one(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "li10gep2s12") == 0
    assert capsys.readouterr().out == f"{find_material('LGPS')}\n"
    assert run(monkeypatch, "tantalate") == 0
    assert capsys.readouterr().out.startswith("material")
    assert run(monkeypatch, "lithium tanta") == 0
    assert capsys.readouterr().out == f"{find_material('LiTaO3')}\n"


def test_json_holds_every_row(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "LATP", "--json") == 0
    (latp,) = json.loads(capsys.readouterr().out)
    rows = find_material("LATP").properties
    assert len(latp["rows"]) == len(rows)
    assert latp["rows"][0]["value"] == rows[0].value
    assert {row["certainty"] for row in latp["rows"]} == {"read", "derived"}
    assert run(monkeypatch, "--json") == 0
    assert len(json.loads(capsys.readouterr().out)) == len(find_materials())


def test_unknown_material(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "LGPSS") == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(
        "solith: error: unknown material 'LGPSS'; did you mean 'LGPS'? Choose from:"
    )


# the figure


def row(value: float, year: int | None, family: str = "garnet", **others: object) -> Property:
    given = {"material": "X", "source": "10.1038/nmat3066", "certainty": "read", **others}
    return Property(
        "ionic_conductivity",
        value,
        "S/m",
        "?",
        year=year,
        family=family,
        **given,  # type: ignore[arg-type]
    )


def test_figure_has_a_mark_a_measurement() -> None:
    rows = find_measurements("ionic_conductivity", temperature=(288.15, 308.15))
    figure = plot_conductivity_history(rows, reference={"liquid": 1.0})
    marks = [trace for trace in figure.data if trace.mode == "markers"]
    expected = [r for r in rows if r.counts and r.year is not None and r.doi]
    assert sum(len(trace.x) for trace in marks) == len(expected) > 100
    assert figure.layout.xaxis.title.text == "Year"
    assert "(S/cm)" in figure.layout.yaxis.title.text
    best = next(trace for trace in figure.data if trace.mode == "lines")
    assert np.all(np.diff(best.y) >= 0)
    assert best.y[-1] == pytest.approx(max(r.value for r in expected) / 100)


def test_figure_leaves_out_what_has_no_year_or_source() -> None:
    rows = [
        row(1.0, 2000),
        row(2.0, None),
        row(3.0, 2001, source="Journal 1 (2001)"),
        row(4.0, 2002, certainty="recalled", source="recalled"),
        row(5.0, 2003, bound="upper"),
        row(1e-9, 2004),
    ]
    figure = plot_conductivity_history(rows)
    marks = [trace for trace in figure.data if trace.mode == "markers"]
    assert [list(trace.x) for trace in marks] == [[2000, 2004]]
    assert [a.text for a in figure.layout.annotations] == [
        "1 below 1 \u00d7 10\u207b\u2079 S/cm not shown"
    ]


def test_figure_joins_small_families() -> None:
    rows = [row(1.0, 2000, f"family {n}") for n in range(12)] + [row(1.0, 2001, "")]
    names = [trace.name for trace in plot_conductivity_history(rows).data]
    assert len(names) == 1 + 9 + 1
    assert names[-1] == "others"


def test_figure_refuses_nothing_and_bad_references() -> None:
    with pytest.raises(InputError) as error:
        plot_conductivity_history([])
    assert str(error.value) == (
        "no row is an ionic conductivity from a source with a year and a DOI"
    )
    with pytest.raises(InputError, match="liquid: the conductivity is 0 S/m; expected above 0"):
        plot_conductivity_history([row(1.0, 2000)], reference={"liquid": 0.0})
    with pytest.raises(InputError, match="lowest: the conductivity is -1 S/m; expected above 0"):
        plot_conductivity_history([row(1.0, 2000)], lowest=-1.0)
