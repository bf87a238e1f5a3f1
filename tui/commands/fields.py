"""Fields: the columns of the entries, and the field that is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from parsing.knowledge import VIRTUAL, named_field, short_name
from parsing.safe_text import safe
from tui.commands.protocols import Asks
from tui.dialogs import Choice, Picker
from tui.model.column import Column
from tui.model.entry import OUTCOME, SERVING, USUAL

_FIELDS = (Column("place", "#", 2, 2, 0, "right"), Column("name", "field", 22, 16, 1), Column("hint", "", 40, 20, 3))


class Fields:
    """The command that chooses fields."""

    def __init__(self, screen: Asks) -> None:
        self._screen = screen

    def columns(self) -> None:
        """Choose the columns of the entries, or the field that is counted."""
        screen = self._screen
        if screen.state.question.view != "entries":
            self._choose_field()
            return
        shown = list(screen.state.question.columns or USUAL)

        def toggle(name: str) -> list[Choice]:
            if name not in shown:
                shown.append(name)
            elif len(shown) > 1:
                shown.remove(name)
            return self._fields(shown)

        def move(by: int, name: str) -> list[Choice]:
            if name in shown:
                place = min(max(0, shown.index(name) + by), len(shown) - 1)
                shown.remove(name)
                shown.insert(place, name)
            return self._fields(shown)

        def done(_: str | None) -> None:
            columns = () if tuple(shown) == USUAL else tuple(shown)
            screen.change(replace(screen.state.question, columns=columns), is_same_level=True)

        picker = Picker(
            screen.state.glyphs,
            "Columns",
            _FIELDS,
            self._fields(shown),
            hint=screen.state.glyphs.clean("Enter shows or hides, ← → move, Esc is done"),
            toggle=toggle,
            others={"left": lambda name: move(-1, name), "right": lambda name: move(1, name)},
        )
        screen.push(picker, done)

    def _fields(self, shown: Sequence[str]) -> list[Choice]:
        """All fields; those that are shown first, in their order."""
        names = list(dict.fromkeys([*shown, OUTCOME, SERVING, *self._names()]))
        choices = []
        for name in names:
            place = str(list(shown).index(name) + 1) if name in shown else ""
            choices.append(Choice(name, (place, safe(name), _hint(name)), ("key", "strong", "dim"), _hint(name)))
        return choices

    def _names(self) -> list[str]:
        """Short names where there are some, of the fields that the logs have."""
        names = [field.name for field in VIRTUAL]
        names += map(short_name, self._screen.state.fields)
        return list(dict.fromkeys(names))

    def _choose_field(self) -> None:
        screen = self._screen
        choices = [
            Choice(name, ("", safe(name), _hint(name)), ("key", "strong", "dim"), _hint(name)) for name in self._names()
        ]

        def done(name: str | None) -> None:
            if name:
                screen.change(replace(screen.state.question, by=(name,), order="-count"), is_same_level=True)

        def with_first(name: str) -> None:
            picker.close()
            first = screen.state.question.by[0]
            if name.casefold() == first.casefold():
                screen.say(f"{safe(name)} is counted already; choose another field to go with it", "warn")
            else:
                screen.change(replace(screen.state.question, by=(first, name), order="-count"), is_same_level=True)

        first = safe(screen.state.question.by[0])
        picker = Picker(
            screen.state.glyphs,
            "Count the values of",
            _FIELDS,
            choices,
            hint=screen.state.glyphs.clean(f"Enter counts this field, → pairs of {first} and this field"),
            others={"right": with_first},
        )
        screen.push(picker, done)


def _hint(name: str) -> str:
    if name == OUTCOME:
        return "status of a request, reason of an error"
    if name == SERVING:
        return "how long a request took, queue (application pool) of an error"
    field = named_field(name)
    return field.hint if field else "custom field"
