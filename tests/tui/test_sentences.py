"""Sentences name the keys that work: by the id of the action, so that they follow the settings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from parsing.filters import filter_help
from tests.tui.driving import explorer
from tui import wording
from tui.keymap import ACTIONS, BY_ID, shown_keys, with_keys
from tui.model.options import Options

TUI = Path(wording.__file__).parent
KEYS = {key for action in ACTIONS for key in shown_keys(action).split()} - {".", ":", ",", ";"}
NAMED = re.compile(r"\{(\w+)\}")

OF_DIALOGS = {
    "type to narrow; Enter chooses, Esc closes",
    "Enter is done, Esc leaves it for later",
    "Enter shows or hides, ← → move, Esc is done",
    "Enter counts this field, → pairs of ",
    "number or name; Enter recalls, Delete deletes, → renames",
    "may be empty; Enter saves, Esc does not",
    "10:31, 2026-06-15 10:31 or -15m; Enter goes there",
    "Enter narrows, or compares with something else",
    "that filter was not applied; {filter} and ↑ bring it back",
    "leaves it for later",
    "Enter writes, Tab goes on, Space turns a choice, Esc leaves it for later",
}
"""While a line is typed every letter is text, so these keys are fixed."""

NO_KEYS = {
    "status / reason",
    " rows + ",
    " blank + ",
    ", 1 of ",
    "1 bar = ",
    '] maps actions to keys in quotes, as in quit = "q"',
    *(text for pair in filter_help() for text in pair),
}
"""Units, sums and other languages."""


def texts() -> Iterator[tuple[str, str]]:
    """The texts of the explorer's code that have several words, but for docstrings and styles."""
    for path in sorted(TUI.rglob("*.py")):
        if path.is_relative_to(TUI / "cli"):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        expressions = [node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)]
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in expressions:
                text = node.value
                if " " in text.strip() and not re.search(r"\w+: [^;]+;|Toned >", text):
                    yield f"{path.relative_to(TUI)}:{node.lineno}", text


def test_no_sentence_names_a_key_that_can_be_another() -> None:
    found = [(where, text) for where, text in texts() if text not in OF_DIALOGS | NO_KEYS and KEYS & words(text)]
    assert found == []
    assert len(list(texts())) > 300


def words(text: str) -> set[str]:
    """The words of a text; a unit after a number that comes before the text is none."""
    text = re.sub(r"^ [smhd]\b", "", text)
    return {word for part in text.split() for word in (part, part.strip(",;:."))}


def test_sentences_name_actions_that_there_are() -> None:
    named = {id_ for _, text in texts() for id_ in NAMED.findall(text)}
    assert {"undo", "clear", "brush", "view_sources"} <= named
    assert named <= set(BY_ID)


def test_an_action_goes_by_its_first_key_else_by_its_name() -> None:
    sentence = "{undo} undoes, {clear} clears"
    assert with_keys(sentence, ACTIONS) == "u undoes, Backspace clears"
    bare = [replace(action, keys=()) if action.id == "undo" else action for action in ACTIONS]
    assert with_keys(sentence, bare) == ": undo undoes, Backspace clears"
    with pytest.raises(KeyError):
        with_keys("{undone} undoes", ACTIONS)


REMAPPED = {
    "undo": "ctrl+t",
    "clear": "ctrl+r",
    "view_sources": "S",
    "filter": "F",
    "brush": "B",
    "move_left": "H",
    "other_end": "O",
    "detail": "D",
    "back": "X",
    "mark": "A",
    "zoom_in": "comma",
    "help": "I",
    "palette": "Y",
    "find_next": "V",
}


async def test_what_is_said_follows_the_keys_of_the_settings(logs: Path, tmp_path: Path) -> None:
    async with explorer(logs, tmp_path, options=Options(keys=REMAPPED), view="") as driver:
        assert "I help  F filter  D detail" in driver.text.splitlines()[-1], "what a new user sees first"
        driver.screen.look_at("entries")
        assert " 4 Timeline   S Sources" in driver.text
        await driver.press("F")
        await driver.write("status:418")
        await driver.press("enter")
        await driver.wait("No rows match. ^T undoes the last change, ^R clears the filter.")
        assert " F status:418" in driver.text
        await driver.press("ctrl+r")
        await driver.wait("cleared; ^T brings it back")
        await driver.press("less_than_sign")
        await driver.wait("the whole time is shown; comma zooms in")
        await driver.press("B")
        await driver.wait("H → bar, ↑ ↓ row, O other end, D keeps")
        await driver.press("X", "f")
        await driver.wait("V and N go on")
        await driver.press("escape", "apostrophe")
        await driver.wait("no row is marked; A marks one")
        await driver.press("I")
        await driver.wait("X closes")
        await driver.press("G")
        end = await driver.wait("Paint the whole screen again.")
        assert any("Y theme" in line for line in end.splitlines()), "what has no key is in the palette"
