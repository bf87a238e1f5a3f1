"""Bytes as lines of text: whole lines, padding, bytes that are not UTF-8; directives, blanks and entries."""

from __future__ import annotations

import codecs
import contextlib
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from parsing.formats.rows import REJECTS_SCHEMA

PIECE = 8 << 20
"""Bytes that are parsed at a time, and the longest line: IIS writes at most 64 KB (maxLogLineLength)."""

_SHORT_LINES = 32
_CROWDED_PIECE = 2 << 20
"""Bytes that the careful path takes at a time where lines are shorter than _SHORT_LINES: memory is by the line."""

_CP1252 = "".join(bytes([byte]).decode("cp1252", "replace").replace("\ufffd", chr(byte)) for byte in range(256))
"""Code page 1252 as a decoding table, its five holes filled from Latin-1."""

_PADDING = re.compile(rb"(?m:^)\0++|(?<!\0)\0++(?=\r?\n|\Z)")
"""Runs of NUL at the start or end of a line; looked at once each, however long."""


def spans(data: bytes, size: int, start: int = 0) -> Iterator[tuple[int, int]]:
    """Where pieces of at most ``size`` bytes that end on a newline start and end; a longer line is one by itself."""
    while start < len(data):
        end = len(data) if len(data) - start <= size else data.rfind(b"\n", start, start + size) + 1
        if end <= start:
            end = data.find(b"\n", start + size) + 1 or len(data)
        yield start, end
        start = end


def pieces(data: bytes, size: int = PIECE, start: int = 0) -> Iterator[bytes]:
    """Cuts into pieces of whole lines."""
    for begin, end in spans(data, size, start):
        yield data if end - begin == len(data) else data[begin:end]


def careful_pieces(data: bytes) -> Iterator[bytes]:
    """Cuts into pieces of whole lines that are few enough to hold many columns of them in memory."""
    for piece in pieces(data):
        is_crowded = piece.count(b"\n") * _SHORT_LINES > len(piece)
        yield from pieces(piece, _CROWDED_PIECE) if is_crowded else (piece,)


def text_lines(data: bytes) -> pl.Series:
    """The lines of a piece as text without line ends (LF or CRLF), NUL padding and byte order marks."""
    if b"\0" in data:
        data = without_padding(data)
    try:
        lines = _scan(data)
    except pl.exceptions.ComputeError:
        lines = _scan(as_utf8(data))
    return lines.str.strip_chars_start("\ufeff") if b"\xef\xbb\xbf" in data else lines


def _scan(data: bytes) -> pl.Series:
    if looks_compressed(data):
        return _scan(b"\n" + data).slice(1)
    return pl.scan_lines(io.BytesIO(data)).collect()["line"].alias("text")


def looks_compressed(data: bytes) -> bool:
    """Whether Polars, which unpacks what it reads unasked, would take bytes that start so for gzip, zlib or zstd."""
    return data.startswith((b"\x1f\x8b", b"x\x01", b"x\x9c", b"x\xda", b"\x28\xb5\x2f\xfd"))


def without_padding(data: bytes) -> bytes:
    """Removes runs of NUL at the start or end of a line: preallocated or lost disk space, never text."""
    return _PADDING.sub(b"", data)


def readable(data: bytes, encoding: str = "") -> bytes:
    """The same lines in UTF-8: those in UTF-16, as Windows PowerShell appends them, and those in the code page ``encoding``."""
    if b"\0" in data and _UTF16.search(data):
        data = b"\n".join(map(_from_utf16, data.split(b"\n")))
    return as_utf8(data, encoding) if encoding and not data.isascii() else data


_UTF16 = re.compile(rb"(?:[^\0]\0){8}")


