"""Small screens over the main one: a list to choose from, a line to fill in, a text to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from parsing.safe_text import safe
from tui.glyphs import ASCII, Glyphs
from tui.keymap import Action, with_keys
from tui.model.column import Column
from tui.model.fact import Fact, Part, said
from tui.model.line import Line, Lines
from tui.widgets.facts import Facts
from tui.widgets.grid import Grid
from tui.widgets.line_edit import Highlighter, LineEdit, plain
from tui.widgets.switch import Switch
from tui.widgets.toned import OneLine

Result = TypeVar("Result")


class Modal(ModalScreen[Result | None], Generic[Result], inherit_bindings=False):
    """A box over the main screen, which stays in view. Esc closes it."""

    BINDINGS: ClassVar[list[BindingType]] = []
    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = """
    Modal { align: center middle; background: transparent; }
    Modal > Vertical { width: 96%; max-width: 110; height: auto; background: $background; border: round $tone-dim; }
    Modal > Vertical.-ascii { border: ascii $tone-dim; }
    Modal LineEdit { margin: 0 1; }
    """

    def __init__(self, glyphs: Glyphs, title: str) -> None:
        super().__init__()
        self.glyphs = glyphs
        self.heading = title
        self.tell: Callable[[Result | None], object] = lambda _: None
        """What is called with the result when the dialog has closed."""
        self._closes = False
        self._result: Result | None = None

    def on_mount(self) -> None:
        """A dialog that is closed before it could be composed has nothing in it."""
        if self.children:
            self.when_composed()

    def when_composed(self) -> None:
        """Fill what was composed, and take the keys."""

    def close(self, result: Result | None = None) -> None:
        """Close the dialog, once: Textual would close whatever screen is on top by now.

        A dialog under another one closes when it is on top again.
        """
        if self._closes:
            return
        self._closes = True
        self._result = result
        if self.is_current:
            self._leave()

    def on_screen_resume(self) -> None:
        if self._closes:
            self._leave()

    def _leave(self) -> None:
        self.dismiss()
        self.tell(self._result)

    def box(self) -> Vertical:
        return Vertical(classes="-ascii" if self.glyphs is ASCII else "")

    def headline(self, *parts: Part) -> OneLine:
        line = OneLine(self.glyphs)
        line.left = ((f" {self.heading}  ", "strong"), *parts)
        return line


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose: what is shown, and what it stands for."""

    id: str
    cells: tuple[str, ...]
    tones: tuple[str, ...] = ()
    about: str = ""
    """What is said below the list while the choice is the current one."""


