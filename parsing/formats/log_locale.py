"""What logs do not say of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo


@dataclass(frozen=True, slots=True)
class LogLocale:
    """The ``zone`` of logs in local time, the ``encoding`` of those that are not UTF-8."""

    zone: tzinfo = UTC
    encoding: str = ""
