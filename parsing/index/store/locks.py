"""Who may write an index, and who is using it: locks that end with the process that holds them."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from filelock import FileLock, Timeout

from parsing.errors import IndexStoreError


class WriterLock:
    """Held by the one process that writes a log set."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = FileLock(path, thread_local=False)

    def acquire(self) -> bool:
        """Try to become the writer; false while another is."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        except OSError as error:
            hint = "use --index-dir for another folder, or --no-cache"
            reason = f"cannot write to the index folder: {error.strerror or error}"
            raise IndexStoreError(reason, where=str(self._path.parent), hint=hint) from error
        return True

    def release(self) -> None:
        self._lock.release()


def writer_lock(folder: Path) -> WriterLock:
    return WriterLock(folder / "writer.lock")


class Users:
    """Knows whether other processes have the index open, by SQLite's shared and exclusive locks, on an empty database.

    The oldest version of filelock that is supported has no lock for readers and writers.

    Files that a commit replaced are deleted only by a process that is alone, since others may still read them.
    """

    def __init__(self, folder: Path) -> None:
        self._database: sqlite3.Connection | None = None
        with contextlib.suppress(sqlite3.Error):
            self._database = sqlite3.connect(
                folder / "users.sqlite", timeout=0, isolation_level=None, check_same_thread=False
            )

    def join(self) -> None:
        """Be one of the users from now on; waits where another process just asks whether it is alone."""
        self._try("pragma busy_timeout = 5000", "begin", "select * from sqlite_master")

    def is_alone(self) -> bool:
        """Whether no other process has joined. Ends this one's own membership for the moment of asking."""
        self._try("rollback")
        alone = self._try("pragma busy_timeout = 0", "begin exclusive")
        self._try("rollback")
        return alone

    def close(self) -> None:
        if self._database is not None:
            with contextlib.suppress(sqlite3.Error):
                self._database.close()

    def _try(self, *statements: str) -> bool:
        if self._database is None:
            return False
        try:
            for statement in statements:
                self._database.execute(statement).fetchall()
        except sqlite3.Error:
            return False
        return True
