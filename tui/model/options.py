"""How the explorer is started: options of the command line, and settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path

from tui.case import CaseFile
from tui.presets import folder_of_logs


@dataclass(frozen=True, slots=True)
class Options:
    """How the explorer was started, settings included. ``paths`` are files, folders, globs, archives or ``-``."""

    paths: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    """Globs of sources that are left out."""
    where: str = ""
    preset: str = ""
    tz: tzinfo = UTC
    tz_name: str = ""
    """The zone as it was named; empty for UTC."""
    log_tz: tzinfo = UTC
    """The zone of logs in local time."""
    log_tz_name: str = ""
    """That zone as it was named; empty for UTC."""
    encoding: str = ""
    """The code page of log lines that are not UTF-8; empty for cp1252."""
    index_dir: Path | None = None
    cache: bool = True
    ascii: bool = False
    mouse: bool = True
    follow: bool = False
    port_field: str = ""
    """The field of the IIS log with the client's port, if its name is unusual."""
    redact: bool = False
    """Pseudonyms in all that is handed over."""
    fresh: bool = False
    """Begin with every row, whatever was left; marks and earlier filters come back all the same."""
    theme: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    case: CaseFile | None = None
    """What was handed over about these logs: its question and marks come before those that are remembered."""
    settings: Path | None = None
    """Folder of settings and presets; ``None`` for the user's own."""
    state: Path | None = None
    """Folder of sessions; ``None`` for the user's own."""

    @property
    def project(self) -> Path | None:
        """The folder of the logs, in which presets of their own may lie."""
        return folder_of_logs(self.paths)
