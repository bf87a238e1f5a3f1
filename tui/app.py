"""The explorer as a Textual application."""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import Callable
from contextlib import nullcontext, suppress

# Textual reads these when it is imported. One frame a key on any link; and soon: after a frame, the next one waits for
# up to two periods of this rate.
os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
os.environ.setdefault("TEXTUAL_FPS", "250")

from typing import ClassVar

from rich.console import RenderableType
from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.message import Message
from textual.timer import Timer

from tui.glyphs import ASCII, UNICODE
from tui.keymap import STEPS, remapped
from tui.model.options import Options
from tui.screens.main.screen import MainScreen
from tui.terminal.driver import differential_driver
from tui.terminal.painted import Painted
from tui.terminal.priorities import keys_first
from tui.terminal.shutdown import exit_within_grace
from tui.terminal.signals import woken_by_signals
from tui.terminal.standard_error import standard_error_off_screen
from tui.themes import THEMES

_HANDLING = 5.0
"""Seconds that a key is waited for at most before the next one is taken."""
_RESIZED = 0.1
"""Seconds after a change of size until no other is expected."""
_HELD = 0.25
"""Seconds after a frame until the next one, while steps wait that came together, as after a stalled link."""
_ROUNDS = 3
"""A key becomes a message of the widget, that a result of the screen, that a command of the screen below."""


class Explorer(App[None], inherit_bindings=False):
    """Opens the log set of the options and shows it."""

    TITLE = "dropline"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+z", "suspend_process", show=False, priority=True)]
    """All keys but one are in the key table: ^Z is the terminal's, and does here what it does elsewhere."""
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, options: Options) -> None:
        self.painted = Painted()
        self._resizing: Timer | None = None
        self._waiting: deque[Message] = deque()
        self._held_since = 0.0
        no_color = os.environ.get("NO_COLOR") is not None
        super().__init__(ansi_color=True if no_color else None)
        self.options = options
        self.leaving: Callable[[], object] = lambda: None
        self.glyphs = ASCII if options.ascii else UNICODE
        self.actions = remapped(options.keys)
        self._steps = frozenset(key for action in self.actions if action.id in STEPS for key in action.keys)
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = "terminal" if no_color else options.theme or "dark"

    def on_mount(self) -> None:
        self.app_resume_signal.subscribe(self, lambda _: self.action_repaint())

    def get_driver_class(self) -> type[Driver]:
        return differential_driver(super().get_driver_class(), self.painted)

    def on_resize(self) -> None:
        """Repaint once the size stays, also where it is the old one: the terminal has moved or cut what it showed."""
        if self.painted.is_blank:
            return
        self.painted.forget()
        if self._resizing is not None:
            self._resizing.stop()
        self._resizing = self.set_timer(_RESIZED, self.action_repaint)

    def action_repaint(self) -> None:
        """Repaint everything, also what the terminal should show already."""
        self.painted.forget()
        self.refresh(layout=True)

    def post_message(self, message: Message) -> bool:
        """Also knows which keys wait; one that another thread posts comes by twice."""
        is_new_key = isinstance(message, events.Key) and not message.is_forwarded
        if is_new_key and not (self._waiting and self._waiting[-1] is message):
            self._waiting.append(message)
        return super().post_message(message)

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Leave. What the program still waits for then, such as a share, holds up the end for a few seconds at most."""
        self.leaving()
        super().exit(result, return_code, message)

    async def on_event(self, event: events.Event) -> None:
        """Take one key after the other: keys that arrive together mean what they mean one by one.

        Textual hands every key to what has the focus when it arrives, even if the key before is about to move it.
        Steps of the cursor that wait for each other are painted together.
        """
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
            return
        while self._waiting and self._waiting.popleft() is not event:
            pass
        with self.batch_update() if self._is_passing(event) else nullcontext():
            await super().on_event(event)
            with suppress(TimeoutError):
                async with asyncio.timeout(_HANDLING):
                    for _ in range(_ROUNDS):
                        await self._handled()

    def _is_passing(self, key: events.Key) -> bool:
        """Whether what a key leads to need not be seen: a step, with the next one waiting."""
        following = self._waiting[0] if self._waiting else None
        is_passing = isinstance(following, events.Key) and {key.key, following.key} <= self._steps
        if is_passing and time.monotonic() - self._held_since < _HELD:
            return True
        self._held_since = time.monotonic()
        return False

    async def _handled(self) -> None:
        """Until everything is handled that was posted to what has the focus and, hop by hop, to what is around it."""
        for node in (self.focused or self.screen).ancestors_with_self:
            done = asyncio.Event()
            if node is not self and node.call_later(done.set):
                await done.wait()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return THEMES["dark"].variables

    def get_default_screen(self) -> MainScreen:
        return MainScreen(self.options, self.glyphs, self.actions)


def run(options: Options) -> int:
    """Run the explorer until the user leaves; the exit status."""
    explorer = Explorer(options)

    async def explore() -> None:
        async with woken_by_signals():
            await explorer.run_async(mouse=options.mouse)

    # Leaving within the grace is inside: a terminal that takes nothing any more must not hold up the flush at the end.
    with standard_error_off_screen(), exit_within_grace() as explorer.leaving, keys_first():
        asyncio.run(explore())
    return explorer.return_code or 0