def _from_utf16(line: bytes) -> bytes:
    """One of the lines between bytes 0A, of which the second half of the line end before it is the first byte."""
    found = _UTF16.search(line)
    if found is None:
        return line
    text = line[found.start() :]
    before = line[: found.start()].rstrip(b"\0").removesuffix(codecs.BOM_UTF16_LE)
    return before + text[: len(text) // 2 * 2].decode("utf-16-le", "replace").encode()


def code_page(name: str) -> str:
    """The name of an encoding as Python spells it. Raises ``LookupError`` for one that is unknown, or unlike ASCII."""
    encoding = codecs.lookup(name).name
    printable = "".join(map(chr, range(32, 127))) + "\r\n\t"
    if printable.encode(encoding, "replace") != printable.encode():
        raise LookupError(name)
    return encoding


def as_utf8(data: bytes, encoding: str = "") -> bytes:
    """Lines that are not UTF-8 read in an encoding, else as code page 1252, which never fails; the other lines are kept."""
    return b"\n".join([line if line.isascii() else _line_as_utf8(line, encoding) for line in data.split(b"\n")])


def _line_as_utf8(line: bytes, encoding: str) -> bytes:
    try:
        line.decode()
    except UnicodeDecodeError:
        if encoding:
            with contextlib.suppress(UnicodeDecodeError):
                return line.decode(encoding).encode()
        return codecs.charmap_decode(line, "strict", _CP1252)[0].encode()
    return line


def line_text(line: bytes) -> str:
    """One raw line as text, by the same rules; without Polars, since thousands of small files have their directives."""
    text = as_utf8(without_padding(line) if b"\0" in line else line).decode()
    return text.partition("\n")[0].removesuffix("\r").lstrip("\ufeff")


_SHOWN = 1 << 16
_OBEYED = r"(?i)^#(?:fields|software|date):"


@dataclass(frozen=True, slots=True)
class Sifted:
    """``entries`` has ``row`` (place among the piece's lines), ``line`` and ``text``; ``obeyed`` ``row`` and ``text``
    of the directives that matter; ``rejects`` the columns of rejects."""

    entries: pl.DataFrame
    obeyed: pl.DataFrame
    rejects: pl.DataFrame
    lines: int
    directives: int
    blank: int


def sift(data: bytes, first_line: int) -> Sifted:
    """Sorts the lines of a piece into directives, blanks and entries; a piece longer than PIECE is a single line, and rejected."""
    text = text_lines(data)
    row = pl.int_range(0, len(text), dtype=pl.Int64, eager=True)
    table = pl.DataFrame({"row": row, "line": row + first_line, "text": text})
    is_directive = text.str.starts_with("#")
    is_blank = text.str.strip_chars(" \t\r") == ""
    is_entry = ~(is_directive | is_blank)
    entries = table if is_entry.all() else table.filter(is_entry)
    rejects = pl.DataFrame(schema=REJECTS_SCHEMA)
    if len(data) > PIECE and entries.height:
        why = f"longer than {PIECE >> 20} MiB; its first {_SHOWN >> 10} KiB are kept"
        rejects = reject_frame(entries.with_columns(pl.col("text").str.slice(0, _SHOWN), pl.lit(why).alias("why")))
        entries = entries.clear()
    directives = table.filter(is_directive) if is_directive.any() else table.clear()
    obeyed = directives.filter(pl.col("text").str.contains(_OBEYED)).select("row", "text")
    return Sifted(entries, obeyed, rejects, len(text), directives.height, int(is_blank.sum()))


def worded(numbers: pl.Series, words: Callable[[int], str]) -> pl.Series:
    """A text for each number, kept once for all rows that have the same: there may be millions of rejects."""
    distinct = numbers.unique().sort()
    texts = pl.Series("why", [words(number) for number in distinct], dtype=pl.String)
    return texts.gather(distinct.search_sorted(numbers, "left"))


def reject_frame(entries: pl.DataFrame) -> pl.DataFrame:
    """Entries with a ``why`` as rejects."""
    return entries.select("line", "why", "text").cast(REJECTS_SCHEMA)  # type: ignore[arg-type]
