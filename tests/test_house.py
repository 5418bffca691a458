"""Guards of the house plan: who may import whom, what is light, what a file may hold."""

from __future__ import annotations

import ast
import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "solith"

HEIGHTS = {
    "core": 0,
    "materials": 1,
    "readers": 1,
    "analysis": 1,
    "structure": 1,
    "volumes": 1,
    "transport": 1,
    "compaction": 1,
    "interface": 1,
    "figures": 1,
    "virtual": 1,
    "cell": 2,
    "design": 3,
    "study": 4,
    "app": 5,
}
FRONT_HEIGHT = 6
"""The package front (modules directly in the package) stands above all rooms."""

MAY_IMPORT_FIGURES = {"figures", "app", ""}

Import = tuple[str, bool]
"""The module imported, and whether that happens when the importing module is loaded."""


# --- (a) imports run one way ------------------------------------------------------------


def test_imports_point_down() -> None:
    assert violations(modules(PACKAGE)) == []


def test_no_module_imports_itself_in_a_circle() -> None:
    assert circles(modules(PACKAGE)) == []


def test_every_room_has_its_height() -> None:
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert rooms <= set(HEIGHTS), f"give a height to {sorted(rooms - set(HEIGHTS))}"
    assert {"core", "readers", "analysis"} <= rooms


@pytest.mark.parametrize(
    ("module", "line", "told"),
    [
        ("core.a", "from solith.cell import b", "solith.core.a imports solith.cell"),
        ("analysis.a", "import solith.readers.b", "solith.analysis.a imports solith.readers.b"),
        ("study.a", "from solith.figures import b", "solith.study.a imports solith.figures"),
        ("figures.a", "from solith.analysis import b", "solith.figures.a imports solith.analysis"),
        ("cell.a", "def f():\n    import solith.app", "solith.cell.a imports solith.app"),
        ("cell.a", "from ..study import b", "solith.cell.a imports solith.study"),
        ("cell.a", "import solith", "solith.cell.a imports solith"),
        ("cell.a", "from solith import simulate", "solith.cell.a imports solith"),
        ("cell.a", "from solith import study", "solith.cell.a imports solith.study"),
    ],
)
def test_the_guard_sees_an_import_upwards(
    tmp_path: Path, module: str, line: str, told: str
) -> None:
    house(tmp_path, {module: line, "study.z": "", "core.z": "", "readers.b": ""})
    assert violations(modules(tmp_path)) == [told]


def test_the_guard_allows_imports_downwards(tmp_path: Path) -> None:
    house(
        tmp_path,
        {
            "core.a": "import numpy",
            "cell.a": "from solith.core.a import x\nfrom . import b\nfrom ._c import d",
            "cell.b": "from solith import __version__",
            "cell._c": "",
            "app.a": "from solith.figures import plot",
            "figures.a": "from solith.core import a",
        },
    )
    (tmp_path / "__init__.py").write_text("from solith.figures import plot")
    assert violations(modules(tmp_path)) == []


def test_the_guard_sees_a_circle(tmp_path: Path) -> None:
    house(
        tmp_path,
        {
            "core.a": "from solith.core.b import x",
            "core.b": "if TYPE_CHECKING:\n    from solith.core.c import y\nimport solith.core.d",
            "core.c": "import solith.core.a",
            "core.d": "try:\n    from .a import z\nexcept ImportError:\n    pass",
        },
    )
    assert circles(modules(tmp_path)) == ["solith.core.a -> solith.core.b -> solith.core.d"]


def house(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / f"{name.replace('.', '/')}.py"
        path.parent.mkdir(exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(text)


def modules(package: Path) -> dict[str, list[Import]]:
    """Every module of a package, and what of the package it imports."""
    paths = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        name = ".".join(("solith", *parts))
        paths[name.removesuffix(".__init__")] = path
    return {name: list(imports(name, path, set(paths))) for name, path in paths.items()}


def imports(name: str, path: Path, known: set[str]) -> Iterator[Import]:
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node, loading in walk(tree, True):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - max(node.level - 1, 0)]
            origin = [*above, *filter(None, [node.module])] if node.level else [node.module or ""]
            base = ".".join(origin)
            inner = [f"{base}.{alias.name}" for alias in node.names]
            rooms = {f"solith.{room}" for room in HEIGHTS}
            targets = [one if one in known | rooms else base for one in inner]
        else:
            continue
        if isinstance(node, ast.ImportFrom) and only_version(node):
            continue
        for target in dict.fromkeys(targets):
            if target.split(".")[0] == "solith":
                yield target, loading


def only_version(node: ast.ImportFrom) -> bool:
    """Whether nothing but the version number is taken from the front, which any room may."""
    return node.module == "solith" and [alias.name for alias in node.names] == ["__version__"]


def walk(node: ast.AST, loading: bool) -> Iterator[tuple[ast.AST, bool]]:
    """All nodes, each with whether it runs when the module is loaded."""
    for child in ast.iter_child_nodes(node):
        inside = loading and not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef))
        yield child, inside
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for part in child.body:
                yield part, False
                yield from walk(part, False)
            for part in child.orelse:
                yield part, inside
                yield from walk(part, inside)
        else:
            yield from walk(child, inside)


