"""Logs whose every text is hostile: markup, sequences that terminals obey, and characters that cannot be seen."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from tests.written_logs import write

MARKUP = "[red]x[/][@click=app.quit]q[/]"
ESCAPES = "\x1b[31m\x1b]52;c;aGFja2Vk\x07\x1b]8;;http://e/\x1b\\\x1bPq\x1b\\\x1b]0;t\x07\x1bc\x7f"
C1 = "\x9b35m\x9d0;t\x9c\x90q\x9c\x85"
BIDI = "\u202e\u202a\u2066\u2069\u200f\u061c"
INVISIBLE = "\u200b\u200d\ufeff\u2060\xad\u034f\u115f\ufe0f\U000e0041"
BREAKS = "\x00\t\r\x0b\x0c\u2028\u2029\x1c"
POISON = f"{MARKUP}{ESCAPES}{C1}{BIDI}{INVISIBLE}{BREAKS}.".encode()
RAW_POISON = MARKUP.encode() + b"\x1b[31m\x9b35m\x9d0;t\x07\x90q\x9c\x81\xff\xfe\xed\xa0\x80\xc0\xaf\x00\t\r."
"""Bytes that are no UTF-8: half a surrogate pair, an overlong form, and C1 as bytes of latin-1."""
NAME = "[red]x[@click=app.quit]\x1b[31m\x9b35m\u202e\u2066\u200b\ufeff"
"""For the names of fields and files."""

FIELDS = (
    "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Cookie) cs(Referer) "
    f"cs-host s-sitename s-computername X-{NAME} sc-status sc-substatus sc-win32-status time-taken"
)
USUAL = {
    "date": "2026-06-15", "s-ip": "10.0.0.1", "cs-method": "GET", "cs-uri-stem": "/a", "s-port": "443",
    "c-ip": "192.0.2.1", "sc-status": "200", "sc-substatus": "0", "sc-win32-status": "64", "time-taken": "5",
}  # fmt: skip
HTTPERR_FIELDS = "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename"
PRESETS = """
[[preset]]
name = "p[red]x[@click=app.quit]"
where = "path:/a\\u001b[31m\\u009b35m\\u202e*"
note = "n[@click=app.quit]\\u001b[31m\\u009b35m\\u202e"
"""
LONG = 1_000_000


def iis_lines(poison: bytes, second: int) -> Iterable[bytes]:
    """Requests: one with nothing but hostile texts, and others with one hostile value where another type is expected."""
    names = FIELDS.split(" ")
    usual = USUAL | {"time": f"10:00:{second:02}"}
    texts = {"cs-method", "cs-uri-stem", *(name for name in names if name not in usual)}
    for hostile in (texts, {"c-ip"}, {"s-ip"}, {"sc-status"}, {"time-taken"}, {"time"}):
        values = [poison if name in hostile else usual.get(name, "-").encode() for name in names]
        yield b" ".join(values).replace(b". 200", b".only-here 200") + b"\r\n"


def busy_lines() -> Iterable[bytes]:
    """A minute of requests for a usual path, then one for a hostile path; some client asks for that twice."""
    for number in range(120):
        when, path = f"10:0{number // 60}:{number % 60:02}", POISON if number >= 60 else b"/calm"
        client = 5 if number == 92 else number % 60
        line = b"2026-06-16 %b 10.0.0.1 GET %b - 443 - 198.51.100.%d Agent - - - - - 200 0 0 5\r\n"
        yield line % (when.encode(), path, client)


def httperr_lines(poison: bytes, second: int) -> Iterable[bytes]:
    """Errors: one with hostile method, path and queue, one with a hostile version, site and reason, one with addresses."""
    when = f"2026-06-15 10:00:{second:02}".encode()
    for middle in (
        (b"192.0.2.1", b"50000", b"10.0.0.1", b"443", b"HTTP/1.1", poison, poison, b"-", b"1", b"Connection_Dropped", poison),
        (b"192.0.2.1", b"50001", b"10.0.0.1", b"443", poison, b"GET", b"/b", b"-", poison, poison, b"Pool"),
        (poison, b"50002", poison, b"443", b"HTTP/1.1", b"GET", b"/c", b"400", b"1", b"URL", b"Pool"),
    ):  # fmt: skip
        yield b" ".join((when, *middle)) + b"\r\n"


def plain_lines(poison: bytes) -> tuple[bytes, bytes]:
    """A line of an NCSA log, and one of IIS's native format."""
    ncsa = b'192.0.2.7 - %b [15/Jun/2026:10:00:20 +0000] "GET /%b HTTP/1.1" 200 5 "%b" "%b"\r\n'
    native = b"192.0.2.8, %b, 6/15/2026, 10:00:30, W3SVC1, %b, 10.0.0.1, 5, 1, 2, 200, 0, GET, /%b, %b,\r\n"
    return ncsa % ((poison,) * 4), native % ((poison,) * 4)


def hostile_logs(logs: Path) -> Path:
    """A folder with logs of all kinds, an archive that is none, and presets; names of files are hostile, too."""
    head = b"#Software: Microsoft Internet Information Services 10.0 " + POISON + b"\r\n#Version: 1.0\r\n#Fields: "
    long = POISON.replace(b"\x00", b"").ljust(LONG, b"A")
    requests = [*iis_lines(POISON, 1), *iis_lines(RAW_POISON, 2), *list(iis_lines(long, 3))[:1]]
    rejects = (POISON + b"\r\n", RAW_POISON + b" 1 2\r\n", long + b"\r\n")
    write(logs / f"u_ex260615{NAME}.log", head + FIELDS.encode() + b"\r\n", *requests, *rejects)
    errors = [*httperr_lines(POISON, 4), *httperr_lines(RAW_POISON, 9)]
    write(logs / f"dir{NAME}" / "httperr1.log", b"#Fields: " + HTTPERR_FIELDS.encode() + b"\r\n", *errors, POISON)
    busy = FIELDS.replace(f" X-{NAME}", "").encode() + b"\r\n"
    write(logs / f"busy{NAME}.log", b"#Fields: " + busy, *busy_lines())
    lost = b"2026-06-16 10:01:30 198.51.100.5 50000 10.0.0.1 443 HTTP/1.1 GET %b - 1 Connection_Dropped Pool\r\n"
    write(logs / "httperr2.log", b"#Fields: " + HTTPERR_FIELDS.encode() + b"\r\n", lost % POISON)
    write(logs / f"bad{NAME}.log.gz", b"\x1f\x8b\x08\x00 no archive")
    for name, lines in zip(
        ("nc260615.log", "in260615.log"), zip(*map(plain_lines, (POISON, RAW_POISON)), strict=True), strict=True
    ):
        write(logs / name, *lines)
    with suppress(OSError):  # some systems allow no such name
        Path(os.fsdecode(os.fsencode(logs) + b"/\xff\x9d\x9b31m.log")).write_bytes(POISON)
    write(logs / ".dropline-presets.toml", PRESETS)
    return logs
