"""Noticing cheaply that a log set has changed on disk, so that live follow costs next to nothing while nothing does.

It polls, although libraries for the notices of the system exist: these say nothing of what others write on a share, where logs
are often read.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from enum import Enum, auto
from pathlib import Path

from parsing.index.reading.plan import Stamp, stamp_of
from parsing.sources.discovery import SourceFile, is_pipe

LOOKED_AT = 500
"""Files checked each time: this many of those written last, and as many of the others in rotation."""

SECONDS_BETWEEN_DISCOVERIES = 10.0
"""The longest time until a new file is found in a folder whose own time of change does not show it."""


class Seen(Enum):
    """What has changed in a log set: folders, so that files have to be found again; known files only; or nothing."""

    NOTHING = auto()
    FILES = auto()
    FOLDERS = auto()


class Watch:
    """Remembers what files and folders looked like. For one thread."""

    def __init__(self, paths: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._arguments = [Path(path) for path in paths if not is_pipe(path)]
        self._clock = clock
        self.stamps: dict[Path, Stamp] = {}
        """What the files of the set looked like."""
        self._changed: list[Path] = []
        self._folders: dict[Path, Stamp] = {}
        self._order: list[Path] = []
        self._turn = 0
        self._discovered_at = -SECONDS_BETWEEN_DISCOVERIES

    def remember(self, files: Iterable[SourceFile]) -> None:
        """These are the files of the set, and this is how they look now."""
        self.stamps = {file.path: stamp_of(file.path) for file in files if not file.is_temporary}
        folders = {path.parent for path in self.stamps} | {folder for path in self._arguments for folder in _near(path)}
        self._folders = {folder: stamp_of(folder) for folder in folders}
        self._order = sorted(self.stamps, key=lambda path: self.stamps[path][1:2], reverse=True)
        self._turn = 0
        self._changed = []
        self._discovered_at = self._clock()

    def remember_changed(self) -> None:
        """The files that the last look found changed are known now as they are; of thousands, most stay as they were."""
        self.stamps.update({path: stamp_of(path) for path in self._changed})
        changed = set(self._changed)
        self._order = [*self._changed, *(path for path in self._order if path not in changed)]

    def forget(self) -> None:
        """What was found was not read after all: the next check finds it again."""
        self._discovered_at = self._clock() - SECONDS_BETWEEN_DISCOVERIES

    def seen(self) -> Seen:
        """What has changed since ``remember``."""
        if self._clock() - self._discovered_at >= SECONDS_BETWEEN_DISCOVERIES:
            return Seen.FOLDERS
        if any(stamp_of(folder) != stamp for folder, stamp in self._folders.items()):
            return Seen.FOLDERS
        self._changed = [path for path in self._next() if stamp_of(path) != self.stamps[path]]
        if not all(stamp_of(path) for path in self._changed):
            return Seen.FOLDERS
        return Seen.FILES if self._changed else Seen.NOTHING

    def _next(self) -> list[Path]:
        newest, others = self._order[:LOOKED_AT], self._order[LOOKED_AT:]
        if not others:
            return newest
        self._turn = self._turn % len(others)
        turn = others[self._turn : self._turn + LOOKED_AT]
        self._turn += LOOKED_AT
        return newest + turn


def _near(path: Path) -> tuple[Path, ...]:
    """Folders in which a change may concern an argument: a folder itself, else the one above a file or glob."""
    return (path,) if os.path.isdir(path) else (path.parent,)  # noqa: PTH112 - that of a Path raises
