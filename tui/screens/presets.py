"""Presets: chosen by name or number, saved, renamed, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from parsing.errors import LogError
from parsing.filters.grammar import parse
from parsing.filters.placeholders import filled, placeholders
from parsing.filters.presets import Preset, Presets
from parsing.safe_text import safe
from tui.screens.modal import Choice, Picker, Prompt
from tui.widgets.cells import Column

if TYPE_CHECKING:
    from tui.screens.main import MainScreen

_COLUMNS = (
    Column("number", "#", 3, 3, 0, "right"),
    Column("name", "name", 26, 18, 1),
    Column("where", "filter", 40, 20, 4),
    Column("note", "note", 24, 14, 3, is_optional=True),
)
_HINT = "number or name; Enter recalls, Delete deletes, ^R renames"


class PresetCommands:
    """The commands that concern presets; each is named after its action."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._store = Presets(screen.options.settings, screen.options.project)

    def presets(self) -> None:
        screen = self._screen
        try:
            choices = self._choices()
        except LogError as error:
            screen.fail("cannot read the presets", error)
            return
        others = {"delete": self._delete, "ctrl+r": self._rename}
        picker = Picker(screen.glyphs, "Presets", _COLUMNS, choices, hint=_HINT, others=others)
        screen.app.push_screen(picker, lambda name: self.recall(name) if name else None)

    def _choices(self) -> list[Choice]:
        clean = self._screen.glyphs.clean
        return [
            Choice(
                preset.name,
                (str(number), clean(safe(preset.name)), safe(preset.where), clean(safe(preset.note))),
                ("key", "strong", "plain", "dim"),
            )
            for number, preset in enumerate(self._store.all(), 1)
        ]

    def _delete(self, name: str) -> Sequence[Choice] | None:
        return self._tried(lambda: self._store.delete(name), f"cannot delete {safe(name)}")

    def _rename(self, name: str) -> Sequence[Choice] | None:
        screen = self._screen

        def rename(new: str | None) -> None:
            if new and new != name:
                self._tried(lambda: self._store.rename(name, new), f"cannot rename {safe(name)}")
                screen.app.pop_screen()
                self.presets()

        screen.app.push_screen(Prompt(screen.glyphs, f"New name of {safe(name)}", value=name), rename)
        return None

    def _tried(self, change: object, what: str) -> Sequence[Choice] | None:
        try:
            if callable(change):
                change()
            return self._choices()
        except LogError as error:
            self._screen.fail(what, error)
            return None

    def recall(self, word: str) -> None:
        """Ask the question of a preset, by name or number."""
        screen = self._screen
        try:
            preset = self._store.find(word)
            where = preset.where
            if placeholders(where, screen.bar.custom):
                where = filled(where, screen.row_values())
            filter_ = parse(where, tz=screen.look.tz, custom=screen.bar.custom)
        except LogError as error:
            screen.fail(f"cannot recall {safe(word)}", error)
            return
        question = replace(
            screen.question,
            filter=filter_,
            text=where,
            log=None,
            span=None,
            view=preset.view or screen.question.view,
            columns=preset.columns or screen.question.columns,
            sort=preset.sort or "",
            preset=preset.name,
        )
        screen.change(question, safe(preset.note or preset.name))

    def save_preset(self) -> None:
        screen = self._screen

        def named(name: str | None) -> None:
            if name and name.strip():
                note = Prompt(screen.glyphs, f"A note on {safe(name)}", hint="may be empty; Enter saves, Esc does not")
                screen.app.push_screen(note, lambda text: None if text is None else self._save(name.strip(), text))

        text = screen.question.as_text(screen.look.tz)
        prompt = Prompt(
            screen.glyphs, "Save as preset", value=screen.question.preset, hint=f"filter: {safe(text) or 'every row'}"
        )
        screen.app.push_screen(prompt, named)

    def _save(self, name: str, note: str) -> None:
        screen, question = self._screen, self._screen.question
        text = question.as_text(screen.look.tz)
        preset = Preset(name, text, question.view, question.columns, question.sort, note.strip())
        try:
            self._store.save(preset)
        except LogError as error:
            screen.fail("cannot save the preset", error)
            return
        screen.history.now = replace(question, preset=name)
        screen.refresh_lines()
        screen.say(f"saved {safe(name)}: {safe(text) or 'every row'}")
