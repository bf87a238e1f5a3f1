"""What the second stage of reading hands to the third."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from parsing.formats.rows import Log, ParsedBlock
from parsing.index.store.records import Milestone, SourceRecord

REJECTS_SCHEMA = pl.Schema({"source": pl.UInt32(), "line": pl.Int64(), "why": pl.String(), "text": pl.String()})


@dataclass(frozen=True, slots=True)
class SourceRows:
    """Rows of one layout. ``frame`` has the columns ``time``, ``source`` and ``line``, then the ``fields``."""

    log: Log
    fields: tuple[str, ...]
    frame: pl.DataFrame
    is_tail: bool = False


@dataclass(slots=True)
class Taken:
    """What came of a piece, or of several small sources. ``rejects`` are frames, and whether they are of a tail.

    ``replaced`` is the id of a source whose rows have to go, since the file is another; ``size`` the bytes taken.
    """

    records: list[SourceRecord] = field(default_factory=list)
    rows: list[SourceRows] = field(default_factory=list)
    rejects: list[tuple[pl.DataFrame, bool]] = field(default_factory=list)
    milestones: list[Milestone] = field(default_factory=list)
    replaced: int | None = None
    size: int = 0

    def add(self, number: int, block: ParsedBlock, *, is_tail: bool = False) -> None:
        """The rows and rejects of a source's block."""
        for section in block.sections:
            if section.frame.height:
                source = pl.Series("source", [number], dtype=pl.UInt32).new_from_index(0, section.frame.height)
                time, line, *values = section.frame.get_columns()
                frame = pl.DataFrame([time, source, line, *values])
                self.rows.append(SourceRows(section.log, section.fields, frame, is_tail))
        if block.rejects.height:
            rejects = block.rejects.select(pl.lit(number, pl.UInt32).alias("source"), "line", "why", "text")
            self.rejects.append((rejects.cast(REJECTS_SCHEMA), is_tail))
