"""Threads that work for a screen and post what they find."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from textual.message import Message
from textual.worker import Worker, get_current_worker

from parsing.errors import CancelledError, LogError
from tui.jobs import engine
from tui.screens.messages import Failed
from tui.terminal.priorities import lower_own_priority

if TYPE_CHECKING:
    from textual.screen import Screen

ASKING = "asking"


class Workers:
    """Starts workers for a screen. A newer one of the same group cancels the older, which looks up between segments."""

    def __init__(self, screen: Screen[None]) -> None:
        self.screen = screen

    def _start(self, group: str, what: str, work: Callable[[engine.Cancelled], object]) -> Worker[None]:
        return self.screen.run_worker(
            partial(self._guarded, what, work), name=what, group=group, exclusive=True, thread=True, exit_on_error=False
        )

    def _guarded(self, what: str, work: Callable[[engine.Cancelled], object]) -> None:
        worker = get_current_worker()
        lower_own_priority()
        try:
            work(lambda: worker.is_cancelled)
        except CancelledError:
            pass
        except LogError as error:
            self._post(Failed(what, error, worker.group))

    def _post(self, message: Message) -> bool:
        """Tell the screen, unless this worker is no longer wanted; whether it was told."""
        return not get_current_worker().is_cancelled and self.screen.post_message(message)

    def cancel(self, group: str = ASKING) -> bool:
        """Stop what is being computed; whether there was anything."""
        return bool(self.screen.workers.cancel_group(self.screen, group))


def do_all(parts: Iterable[Callable[[], object]]) -> None:
    """Do every part, also after one that cannot be done; then raise the ``LogError`` of the first of those."""
    failures = []
    for part in parts:
        try:
            part()
        except CancelledError:
            raise
        except LogError as error:
            failures.append(error)
    if failures:
        raise failures[0]
