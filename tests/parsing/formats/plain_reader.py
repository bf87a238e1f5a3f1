"""W3C logs read line by line in plain Python, to hold the parser against. Shares no code with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from parsing.formats.rows import ParsedBlock

UNSIGNED = {"s-port": 16, "c-port": 16, "sc-status": 16, "sc-substatus": 32}
SIGNED = ("sc-win32-status", "sc-bytes", "cs-bytes", "time-taken")

CALENDAR = {(date(2020, 1, 1) + timedelta(days=number)).isoformat() for number in range(3652)}

V0 = "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason".split()
V1 = [*V0, "s-queuename"]


@dataclass
class Reading:
    """What a file holds: rows by line number, and the numbers of lines that are something else."""

    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    rejected: list[int] = field(default_factory=list)
    directives: list[int] = field(default_factory=list)
    blank: list[int] = field(default_factory=list)
    damaged: list[int] = field(default_factory=list)


def plain_reading(data: bytes) -> Reading:
    """Reads a whole file whose last line ends with a newline."""
    reading = Reading()
    columns: list[str] | None = None
    day: date | None = None
    clock: timedelta | None = None
    passed, is_row = 0, False
    assert data.endswith(b"\n") or not data
    for number, raw in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n")[:-1], 1):
        text = plain_text(raw)
        if text.startswith("#"):
            reading.directives.append(number)
            if text.startswith("#Fields:"):
                columns = text[8:].split()
            if found := re.match(r"#Date: (\d{4}-\d\d-\d\d)(?: (\d\d):(\d\d):(\d\d))?", text):
                day, passed, is_row = date.fromisoformat(found[1]), 0, False
                clock = span(*found.groups()[1:]) if found[2] else None
            continue
        if not text.strip(" \t\r"):
            reading.blank.append(number)
            continue
        tokens = tokens_of(text, columns)
        names = columns or {12: V0, 13: V1}.get(len(tokens or ()))
        if tokens is None or names is None or "time" not in names:
            reading.rejected.append(number)
            continue
        values = dict(zip(names, tokens, strict=True))
        at = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d):([0-5]\d)", values.pop("time"))
        if at is None:
            reading.rejected.append(number)
            continue
        of_day = span(*at.groups())
        if "date" in names:
            own = values.pop("date")
            if own not in CALENDAR:
                reading.rejected.append(number)
                continue
            time = datetime.combine(date.fromisoformat(own), datetime.min.time()) + of_day
        elif day is None:
            reading.rejected.append(number)
            continue
        else:
            if clock is not None and clock - of_day > timedelta(hours=12):
                passed += 1
            elif clock is not None and is_row and passed and of_day - clock > timedelta(hours=23, minutes=59):
                passed -= 1
            clock, is_row = of_day, True
            time = datetime.combine(day, datetime.min.time()) + timedelta(days=passed) + of_day
        row, is_damaged = typed_row(values)
        reading.rows[number] = {"time": time, **row}
        if is_damaged:
            reading.damaged.append(number)
    return reading


def plain_text(raw: bytes) -> str:
    """A line without padding, line end and byte order mark; code page 1252 where it is not UTF-8."""
    line = raw.lstrip(b"\0")
    line = line[:-1].rstrip(b"\0") if line.endswith(b"\r") else line.rstrip(b"\0").removesuffix(b"\r")
    try:
        return line.decode().lstrip("\ufeff")
    except UnicodeDecodeError:
        return "".join(code_page(byte) for byte in line)


def code_page(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


def tokens_of(text: str, columns: list[str] | None) -> list[str] | None:
    """The tokens of an entry if they are as many as the columns, at need without superfluous blanks."""
    tokens = text.split(" ")
    if columns is None:
        return None if "\r" in text else [token for token in tokens if token]
    if len(tokens) == len(columns) and tokens[-1]:
        return tokens
    tokens = [token for token in tokens if token]
    return tokens if len(tokens) == len(columns) else None


def span(hours: str, minutes: str, seconds: str) -> timedelta:
    return timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds))


def typed_row(values: dict[str, str]) -> tuple[dict[str, Any], bool]:
    row: dict[str, Any] = {}
    is_damaged = False
    last = list(values)[-1:]
    for name, logged in values.items():
        # A number at the end of a line that has two carriage returns is a number all the same.
        text = logged.removesuffix("\r") if [name] == last and name in (*UNSIGNED, *SIGNED) else logged
        if text in ("", "-"):
            row[name] = None
        elif name in UNSIGNED or name in SIGNED:
            row[name] = number_of(name, text)
            is_damaged |= row[name] is None
        else:
            row[name] = text
    return row, is_damaged


def number_of(name: str, text: str) -> int | None:
    if not re.fullmatch(r"[+-]?[0-9]+" if name in SIGNED else r"\+?[0-9]+", text):
        return None
    least, most = (0, 2 ** UNSIGNED[name] - 1) if name in UNSIGNED else (-(2**63), 2**63 - 1)
    return int(text) if least <= int(text) <= most else None


def reading_of(blocks: list[ParsedBlock]) -> Reading:
    """What the parser found, in the same form; directives and blanks by number alone."""
    reading = Reading()
    for block in blocks:
        for section in block.sections:
            for row in section.frame.iter_rows(named=True):
                line = row.pop("line")
                assert line not in reading.rows
                reading.rows[line] = row
        reading.rejected += block.rejects["line"].to_list()
        assert block.rejects.height == block.rejected
        assert sum(section.frame.height for section in block.sections) == block.rows
        assert block.lines == block.rows + block.directives + block.blank + block.rejected
    return reading
