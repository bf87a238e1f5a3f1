"""Archives inside of archives, as support bundles have them: unpacked to a temporary file for this run, in bounds.

The member of an archive in an archive is called by both names with ``INSIDE`` between them, a character that no name in a zip
archive can have.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from parsing.errors import CancelledError, SourceError
from parsing.sources.archive import Member
from parsing.sources.spool import temporary_folder

INSIDE = "\0"
DEEPEST = 3
"""Archives inside of archives inside of the archive that was named."""
LARGEST = 2 << 30
"""Bytes of one archive inside of another."""
LARGEST_IN_ALL = 4 << 30
"""Bytes of all of them together that one run unpacks."""

_CHUNK = 1 << 20
_TOO_LARGE = f"is an archive of more than {LARGEST >> 30} GB inside of another; unpack the outer one first"
_TOO_MUCH = f"the archives inside of others take more than {LARGEST_IN_ALL >> 30} GB; unpack the outer one first"

_Place = tuple[str, int, int, str]
_unpacked: dict[_Place, Path] = {}
_lock = threading.Lock()
_sizes: list[int] = []


def open_member(path: Path, member: str) -> Member:
    """A member of an archive, or of an archive in it; raises as ``Member`` does, and ``SourceError`` beyond the bounds."""
    return Member(*innermost(path, member))


def innermost(path: Path, member: str) -> tuple[Path, str]:
    """The archive that a member is in at last, which may be a temporary file, and its name there."""
    for _ in range(DEEPEST + 1):
        outer, inside, rest = member.partition(INSIDE)
        if not inside:
            return path, member
        path, member = unpacked_archive(path, outer), rest
    raise SourceError(f"is inside of more than {DEEPEST} archives")


def unpacked_archive(path: Path, member: str, cancelled: Callable[[], bool] = lambda: False) -> Path:
    """A temporary file with an archive that is a member of another; unpacked once in a run.

    Raises ``SourceError`` where it is damaged or beyond the bounds, ``CancelledError`` once ``cancelled()`` is true.
    """
    status = path.stat()
    place = os.fspath(path), status.st_size, status.st_mtime_ns, member
    with _lock:
        known = _unpacked.get(place)
        if known is not None and known.exists():
            return known
        with closing(Member(path, member)) as packed:
            if packed.whole > LARGEST:
                raise SourceError(_TOO_LARGE)
            found = _written(packed, cancelled)
        _unpacked[place] = found
        return found


def _written(packed: Member, cancelled: Callable[[], bool]) -> Path:
    number, name = tempfile.mkstemp(dir=temporary_folder(), suffix=".zip")
    target = Path(name)
    size = 0
    try:
        with os.fdopen(number, "wb") as file:
            while data := packed.read(_CHUNK):
                size += len(data)
                if size > LARGEST:
                    raise SourceError(_TOO_LARGE)
                if sum(_sizes) + size > LARGEST_IN_ALL:
                    raise SourceError(_TOO_MUCH)
                if cancelled():
                    raise CancelledError
                file.write(data)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    _sizes.append(size)
    return target
