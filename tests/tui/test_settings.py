"""Settings are strict and say where a mistake is; a session comes back as it was, or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsing.errors import UsageError
from tui.session import Mark, Place, Session, load_session, save_session, session_file
from tui.settings import FILE, Settings, load_settings

NOON = datetime(2026, 6, 15, 12, 0, 0)  # noqa: DTZ001 - the engine's times are UTC without zone


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes().map(datetime.isoformat),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def settings(folder: Path, text: str) -> Settings:
    (folder / FILE).write_text(text, "utf-8")
    return load_settings(folder, themes=("dark", "light"), actions=("quit", "filter"))


def test_no_file_means_the_usual_settings(tmp_path: Path) -> None:
    assert load_settings(tmp_path, themes=(), actions=()) == Settings()


def test_settings_are_read(tmp_path: Path) -> None:
    read = settings(tmp_path, 'theme = "light"\nmouse = false\n[keys]\nquit = "q,x"\n')
    assert read == Settings(theme="light", mouse=False, keys={"quit": "q,x"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("theem = 'dark'", "did you mean theme?"),
        ("theme = 'drak'", "did you mean dark?"),
        ("mouse = 'no'", "mouse has to be true or false"),
        ("tz = 3", "tz has to be text"),
        ("keys = 3", "maps actions to keys"),
        ("[keys]\nquti = 'x'", "did you mean quit?"),
        ("theme = ", "no TOML"),
        ("a = " + "[" * 5_000, "no TOML"),
        ("tz = " + "9" * 6_000, "a number has too many digits"),
    ],
)
def test_a_mistake_is_named_with_the_file_and_what_was_meant(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        settings(tmp_path, text)
    assert said in str(raised.value)
    assert FILE in str(raised.value)


def test_bytes_that_are_no_text_are_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="cannot be read"):
        load_settings(tmp_path, themes=(), actions=())


FULL = Session(
    filter="reason:Connection_Dropped",
    log="httperr",
    span=(NOON, NOON.replace(hour=13)),
    view="reasons",
    columns=("time", "c-ip"),
    sort="-time-taken",
    by=("queue", "reason"),
    place=Place("httperr1.log", 17, NOON),
    marks=(Mark("u_ex260615.log", 3, NOON, "the first [bold]one[/]"),),
    filters=("status:5xx", "client:10.0.0.0/8"),
)


def test_a_session_comes_back_as_it_was(tmp_path: Path) -> None:
    path = session_file(["logs"], tmp_path)
    save_session(path, FULL)
    assert load_session(path) == FULL
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_sessions_of_other_log_sets_are_others(tmp_path: Path) -> None:
    assert session_file(["a", "b"], tmp_path) == session_file(["b", "a"], tmp_path)
    assert session_file(["a"], tmp_path) != session_file(["b"], tmp_path)


def test_settings_saved_by_an_editor_that_marks_its_files(tmp_path: Path) -> None:
    assert settings(tmp_path, '\ufefftheme = "light"').theme == "light"


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{", '{"version": 99}', '{"version": 1}', "[" * 100_000, '{"version": 1, "filter": 3}']
)
def test_a_broken_session_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "session.json"
    path.write_text(text, "utf-8")
    assert load_session(path) is None


@given(data=st.data())
def test_a_session_with_anything_in_any_place_is_none_or_can_be_kept(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = session_file(["logs"], tmp_path_factory.getbasetemp() / "damaged")
    save_session(path, FULL)
    table = json.loads(path.read_text())
    holder, key = data.draw(st.sampled_from(list(places(table))))
    holder[key] = data.draw(ANYTHING)
    path.write_text(json.dumps(table))
    found = load_session(path)
    if found is not None:
        save_session(path, found)
        assert load_session(path) == found


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a value, as what holds it and the key there."""
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from places(value[key])


@pytest.mark.parametrize(
    ("field", "value"),
    [("span", [NOON.isoformat()]), ("span", [NOON.isoformat(), "0001-01-01"]), ("marks", [[]]), ("place", "x")],
)
def test_a_session_with_a_field_of_another_shape_is_none(tmp_path: Path, field: str, value: object) -> None:
    path = session_file(["logs"], tmp_path)
    save_session(path, FULL)
    path.write_text(json.dumps(json.loads(path.read_text()) | {field: value}))
    assert load_session(path) is None


def test_a_number_beyond_all_lines_is_none(tmp_path: Path) -> None:
    path = session_file(["logs"], tmp_path)
    save_session(path, FULL)
    path.write_text(path.read_text().replace('"line": 17', '"line": 1e999'))
    assert load_session(path) is None
