"""How the code is laid out: no circles, few modules in a folder, one name for one thing, documents that exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.house import ROOT, Layout, base_names, circles, class_names, crowded_folders, deep_imports
from tests.test_imports import floor

LAYOUT = Layout.read()
TEST_FILES = sorted((ROOT / "tests").rglob("test_*.py"))
NOT_ON_WINDOWS = {"fcntl", "grp", "pexpect", "pty", "pwd", "resource", "termios", "tty", "tests.terminal"}


def document(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def written(name: str, text: str, root: Path) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def test_a_circle_is_found_also_where_an_import_is_for_types_only(tmp_path: Path) -> None:
    written("parsing/a.py", "from parsing.b import B\n", tmp_path)
    written("parsing/b.py", "if TYPE_CHECKING:\n    from parsing.a import A\n", tmp_path)
    written("parsing/c.py", "from parsing import a\n", tmp_path)
    assert circles(Layout.read(tmp_path)) == [["parsing.a", "parsing.b"]]


def test_a_name_for_two_things_and_a_deep_import_are_found(tmp_path: Path) -> None:
    written("parsing/x/__init__.py", "", tmp_path)
    written("parsing/x/rows.py", "class Row: ...\n", tmp_path)
    written("tui/rows.py", "from parsing.x.rows import Row as _\nclass Row: ...\n", tmp_path)
    layout = Layout.read(tmp_path)
    assert class_names(layout) == {"Row": ["parsing.x.rows", "tui.rows"]}
    assert base_names(layout) == {"rows": ["parsing.x.rows", "tui.rows"]}
    assert deep_imports(layout) == ["tui.rows imports parsing.x.rows"]


def test_there_is_no_import_circle() -> None:
    assert not circles(LAYOUT)


def test_a_folder_has_at_most_fifteen_modules() -> None:
    assert not {name: count for name, count in crowded_folders(LAYOUT).items() if count > 15}


def test_the_screen_imports_public_names_of_the_engine() -> None:
    assert not deep_imports(LAYOUT)


def test_a_class_name_means_one_thing() -> None:
    assert not class_names(LAYOUT)


def cited_sections(text: str) -> list[str]:
    """Each number of ``DOMAIN.md 1.4, 1.5 and 3``."""
    cited = re.findall(r"DOMAIN\.md (\d[\d.]*(?:(?:, | and )\d[\d.]*)*)", text)
    return [number.rstrip(".") for numbers in cited for number in re.findall(r"\d[\d.]*", numbers)]


def test_every_section_of_several_is_a_citation() -> None:
    assert cited_sections("DOMAIN.md 1.4, 1.5 and 3), (DOMAIN.md 2. And 7") == ["1.4", "1.5", "3", "2"]


def test_every_section_that_is_cited_is_in_the_document() -> None:
    domain = document("DOMAIN.md")
    sections = set(re.findall(r"^#{2,3} (\d+(?:\.\d+)?)", domain, re.M))
    assert set(re.findall(r"\bsection (\d+(?:\.\d+)?)", domain)) <= sections
    cited = 0
    written_by_hand = [path for top in ("parsing", "tui", "tests") for path in (ROOT / top).rglob("*")]
    for path in [*written_by_hand, *ROOT.glob("*.md")]:
        if path.suffix in (".py", ".toml", ".md") and path.name != Path(__file__).name:
            found = cited_sections(path.read_text("utf-8"))
            cited += len(found)
            assert set(found) <= sections, path
    assert cited >= 15


def test_every_source_of_a_fact_is_listed() -> None:
    domain = document("DOMAIN.md")
    listed = set(re.findall(r"(?:^| )(\d+)\. (?=[A-Z]|\w+/)", domain.partition("## 6. Sources")[2], re.M))
    for marks in re.findall(r"\[[DOR]: ([^\]]+)\]", domain):
        for source in marks.split(", "):
            assert source in listed or (source.startswith("KB") and source in domain.partition("## 6.")[2]), source


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "SECURITY.md", "DOMAIN.md"])
def test_every_path_that_a_document_names_exists(name: str) -> None:
    """Links, and paths that begin in the checkout or in one of its two packages."""
    tops = [ROOT, ROOT / "parsing", ROOT / "tui"]
    starts = {path.name for top in tops for path in top.iterdir() if path.is_dir()}
    links = re.findall(r"\]\(([\w./-]+)\)", document(name))
    paths = [path for path in re.findall(r"`((?:[\w.]+/)+[\w.]*)`", document(name)) if path.split("/")[0] in starts]
    for path in [*links, *paths]:
        assert any((top / path).exists() for top in tops), path


def test_the_map_names_every_package_and_module_of_the_two_tops() -> None:
    drawn = document("ARCHITECTURE.md").partition("```text")[2].partition("```")[0]
    engine, _, screen = drawn.partition("\ntui/")
    for top, words in (("parsing", engine), ("tui", screen)):
        for path in (ROOT / top).iterdir():
            if path.suffix == ".py" or (path / "__init__.py").exists():
                assert path.stem.startswith("__") or re.search(rf"\b{path.stem}\b", words), path.relative_to(ROOT)


def test_the_floors_of_the_document_are_those_of_the_code() -> None:
    """Each step of the chains of imports stands above the next, and no package of the engine is left out."""
    chains = [
        [step.split(", ") for step in chain.split(" → ")]
        for chain in re.findall(r"`([\w, ]+(?: → [\w, ]+)+)`", document("ARCHITECTURE.md"))
    ]
    for chain in chains:
        for upper, lower in pairwise(chain):
            assert min(map(floor_of, upper)) > max(map(floor_of, lower)), f"{upper} does not stand above {lower}"
    named = {name for chain in chains for step in chain for name in step}
    engine = {path.parent.name for path in (ROOT / "parsing").glob("*/__init__.py")}
    assert engine - {"httpsys"} <= named


def floor_of(name: str) -> int:
    found = floor(f"parsing.{name}") or floor(f"tui.{name}")
    assert found is not None, f"{name} stands on no floor"
    return found[0]


def unguarded(tree: ast.Module) -> Iterator[str]:
    """Modules that Windows does not have, imported where it would import them too."""
    for node in tree.body:
        if isinstance(node, ast.If) and "win32" in ast.unparse(node.test):
            if "pytest.skip" in ast.unparse(node):
                return
        elif isinstance(node, ast.Import):
            yield from NOT_ON_WINDOWS & {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            yield from NOT_ON_WINDOWS & {node.module or ""}


def test_an_import_that_windows_lacks_is_found() -> None:
    guard = "if sys.platform == 'win32':\n    pytest.skip('none', allow_module_level=True)\n"
    assert list(unguarded(ast.parse("import pty\nfrom tests.terminal import Terminal\n"))) == ["pty", "tests.terminal"]
    assert not list(unguarded(ast.parse(f"{guard}import pty\nif sys.platform != 'win32':\n    import tty\n")))


@pytest.mark.parametrize("path", TEST_FILES, ids=lambda path: path.relative_to(ROOT / "tests").as_posix())
def test_windows_can_collect_every_test(path: Path) -> None:
    assert not list(unguarded(ast.parse(path.read_text("utf-8"))))


def is_slow(path: Path) -> bool:
    return re.search(r"^pytestmark = .*pytest\.mark\.slow", path.read_text("utf-8"), re.M) is not None


def test_the_quick_tests_leave_no_package_out() -> None:
    for folder in {path.parent for path in TEST_FILES}:
        assert [path for path in folder.glob("test_*.py") if not is_slow(path)], f"all tests of {folder} are slow"


def test_tests_in_a_terminal_are_slow() -> None:
    for path in TEST_FILES:
        text = path.read_text("utf-8")
        if re.search(r"^ *from tests\.terminal import .*\bTerminal\b", text, re.M):
            assert "pytest.mark.slow" in text, path


def test_the_documents_name_the_commands_of_both_tiers() -> None:
    for name in ("README.md", "CONTRIBUTING.md"):
        assert 'pytest -q -n 2 -m "not slow"' in document(name), name
