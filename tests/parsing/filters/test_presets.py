"""Presets: found by name or number, kept in files with their comments, and never lost to a broken one."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from parsing.errors import UsageError
from parsing.filters.language.grammar import parse
from parsing.filters.language.operations import Cell
from parsing.filters.language.placeholders import filled, placeholders, sample
from parsing.knowledge.fields import is_known_wire_name
from tui.keymap import VIEWS
from tui.presets import FILE, PROJECT_FILE, Preset, Presets, built_in, folder_of_logs

OWN = """\
# mine
[[preset]]
name = "Monday"  # every week
where = "time:08:00..09:00"
columns = "time, c-ip"

[[preset]]
name = "Queue full"
where = "reason:QueueFull"
"""


@pytest.fixture
def presets(tmp_path: Path) -> Presets:
    (tmp_path / "config").mkdir()
    (tmp_path / "logs").mkdir()
    return Presets(tmp_path / "config", tmp_path / "logs")


def names(presets: Presets) -> list[str]:
    return [preset.name for preset in presets.all()]


def test_those_that_come_with_the_program_parse() -> None:
    assert len(built_in()) >= 8
    for preset in built_in():
        assert str(parse(sample(preset.where)))
        assert preset.view in VIEWS
        assert preset.note
        assert preset.origin == "built-in"
        assert all(column == "time" or is_known_wire_name(column) for column in preset.columns)


def test_found_by_name_and_by_number(presets: Presets) -> None:
    presets.own.write_text(OWN)
    first = presets.find("1")
    assert first.name == "client drops"
    assert presets.find("CLIENT drops") == first
    assert presets.find(str(len(presets.all()))).name == "Monday"
    assert presets.find("monday").columns == ("time", "c-ip")
    for word in ("0", "99", "-1", "mondy", "999999999999999999999"):
        with pytest.raises(UsageError):
            presets.find(word)
    with pytest.raises(UsageError, match="did you mean Monday"):
        presets.find("mondy")


def test_own_ones_take_the_place_of_others(presets: Presets) -> None:
    before = names(presets)
    assert presets.project is not None
    presets.project.write_text('[[preset]]\nname = "Monday"\nwhere = "a"\n[[preset]]\nname = "ours"\n')
    presets.own.write_text(OWN)
    assert names(presets) == [*(name if name != "queue full" else "Queue full" for name in before), "Monday", "ours"]
    assert [preset.origin for preset in presets.all()[-2:]] == ["own", "project"]


def test_saving_keeps_comments_and_what_others_wrote(presets: Presets) -> None:
    presets.own.write_text(OWN)
    presets.save(Preset("Monday", "time:09:00..10:00", "entries", ("time",), "-time", "new"))
    presets.save(Preset('new "one"', 'agent:"a\\b"', note="Grüße"))
    text = presets.own.read_text("utf-8")
    assert text.startswith('# mine\n[[preset]]\nname = "Monday"  # every week\n')
    assert presets.find("monday") == Preset("Monday", "time:09:00..10:00", "entries", ("time",), "-time", "new")
    assert presets.find('new "one"') == Preset('new "one"', 'agent:"a\\b"', note="Grüße")
    assert presets.find("queue full").where == "reason:QueueFull"
    assert sorted(path.suffix for path in presets.own.parent.iterdir()) in ([".toml"], [".lock", ".toml"])


def test_saving_beside_the_logs(presets: Presets) -> None:
    presets.save(Preset("ours", "status:500"), to_project=True)
    assert presets.project is not None
    assert presets.project.name == PROJECT_FILE
    assert presets.find("ours").origin == "project"
    presets.rename("ours", "theirs")
    presets.delete("theirs")
    assert "theirs" not in names(presets)
    assert not presets.own.exists()
    with pytest.raises(UsageError):
        Presets(presets.own.parent).save(Preset("x"), to_project=True)


def test_renaming_and_deleting(presets: Presets) -> None:
    presets.own.write_text(OWN)
    presets.rename("monday", "Tuesday")
    assert "# every week" in presets.own.read_text()
    assert presets.find("tuesday").where == "time:08:00..09:00"
    presets.rename("tuesday", "TUESDAY")
    with pytest.raises(UsageError, match="already"):
        presets.rename("tuesday", "client drops")
    presets.delete("queue full")
    assert presets.find("queue full").origin == "built-in"
    with pytest.raises(UsageError, match="comes with the program"):
        presets.delete("queue full")
    with pytest.raises(UsageError, match="comes with the program"):
        presets.rename("queue full", "x")
    with pytest.raises(UsageError):
        presets.delete("nothing")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[[preset]\nname = 'x'", "line 1"),
        ("[[preset]]\nname = 'x'\nfilter = 'a'\n", "filter"),
        ("[[preset]]\nname = 'x'\nnot = 'a'\n", "did you mean note"),
        ("[[presets]]\nname = 'x'\n", "did you mean preset"),
        ("[preset]\nname = 'x'\n", "[[preset]]"),
        ("[[preset]]\nwhere = 'x'\n", "no name"),
        ("[[preset]]\nname = 5\n", "text in quotes"),
        ("[[preset]]\nname = 'x'\ncolumns = [1]\n", "list of texts"),
        ("[[preset]]\nname = 'x'\nview = 'entris'\n", "did you mean entries"),
        ("[[preset]]\nname = 'x'\n[[preset]]\nname = 'X'\n", "two presets"),
        ("[[preset]]\nname = 'x\\u001b'\n".replace("'", '"'), "typed"),
        ("a = " + "[" * 5_000, ""),
        ("\udcff", "UTF-8"),
    ],
)
def test_a_broken_file_is_one_clear_error_and_is_left_alone(text: str, word: str, presets: Presets) -> None:
    data = text.encode("utf-8", "surrogateescape")
    presets.own.write_bytes(data)
    for act in (presets.all, lambda: presets.save(Preset("y", "a")), lambda: presets.delete("x")):
        with pytest.raises(UsageError) as caught:
            act()
        assert str(presets.own) in str(caught.value)
        assert word in str(caught.value)
        assert presets.own.read_bytes() == data


def test_a_file_that_is_too_large_is_not_read(presets: Presets) -> None:
    presets.own.write_text("#" * 1_000_001)
    with pytest.raises(UsageError, match="too many"):
        presets.all()


def test_a_preset_that_could_not_be_read_back_is_not_saved(presets: Presets) -> None:
    for preset in (Preset(" "), Preset("a\nb"), Preset("x", view="nowhere")):
        with pytest.raises(UsageError):
            presets.save(preset)
    assert not presets.own.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need a privilege there")
def test_a_symbolic_link_stays_one(presets: Presets, tmp_path: Path) -> None:
    target = tmp_path / "dotfiles.toml"
    target.write_text(OWN)
    target.chmod(0o600)
    presets.own.symlink_to(target)
    presets.save(Preset("new", "a"))
    assert presets.own.is_symlink()
    assert "new" in target.read_text()
    assert target.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() == 0, reason="needs rights that can be taken away")
def test_a_folder_that_cannot_be_written_is_one_clear_error(presets: Presets) -> None:
    presets.own.parent.chmod(0o500)
    try:
        with pytest.raises(UsageError, match="cannot be saved"):
            presets.save(Preset("x", "a"))
    finally:
        presets.own.parent.chmod(0o700)


def test_many_may_save_at_once(presets: Presets) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: presets.save(Preset(f"number {number}", "a")), range(24)))
    assert {f"number {number}" for number in range(24)} <= set(names(presets))


def test_the_folder_is_made_when_it_is_needed(tmp_path: Path) -> None:
    presets = Presets(tmp_path / "a" / "b")
    assert names(presets) == [preset.name for preset in built_in()]
    assert not (tmp_path / "a").exists()
    presets.save(Preset("x", "a"))
    assert (tmp_path / "a" / "b" / FILE).exists()


def test_the_folder_of_a_set_of_logs(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    (logs / "W3SVC1").mkdir(parents=True)
    (logs / "a.log").touch()
    assert folder_of_logs([str(logs)]) == logs
    assert folder_of_logs([str(logs / "a.log"), str(tmp_path)]) == logs
    assert folder_of_logs([str(logs / "W3SVC*" / "*.log")]) == logs
    assert folder_of_logs(["-", str(logs / "W3SVC1")]) == logs / "W3SVC1"
    assert folder_of_logs(["*.log"]) == Path()
    assert folder_of_logs(["-"]) is None


def test_importing_reads_no_file_and_parses_nothing() -> None:
    code = (
        "import sys; import tui.presets as presets; assert presets.built_in.cache_info().currsize == 0;"
        "assert not {'polars', 'tomlkit', 'parsing.filters.language.grammar'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


ROW: dict[str, Cell] = {
    "c-ip": "::1",
    "cs-uri-stem": '/a "b"*',
    "path": "/x",
    "c-port": 5,
    "s-reason": None,
    "cs-uri-query": "...",
}


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("client:${c-ip}", 'client:"::1"'),
        ("client:${client}", 'client:"::1"'),
        ("path:${cs-uri-stem}", 'path:"/a ""b""*"'),
        ("path:${path}", "path:/x"),
        ("path:${path}*", 'path:"/x"*'),
        ('path:"${path}"*', 'path:"/x"*'),
        ('"before ${path}"', '"before /x"'),
        ('path:"a b"${path}${c-ip}*', 'path:"a b/x::1"*'),
        ("path:a${path}*", 'path:"a/x"*'),
        ('"${path}"', "/x"),
        ('path~"a ${path}."', 'path~"a /x."'),
        ("port:${C-PORT} and reason:x", "port:5 and reason:x"),
        ("reason:${s-reason}", "reason:-"),
        ("query:(${cs-uri-query}, a)", "query:(-, a)"),
        ("agent~${path}[0-9] x", "agent~/x[0-9] x"),
        ("uri:*${jndi:ldap://x}*", "uri:*${jndi:ldap://x}*"),
        ("uri:*${nothing}*", "uri:*${nothing}*"),
        ("status:5xx", "status:5xx"),
    ],
)
def test_placeholders_become_values_quoted_as_their_place_needs(where: str, text: str) -> None:
    made = filled(where, ROW)
    assert parse(made) == parse(text)
    assert parse(sample(where)) is not None


def test_a_value_in_a_regular_expression_is_itself() -> None:
    assert filled("path~^${path}$", {"path": "/a.(b c"}) == r'path~"^/a\.\(b c$"'


def test_a_value_that_the_row_does_not_have() -> None:
    assert placeholders("client:${c-ip} ${jndi:x} port:${port}") == ("c-ip", "port")
    rows: list[tuple[str, dict[str, Cell]]] = [("client:${c-ip}", {}), ("path:${s-reason}*", ROW)]
    for where, row in rows:
        with pytest.raises(UsageError, match="the focused row has no"):
            filled(where, row)
