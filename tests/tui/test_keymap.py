"""One table of keys: everything that shows or uses a key follows it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.tui.driving import explorer, small_logs
from tui.keymap import (
    ACTIONS,
    BY_ID,
    FOOTERS,
    GROUPS,
    VIEWS,
    footer_actions,
    key_table,
    remapped,
    shown_key,
    shown_keys,
)
from tui.widgets.facts import Facts

WITHOUT_KEY = {"changed_at", "marks", "copy_command", "redact", "report", "theme"}
"""Actions that are reached from the list of commands alone."""
LEFT_TO_THE_TERMINAL = {"ctrl+s", "ctrl+q", "ctrl+a", "ctrl+b", "ctrl+z"}

DESIGN = {
    "move_down": "j down",
    "move_up": "k up",
    "move_left": "h left",
    "move_right": "l right",
    "page_down": "pagedown space",
    "page_up": "pageup",
    "half_down": "ctrl+d",
    "half_up": "ctrl+u",
    "top": "g",
    "end": "G",
    "view_incidents": "1",
    "view_entries": "2",
    "view_reasons": "3",
    "view_timeline": "4",
    "view_sources": "5",
    "detail": "enter",
    "back": "escape",
    "breakdown": "b",
    "timeline": "r",
    "sort": "s",
    "sort_down": "S",
    "columns": "c",
    "mark": "m",
    "next_mark": "apostrophe",
    "find": "f",
    "find_next": "n",
    "find_previous": "N",
    "help": "question_mark f1",
    "filter": "slash",
    "only": "plus",
    "without": "minus",
    "undo": "u",
    "redo": "U",
    "clear": "backspace",
    "presets": "p",
    "save_preset": "P",
    "jump_time": "t",
    "zoom_in": "z",
    "zoom_out": "Z",
    "brush": "v",
    "follow": "L",
    "copy_cell": "y",
    "copy_row": "Y",
    "copy_filter": "ctrl+y",
    "export": "e",
    "palette": "colon ctrl+p",
    "quit": "q",
}


def test_the_keys_of_the_design_are_those_of_the_table() -> None:
    for id_, keys in DESIGN.items():
        assert set(keys.split()) <= set(BY_ID[id_].keys), id_


def test_no_key_has_two_meanings() -> None:
    keys = [key for action in ACTIONS for key in action.keys]
    assert len(keys) == len(set(keys))


def test_keys_of_the_terminal_are_left_alone() -> None:
    assert not LEFT_TO_THE_TERMINAL & {key for action in ACTIONS for key in action.keys}


def test_every_action_can_be_reached_without_ctrl_alt_or_function_keys() -> None:
    assert any(key in BY_ID["palette"].keys for key in ("colon",)), "the palette reaches the others"
    for action in ACTIONS:
        plain = [key for key in action.keys if "+" not in key and not re.fullmatch(r"f\d+", key)]
        assert plain or action.id in {"copy_filter", "redraw"} | WITHOUT_KEY, action.id


@pytest.mark.parametrize("id_", sorted(WITHOUT_KEY))
async def test_an_action_without_a_key_runs_from_the_list_of_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, id_: str
) -> None:
    async with explorer(small_logs(tmp_path / "logs"), tmp_path, size=(120, 36)) as driver:
        ran: list[str] = []
        monkeypatch.setitem(driver.screen.dispatch.commands, id_, lambda: ran.append(id_))
        await driver.press("colon")
        await driver.wait("Commands")
        await driver.write(BY_ID[id_].label)
        await driver.press("enter")
        await driver.wait(lambda: ran == [id_])


def test_every_action_is_described_and_belongs_somewhere() -> None:
    for action in ACTIONS:
        assert action.group in GROUPS
        assert action.help.endswith(".")
        assert action.label
        assert set(action.views) <= set(VIEWS)


def test_a_remapped_key_is_taken_from_the_action_that_had_it() -> None:
    table = {action.id: action.keys for action in remapped({"quit": "x, Q", "undo": "q"})}
    assert table["quit"] == ("x", "Q")
    assert table["undo"] == ("q",)
    assert table["explain"] == ()
    assert table["redo"] == BY_ID["redo"].keys


def test_an_unknown_action_is_refused() -> None:
    with pytest.raises(KeyError):
        remapped({"quti": "x"})


def test_the_footer_names_what_works_in_the_view() -> None:
    for place, ids in FOOTERS.items():
        named = footer_actions(ACTIONS, place)
        assert [action.id for action in named] == list(ids)
        view = place if place in VIEWS else "entries"
        assert all(view in action.views for action in named)


@pytest.mark.parametrize(
    ("key", "shown"), [("slash", "/"), ("ctrl+d", "^D"), ("pagedown", "PgDn"), ("G", "G"), ("apostrophe", "'")]
)
def test_keys_are_shown_as_they_are_typed(key: str, shown: str) -> None:
    assert shown_key(key) == shown


def test_the_table_for_the_readme_names_every_action() -> None:
    table = key_table()
    for action in ACTIONS:
        assert f"| {action.label} |" in table
        assert all(f"`{key}`" in table or key == "|" for key in shown_keys(action).split())


async def test_every_action_has_a_command_and_the_other_way_round(tmp_path: Path) -> None:
    async with explorer(small_logs(tmp_path / "logs"), tmp_path) as driver:
        assert set(driver.screen.dispatch.commands) == set(BY_ID)
        assert set(driver.screen.dispatch.keys.values()) == {action for action in ACTIONS if action.keys}


async def test_help_and_palette_say_every_key(tmp_path: Path) -> None:
    async with explorer(small_logs(tmp_path / "logs"), tmp_path, size=(120, 150)) as driver:
        await driver.press("question_mark")
        await driver.wait("Help")
        said = driver.app.screen.query_one(Facts).text
        for action in ACTIONS:
            if "entries" in action.views:
                keys = shown_keys(action) or f": {action.label}"
                assert f"{keys} {action.label}  {action.help}" in said, action.id
        await driver.press("escape", "colon")
        shown = await driver.wait("Commands")
        for action in ACTIONS:
            if "entries" in action.views and action.id != "palette":
                assert shown_keys(action) in shown
                assert action.label in shown


async def test_a_remapped_key_works_and_is_shown(tmp_path: Path) -> None:
    from tui.model.options import Options

    options = Options(keys={"view_reasons": "R", "filter": "F"})
    async with explorer(small_logs(tmp_path / "logs"), tmp_path, options=options) as driver:
        await driver.press("k")
        assert "F filter" in driver.text
        await driver.press("R")
        assert driver.screen.question.view == "reasons"
        await driver.press("2", "3")
        assert driver.screen.question.view == "entries", "2 has no meaning any more"
