"""The correlated picture of many errors: what the other log knows of them, as facts about their reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from parsing.safe_text import safe
from parsing.wording import counted, duration, elapsed
from tui.jobs.correlation import SLOW, Picture
from tui.model.fact import Fact, said
from tui.wording import ended_by

if TYPE_CHECKING:
    from tui.model.entry import Notation

_MOST_PATHS = 4


def picture_facts(picture: Picture | None, notation: Notation, *, is_growing: bool = False) -> list[Fact]:
    """What the other log knows of the errors of a reason; each figure has its place, also while it is not known.

    While the logs grow, a picture may be of what there was a moment ago, and more is to come.
    """
    known = picture or Picture()
    state = "" if known.is_whole and not is_growing else " so far" if picture else ": being correlated"
    figures = [
        ("correlated", known.errors, f"errors{state}"),
        ("own request", known.same, "in the IIS log"),
        ("retried", known.retried, "by the same client"),
        ("slow path", known.slow, f"with p95 {duration(SLOW)} or more"),
        ("in sweeps", known.swept, "closed together: each sweep is one event"),
    ]
    if known.same_connection:
        figures.append(("connection", known.same_connection, "has other requests there"))
    waiting = notation.glyphs.ellipsis
    facts = [
        Fact(label, ((f"{f'{number:,}' if picture else waiting:>7}", "plain"), (f" {text}", "dim")))
        for label, number, text in figures
    ]
    if known.waits or not known.is_whole:
        facts.append(Fact("began", ((_began(known.waits, waiting), "plain"),)))
    who = ", ".join(f"{ended_by(name)} {number:,}" for name, number in known.ended_by) or waiting
    return [Fact("ended by", ((who, "plain"), (state, "dim"))), *facts, *_gone_facts(known)]


def _began(waits: tuple[float, ...], waiting: str) -> str:
    """How long before its row an error began: the median, and what 10 % of them exceed."""
    half = tenth = waiting
    if waits:
        middle, high = (sorted(waits)[int(len(waits) * part)] for part in (0.5, 0.9))
        if not high:
            return "with the row: each was written where it began"
        half, tenth = elapsed(timedelta(seconds=middle)), elapsed(timedelta(seconds=high))
    return f"median {half:>9} before the row, 10 % {tenth:>9} or more"


def _gone_facts(picture: Picture) -> Iterator[Fact]:
    """Path by path: what clients left, and what became of it."""
    label = "clients gone"
    for path in picture.gone[:_MOST_PATHS]:
        ended, late = path.in_time + path.broken_writes, path.outlived + path.list_full
        text = f"  clients left {counted(path.left, 'request')}: {ended:,} finished in time, {late:,} did not"
        if path.median_taken is not None and path.longest_taken is not None:
            text += f"; median {duration(path.median_taken)}, longest {duration(path.longest_taken)}"
        if not path.left:
            text = ""
        if path.closed_by_application:
            text += f"  {path.closed_by_application:,} far sooner than any time-out explains: the application closes"
        if path.broken_writes:
            text += f"; 500.19 with 64 {counted(path.broken_writes, 'time')} is a write to a dead connection"
        yield Fact(label, ((safe(path.path), "strong"), (text, "plain")))
        label = " "
    if len(picture.gone) > _MOST_PATHS:
        yield said(
            f"{counted(len(picture.gone) - _MOST_PATHS, 'more path')}: dropline client-gone lists them all.", "dim"
        )
