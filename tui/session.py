"""What the explorer remembers of a log set by itself: the question, the place, marks with notes, earlier filters."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import platformdirs

from parsing.files import whole_file
from parsing.filters import YEARS

VERSION = 1
MOST_BYTES = 4_000_000
MOST_FILTERS = 200


@dataclass(frozen=True, slots=True)
class Place:
    """A row, by its source and line; ``time`` finds its neighbourhood when the row is gone."""

    source: str
    line: int
    time: datetime


@dataclass(frozen=True, slots=True)
class Mark:
    """A row that the user marked, with a note that may be empty."""

    source: str
    line: int
    time: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """The state of one log set when it was last left. Times are UTC without zone."""

    filter: str = ""
    log: str = ""
    span: tuple[datetime, datetime] | None = None
    view: str = "entries"
    columns: tuple[str, ...] = ()
    sort: str = ""
    by: tuple[str, ...] = ("reason",)
    order: str = "-count"
    place: Place | None = None
    marks: tuple[Mark, ...] = ()
    filters: tuple[str, ...] = ()


def session_file(paths: Iterable[str], folder: Path | None = None) -> Path:
    """Where the session of the log set of these arguments is kept; ``-`` has none of its own and shares one."""
    known = sorted(path if path == "-" else str(Path(path).absolute()) for path in paths)
    digest = hashlib.sha256("\0".join(known).encode("utf-8", "surrogatepass")).hexdigest()[:24]
    base = folder or platformdirs.user_state_path("dropline", appauthor=False)
    return base / "sessions" / f"{digest}.json"


def load_session(path: Path) -> Session | None:
    """The session that was saved, or ``None`` where there is none that can be read: nothing depends on it."""
    try:
        with path.open("rb") as file:
            table = json.loads(file.read(MOST_BYTES))
        return _session(table)
    except (OSError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError):
        return None


def save_session(path: Path, session: Session) -> None:
    """Write the session whole or not at all. Raises ``OSError`` or ``LogError`` where it cannot be."""
    table = asdict(session) | {"version": VERSION, "filters": list(session.filters[-MOST_FILTERS:])}
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path, mode=0o600) as file:
        file.write(json.dumps(table, default=datetime.isoformat, indent=1).encode())


def _session(table: dict[str, Any]) -> Session:
    if table["version"] != VERSION:
        raise ValueError
    span, place = table["span"], table["place"]
    if span and not _moment(span[0]) <= _moment(span[1]):
        raise ValueError
    return Session(
        filter=_text(table["filter"]),
        log=_text(table["log"]),
        span=(_moment(span[0]), _moment(span[1])) if span else None,
        view=_text(table["view"]),
        columns=_texts(table["columns"]),
        sort=_text(table["sort"]),
        by=_texts(table["by"]),
        order=_text(table["order"]),
        place=Place(_text(place["source"]), _number(place["line"]), _moment(place["time"])) if place else None,
        marks=tuple(
            Mark(_text(mark["source"]), _number(mark["line"]), _moment(mark["time"]), _text(mark["note"]))
            for mark in table["marks"]
        ),
        filters=_texts(table["filters"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(values: Sequence[object]) -> tuple[str, ...]:
    return tuple(_text(value) for value in values)


def _number(value: object) -> int:
    if not isinstance(value, int) or not 0 < value < 1 << 63:
        raise ValueError
    return value


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is not None or moment.year not in YEARS:
        raise ValueError
    return moment
