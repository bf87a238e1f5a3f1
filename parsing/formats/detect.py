"""Which format a source has, by its content: names can be wrong, and logs of other services are in the same folders."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import polars as pl

from parsing.formats.layouts import headerless_layouts
from parsing.formats.lines import line_text, readable
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
    head = readable(head.removeprefix(b"\xef\xbb\xbf"))
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
    names = _first(directives, "fields").lower().split()[:1000]
    fields = " " + " ".join(names) + " "
    if software and not _OURS.search(software):
        return _other(f"a log of other software: {software[:60]}")
    if " s-reason " in fields:
        return Detection("httperr")
    foreign = next((name for name in names if name in _OTHER_FIELDS), "")
    if foreign and not software:
        return _other(f"a log of other software, of which {foreign} is a field")
    entries = _entries(lines)
    if _has_verbs_of_other_services(entries, names):
        return _other("an FTP, SMTP or NNTP log, not one of HTTP")
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


_OTHER_FIELDS = frozenset(
    (
        "x-duration x-edge-location x-edge-result-type x-edge-request-id x-host-header x-edge-response-result-type c-status"
        " c-starttime c-rate c-playerid c-playerversion c-dns r-host r-ip r-port s-action x-cache-info sc-operation"
        " x-session x-fullpath x-debug rule filterinfo s-hierarchy s-supplier-name cs-auth-group x-virus-id sr-bytes rs-bytes"
        " cs-categories x-exception-id"
    ).split()
)
"""Fields of Windows Media Services, CloudFront, TMG, Blue Coat and FTP that no log of IIS or HTTP.sys has; one by one, as
custom fields of IIS may be called ``X-`` anything."""

_VERBS = frozenset(
    "USER PASS ACCT CWD CDUP QUIT PORT PASV EPSV EPRT TYPE RETR STOR STOU APPE REST RNFR RNTO ABOR DELE RMD MKD PWD XPWD LIST"
    " NLST SITE SYST STAT NOOP FEAT OPTS AUTH PBSZ PROT MLSD MLST MDTM SIZE EHLO HELO MAIL RCPT DATA RSET VRFY EXPN BDAT"
    " STARTTLS ARTICLE NEWGROUPS NEWNEWS NNTP GROUP XOVER ControlChannelOpened ControlChannelClosed DataChannelOpened"
    " DataChannelClosed".split()
)
"""Commands of FTP, SMTP and NNTP; none is a method of HTTP."""


def _has_verbs_of_other_services(entries: list[str], names: list[str]) -> bool:
    """Whether at least half of the entries have the command of another service where the method is."""
    if "cs-method" not in names:
        return False
    place = names.index("cs-method")
    verbs = [words[place] for entry in entries if len(words := entry.split()) > place]
    like = sum(verb in _VERBS or (verb.startswith("[") and verb.partition("]")[2] in _VERBS) for verb in verbs)
    return like > 0 and like * 2 >= len(verbs)


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
    for what, pattern in _OTHER_SERVICES:
        if sum(pattern.search(entry) is not None for entry in entries) * 2 >= len(entries):
            return _other(f"{what}, not one of HTTP")
    if sum(_VHOST.match(entry) is not None for entry in entries) * 2 >= len(entries):
        return _other("a log of Apache with the virtual host in front, not one of IIS")
    if sum(map(_has_marks, entries)) * 2 < len(entries):
        return _by_looks(entries)
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
    return _by_looks(entries)


_VHOST = re.compile(r"[\w.-]+(?::\d+)? (?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+) \S+ \S+ \[")
_METHODS = "GET|POST|HEAD|PUT|DELETE|OPTIONS|PATCH|PROPFIND|TRACE|CONNECT|RPC_IN_DATA|RPC_OUT_DATA"
_IIS_ROW = re.compile(rf"\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d (?:\S+ ){{0,4}}(?:{_METHODS}) (?:/\S*|\*|-)(?: |$)")
_HTTPERR_ROW = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+ \d+ \S+ \d+ (?:HTTP/\S+|-) ")


def _by_looks(entries: list[str]) -> Detection:
    """What lines are that have no known shape: rows of the two logs without their header, behind a prefix, or no such rows."""
    for what, pattern in (("an IIS log", _IIS_ROW), ("an Httperr.log", _HTTPERR_ROW)):
        found = [match.start() for entry in entries if (match := pattern.search(entry)) is not None]
        if len(found) * 2 < len(entries):
            continue
        if sum(start > 0 for start in found) * 2 >= len(found):
            return _other(
                f"rows of {what} behind a prefix, as of grep or findstr: cut it off, and put the #Fields line on top"
            )
        return _other(
            f"rows of {what} without header, in an order of fields that is not known: put its #Fields line on top"
        )
    return _other(_NO_LOG)


def _has_marks(entry: str) -> bool:
    """Whether a line has what every one of a known shape has: a glance, as in a wrong folder no file is a log."""
    return "[" in entry or entry.count(",") >= _NATIVE_COMMAS or _DATED.match(entry) is not None
