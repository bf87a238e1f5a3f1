"""The correlated picture of many errors: what the other log knows of them, as facts beside their reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from parsing.safe_text import safe
from tui.widgets.facts import Fact, said
from tui.wording import counted, duration, elapsed, ended_by

if TYPE_CHECKING:
    from parsing.correlation.client_gone import ClientsGone

_MOST_PATHS = 4
SLOW = 10_000
"""Milliseconds from which a request is slow."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What correlation finds of many errors. ``slow`` of them asked for a path that is often slow.

    ``gone`` is the story of their paths, where they are drops: the most frequent first.
    """

    errors: int = 0
    same: int = 0
    same_connection: int = 0
    retried: int = 0
    slow: int = 0
    swept: int = 0
    ended_by: tuple[tuple[str, int], ...] = ()
    waits: tuple[float, ...] = ()
    gone: tuple[ClientsGone, ...] = ()
    is_whole: bool = False


def picture_facts(picture: Picture | None) -> list[Fact]:
    """What the other log knows of the errors of a reason."""
    if picture is None:
        return [Fact("correlated", (("correlating these errors with the IIS log", "dim"),))]
    text = f"{picture.same:,} have their own request in the IIS log, {picture.retried:,} a retry"
    text += f", {picture.slow:,} a slow path behind them"
    head = counted(picture.errors, "error") + ("" if picture.is_whole else " so far")
    facts = [Fact("correlated", ((f"{head}: ", "strong"), (text, "plain")))]
    who = ", ".join(f"{ended_by(name)} {number:,}" for name, number in picture.ended_by)
    more = [
        ("of these, by", who),
        ("", f"{picture.same_connection:,} have other requests of their connection there"),
        ("", f"{picture.swept:,} were written together with others of one sweep: each sweep is one event"),
    ]
    numbers = (len(picture.ended_by) > 1, picture.same_connection, picture.swept)
    facts += [Fact(label, ((text, "plain"),)) for (label, text), number in zip(more, numbers, strict=True) if number]
    if picture.waits:
        middle, high = (sorted(picture.waits)[int(len(picture.waits) * part)] for part in (0.5, 0.9))
        facts.append(_waited(middle, high))
    facts += _gone_facts(picture)
    if picture.slow:
        seconds = SLOW // 1000
        facts.append(said(f"A path is slow where one request in 20 takes {seconds} s or more.", "dim"))
    return facts


def _waited(middle: float, high: float) -> Fact:
    """How long the errors took that half of them, and one in ten, exceed; in seconds."""
    if not high:
        return Fact("waited", (("not at all: each row was written where it began", "plain"),))
    half, tenth = (elapsed(timedelta(seconds=seconds)) for seconds in (middle, high))
    text = f"half of them {half}, one in ten {tenth} or more"
    return Fact("waited", ((text, "plain"), ("  from where it began to the row", "dim")))


def _gone_facts(picture: Picture) -> Iterator[Fact]:
    """Path by path: what clients left, and what became of it."""
    label = "clients gone"
    for path in picture.gone[:_MOST_PATHS]:
        ended, late = path.in_time + path.broken_writes, path.outlived + path.list_full
        told = f"  clients left {counted(path.left, 'request')}: {ended:,} ended in time, {late:,} did not"
        if path.median_taken is not None and path.longest_taken is not None:
            told += f"; they took {duration(path.median_taken)} (half), at most {duration(path.longest_taken)}"
        if not path.left:
            told = ""
        if path.closed_by_application:
            told += f"  {path.closed_by_application:,} far sooner than any time-out explains: the application closes"
        if path.broken_writes:
            told += f"; 500.19 with 64 {counted(path.broken_writes, 'time')} is a write to a dead connection"
        yield Fact(label, ((safe(path.path), "strong"), (told, "plain")))
        label = ""
    if len(picture.gone) > _MOST_PATHS:
        yield said(
            f"{counted(len(picture.gone) - _MOST_PATHS, 'more path')}: dropline client-gone tells of all.", "dim"
        )
