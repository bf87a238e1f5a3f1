"""The rows of a table as a window draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Line(NamedTuple):
    """One row as it is shown. ``tones`` colour the cells; ``key`` identifies the row."""

    cells: tuple[str, ...]
    tones: tuple[str, ...]
    key: object = None


class RowSource(Protocol):
    """Where a grid gets its rows from."""

    @property
    def total(self) -> int:
        """How many rows there are."""

    def line(self, index: int) -> Line | None:
        """A row, or ``None`` while it is not here yet."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Rows that are all here."""

    rows: Sequence[Line] = ()

    @property
    def total(self) -> int:
        return len(self.rows)

    def line(self, index: int) -> Line | None:
        return self.rows[index] if 0 <= index < len(self.rows) else None
