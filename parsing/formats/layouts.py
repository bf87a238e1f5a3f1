"""Layouts: which fields a line has and in what order, from ``#Fields`` or, without one, from its shape."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import polars as pl

from parsing.formats.lines import worded
from parsing.formats.rows import Log
from parsing.knowledge.fields import META, Kind, is_known_wire_name, named_field, reserved_names, wire_field

MOST_FIELDS = 1000
"""A ``#Fields`` directive that names more is no layout: IIS has 22 fields and at most 64 KB of custom ones."""


@dataclass(frozen=True)
class Layout:
    """The columns of a line, ``date`` and ``time`` among them, under names that differ from each other and from META.

    ``is_quoted`` is for IIS Advanced Logging, which puts values with blanks in quotes; the times of its rows may be those
    of a local clock (``is_local``). ``fault`` says why entries
    cannot be read by it; such a layout has no columns.
    """

    log: Log
    columns: tuple[str, ...]
    is_quoted: bool = False
    is_local: bool = False
    fault: str = ""

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The wire names of its rows: without ``date`` and ``time``, which become the row's time."""
        return tuple(name for name in self.columns if name not in ("date", "time"))

    @cached_property
    def schema(self) -> dict[str, pl.DataType]:
        """The type of each column as it is read; ``date`` and ``time`` are still text."""
        return {name: column_type(name) for name in self.columns}

    @property
    def numbers(self) -> list[str]:
        return [name for name in self.fields if self.schema[name] != pl.String()]

    @property
    def has_date(self) -> bool:
        return "date" in self.columns


def column_type(name: str) -> pl.DataType:
    """The type of a column: that of its field, but text for a repeated one (``name#2``)."""
    field = wire_field(name)
    if field.kind is not Kind.NUMBER:
        return pl.String()
    dtype: pl.DataType = getattr(pl, field.dtype)()
    return dtype


_OTHER_NAMES = {
    "timetakenms": "time-taken",
    "cs(host)": "cs-host",
    "date-local": "date",
    "time-local": "time",
    "date-utc": "date",
    "time-utc": "time",
}
"""What IIS Advanced Logging calls fields that W3C logs have, too."""


def column_names(names: Iterable[str]) -> tuple[str, ...]:
    """Wire names as columns: known ones in the table's case, others suffixed ``#2``... where their name is taken.

    Not free are repeated names, and those that mean another field in a filter, ``Host`` and ``Path`` as well as ``line``.
    """
    taken: set[str] = {*META, *reserved_names()} - {"time"}
    columns: list[str] = []
    for name in names:
        name = _OTHER_NAMES.get(name.lower(), name)
        lowered = name.lower()
        if lowered in ("date", "time"):
            name = lowered
        elif is_known_wire_name(name) and (known := named_field(name)) is not None:
            name = known.name
        unique, count = name, 2
        while unique.lower() in taken:
            unique, count = f"{name}#{count}", count + 1
        taken.add(unique.lower())
        columns.append(unique)
    return tuple(columns)


@lru_cache(maxsize=512)
def declared_layout(directive: str, software: str, default_log: Log) -> Layout:
    """The layout that a ``#Fields: a b c`` line declares; one with a fault where it is of no use."""
    names = directive.partition(":")[2].split(None, MOST_FIELDS)
    if len(names) > MOST_FIELDS:
        return Layout(default_log, (), fault=f"its #Fields names more than {MOST_FIELDS} fields")
    columns = column_names(names)
    if "time" not in columns:
        return Layout(default_log, (), fault="its #Fields names no time")
    is_local = {"date-local", "time-local"} <= {name.lower() for name in names}
    log = _log_of(columns, software, default_log)
    return Layout(log, columns, "advanced logging" in software.lower(), is_local)


def _log_of(columns: tuple[str, ...], software: str, default: Log) -> Log:
    if "s-reason" in columns:
        return "httperr"
    if "cs-uri-stem" in columns or "Internet Information" in software:
        return "iis"
    return "httperr" if "HTTP API" in software else default


def _httperr(*extra: str, stream: tuple[str, ...] = (), queue: bool = True) -> Layout:
    head = ("date", "time", "c-ip", "c-port", "s-ip", "s-port", "cs-version", "cs-method", "cs-uri")
    tail = ("sc-status", "s-siteid", "s-reason", *(("s-queuename",) if queue else ()))
    return Layout("httperr", (*head, *stream, *tail, *extra))


def _iis(text: str) -> Layout:
    return Layout("iis", tuple(text.split()))


_REQUEST = "cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip"
_STATUS = "sc-status sc-substatus sc-win32-status"

