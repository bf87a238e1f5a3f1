"""What the screen says to the user: a sentence in place of the footer, and dialogs over the views."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from rich.cells import cell_len
from textual.app import App
from textual.geometry import Size

from parsing.errors import LogError
from parsing.safe_text import safe
from tui.dialogs import DONE, Blank, Modal, Prompt, Reader
from tui.model.exploration import Exploration
from tui.model.fact import Fact, said
from tui.widgets.toned import OneLine
from tui.wording import failure, mistake

Result = TypeVar("Result")

READ_AFTER = 1.0
"""Seconds in which a sentence is read: steps of the cursor, as of a held key, leave it until then."""


class HasFooter(Protocol):
    """The screen over which dialogs open."""

    @property
    def state(self) -> Exploration: ...

    @property
    def size(self) -> Size: ...

    @property
    def app(self) -> App[object]: ...

    def line(self, id_: str) -> OneLine: ...

    def show_keys(self) -> None: ...

    def call_next(self, callback: Callable[..., object], *args: object) -> None: ...


class Speaking:
    """Says sentences, and opens dialogs. Log text in what is said must be safe."""

    def __init__(self, screen: HasFooter) -> None:
        self._screen = screen
        self.said = ""
        """The sentence in place of the footer; empty while that shows keys."""
        self._said_at = 0.0
        self._drafts: dict[str, tuple[str, ...]] = {}
        """What was typed into a dialog that Esc closed, by its title."""

    def say(self, text: str, tone: str = "accent") -> None:
        """One line for the user, in place of the footer until the next key; of a step, the next after it is read."""
        self.said, self._said_at = text, time.monotonic()
        self._screen.line("footer").say([(f" {text}", tone)])

    @property
    def is_read(self) -> bool:
        return time.monotonic() - self._said_at >= READ_AFTER

    def take_back(self, text: str) -> None:
        """A sentence is no longer true; another that was said since stays."""
        if text and self.said == text:
            self._screen.show_keys()

    def fail(self, what: str, error: LogError) -> None:
        """Say why something cannot be done; over the screen where the line below has no room for all of it."""
        text = failure(what, mistake(error))
        if cell_len(text) < self._screen.size.width:
            self.say(text, "error")
        else:
            self.read_failure(what, error)

    def read_failure(self, what: str, error: LogError, *remarks: str) -> None:
        """Why something cannot be done, a line each: what is wrong, where, and what to do."""
        reason, *rest = (safe(line) for line in (error.reason, error.where, error.hint) if line)
        facts = [said(reason, "error"), *map(said, rest)]
        facts += [fact for remark in remarks for fact in (said(""), said(remark))]
        self.read(f"{what[:1].upper()}{what[1:]}", facts)

    def push(self, dialog: Modal[Result], done: Callable[[Result | None], object]) -> None:
        """Open a dialog. Its result comes to the screen below, which is there from whichever dialog this was asked."""
        dialog.tell = lambda result: self._screen.call_next(done, result)
        self._screen.app.push_screen(dialog)

    def read(self, title: str, facts: Sequence[Fact]) -> None:
        """A text to read, over the screen."""
        state = self._screen.state
        self._screen.app.push_screen(Reader(state.glyphs, title, facts, state.actions))

    def ask_line(
        self,
        title: str,
        done: Callable[[str | None], None],
        *,
        value: str = "",
        hint: str = DONE,
        check: Callable[[str], str] = lambda _: "",
        is_kept: bool = False,
    ) -> None:
        """Let a line be filled in. What Esc leaves is there again when the same line is asked for.

        A value is proposed: typing replaces it, unless ``is_kept`` says that one goes on with it.
        """

        def closed(values: Sequence[str] | None) -> None:
            done(None if values is None else values[0])

        self.ask_lines(title, [Blank("", value)], closed, hint=hint, check=check, is_kept=is_kept)

    def ask_lines(
        self,
        title: str,
        blanks: Sequence[Blank],
        done: Callable[[Sequence[str] | None], None],
        *,
        hint: str = DONE,
        check: Callable[[str], str] = lambda _: "",
        is_kept: bool = False,
    ) -> None:
        """Let lines and switches be filled in, with what Esc left of them; ``check`` says what is wrong with the first."""
        proposed = tuple(blank.value for blank in blanks)

        def closed(values: tuple[str, ...] | None) -> None:
            if values is None and prompt.values != proposed:
                self._drafts[title] = prompt.values
            else:
                self._drafts.pop(title, None)
            done(values)

        draft = self._drafts.get(title)
        kept = [replace(blank, value=value) for blank, value in zip(blanks, draft or proposed, strict=True)]
        is_proposed = draft is None and not is_kept
        prompt = Prompt(self._screen.state.glyphs, title, kept, hint=hint, check=check, is_proposed=is_proposed)
        self.push(prompt, closed)
