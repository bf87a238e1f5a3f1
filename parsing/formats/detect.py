"""Which format a source has, by its content: names lie, and logs of other services lie beside those of IIS."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import polars as pl

from parsing.formats.layouts import headerless_layouts
from parsing.formats.lines import line_text
from parsing.formats.native_and_ncsa import NATIVE, NCSA

Format = Literal["iis-w3c", "iis-native", "ncsa", "httperr", "unknown"]

HEAD = 1 << 16
"""Bytes at the start of a source that detection wants to see."""

_MOST_LINES = 400


@dataclass(frozen=True, slots=True)
class Detection:
    """A format, or ``unknown``: then ``is_log`` is False and ``why`` says what it is instead, in plain words.

    A source that has not said yet what it is (empty, padding, or lines of no meaning) is ``unknown`` and a log.
    """

    format: Format
    is_log: bool = True
    why: str = ""


def detect(head: bytes, name: str) -> Detection:
    """The format of a source that begins with ``head`` (HEAD bytes, or all if it is shorter)."""
    for mark, what in _OTHER_BEGINNINGS:
        if head.startswith(mark):
            return _other(what)
    if head[257:262] == b"ustar":
        return _other("a tar archive, to be unpacked first")
    head = head.removeprefix(b"\xef\xbb\xbf")
    text = head.strip(b"\0\r\n\t ")
    if not text:
        return Detection("unknown")
    if name.lower().endswith(".ibl"):
        return _other("a centralised binary log of IIS, which only LogParser reads")
    if _is_binary(text):
        return _other("a binary file")
    lines = _whole_lines(head)
    hashed = [line_text(line) for line in lines if b"#" in line]
    directives = [line for line in hashed if _DIRECTIVE.match(line)]
    return _declared(directives, lines) if directives else _by_shape(_entries(lines))


_OTHER_BEGINNINGS = (
    (b"\xff\xfe", "text in UTF-16, which neither IIS nor HTTP.sys writes"),
    (b"\xfe\xff", "text in UTF-16, which neither IIS nor HTTP.sys writes"),
    (b"PK\x03\x04", "a zip archive inside another, or under another name"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive, to be unpacked first"),
    (b"Rar!\x1a\x07", "a RAR archive, to be unpacked first"),
)

_DIRECTIVE = re.compile(r"#(?:software|fields|date|version):", re.IGNORECASE)
_NO_LOG = "no log of IIS or HTTP.sys"
_NATIVE_COMMAS = 15
_DATED = re.compile(r" *\d{4}-\d\d-\d\d ")
_CONTROL = bytes(byte for byte in range(32) if byte not in (9, 10, 13))


def _other(why: str) -> Detection:
    return Detection("unknown", is_log=False, why=why)


def _is_binary(text: bytes) -> bool:
    """Whether bytes without their padding hold many control characters: logs have none, but a crash can leave some."""
    sample = re.sub(rb"\0{8,}", b"", text)[:4096]
    control = len(sample) - len(sample.translate(None, _CONTROL))
    return control * 10 > len(sample)


def _whole_lines(head: bytes) -> list[bytes]:
    """The lines of a head, without the last one if it is cut and not the only one."""
    end = head.rfind(b"\n") + 1
    lines = (head[:end] if end else head).split(b"\n")
    return lines[:-1] if end else lines


def _entries(lines: list[bytes]) -> list[str]:
    texts = map(line_text, lines)
    return list(islice((text for text in texts if not text.startswith("#") and text.strip(" \t\r")), _MOST_LINES))


_OTHER_SERVICES = (
    (
        "an FTP log",
        re.compile(
            r"\b(?:Control|Data)Channel(?:Opened|Closed)\b|\[\d+\](?:USER|PASS|sent|created|QUIT)\b"
            r"|\b(?:MS)?FTPSVC\d*\b| x-session\b| x-fullpath\b"
        ),
    ),
    ("an SMTP log", re.compile(r"\bSMTPSVC\d*\b| (?:EHLO|HELO|MAIL|RCPT|Outbound\w+) ")),
    ("an NNTP log", re.compile(r"\bNNTPSVC\d*\b")),
)
"""How logs that IIS writes for its other services give themselves away (DOMAIN.md 3.4)."""

_OURS = re.compile("Microsoft (?:HTTP|Internet Information|IIS)|IIS Advanced Logging", re.IGNORECASE)


def _declared(directives: list[str], lines: list[bytes]) -> Detection:
    """What a file with directives is: by its software, by its fields, by what its entries do.

    The last is seldom needed, and to read the entries of thousands of small files takes its time.
    """
    software = _first(directives, "software")
    fields = " " + " ".join(_first(directives, "fields").lower().split()[:1000]) + " "
    if software and not _OURS.search(software):
        return _other(f"a log of other software: {software[:60]}")
    if " s-reason " in fields:
        return Detection("httperr")
    entries = _entries(lines)
    for what, pattern in _OTHER_SERVICES:
        like = sum(pattern.search(entry) is not None for entry in entries)
        if pattern.search(fields) or (like and like * 2 >= len(entries)):
            return _other(f"{what}, not one of HTTP")
    if "http api" in software.lower() and " cs-uri-stem " not in fields:
        return Detection("httperr")
    has_tabs = bool(entries) and all("\t" in entry for entry in entries)
    if not software and has_tabs:
        return _other("a log of other software, with tabs between its fields")
    if software or any(f" {name} " in fields for name in ("cs-uri-stem", "cs-method", "cs-uri", "sc-status")):
        return Detection("iis-w3c")
    if fields.strip():
        return _other("a log whose #Fields are none of HTTP")
    return _by_shape(entries)


def _first(directives: list[str], word: str) -> str:
    """The value of the first directive of a name."""
    for line in directives:
        name, _, value = line[1:].partition(":")
        if name.lower() == word:
            return value.strip()
    return ""


def _by_shape(entries: list[str]) -> Detection:
    """What a file without directives is: the format of at least half of its first lines."""
    if not entries:
        return Detection("unknown")
    if sum(map(_has_marks, entries)) * 2 < len(entries):
        return _other(_NO_LOG)
    texts = pl.Series("text", entries)
    found, _ = headerless_layouts(texts.to_frame())
    counts: dict[Format, int] = {
        "httperr": sum(rows.height for layout, rows in found if layout.log == "httperr"),
        "iis-w3c": sum(rows.height for layout, rows in found if layout.log == "iis"),
        "iis-native": int(texts.str.contains(NATIVE).sum()),
        "ncsa": int(texts.str.contains(NCSA).sum()),
    }
    best = max(counts, key=lambda each: counts[each])
    if counts[best] * 2 >= len(entries):
        return Detection(best)
    return _other(_NO_LOG)


def _has_marks(entry: str) -> bool:
    """Whether a line has what every one of a known shape has: a glance, as in a wrong folder no file is a log."""
    return "[" in entry or entry.count(",") >= _NATIVE_COMMAS or _DATED.match(entry) is not None
