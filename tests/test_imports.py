"""Imports point down, the engine knows no terminal, and the command line's help loads neither of the heavy two."""

from __future__ import annotations

import ast
import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tests.written_logs import IIS_HEAD, iis_lines, write

ROOT = Path(__file__).resolve().parent.parent

FLOORS: tuple[tuple[str, ...], ...] = (
    ("parsing.errors", "parsing.public_names", "parsing.safe_text", "parsing.suggest", "parsing.wording"),
    ("parsing.files",),
    ("parsing.knowledge",),
    ("parsing.sources", "parsing.httpsys"),
    ("parsing.formats",),
    ("parsing.index",),
    ("parsing.filters",),
    ("parsing.questions",),
    ("parsing.correlation", "parsing.compare"),
    ("parsing.evidence",),
    ("parsing.incidents",),
    ("parsing.report", "parsing.export"),
    (
        "tui.wording",
        "tui.keymap",
        "tui.themes",
        "tui.glyphs",
        "tui.settings",
        "tui.session",
        "tui.terminal",
    ),
    ("tui.presets", "tui.case"),
    ("tui.model",),
    ("tui.widgets",),
    ("tui.jobs",),
    ("tui.dialogs",),
    ("tui.views",),
    ("tui.commands",),
    ("tui.screens",),
    ("tui.app",),
    ("tui.cli",),
    ("tui.__main__",),
)
"""From the ground up. A module may import its own entry and any lower floor."""


def floor(module: str) -> tuple[int, str] | None:
    for number, names in enumerate(FLOORS):
        for name in names:
            if module == name or module.startswith(name + "."):
                return number, name
    return None


def modules() -> list[tuple[str, Path]]:
    found = []
    for top in ("parsing", "tui"):
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found.append((".".join(part for part in parts if part != "__init__"), path))
    return found


def imported(path: Path) -> list[str]:
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return names


@pytest.mark.parametrize(("module", "path"), [pytest.param(*item, id=item[0]) for item in modules()])
def test_a_module_imports_only_from_lower_floors(module: str, path: Path) -> None:
    here = floor(module)
    if module in ("parsing", "tui"):
        assert not [name for name in imported(path) if name.startswith(("parsing.", "tui."))]
        return
    assert here is not None, f"{module} stands on no floor: add it to FLOORS"
    for name in imported(path):
        there = floor(name)
        if there is None:
            continue
        assert there[1] == here[1] or there[0] < here[0], f"{module} imports {name}, which does not stand below it"
        if module.startswith("tui.") and name.startswith("parsing."):
            assert not any(part.startswith("_") for part in name.split(".")), f"{module} uses the private name {name}"


def modules_after(code: str, *words: str) -> set[str]:
    """The modules that a process has loaded after some code, with ``words`` as its arguments."""
    script = f"import sys\n{code}\nprint('\\n'.join(sorted(sys.modules)), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", script, *words], capture_output=True, text=True, check=False, cwd=ROOT, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


def loaded_by(code: str) -> set[str]:
    return {name.split(".")[0] for name in modules_after(code)}


def test_the_engine_loads_no_terminal_library() -> None:
    names = [name for _, name, _ in pkgutil.walk_packages([str(ROOT / "parsing")], "parsing.")]
    assert len(names) > 10
    assert not {"textual", "rich"} & loaded_by("import " + ", ".join(names))


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_load_neither_textual_nor_polars(argument: str) -> None:
    code = f"from tui.cli import main\ntry:\n    main(['{argument}'])\nexcept SystemExit:\n    pass"
    assert not {"textual", "polars"} & loaded_by(code)


def test_the_screen_starts_without_polars() -> None:
    """It paints first, and threads of lower priority load what counts rows."""
    assert "polars" not in loaded_by("import tui.app")


LATE = [name for name, path in modules() if name.startswith("parsing.") and "loaded_when_asked(" in path.read_text()]


@pytest.mark.parametrize("package", [name for name in LATE if name != "parsing.public_names"])
def test_names_that_load_their_module_when_asked_are_those_that_are_declared(package: str) -> None:
    module = import_module(package)
    tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
    declared = {
        alias.name: node.module
        for part in tree.body
        if isinstance(part, ast.If)
        for node in part.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert set(module.__all__) == set(declared)
    for name, home in declared.items():
        assert getattr(module, name) is getattr(import_module(str(home)), name)
    below = {found.name for found in pkgutil.iter_modules(module.__path__)}
    assert not below & set(declared), "the module would be found in place of what has its name"
    assert not hasattr(module, "no_such_name")


@pytest.mark.parametrize("where", ["", "status:500"])
def test_count_loads_nothing_that_it_does_not_need(tmp_path: Path, where: str) -> None:
    """It is asked by scripts, again and again; what it loads is most of its time."""
    log = write(tmp_path / "logs" / "u_ex260615.log", IIS_HEAD, iis_lines(20, first=0))
    words = ["count", str(log.parent), "--index-dir", str(tmp_path / "index"), "--quiet", "--where", where]
    loaded = modules_after("from tui.cli import main\nassert main(sys.argv[1:]) == 0", *words)
    assert "parsing.questions.count" in loaded
    assert not loaded & {
        "parsing.correlation", "parsing.incidents", "parsing.compare", "parsing.report", "textual", "rich", "duckdb", "tomllib",
    }  # fmt: skip


def test_plain_values_of_the_screen_load_no_terminal_library() -> None:
    names = [name for _, name, _ in pkgutil.iter_modules([str(ROOT / "tui" / "model")], "tui.model.")]
    assert len(names) > 10
    assert not {"textual", "rich", "polars"} & loaded_by("import " + ", ".join(names))
