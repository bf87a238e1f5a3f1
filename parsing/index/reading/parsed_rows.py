"""What the second stage of reading hands to the third."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from parsing.formats.rows import Log, ParsedBlock
from parsing.index.store.records import Milestone, SourceRecord
from parsing.knowledge.fields import SERVER_NAME

_COMPUTER = "s-computername"

REJECTS_SCHEMA = pl.Schema({"source": pl.UInt32(), "line": pl.Int64(), "why": pl.String(), "text": pl.String()})


@dataclass(frozen=True, slots=True)
class SourceRows:
    """Rows of one layout. ``frame`` has the columns ``time``, ``source`` and ``line``, then the ``fields``."""

    log: Log
    fields: tuple[str, ...]
    frame: pl.DataFrame
    is_tail: bool = False


def with_server(
    log: Log, fields: tuple[str, ...], frame: pl.DataFrame, servers: pl.Series, *, is_tail: bool = False
) -> SourceRows:
    """Rows with the field SERVER_NAME: ``s-computername``, else their ``servers``; without it where neither is known.

    The folder's spelling is taken where only case differs: Httperr.log beside knows nothing but the folder.
    """
    is_logged = _COMPUTER in fields
    if not is_logged and servers.null_count() == len(servers):
        return SourceRows(log, fields, frame, is_tail)
    folder = servers.alias(SERVER_NAME)
    if is_logged:
        computer = frame[_COMPUTER]
        is_folder = (computer.str.to_lowercase() == folder.str.to_lowercase()).fill_null(value=False)
        folder = pl.DataFrame({"computer": computer.set(is_folder, None), "folder": folder}).select(
            pl.coalesce("computer", "folder").alias(SERVER_NAME)
        )[SERVER_NAME]
    return SourceRows(log, (*fields, SERVER_NAME), frame.with_columns(folder), is_tail)


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

    def add(self, number: int, block: ParsedBlock, server: str, *, is_tail: bool = False) -> None:
        """The rows and rejects of a block of a source, whose folder is that of ``server``."""
        for section in block.sections:
            if section.frame.height:
                source = pl.Series("source", [number], dtype=pl.UInt32).new_from_index(0, section.frame.height)
                time, line, *values = section.frame.get_columns()
                frame = pl.DataFrame([time, source, line, *values])
                servers = pl.Series([server or None], dtype=pl.String).new_from_index(0, frame.height)
                self.rows.append(with_server(section.log, section.fields, frame, servers, is_tail=is_tail))
        if block.rejects.height:
            rejects = block.rejects.select(pl.lit(number, pl.UInt32).alias("source"), "line", "why", "text")
            self.rejects.append((rejects.cast(REJECTS_SCHEMA), is_tail))
