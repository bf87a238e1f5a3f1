"""Files that stand under their name only when they are whole."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from parsing.errors import LogError, UsageError


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """What is written goes beside the file and takes its name at the end; with an error, nothing has changed.

    Raises ``UsageError`` where the file cannot be begun, ``LogError`` where it cannot be written to its end.
    """
    try:
        with suppress(FileNotFoundError):
            path.lstat()  # refuses what the short name beside it hides: a name too long for this disk
        part = path.with_name(f".{path.name[:60]}.{secrets.token_hex(4)}.part")
        stream = part.open("xb")
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot write: {why(error)}", where=str(path)) from error
    try:
        with stream:
            yield stream
        part.replace(path)
    except OSError as error:
        raise LogError(f"cannot write: {why(error)}", where=str(path)) from error
    finally:
        with suppress(OSError):
            part.unlink()


def why(error: Exception) -> str:
    """What the system said of a name or a file."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