class Picker(Modal[str]):
    """A list that narrows as one types. Gives the id of the choice, or nothing.

    With ``toggle``, Enter calls that instead and stays; it gives the new choices.
    """

    DEFAULT_CSS = """
    Picker > Vertical { height: 80%; }
    Picker Grid { height: 1fr; }
    Picker #about { height: 2; }
    """

    def __init__(
        self,
        glyphs: Glyphs,
        title: str,
        columns: Sequence[Column],
        choices: Sequence[Choice],
        *,
        hint: str = "type to narrow; Enter chooses, Esc closes",
        toggle: Callable[[str], Sequence[Choice]] | None = None,
        others: Mapping[str, Callable[[str], Sequence[Choice] | None]] | None = None,
    ) -> None:
        super().__init__(glyphs, title)
        self.columns = tuple(columns)
        self.choices = tuple(choices)
        self.hint = hint
        self.toggle = toggle
        self.others = others or {}
        self.shown: list[Choice] = []

    def compose(self) -> ComposeResult:
        with self.box():
            yield self.headline((self.hint, "dim"))
            yield LineEdit(self.glyphs, id="narrow")
            choices = Grid(self.glyphs, id="choices", empty="Nothing matches.")
            choices.can_focus = False  # a click leaves the keys where they are
            yield choices
            if any(choice.about for choice in self.choices):
                yield Facts(self.glyphs, id="about")

    def when_composed(self) -> None:
        self.query_one(Grid).set_columns(self.columns)
        self.query_one(LineEdit).focus()
        self._narrow("")

    def _narrow(self, text: str) -> None:
        words = text.lower().split()
        ranked = [(_rank(choice, words), number, choice) for number, choice in enumerate(self.choices)]
        self.shown = [choice for rank, _, choice in sorted(ranked, key=lambda item: item[:2]) if rank < 9]
        lines = [Line(choice.cells, choice.tones, choice.id) for choice in self.shown]
        grid = self.query_one(Grid)
        known = [choice.id for choice in self.shown]
        current = grid.current_line.key if grid.current_line else None
        row = known.index(str(current)) if current in known and not words else 0
        grid.show(Lines(tuple(lines)), row=row)
        self._tell()

    @on(Grid.Moved)
    def _tell(self) -> None:
        """Below the list, the whole of what may be cut in it."""
        text = self.current.about if self.current else ""
        for about in self.query("#about").results(Facts):
            about.show([said(text)] if self.query_one(Grid).is_cut(text) else [])

    @property
    def current(self) -> Choice | None:
        row = self.query_one(Grid).row
        return self.shown[row] if row < len(self.shown) else None

    def on_resize(self) -> None:
        self.call_after_refresh(self._tell)

    @on(LineEdit.Changed)
    def _typed(self, message: LineEdit.Changed) -> None:
        self._narrow(message.value)

    @on(LineEdit.Submitted)
    @on(Grid.RowOpened)
    def _chosen(self) -> None:
        if self.current is None:
            return
        if self.toggle is None:
            self.close(self.current.id)
        else:
            self._renew(self.toggle(self.current.id))

    def _renew(self, choices: Sequence[Choice] | None) -> None:
        if choices is not None:
            self.choices = tuple(choices)
            self._narrow(self.query_one(LineEdit).value)

    @on(LineEdit.Pressed)
    def _pressed(self, message: LineEdit.Pressed) -> None:
        grid = self.query_one(Grid)
        if message.key == "escape":
            self.close(None)
        elif message.key in self.others and self.current is not None:
            self._renew(self.others[message.key](self.current.id))
        elif message.key in ("up", "shift+tab"):
            grid.move_rows(-1)
        elif message.key in ("down", "tab"):
            grid.move_rows(1)
        elif message.key in ("pagedown", "pageup"):
            grid.page(1 if message.key == "pagedown" else -1)

    def on_key(self, event: events.Key) -> None:
        """Keys that are no typing, for what else can be done with a choice."""
        if event.key in self.others and self.current is not None:
            event.stop()
            self._renew(self.others[event.key](self.current.id))


def _rank(choice: Choice, words: Sequence[str]) -> int:
    """How well a choice fits: 0 the best, 9 not at all."""
    if not words:
        return 1
    cells = [cell.lower().strip() for cell in choice.cells]
    text = " ".join(cells)
    if not all(word in text for word in words):
        return 9
    whole = " ".join(words)
    if whole in cells:
        return 0
    return 1 if any(cell.startswith(whole) for cell in cells[:2]) else 2


DONE = "Enter is done, Esc leaves it for later"


@dataclass(frozen=True, slots=True)
class Blank:
    """Something to fill in: a line, or with ``is_switch`` a yes (``value`` not empty) or no."""

    label: str
    value: str = ""
    is_switch: bool = False


