"""Incidents kept in the folder of the index, so that what is known of unchanged logs is there at once."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import msgspec
import xxhash

from parsing.errors import LogError
from parsing.files import whole_file
from parsing.filters import EVERYTHING, Filter
from parsing.incidents.incident import Incident
from parsing.index.snapshot import Snapshot

NAME = "incidents.json"
_VERSION = 2
"""Raised when other incidents would be found in the same rows."""
_MOST_BYTES = 32 << 20


class KeptIncidents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``rows`` is a digest of the rows and of the names of files in which these were found."""

    version: int
    rows: str
    incidents: tuple[Incident, ...]


def load(snapshot: Snapshot, where: Filter) -> tuple[Incident, ...] | None:
    """What was found in just these rows, be it by another process; ``None`` where that is not known."""
    path = _path(snapshot, where)
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            mark, _, text = file.read(_MOST_BYTES).partition(b"\n")
        if mark != _mark(text):
            return None
        kept = msgspec.json.decode(text, type=KeptIncidents)
    except (OSError, msgspec.DecodeError):
        return None
    return kept.incidents if (kept.version, kept.rows) == (_VERSION, _digest(snapshot)) else None


def keep(snapshot: Snapshot, where: Filter, incidents: Sequence[Incident]) -> None:
    """Keep what was found; where the folder cannot be written, it is found again the next time."""
    path = _path(snapshot, where)
    if path is None:
        return
    text = msgspec.json.encode(KeptIncidents(_VERSION, _digest(snapshot), tuple(incidents)))
    try:
        with whole_file(path) as out:
            out.write(_mark(text) + b"\n" + text)
    except LogError:
        return


def _path(snapshot: Snapshot, where: Filter) -> Path | None:
    """Of a set that is read and stored as a whole, and asked for all of it: other questions are asked too rarely."""
    is_stored = bool(snapshot.segments) and all(segment.digest for segment in snapshot.segments)
    if where != EVERYTHING or not is_stored or not snapshot.progress.is_whole:
        return None
    return snapshot.segments[0].path.parent / NAME


def _mark(text: bytes) -> bytes:
    """The first line of the file: a digest of the others, so that what is damaged is not shown."""
    return xxhash.xxh3_128_hexdigest(text).encode()


def _digest(snapshot: Snapshot) -> str:
    parts = sorted(segment.digest for segment in snapshot.segments)
    parts += [f"{part.digest}" for part in snapshot.evidence]
    parts += [str(name) for name in snapshot.source_names]
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
