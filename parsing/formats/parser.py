"""One source parsed block by block."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, Protocol

import polars as pl

from parsing.formats.clock import span
from parsing.formats.lines import line_text, readable
from parsing.formats.log_locale import LogLocale
from parsing.formats.native_and_ncsa import IisNative, Ncsa
from parsing.formats.rows import Log, ParsedBlock, ParsedRows, PieceRows
from parsing.formats.small_logs import Beginning
from parsing.formats.w3c import W3c

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def parser_of(locale: LogLocale, format_: str, name: str, state: Mapping[str, Any] | None = None) -> Parser:
    """A parser of a log of that locale; ``state`` is where an earlier one stopped."""
    return Parser(format_, name, state, locale.zone, locale.encoding)


class _Format(Protocol):
    @property
    def state(self) -> dict[str, Any]: ...

    def is_complete(self, line: str) -> bool: ...

    def begin(self, data: bytes, /) -> Beginning | None: ...

    def parse(self, data: bytes, first_line: int) -> list[PieceRows]: ...


class Parser:
    """Parses one source, block after block in order.

    ``format`` is what detection found; ``unknown`` reads as W3C, for files that have yet to say what they are.
    ``state`` is that of an earlier parser of the same source, to go on where it stopped; it is small and JSON.
    Local times, in IIS native rows, are taken in ``tz``; lines that are not UTF-8 in the code page ``encoding``.
    """

    def __init__(
        self,
        format: str,  # noqa: A002
        name: str,
        state: Mapping[str, Any] | None = None,
        tz: tzinfo = UTC,
        encoding: str = "",
    ) -> None:
        state = state or {}
        self._encoding = encoding
        self._is_open = bool(state.get("open", False))
        self._format: _Format
        if format == "iis-native":
            self._format = IisNative(name, tz, state)
        elif format == "ncsa":
            self._format = Ncsa()
        else:
            self._format = W3c("httperr" if format == "httperr" else "iis", name, state, tz)

    @property
    def state(self) -> dict[str, Any]:
        return self._format.state | {"open": self._is_open}

    def begin(self, data: bytes) -> Beginning | None:
        """Takes the directives of a whole log, that ends with a line end, so that ``parse_together`` can do the rest.

        None where ``parse`` of another parser has to read the log.
        """
        return None if self._encoding and not data.isascii() else self._format.begin(data)

    def parse(self, data: bytes, first_line: int, *, is_last: bool, can_grow: bool = True) -> ParsedBlock:
        """Parses whole lines; ``first_line`` is the number, from 1, of the first.

        The block ends after its last line end. With ``is_last`` a line after that is taken too if it is complete
        (a directive, a row, or more than a row can hold), or if nothing can follow it: then it is a reject at worst.
        """
        skipped = self._skipped(data)
        start = len(_BYTE_ORDER_MARK) if first_line == 1 and data.startswith(_BYTE_ORDER_MARK) else skipped
        end = data.rfind(b"\n") + 1
        body = data[start:end] if start or end < len(data) else data
        parts = self._format.parse(readable(body, self._encoding), first_line) if body else []
        line = first_line + sum(part.lines for part in parts)
        tail = data[max(start, end) :] if is_last else b""
        taken = self._tail(tail, line, can_grow=can_grow) if tail else None
        block = merged(parts if taken is None else [*parts, *taken])
        block.consumed, block.skipped = max(start, end), skipped
        if taken is not None:
            block.consumed = len(data)
        if block.consumed:
            self._is_open = taken is not None
        return block

    def _skipped(self, data: bytes) -> int:
        """The bytes at the start that end a line which was parsed without its line end."""
        if self._is_open and data.startswith((b"\n", b"\r\n")):
            return data.index(b"\n") + 1
        return 0

    def _tail(self, tail: bytes, line: int, *, can_grow: bool) -> list[PieceRows] | None:
        """What a last line without a line end gives, or None if it is unfinished or padding."""
        tail = readable(tail, self._encoding)
        text = line_text(tail).strip(" \t\r")
        if not text or (can_grow and not text.startswith("#") and not self._format.is_complete(text)):
            return None
        return self._format.parse(tail, line)


def merged(pieces: list[PieceRows]) -> ParsedBlock:
    """One block of pieces in file order; rows of the same log and fields become one section."""
    block = ParsedBlock()
    frames: dict[tuple[Log, tuple[str, ...]], list[pl.DataFrame]] = {}
    layouts: dict[tuple[str, ...], None] = {}
    rejects: list[pl.DataFrame] = []
    damage: list[pl.DataFrame] = []
    for piece in pieces:
        block.lines += piece.lines
        block.directives += piece.directives
        block.blank += piece.blank
        damage.extend(frame for frame in piece.damage if frame.height)
        block.notes = tuple(dict.fromkeys([*block.notes, *piece.notes]))
        rejects.extend(_in_order([frame for frame in piece.rejects if frame.height]))
        for section in piece.sections:
            if section.frame.height:
                frames.setdefault((section.log, section.fields), []).append(section.frame)
                layouts[section.layout or section.fields] = None
    for (log, fields), parts in frames.items():
        frame = parts[0] if len(parts) == 1 else pl.concat(parts)
        if len(parts) > 1 and not frame["line"].is_sorted():
            frame = frame.sort("line")
        block.sections.append(ParsedRows(log, fields, frame))
    block.layouts = tuple(layouts)
    block.rows = sum(section.frame.height for section in block.sections)
    if rejects:
        block.rejects = pl.concat(rejects)
    block.rejected = block.rejects.height
    if damage:
        block.damage = pl.concat(damage).sort("line", maintain_order=True)
        block.damaged = block.damage["line"].n_unique()
    block.first, block.last = _span(block.sections)
    return block


def _in_order(rejects: list[pl.DataFrame]) -> list[pl.DataFrame]:
    return rejects if len(rejects) < 2 else [pl.concat(rejects).sort("line")]


def _span(sections: list[ParsedRows]) -> tuple[datetime | None, datetime | None]:
    spans = [span(section.frame["time"]) for section in sections]
    first = min((time for time, _ in spans if time is not None), default=None)
    last = max((time for _, time in spans if time is not None), default=None)
    return first, last