def room_of(module: str) -> str:
    """The room a module stands in, "" for the package front."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in HEIGHTS else ""


def violations(found: dict[str, list[Import]]) -> list[str]:
    wrong = []
    for module, targets in found.items():
        here = room_of(module)
        for target, _ in targets:
            there = room_of(target)
            low = HEIGHTS.get(here, FRONT_HEIGHT) > HEIGHTS.get(there, FRONT_HEIGHT)
            if here == there or (low and (there != "figures" or here in MAY_IMPORT_FIGURES)):
                continue
            wrong.append(f"{module} imports {target}")
    return list(dict.fromkeys(wrong))


def circles(found: dict[str, list[Import]]) -> list[str]:
    """Modules that need each other to be loaded, each circle named once."""
    graph = {
        module: sorted({target for target, loading in targets if loading and target in found})
        for module, targets in found.items()
    }
    seen: dict[frozenset[str], str] = {}
    finished: set[str] = set()

    def visit(module: str, trail: list[str]) -> None:
        if module in trail:
            circle = trail[trail.index(module) :]
            seen.setdefault(frozenset(circle), " -> ".join(circle))
        elif module not in finished:
            for target in graph[module]:
                if target != module:
                    visit(target, [*trail, module])
            finished.add(module)

    for module in graph:
        visit(module, [])
    return sorted(seen.values())


# --- (b) opening the door is light ------------------------------------------------------

HEAVY = ("numpy", "xarray", "pybamm", "pint", "plotly", "typer", "scipy", "pydantic")


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    paths = [str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, env=environment
    )


def test_import_solith_is_light() -> None:
    script = (
        "import sys, time; start = time.perf_counter(); import solith; "
        "print(time.perf_counter() - start); "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    outputs = [python("-c", script) for _ in range(3)]
    assert all(done.returncode == 0 for done in outputs), outputs[0].stderr
    seconds, loaded = zip(*(done.stdout.splitlines() for done in outputs), strict=True)
    assert set(loaded) == {"[]"}, f"import solith loads {loaded[0]}"
    assert min(map(float, seconds)) < 0.2


def test_help_answers_at_once() -> None:
    assert (PACKAGE / "app" / "cli.py").exists(), "there is no command line (app/cli.py)"
    script = (
        "import subprocess, sys, time; start = time.perf_counter(); "
        "code = subprocess.run([sys.executable, '-m', 'solith', '--help'], "
        "stdout=subprocess.DEVNULL).returncode; "
        "print(code, time.perf_counter() - start)"
    )
    outputs = [python("-c", script) for _ in range(3)]
    answers = [done.stdout.split() for done in outputs]
    assert all(code == "0" for code, _ in answers), outputs[0].stderr
    assert min(float(seconds) for _, seconds in answers) < 1.0  # PyBaMM alone takes longer


# --- (c) no file speaks of a machine ----------------------------------------------------

# Put together from parts, so that this file does not hold what it looks for.
FOLDERS = ("work", "root", "home", "Users", "mnt", "tmp", "opt")
MACHINE = re.compile(r"(?<![\w.:/}>*-])/(?:" + "|".join(FOLDERS) + r")/\w")
REGISTRY = re.compile(
    "|".join(
        [
            *("python" + r"hosted\.org", r"pypi\." + "org/simple", "index" + "[-_]url"),
            *("arti" + "factory", "jf" + "rog", "default" + "-index"),
        ]
    ),
    re.IGNORECASE,
)


def tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("this is not a git checkout: its tracked files cannot be listed")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def offences(text: str) -> list[str]:
    return [
        f"{number}: {match.group()}"
        for number, line in enumerate(text.splitlines(), start=1)
        for pattern in (MACHINE, REGISTRY)
        for match in [pattern.search(line)]
        if match
    ]


def test_no_tracked_file_names_a_machine_or_a_registry() -> None:
    found = {}
    for path in tracked():
        if not path.is_file():
            continue
        content = path.read_bytes()
        if b"\0" in content[:8192]:
            continue
        if wrong := offences(content.decode("utf-8", errors="replace")):
            found[str(path.relative_to(ROOT))] = wrong
    assert found == {}


def test_what_belongs_to_one_machine_is_not_tracked() -> None:
    names = {path.name for path in tracked()}
    assert not names & {"uv.lock", ".python-version"}


def test_the_guard_sees_paths_and_registries() -> None:
    slash = "/"
    for folder in FOLDERS:
        assert offences(f'open("{slash}{folder}{slash}x.csv")')
        assert offences(f"see {slash}{folder}{slash}x")
    assert offences("url = https://files.python" + "hosted.org/x")
    assert offences("UV_INDEX" + "_URL=x")
    assert not offences("https://example.org" + slash + "home" + slash + "x.html")
    assert not offences("a relative" + slash + "work" + slash + "x, or/and")


# --- (d) the page of the public interface is complete -----------------------------------


def public() -> set[str]:
    names = {f"solith.{name}" for name in importlib.import_module("solith").__all__}
    for path in PACKAGE.glob("*/__init__.py"):
        room = importlib.import_module(f"solith.{path.parent.name}")
        names |= {f"{room.__name__}.{name}" for name in getattr(room, "__all__", ())}
    return names


def test_the_page_lists_exactly_the_public_names() -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    listed = re.findall(r"^- `(solith(?:\.\w+)+)", text, re.MULTILINE)
    twice = sorted({name for name in listed if listed.count(name) > 1})
    assert not twice, f"docs/api.md lists more than once: {', '.join(twice)}"
    missing, extra = sorted(public() - set(listed)), sorted(set(listed) - public())
    told = [f"- `{name}` is missing in docs/api.md" for name in missing]
    told += [f"- `{name}` in docs/api.md is not public (no __all__ has it)" for name in extra]
    assert not told, "\n" + "\n".join(told)


def test_every_public_name_is_there() -> None:
    for name in sorted(public()):
        module, _, attribute = name.rpartition(".")
        assert hasattr(importlib.import_module(module), attribute), f"{name} cannot be imported"
