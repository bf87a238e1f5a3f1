"""The one tree of errors that the engine raises and that its callers word for the user."""

from __future__ import annotations

import re

_SYSTEM = re.compile(r"([^:\s][^:]*) \(os error \d+\)")


class LogError(Exception):
    """Something the user can understand and act on.

    ``reason`` says what happened, ``where`` names the file, line or argument, and ``hint`` says what to do;
    the last two may be empty. Each is one line of plain text without markup.
    """

    def __init__(self, reason: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.where}: {self.reason}" if self.where else self.reason
        return f"{text} ({self.hint})" if self.hint else text


class FilterError(LogError):
    """A mistake in a filter: ``text`` is the filter, ``start`` and ``end`` the offending characters in it."""

    def __init__(self, reason: str, text: str, start: int, end: int, *, hint: str = "") -> None:
        super().__init__(reason, hint=hint)
        self.text = text
        self.start = start
        self.end = max(end, start + 1)


class SourceError(LogError):
    """A source that cannot be opened, read or unpacked (exit status 3)."""


class DamagedSourceError(SourceError):
    """A source whose content is damaged or cut short: to read it again would give the same."""


class IndexStoreError(LogError):
    """The index folder is unusable: forbidden, full, or not ours."""


class UsageError(LogError):
    """Arguments that contradict each other or name something unknown (exit status 2)."""


class CancelledError(LogError):
    """The caller asked for the work to stop; what was committed stays."""

    def __init__(self) -> None:
        super().__init__("cancelled")


def is_panic(error: BaseException) -> bool:
    """Whether compiled code of Polars panicked: such an error is no ``Exception``, and no door may let it through.

    Told by its name, so that commands that need no Polars do not load it.
    """
    return type(error).__name__ == "PanicException"


def panic_worded(error: BaseException) -> LogError:
    """A panic in one line; compiled code has written lines of its own to standard error already."""
    first = (str(error).splitlines() or [""])[0]
    hint = "if it happens again, clear the index with 'dropline cache clear', and report it"
    return LogError(f"Polars failed: {first}", hint=hint)


def refused_by_system(error: Exception) -> str | None:
    """What the system said; Polars puts it at the end of a sentence of its own: ``... : no space (os error 28)``."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    found = _SYSTEM.search(str(error))
    return found[1] if found else None
