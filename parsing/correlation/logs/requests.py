"""The requests of the IIS log that may belong to some errors. Times are milliseconds since 1970."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from parsing.correlation.logs.keys import ANY, Keys, Normals, normal_addresses, normal_queries, normal_text, numbers_of
from parsing.correlation.logs.windows import Window, with_parts
from parsing.correlation.schema import REQUESTS, polars_schema
from parsing.correlation.stopping import Cancelled, never, stop_if
from parsing.index.snapshot import Segment, Snapshot
from parsing.knowledge.fields import CLIENT_PORT_NAMES, WITHHELD
from parsing.knowledge.win32 import FOLDED, client_gone_codes

GONE = client_gone_codes()
"""Windows codes which say that the client left."""

ENDED, CLIENT_GONE, BROKEN_WRITE, UNKNOWN = 0, 1, 2, 3
"""How a request ended: by itself; with the client gone; as ``500 19 64``, a write to a dead connection; not logged."""

_FIELDS = (
    "c-ip",
    "s-ip",
    "s-port",
    "cs-method",
    "cs-uri-stem",
    "cs-uri-query",
    "time-taken",
    "sc-status",
    "sc-substatus",
    "sc-win32-status",
)


def client_port_field(segment: Segment, named: str | None) -> str | None:
    """The field of a segment that holds the client's port: the one that the user named, else one of the usual names."""
    wanted = (named, *CLIENT_PORT_NAMES) if named else CLIENT_PORT_NAMES
    by_name = {field.lower(): field for field in segment.fields}
    return next((by_name[name.lower()] for name in wanted if name.lower() in by_name), None)


def lacks_client_port(snapshot: Snapshot, named: str | None = None) -> bool:
    """Whether a log set has both logs, and the client's port in Httperr.log alone."""
    segments = [segment for segment in snapshot.segments if segment.rows]
    requests = [segment for segment in segments if segment.log == "iis"]
    has_errors = any(segment.log == "httperr" and "c-port" in segment.fields for segment in segments)
    return has_errors and bool(requests) and not any(client_port_field(segment, named) for segment in requests)


def win32_code() -> pl.Expr:
    """The Windows code, also where it was logged as an HRESULT."""
    logged = code = pl.col("sc-win32-status").cast(pl.Int64)
    for first, last, base in FOLDED:
        code = pl.when(logged.is_between(first, last)).then(logged - base).otherwise(code)
    return code


def ending(fields: tuple[str, ...]) -> pl.Expr:
    """How the requests of a layout ended, as one of the four numbers above."""
    if "sc-win32-status" not in fields:
        return pl.lit(UNKNOWN, dtype=pl.Int8)
    is_gone = win32_code().is_in(GONE).fill_null(value=False)
    is_broken = pl.lit(value=False)
    if "sc-status" in fields and "sc-substatus" in fields:
        is_broken = ((pl.col("sc-status") == 500) & (pl.col("sc-substatus") == 19)).fill_null(value=False)
    ended = pl.when(is_gone & is_broken).then(BROKEN_WRITE).when(is_gone).then(CLIENT_GONE).otherwise(ENDED)
    return ended.cast(pl.Int8)


def is_ended(fields: tuple[str, ...], *, gone: bool) -> pl.Expr:
    """Whether requests of a layout ended with their client gone, or not."""
    found = ending(fields).is_in([CLIENT_GONE, BROKEN_WRITE])
    return found if gone else ~found


