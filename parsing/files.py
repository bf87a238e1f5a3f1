"""Files that stand under their name only when they are whole."""

from __future__ import annotations

import errno
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from parsing.errors import LogError, UsageError

UNWRITABLE = (errno.ENOSPC, errno.EFBIG, errno.EIO)
"""What a disk that is full or broken says; nobody named it wrongly."""


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """What is written goes beside the file and takes its name at the end; with an error, nothing has changed.

    Raises ``UsageError`` where there can be no such file, ``LogError`` where it cannot be written to its end.
    """
    try:
        with suppress(FileNotFoundError):
            path.lstat()  # refuses what the short name beside it hides: a name too long for this disk
        part = path.with_name(f".{path.name[:60]}.{secrets.token_hex(4)}.part")
        stream = part.open("xb")
    except (OSError, ValueError) as error:
        raise cannot_write(error, str(path)) from error
    try:
        with stream:
            yield stream
        part.replace(path)
    except OSError as error:
        raise LogError(f"cannot write: {why(error)}", where=str(path)) from error
    finally:
        with suppress(OSError):
            part.unlink()


def cannot_write(error: Exception, where: str) -> LogError:
    """Why a file cannot be begun: a wrong name or folder, unless the disk is at fault."""
    is_full = isinstance(error, OSError) and error.errno in UNWRITABLE
    return (LogError if is_full else UsageError)(f"cannot write: {why(error)}", where=where)


def why(error: Exception) -> str:
    """What the system said of a name or a file."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
