"""What a timeline shows: the rows around one row, and how they belong together."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from parsing.knowledge import field_of
from tui.model.entry import Entry
from tui.model.question import Span

if TYPE_CHECKING:
    from parsing.correlation import Correlated, Event
    from parsing.filters import Filter


_MARGIN = timedelta(minutes=2)
"""How far beyond the end of the window requests are searched: one that began in the window may end after it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A timeline that is wanted: around an entry, by one of its values; ``window`` is chosen by the engine at first."""

    entry: Entry
    kind: str
    window: Span | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known around a focus: the events of ``loaded``, of which ``window`` is shown, and the error asked about.

    ``left_out`` rows of ``loaded`` were too many. A scene that is not whole knows no links yet. ``note`` says which rows
    and links are shown, ``lacks_port`` that no IIS log has the client's port.
    """

    asked: Asked
    title: str
    where: Filter
    window: Span
    loaded: Span
    events: tuple[Event, ...]
    left_out: int = 0
    error: Correlated | None = None
    is_whole: bool = True
    note: str = ""
    lacks_port: bool = False

    @property
    def needs_more(self) -> bool:
        """Whether the window holds rows that are not here."""
        is_inside = self.loaded[0] <= self.window[0] and self.window[1] <= self.loaded[1]
        return not is_inside or (bool(self.left_out) and self.window != self.loaded)

    @property
    def key(self) -> tuple[str, int]:
        """The row it is about."""
        return self.asked.entry.key

    def part(self, moment: datetime) -> float:
        """A moment as a part of the window."""
        return (moment - self.window[0]) / (self.window[1] - self.window[0])

    def moved_to(self, window: Span) -> Scene:
        return replace(self, window=window)

    def without(self, names: Container[str]) -> Scene:
        """The scene without the rows of some files, and without what tied others to them."""
        events = tuple(
            replace(event, links=tuple(link for link in event.links if link.source not in names))
            for event in self.events
            if event.source not in names
        )
        error = self.error and replace(
            self.error, related=tuple(request for request in self.error.related if request.source not in names)
        )
        return replace(self, events=events, error=error)


def wanted_span(window: Span) -> Span:
    """What to load for a window, so that it can be moved a little without asking again."""
    reach = (window[1] - window[0]) / 2
    return window[0] - reach, window[1] + max(reach, _MARGIN)


def entry_of(event: Event) -> Entry:
    """An event as the entry that it is."""
    return Entry(
        event.log,
        event.source,
        event.line,
        event.end,
        {field_of(name).name: value for name, value in event.values.items()},
    )


def path_of(event: Event) -> str:
    return str(event.values.get("uri") or "").partition("?")[0]
