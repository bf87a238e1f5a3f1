"""What the command line tells the explorer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """How the explorer was started. ``paths`` are files, folders, globs, archives or ``-``.

    Empty ``theme`` and ``None`` for ``mouse`` leave the choice to the settings file.
    """

    paths: tuple[str, ...] = ()
    where: str = ""
    preset: str = ""
    since: str = ""
    until: str = ""
    tz: tzinfo = UTC
    index_dir: Path | None = None
    cache: bool = True
    ascii: bool = False
    mouse: bool | None = None
    follow: bool = False
    theme: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    settings: Path | None = None
    """Folder of settings, presets and session; ``None`` for the user's own."""
