"""The correlated picture of many errors: what the other log knows of them, as facts beside their reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tui.widgets.facts import Fact, said
from tui.wording import counted, elapsed, ended_by

SLOW = 10_000
"""Milliseconds from which a request is slow."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What correlation finds of many errors. ``slow`` of them asked for a path that is often slow."""

    errors: int = 0
    same: int = 0
    same_connection: int = 0
    retried: int = 0
    slow: int = 0
    swept: int = 0
    ended_by: tuple[tuple[str, int], ...] = ()
    waits: tuple[float, ...] = ()
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
        half, tenth = (elapsed(timedelta(seconds=seconds)) for seconds in (middle, high))
        waited = f"half of them {half}, one in ten {tenth} or more"
        facts.append(Fact("waited", ((waited, "plain"), ("  from where it began to the row", "dim"))))
    if picture.slow:
        seconds = SLOW // 1000
        facts.append(said(f"A path is slow where one request in 20 takes {seconds} s or more.", "dim"))
    return facts
