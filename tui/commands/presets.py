"""Presets: chosen by name or number, saved, renamed, deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from parsing.errors import LogError
from parsing.filters import filled, placeholders
from parsing.knowledge import named_field
from parsing.safe_text import safe
from tui.commands.protocols import Asks
from tui.dialogs import Blank, Choice, Picker
from tui.model.column import Column
from tui.model.question import ORDERS
from tui.presets import Preset, Presets

if TYPE_CHECKING:
    from parsing.filters import Cell
    from tui.model.entry import Entry
    from tui.model.question import ScreenQuestion

_COLUMNS = (
    Column("number", "#", 3, 3, 0, "right"),
    Column("name", "name", 26, 18, 1),
    Column("where", "filter", 40, 20, 4),
)
_HINT = "number or name; Enter recalls, Delete deletes, → renames"


class PresetCommands:
    """The commands that concern presets; each is named after its action."""

    def __init__(self, screen: Asks) -> None:
        self._screen = screen
        self._store = Presets(screen.state.options.settings, screen.state.options.project)
        self._picker: Picker | None = None
        """The list of presets that was opened last."""

    def presets(self) -> None:
        screen, clean = self._screen, self._screen.state.glyphs.clean
        try:
            choices = self._choices()
        except LogError as error:
            screen.fail("cannot read the presets", error)
            return
        others = {"delete": self._delete, "right": self._rename, "ctrl+r": self._rename}
        self._picker = Picker(screen.state.glyphs, "Presets", _COLUMNS, choices, hint=clean(_HINT), others=others)
        screen.push(self._picker, lambda name: self.recall(name) if name else None)

    def _choices(self) -> list[Choice]:
        clean = self._screen.state.glyphs.clean
        return [
            Choice(
                preset.name,
                (str(number), clean(safe(preset.name)), safe(preset.where)),
                ("key", "strong", "plain"),
                clean(safe(preset.note)) or safe(preset.where),
            )
            for number, preset in enumerate(self._store.all(), 1)
        ]

    def _delete(self, name: str) -> Sequence[Choice] | None:
        choices = self._tried(lambda: self._store.delete(name), f"cannot delete {safe(name)}")
        if choices is not None:
            self._call_current(name, "")
        return choices

    def _call_current(self, old: str, new: str) -> None:
        """The question goes by the new name of its preset, or by none."""
        screen = self._screen
        if screen.state.question.preset == old:
            screen.rename_preset(new)

    def _rename(self, name: str) -> Sequence[Choice] | None:
        screen, what = self._screen, f"cannot rename {safe(name)}"

        def rename(new: str | None) -> None:
            if not new or new == name or self._tried(lambda: self._store.rename(name, new), what) is None:
                return
            self._call_current(name, new)
            if self._picker is not None:
                self._picker.close()
            self.presets()

        if self._tried(lambda: self._store.changeable(name), what) is None:
            return None
        screen.ask_line(f"New name of {safe(name)}", rename, value=name)
        return None

    def _tried(self, change: Callable[[], object], what: str) -> Sequence[Choice] | None:
        try:
            change()
            return self._choices()
        except LogError as error:
            self._screen.fail(what, error)
            return None

    def recall(self, word: str, *, is_beside: bool = False) -> None:
        """Ask the question of a preset, by name or number; what it takes from the row under the cursor is read first.

        It replaces the filter, or with ``is_beside`` is added to it.
        """
        screen = self._screen
        try:
            preset = self._store.find(word)
        except LogError as error:
            screen.fail(f"cannot recall {safe(word)}", error)
            return
        names = placeholders(preset.where, screen.state.fields)
        known = self._counted()
        if all(name in known for name in names):
            self._ask(preset, known, is_beside=is_beside)
            return

        def take(values: Mapping[str, Cell], entry: Entry) -> None:
            self._ask(preset, {**values, **known}, entry, is_beside=is_beside)

        if screen.state.snapshot is None or not screen.entries.row_values(
            screen.state.snapshot, names, take, screen.view.entry()
        ):
            screen.say(f"{safe(preset.name)} is about the row under the cursor, and there is none", "warn")

    def _counted(self) -> dict[str, Cell]:
        """What is under the cursor where values are counted or files are listed."""
        screen = self._screen
        return {name: value for field, value in screen.view.pairs() for name in _names(field)}

    def _ask(
        self, preset: Preset, row: Mapping[str, Cell], entry: Entry | None = None, *, is_beside: bool = False
    ) -> None:
        screen, where = self._screen, preset.where
        try:
            if placeholders(where, screen.state.fields):
                where = filled(where, row)
            filter_ = screen.understood(where)
        except LogError as error:
            screen.fail(f"cannot recall {safe(preset.name)}", error)
            return
        view = "entries" if preset.view == "timeline" else preset.view or screen.state.question.view
        sort, order = _orders(preset.sort, view)
        question = replace(
            screen.state.question,
            filter=filter_,
            text=where,
            log=None,
            span=None,
            view=view,
            columns=(preset.columns if view != "reasons" else ()) or screen.state.question.columns,
            by=(preset.columns or ("reason",)) if view == "reasons" else screen.state.question.by,
            sort=sort,
            order=order,
            preset=preset.name,
        )
        if is_beside and screen.state.question.text:
            question = question.narrowed(screen.state.question.filter)
        screen.change(question, safe(preset.note or preset.name))
        if preset.view == "timeline":
            self._show_timeline(preset, question, entry)

    def _show_timeline(self, preset: Preset, question: ScreenQuestion, entry: Entry | None) -> None:
        """Around the row that the preset is about, by its client or its path; else around the newest error kept."""
        screen = self._screen
        named = {name.lower() for name in placeholders(preset.where, screen.state.fields)}
        kind = "client" if named & {"c-ip", "client"} else "path" if named & {"path", "cs-uri-stem"} else ""
        if entry is not None:
            screen.timeline.begin(entry, kind)
        else:
            screen.timeline.show_newest(question.filter, "no row matches this preset")

    def save_preset(self) -> None:
        screen = self._screen

        def filled_in(values: Sequence[str] | None) -> None:
            if values is not None:
                self._save(values[0].strip(), values[1])

        text = screen.state.question.as_text(screen.state.notation.tz)
        blanks = [Blank("name", screen.state.question.preset), Blank("note, may be empty")]
        hint = f"filter: {safe(text) or 'every row'}"
        screen.ask_lines("Save as preset", blanks, filled_in, hint=hint, check=_lacks_name)

    def _save(self, name: str, note: str) -> None:
        screen, question = self._screen, self._screen.state.question
        text = question.as_text(screen.state.notation.tz)
        columns = question.by if question.view == "reasons" else question.columns
        is_of_values = question.view == "reasons" and question.order != "-count"
        sort = question.order if is_of_values else question.sort
        preset = Preset(name, text, question.view, columns, sort, note.strip())
        try:
            self._store.save(preset)
        except LogError as error:
            screen.fail("cannot save the preset", error)
            return
        screen.rename_preset(name)
        screen.say(f"saved {safe(name)}: {safe(text) or 'every row'}")


def _orders(sort: str, view: str) -> tuple[str, str]:
    """What a preset's order means in its view: the sort of the entries, and the order of the counted values."""
    is_of_values = view == "reasons" and sort.removeprefix("-") in ORDERS
    return ("", sort) if is_of_values else (sort, "-count")


def _lacks_name(name: str) -> str:
    return "" if name.strip() else "a preset needs a name"


def _names(field: str) -> tuple[str, ...]:
    """The names under which a preset may ask for a field."""
    known = named_field(field)
    return (field, known.name, known.short or known.name) if known else (field,)