HEADERLESS: tuple[Layout, ...] = (
    _httperr(queue=False),
    _httperr(),
    _httperr(stream=("streamid",)),
    _httperr("transport", stream=("streamid", "streamid_ex")),
    _httperr("transport", "fault-code", "extended-fault-code", stream=("streamid", "streamid_ex")),
    _iis(f"date time s-ip {_REQUEST} sc-status sc-substatus sc-win32-status time-taken"),
    _iis(f"date time s-ip {_REQUEST} cs(User-Agent) {_STATUS}"),
    _iis(f"date time s-ip {_REQUEST} cs(User-Agent) {_STATUS} time-taken"),
    _iis(f"date time s-sitename s-ip {_REQUEST} cs(User-Agent) {_STATUS}"),
    _iis(f"date time s-computername s-ip {_REQUEST} cs(User-Agent) {_STATUS}"),
    _iis(f"date time s-ip {_REQUEST} cs(User-Agent) cs(Cookie) {_STATUS} time-taken"),
    _iis(f"date time s-ip {_REQUEST} cs-version cs(User-Agent) {_STATUS} time-taken"),
    _iis(f"date time s-ip {_REQUEST} cs(User-Agent) cs(Referer) {_STATUS} time-taken"),
    _iis(f"date time s-sitename s-ip {_REQUEST} cs(User-Agent) {_STATUS} time-taken"),
    _iis(f"date time s-computername s-ip {_REQUEST} cs(User-Agent) {_STATUS} time-taken"),
    _iis(f"date time s-sitename s-ip {_REQUEST} cs(User-Agent) cs(Referer) {_STATUS} time-taken"),
    _iis(f"date time s-computername s-ip {_REQUEST} cs(User-Agent) cs(Referer) {_STATUS} time-taken"),
    _iis(f"date time s-ip {_REQUEST} cs-version cs(User-Agent) cs(Referer) {_STATUS} time-taken"),
    _iis(f"date time s-ip {_REQUEST} cs(User-Agent) cs(Referer) {_STATUS} sc-bytes cs-bytes time-taken"),
    _iis(
        f"date time s-sitename {_REQUEST} cs(User-Agent) cs(Cookie) cs(Referer) cs-host {_STATUS}"
        " sc-bytes cs-bytes time-taken"
    ),
    _iis(
        f"date time s-sitename s-computername s-ip {_REQUEST} cs-version cs(User-Agent) cs(Cookie) cs(Referer) cs-host"
        f" {_STATUS} sc-bytes cs-bytes time-taken"
    ),
)
"""Layouts known by shape: those of Httperr.log (DOMAIN.md 1.2) and the usual ones of IIS 6 to 10 (DOMAIN.md 3.1)."""

_SHAPES = {
    "date": r"\d{4}-\d\d-\d\d",
    "time": r"\d\d:\d\d:\d\d",
    "cs-version": r"(?:-|HTTP/\S+)",
    "cs-method": r"\S+",
    "cs-uri-stem": r"(?:/\S*|\*|-|\.\.\.)",
    "sc-status": r"(?:-|\d{3})",
    "s-siteid": r"(?:-|\d+)",
    "s-reason": r"[A-Za-z][A-Za-z0-9_/]*",
    "transport": r"(?:-|[A-Z]+)",
    "s-sitename": r"(?:-|W3SVC\d*)",
    "s-computername": r"(?:-|[A-Za-z][\w.-]*)",
    "cs(Cookie)": r"(?:-|\.\.\.|[^\s:/=]+=\S*)",
    "cs(Referer)": r"(?:-|\.\.\.|[A-Za-z][\w+.-]*:\S*|/\S*)",
    "cs(User-Agent)": r"(?:[^H\s]\S*|H[^T\s]\S*|H|HT[^T\s]\S*|HT|HTT[^P\s]\S*|HTT|HTTP[^/\s]\S*|HTTP)",
    "c-ip": r"(?:-|[0-9A-Fa-f.:]+(?:%\w+)?)",
    "s-ip": r"(?:-|[0-9A-Fa-f.:]+(?:%\w+)?)",
}


def shape(layout: Layout) -> str:
    """A regular expression that a whole line of a headerless layout matches."""

    def token(name: str) -> str:
        if name in _SHAPES:
            return _SHAPES[name]
        return r"(?:-|\d+)" if wire_field(name).kind is Kind.NUMBER else r"\S+"

    return "^" + " ".join(token(name) for name in layout.columns) + "$"


_CUT_DOWN = r" (?:TCP|QUIC)$"
"""A row of 13 tokens that ends in a transport is no row of 13 fields but a cut-down one of 16 (DOMAIN.md 1.2)."""


def matches(text: pl.Expr, layout: Layout) -> pl.Expr:
    """Which entries have the shape of a headerless layout."""
    has_shape = text.str.contains(shape(layout))
    return has_shape & ~text.str.contains(_CUT_DOWN) if layout.columns[-1] == "s-queuename" else has_shape


def headerless_layouts(entries: pl.DataFrame) -> tuple[list[tuple[Layout, pl.DataFrame]], pl.DataFrame]:
    """Entries (with a ``text``) by the layout that each has by its shape, and the others with a ``why``."""
    single = pl.col("text").str.replace_all(" {2,}", " ").str.strip_chars(" ")
    width = pl.col("single").str.count_matches(" ", literal=True) + 1
    rest = entries.with_columns(single.alias("single"))
    widths = set(rest.select(width.unique()).to_series())
    found = []
    for layout in HEADERLESS:
        if len(layout.columns) not in widths:
            continue
        is_match = rest.select(matches(pl.col("single"), layout)).to_series()
        if is_match.any():
            found.append((layout, rest.filter(is_match).drop("single")))
            rest = rest.filter(~is_match)
    found_widths = rest.select(width.alias("width"))["width"]
    why = worded(found_widths, lambda count: f"{count} fields in no known order, and no #Fields before it")
    return found, rest.drop("single").with_columns(why)
