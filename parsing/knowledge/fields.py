"""The one table of fields: wire name, short name, kind, unit and a hint in words.

Completion, detail pane, help, README, schemas and exports are derived from it. A wire name that is not in
the table is a custom field: it is text, and it is its own name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from functools import cache


class Kind(Enum):
    """How a value is stored and compared."""

    TEXT = "text"
    ADDRESS = "address"
    NUMBER = "number"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``short`` is its name in the filter language; ``dtype`` the Polars type of a number.

    ``log`` is the log that can have it (``iis`` or ``httperr``), or ``both``; of a custom field that is not known.
    """

    name: str
    short: str = ""
    kind: Kind = Kind.TEXT
    dtype: str = "String"
    unit: str = ""
    hint: str = ""
    log: str = "both"

    @property
    def is_number(self) -> bool:
        return self.kind is Kind.NUMBER


def _number(name: str, short: str, dtype: str, hint: str, unit: str = "", log: str = "both") -> Field:
    return Field(name, short, Kind.NUMBER, dtype, unit, hint, log)


FIELDS: tuple[Field, ...] = (
    Field("s-sitename", "", hint="site that answered, W3SVC and its number", log="iis"),
    Field("s-computername", "", hint="name of the server, where IIS logs it"),
    Field("server-name", "", hint="server that wrote the row: s-computername, else the folder of its logs"),
    Field("s-ip", "server", Kind.ADDRESS, hint="address of the server"),
    Field("cs-method", "method", hint="verb of the request"),
    Field("cs-uri-stem", "", hint="path of the request, as IIS decoded it", log="iis"),
    Field("cs-uri-query", "", hint="query of the request, as it was sent", log="iis"),
    _number("s-port", "", "UInt16", "port of the server"),
    Field("cs-username", "user", hint="authenticated user", log="iis"),
    Field("c-ip", "client", Kind.ADDRESS, hint="address of the client, or of the proxy in front"),
    _number("c-port", "", "UInt16", "port of the client; with its address it names the connection"),
    Field("cs-version", "version", hint="version of HTTP"),
    Field("cs(User-Agent)", "agent", hint="program of the client"),
    Field("cs(Cookie)", "", hint="cookies of the request"),
    Field("cs(Referer)", "referer", hint="page that led to the request"),
    Field("cs-host", "host", hint="Host header"),
    Field("cs-uri", "", hint="path and query of the request, as HTTP.sys saw it", log="httperr"),
    Field("streamid", "stream", hint="stream of an HTTP/2 or HTTP/3 connection", log="httperr"),
    Field("streamid_ex", "", hint="second stream identifier", log="httperr"),
    _number("sc-status", "status", "UInt16", "what the client was told"),
    _number("sc-substatus", "substatus", "UInt32", "detail of the status, known to IIS only", log="iis"),
    _number("sc-win32-status", "win32", "Int64", "what Windows said; 64 and similar codes: the client left", log="iis"),
    _number("sc-bytes", "sent", "Int64", "bytes sent to the client", "B"),
    _number("cs-bytes", "received", "Int64", "bytes received from the client", "B"),
    _number("time-taken", "taken", "Int64", "from the first byte of the request to the end of the response", "ms"),
    Field("s-siteid", "", hint="number of the site", log="httperr"),
    Field("s-reason", "reason", hint="why HTTP.sys refused, timed out or dropped it", log="httperr"),
    Field("s-queuename", "queue", hint="request queue: the application pool", log="httperr"),
    Field("transport", "transport", hint="TCP or QUIC", log="httperr"),
    Field("fault-code", "", hint="undocumented; looks like a Windows error code", log="httperr"),
    Field("extended-fault-code", "", hint="undocumented", log="httperr"),
)
"""The fields on the wire, by Microsoft's references of both logs (DOMAIN.md 1.2 and 3.1).

Httperr.log can be told to log most fields of an IIS log (DOMAIN.md 1.3); its default layout has few of them.
"""

VIRTUAL: tuple[Field, ...] = (
    Field("time", "time", Kind.TIME, hint="end of a request, or when HTTP.sys gave up (UTC without --tz)"),
    Field("log", "log", hint="iis or httperr"),
    Field("source", "source", hint="file the row came from"),
    Field("line", "line", Kind.NUMBER, "Int64", hint="line in its source"),
    Field("uri", "uri", hint="path and query, in both logs"),
    Field("path", "path", hint="path alone, in both logs"),
    Field("query", "query", hint="query alone, in both logs"),
    Field("template", "template", hint="path with numbers and ids as {}: /api/users/{}/orders"),
    Field("site", "site", hint="s-siteid, or the number in s-sitename"),
    _number("port", "port", "UInt16", "port of the client, by whatever name it is logged"),
)
"""Names of the filter language that stand for no single wire field."""

META = ("log", "source", "line", "time")
"""Columns that every record has, in this order, before its wire fields."""

CLIENT_PORT_NAMES = ("c-port", "REMOTE_PORT", "remote-port", "client-port", "OriginalPort")
"""Names under which the client's port is logged (server variable REMOTE_PORT, IIS 8.5 and later; DOMAIN.md 3.5)."""

WITHHELD = "..."
"""IIS writes this in place of a value longer than 4,096 bytes (KB2809913)."""


@cache
def _by_name() -> dict[str, Field]:
    return {field.name.lower(): field for field in FIELDS}


@cache
def _by_short() -> dict[str, Field]:
    short = {field.short: field for field in FIELDS if field.short}
    return short | {field.name: field for field in VIRTUAL}


def wire_field(name: str) -> Field:
    """The field of a wire name, ignoring case; a custom field where the table has none."""
    known = _by_name().get(name.lower())
    if known is not None:
        return known if known.name == name else replace(known, name=name, short="")
    if name.lower() in {port.lower() for port in CLIENT_PORT_NAMES}:
        return _number(name, "", "UInt16", "port of the client (custom field)")
    return Field(name, hint="custom field")


SERVER_NAME = "server-name"
"""The field that no log has: the index gives it to the rows of which it knows the server."""


def is_known_wire_name(name: str) -> bool:
    """Whether a wire name is in the table (a custom field is not)."""
    return name.lower() in _by_name()


@cache
def reserved_names() -> frozenset[str]:
    """Names, in lower case, that no log's own field can have: they mean another field in a filter."""
    return frozenset(_by_short()) - frozenset(_by_name()) | {SERVER_NAME}


def named_field(name: str) -> Field | None:
    """The field that a short, virtual or known wire name of the filter language means, ignoring case."""
    lowered = name.lower()
    return _by_short().get(lowered) or _by_name().get(lowered)


def field_of(name: str) -> Field:
    """The field of any name: short, virtual or on the wire; a custom field where none is known."""
    return named_field(name) or wire_field(name)


def short_name(name: str) -> str:
    """What a field is called where there is a choice: its short name, else that on the wire."""
    field = field_of(name)
    return field.short or field.name
