"""Packs the logs of a demo into a support bundle as LogCatcher makes them: the files of a case in one zip archive."""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from parsing.httpsys.writers import error_log, iis_log

SITE_NAME = "Shop"
_GENERAL = "General"
_MEMBERS = {
    iis_log.FOLDER: f"Sites/{SITE_NAME}/IISLogs",
    error_log.FOLDER: f"{_GENERAL}/HttpERR",
}
"""Where LogCatcher puts what lies in these folders on the server."""


def bundle_name(end: int) -> str:
    """The name of a bundle that is collected at this moment, in milliseconds since 1970."""
    return f"{_PREFIX}{datetime.fromtimestamp(end / 1000, UTC):%y-%m-%d-%H-%M-%S}.zip"


_PREFIX = "LogCatcher-"
PATTERN = f"{_PREFIX}*.zip"


def member_of(source: str) -> str:
    """The member that a file of the demo's folder becomes: ``General/HttpERR/httperr1.log``."""
    folder, _, name = source.rpartition("/")
    return f"{_MEMBERS.get(folder, _GENERAL)}/{name}"


def pack(folder: Path, name: str, sources: Sequence[str]) -> Path:
    """Packs files of the folder, and takes them out of it; the same files give the same bytes."""
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for source in sources:
            info = zipfile.ZipInfo(member_of(source), (2026, 6, 15, 12, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, (folder / source).read_bytes())
    for source in sources:
        (folder / source).unlink()
    for name in _MEMBERS:
        with contextlib.suppress(OSError):
            (folder / name).rmdir()
    return path
