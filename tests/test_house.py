"""How the code is laid out: no circles, few modules in a folder, one name for one thing, documents that exist."""

from __future__ import annotations

import re
from pathlib import Path

from tests.house import ROOT, Layout, base_names, circles, class_names, crowded_folders, deep_imports

LAYOUT = Layout.read()


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


def test_every_section_that_the_code_cites_is_in_the_document() -> None:
    sections = set(re.findall(r"^#{2,3} (\d+(?:\.\d+)?)", (ROOT / "DOMAIN.md").read_text("utf-8"), re.M))
    cited = 0
    for path in [*(ROOT / "parsing").rglob("*.py"), *(ROOT / "tui").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        for number in re.findall(r"DOMAIN\.md (\d+(?:\.\d+)?)", path.read_text("utf-8")):
            cited += 1
            assert number in sections, f"{path.name} cites section {number}"
    assert cited >= 15