class Prompt(Modal[tuple[str, ...]]):
    """Lines to fill in, and switches. Gives what is in each, or nothing; Enter goes on, and from the last line is done."""

    DEFAULT_CSS = """
    Prompt Switch { margin: 0 1; }
    Prompt .label { margin: 0; }
    """

    def __init__(
        self,
        glyphs: Glyphs,
        title: str,
        blanks: Sequence[Blank],
        *,
        hint: str = DONE,
        check: Callable[[str], str] = lambda _: "",
        highlight: Highlighter = plain,
        is_proposed: bool = False,
    ) -> None:
        """``check`` says what is wrong with the first line."""
        super().__init__(glyphs, title)
        self.hint = hint
        self.check = check
        lines = (
            Switch(glyphs, blank.label, is_on=bool(blank.value))
            if blank.is_switch
            else LineEdit(glyphs, value=blank.value, highlight=highlight, is_proposed=is_proposed)
            for blank in blanks
        )
        self._places: tuple[LineEdit | Switch, ...] = tuple(lines)
        self._labels = tuple("" if blank.is_switch else blank.label for blank in blanks)

    @property
    def values(self) -> tuple[str, ...]:
        """What is filled in, as far as it is."""
        return tuple(
            place.value if isinstance(place, LineEdit) else "yes" if place.is_on else "" for place in self._places
        )

    def compose(self) -> ComposeResult:
        with self.box():
            yield self.headline()
            for label, place in zip(self._labels, self._places, strict=True):
                if label:
                    line = OneLine(self.glyphs, classes="label")
                    line.left = ((f" {label}", "dim"),)
                    yield line
                yield place
            says = OneLine(self.glyphs, id="says")
            says.left = ((f" {self.hint}", "dim"),)
            yield says

    def when_composed(self) -> None:
        self._places[0].focus()

    @on(LineEdit.Submitted)
    def _submitted(self, message: LineEdit.Submitted) -> None:
        """From a line to the next one; from the last, done."""
        lines = [place for place in self._places if isinstance(place, LineEdit)]
        if message.edit is lines[-1]:
            self._done()
        elif not self._is_wrong():
            lines[lines.index(message.edit) + 1].focus()

    def _is_wrong(self) -> bool:
        """Say what is wrong with the first line; whether anything is."""
        wrong = self.check(self.values[0])
        if wrong:
            self.query_one("#says", OneLine).say([(f" {safe(wrong)}", "error")])
        return bool(wrong)

    def _done(self) -> None:
        if not self._is_wrong():
            self.close(self.values)

    @on(LineEdit.Pressed)
    def _pressed(self, message: LineEdit.Pressed) -> None:
        self._go(message.key)

    def _go(self, key: str) -> None:
        """Leave, or go to another line."""
        by = {"tab": 1, "down": 1, "shift+tab": -1, "up": -1}.get(key, 0)
        here = next((number for number, place in enumerate(self._places) if place.has_focus), 0)
        if key == "escape":
            self.close(None)
        elif by:
            self._places[(here + by) % len(self._places)].focus()

    def on_key(self, event: events.Key) -> None:
        """Keys of a switch."""
        if isinstance(self.focused, Switch):
            event.stop()
            self._done() if event.key == "enter" else self._go(event.key)


class Reader(Modal[None]):
    """A text to read, moved through with the keys of the table."""

    DEFAULT_CSS = """
    Reader > Vertical { height: 90%; }
    """

    _PAGES: ClassVar[dict[str, float]] = {"page_down": 1, "page_up": -1, "half_down": 0.5, "half_up": -0.5}

    def __init__(self, glyphs: Glyphs, title: str, facts: Sequence[Fact], actions: Sequence[Action]) -> None:
        super().__init__(glyphs, title)
        self.facts = tuple(facts)
        self.actions = actions
        self.keys = {key: action for action in actions for key in action.keys}

    def compose(self) -> ComposeResult:
        with self.box():
            yield self.headline((self.glyphs.clean(with_keys("{back} closes", self.actions)), "dim"))
            yield Facts(self.glyphs)

    def when_composed(self) -> None:
        facts = self.query_one(Facts)
        facts.show(self.facts)
        facts.focus()

    def on_key(self, event: events.Key) -> None:
        action = next((self.keys[name] for name in event.aliases if name in self.keys), None)
        if action is None:
            return
        event.stop()
        facts = self.query_one(Facts)
        if action.id in ("back", "quit", "help", "detail"):
            self.close(None)
        elif action.id in ("move_down", "move_up"):
            facts.move_rows(1 if action.id == "move_down" else -1)
        elif action.id in self._PAGES:
            facts.page(self._PAGES[action.id])
        elif action.id in ("top", "end"):
            facts.go(0 if action.id == "top" else len(facts.facts))
