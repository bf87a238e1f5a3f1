"""One event of a Windows event log, whatever file it was read from, and what went missing on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

LONGEST_VALUE = 2_000
"""Characters of one value of an event that are kept: a stack trace may be long, and what names its cause stands first."""

MOST_VALUES = 40
"""Values of one event that are kept; no event of the table has half as many."""


@dataclass(frozen=True, slots=True)
class WindowsEvent:
    """``time`` is UTC without zone. ``values`` are the event's data by name; unnamed ones are called ``0``, ``1``, and so on.

    ``binary`` is the event's binary data as hexadecimal digits; ``line`` is its line in a file of text, else its record number.
    """

    provider: str
    id: int
    time: datetime
    level: int
    channel: str
    computer: str
    values: Mapping[str, str]
    binary: str
    line: int


@dataclass(slots=True)
class ReadingLosses:
    """What a file of evidence has that could not be read: ``events`` that are broken, and sentences on all else."""

    events: int = 0
    left_out: int = 0
    sentences: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.events or self.sentences)


def put_value(values: dict[str, str], name: str, text: str) -> None:
    """Add a value to those of an event, cut to what is kept of one; the first of a name counts, and so many at most."""
    if len(values) < MOST_VALUES:
        values.setdefault(name or str(len(values)), text[:LONGEST_VALUE])


def event_time(text: str) -> datetime | None:
    """A time as events write it: ``2017-06-15T14:27:10.517096100Z``, UTC whether or not it says so; to the microsecond."""
    whole, _, fraction = text.strip().removesuffix("Z").removesuffix("+00:00").partition(".")
    try:
        moment = datetime.fromisoformat(whole.replace(" ", "T"))
    except ValueError:
        return None
    if moment.tzinfo is not None:
        return None
    digits = fraction[:6].ljust(6, "0")
    return moment.replace(microsecond=int(digits)) if digits.isdecimal() and digits.isascii() else moment


def whole_number(text: str, least: int = 0, most: int = 2**63 - 1) -> int | None:
    """A decimal number, or with ``0x`` a hexadecimal one; ``None`` for anything else, and outside of its bounds."""
    text = text.strip()
    if len(text) > 20 or not text.isascii():
        return None
    try:
        number = int(text, 16) if text[:2].lower() == "0x" else int(text)
    except ValueError:
        return None
    return number if least <= number <= most else None
