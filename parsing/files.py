"""Files that stand under their name only when they are whole."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from parsing.errors import LogError, UsageError

UNWRITABLE = (errno.ENOSPC, errno.EFBIG, errno.EIO)
"""What a disk that is full or broken says; nobody named it wrongly."""


@contextmanager
def whole_file(path: Path, *, mode: int | None = None, is_durable: bool = False) -> Iterator[IO[bytes]]:
    """Write to a temporary file in the same folder, which takes the name at the end; after an error nothing has changed.

    Through a symbolic link, its target is replaced. A file that is replaced passes its permissions on, a new one gets
    ``mode``. ``is_durable``: the content is on the disk before the name is. Raises ``UsageError`` where there can be no
    such file, ``LogError`` where it cannot be written to its end.
    """
    try:
        target = path.resolve()
        with suppress(FileNotFoundError):
            mode = (
                target.lstat().st_mode & 0o777
            )  # refuses, too, what the short name hides: a name too long for this disk
        part = target.with_name(f".{target.name[:60]}.{secrets.token_hex(4)}.part")
        stream = part.open("xb")
    except (OSError, ValueError, RuntimeError) as error:
        raise cannot_write(error, str(path)) from error
    try:
        with stream:
            yield stream
            if is_durable:
                stream.flush()
                os.fsync(stream.fileno())
        if mode is not None:
            part.chmod(mode)
        part.replace(target)
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