class Requests:
    """Reads requests with the numbers of some ``Keys`` in place of their texts."""

    def __init__(
        self,
        snapshot: Snapshot,
        keys: Keys,
        normals: Normals,
        client_port: str | None = None,
        cancelled: Cancelled = never,
    ) -> None:
        self._snapshot = snapshot
        self._keys = keys
        self._normals = normals
        self._client_port = client_port
        self._cancelled = cancelled
        self._tables: dict[str, pl.Series] = {}

    def read(self, window: Window) -> pl.DataFrame:
        """Requests that ended in the window and have the address or the path of an error, by time, source and line.

        Columns: ``source line end start taken blur address path uri server method server_port port status substatus
        ending is_loose``. ``start`` is null without time-taken; it is known to a part of a second, and may be off by
        ``blur``. ``is_loose`` marks those whose query is not known, so that only the path can agree.
        """
        segments = [segment for segment in self._snapshot.segments if segment.log == "iis" and window.meets(segment)]
        physical = with_parts(self._physical(segment, window) for segment in segments)
        frames = [self._of(segment, frame) for segment, frame in zip(segments, physical, strict=True)]
        return pl.concat([_no_requests(), *frames]).sort("end", "source", "line")

    def read_sockets(self, window: Window, sockets: pl.DataFrame) -> pl.DataFrame:
        """Requests on the sockets (``address port socket``) of some errors, with the columns that name and place them."""
        ports = sockets["port"].unique().implode()
        segments = [
            segment
            for segment in self._snapshot.segments
            if segment.log == "iis" and client_port_field(segment, self._client_port) and window.meets(segment)
        ]
        physical = with_parts(self._physical(segment, window) for segment in segments)
        frames = []
        for segment, frame in zip(segments, physical, strict=True):
            placed = self._placed(segment, frame.filter(pl.col("port").is_in(ports)))
            found = placed.join(sockets, on=["address", "port"])
            frames.append(found.filter(pl.col("server").is_not_null()))
        if not frames:
            return _no_requests().with_columns(pl.lit(None, pl.UInt32).alias("socket"))
        return pl.concat(frames).sort("end", "source", "line")

    def has_port(self) -> bool:
        """Whether any segment of the IIS log has the client's port."""
        segments = self._snapshot.segments
        return any(segment.log == "iis" and client_port_field(segment, self._client_port) for segment in segments)

    def _of(self, segment: Segment, frame: pl.DataFrame) -> pl.DataFrame:
        stop_if(self._cancelled)
        placed = self._placed(segment, frame).with_columns(
            self._paths(segment, frame).alias("path"), self._methods(segment, frame).alias("method"), frame["query"]
        )
        is_wanted = (pl.col("address").is_not_null() | pl.col("path").is_not_null()) & pl.col("server").is_not_null()
        numbered = placed.filter(is_wanted)
        stop_if(self._cancelled)
        return numbered.hstack(self._uris(segment, numbered)).select(*_COLUMNS)

    def _placed(self, segment: Segment, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.select(
            "source",
            "line",
            pl.col("t").alias("end"),
            (pl.col("t") + pl.col("part") - pl.col("time-taken")).alias("start"),
            pl.col("time-taken").alias("taken"),
            "blur",
            self._addresses(segment, frame, "c-ip").alias("address"),
            self._servers(segment, frame).alias("server"),
            pl.col("s-port").cast(pl.Int64).fill_null(ANY).alias("server_port"),
            pl.col("port").cast(pl.Int64, strict=False),
            ending(segment.fields).alias("ending"),
            pl.col("sc-status").cast(pl.Int64).alias("status"),
            pl.col("sc-substatus").cast(pl.Int64).alias("substatus"),
        )

    def _physical(self, segment: Segment, window: Window) -> pl.DataFrame:
        stop_if(self._cancelled)
        rows = segment.scan()
        inside = window.keeps(segment)
        if inside is not None:
            rows = rows.filter(inside)
        port = client_port_field(segment, self._client_port)
        fields = [segment.copied(field) for field in _FIELDS if field in segment.fields]
        missing = [pl.lit(None, dtype=pl.Int64).alias(field) for field in _FIELDS if field not in segment.fields]
        frame = rows.select("source", "line", pl.col("time").cast(pl.Int64).alias("t"), *fields, *_port(port)).collect()
        frame = frame.with_columns(*missing)
        if port:
            frame = frame.with_columns(
                self._decoded(segment, frame["port"], port).cast(pl.Int64, strict=False).alias("port")
            )
        return frame.with_columns(pl.col("cs-uri-query").alias("query"))

    def _decoded(self, segment: Segment, values: pl.Series, field: str) -> pl.Series:
        return self._snapshot.dictionary(field).gather(values) if field in segment.coded else values

    def _numbers(
        self,
        segment: Segment,
        values: pl.Series,
        field: str,
        table: pl.DataFrame,
        normal: Callable[[], pl.Series],
        normalise: Callable[[pl.Series], pl.Series],
    ) -> pl.Series:
        if field not in segment.coded:
            return numbers_of(normalise(values.cast(pl.String)), table)
        numbers = self._tables.get(field)
        if numbers is None or len(numbers) < len(self._snapshot.dictionary(field)):
            numbers = self._tables[field] = numbers_of(normal(), table)
        return numbers.gather(values)

    def _addresses(self, segment: Segment, frame: pl.DataFrame, field: str) -> pl.Series:
        table = self._keys.addresses if field == "c-ip" else self._keys.servers
        return self._numbers(
            segment,
            frame[field],
            field,
            table,
            lambda: self._normals.addresses(self._snapshot, field),
            normal_addresses,
        )

    def _servers(self, segment: Segment, frame: pl.DataFrame) -> pl.Series:
        if "s-ip" not in segment.fields or not self._keys.has_server:
            return pl.repeat(ANY, frame.height, dtype=pl.UInt32, eager=True)
        numbers = self._addresses(segment, frame, "s-ip")
        return pl.select(pl.when(frame["s-ip"].is_null()).then(ANY).otherwise(numbers).cast(pl.UInt32)).to_series()

    def _paths(self, segment: Segment, frame: pl.DataFrame) -> pl.Series:
        if "cs-uri-stem" not in segment.fields:
            return pl.repeat(None, frame.height, dtype=pl.UInt32, eager=True)
        return self._numbers(
            segment,
            frame["cs-uri-stem"],
            "cs-uri-stem",
            self._keys.paths,
            lambda: self._normals.texts(self._snapshot, "cs-uri-stem"),
            normal_text,
        )

    def _methods(self, segment: Segment, frame: pl.DataFrame) -> pl.Series:
        if "cs-method" not in segment.fields:
            return pl.repeat(ANY, frame.height, dtype=pl.UInt32, eager=True)
        numbers = self._numbers(
            segment,
            frame["cs-method"],
            "cs-method",
            self._keys.methods,
            lambda: self._snapshot.dictionary("cs-method").str.to_uppercase(),
            lambda texts: texts.str.to_uppercase(),
        )
        return numbers.fill_null(_OTHER_METHOD)

    def _uris(self, segment: Segment, frame: pl.DataFrame) -> pl.DataFrame:
        """``uri`` and ``is_loose`` for rows that have both address and path of an error."""
        is_wanted = frame["address"].is_not_null() & frame["path"].is_not_null()
        if "cs-uri-query" not in segment.fields:
            return pl.DataFrame(
                {"uri": pl.repeat(None, frame.height, dtype=pl.UInt32, eager=True), "is_loose": is_wanted}
            )
        values = frame["query"].filter(is_wanted).unique()
        texts = self._decoded(segment, values, "cs-uri-query").cast(pl.String)
        normal = normal_queries(texts.fill_null(""))
        queries = pl.DataFrame([values.rename("query"), normal.rename("text"), (texts == WITHHELD).rename("is_loose")])
        uris = self._keys.uris.select("path", pl.col("query").alias("text"), "uri")
        found = (
            frame.select("query", "path")
            .join(queries, on="query", how="left", nulls_equal=True, maintain_order="left")
            .join(uris, on=["path", "text"], how="left", maintain_order="left")
        )
        cut = self._cut(found)
        if cut is not None:
            found = found.join(cut, on=["path", "text"], how="left", maintain_order="left").with_columns(
                pl.coalesce("uri", "cut").alias("uri")
            )
        return found.select(
            pl.when(is_wanted).then("uri").alias("uri"), (pl.col("is_loose").fill_null(value=False) & is_wanted)
        )

    def _cut(self, found: pl.DataFrame) -> pl.DataFrame | None:
        """URIs that Httperr.log cut short are those of the queries that begin like them: ``path text cut``."""
        cut = self._keys.uris.filter(pl.col("is_cut")).select("path", "query", pl.col("uri").alias("cut"))
        if cut.is_empty():
            return None
        longer = found.filter(pl.col("uri").is_null() & pl.col("text").is_not_null()).select("path", "text").unique()
        begins = pl.col("text").str.starts_with(pl.col("query").str.head(-_PART_OF_ESCAPE))
        return longer.join(cut, on="path").filter(begins).unique(["path", "text"]).select("path", "text", "cut")


_PART_OF_ESCAPE = 3
"""A cut may have left part of an escape at the end."""

_OTHER_METHOD = 0xFFFFFFFF


def _port(field: str | None) -> list[pl.Expr]:
    return [pl.col(field).alias("port") if field else pl.lit(None, dtype=pl.Int64).alias("port")]


_SCHEMA = polars_schema(REQUESTS)
_COLUMNS = tuple(_SCHEMA)


def _no_requests() -> pl.DataFrame:
    return pl.DataFrame(schema=_SCHEMA)
