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
    tz_name: str = ""
    """The zone as it was named; empty for UTC."""
    index_dir: Path | None = None
    cache: bool = True
    ascii: bool = False
    mouse: bool | None = None
    follow: bool = False
    port_field: str = ""
    """The field of the IIS log with the client's port, if its name is unusual."""
    redact: bool = False
    """Pseudonyms in all that is handed over."""
    theme: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    settings: Path | None = None
    """Folder of settings and presets; ``None`` for the user's own."""
    state: Path | None = None
    """Folder of sessions; ``None`` for the user's own."""

    @property
    def filter_text(self) -> str:
        """What the explorer starts with as one filter."""
        bounds = [
            f"time{sign}{time.strip().replace(' ', 'T')}"
            for sign, time in ((">=", self.since), ("<", self.until))
            if time
        ]
        if self.where and bounds:
            return " ".join([f"({self.where})", *bounds])
        return self.where or " ".join(bounds)

    @property
    def project(self) -> Path | None:
        """The folder of the logs, in which presets of their own may lie."""
        if not self.paths or self.paths[0] == "-":
            return None
        first = Path(self.paths[0])
        return first if first.is_dir() else first.parent
