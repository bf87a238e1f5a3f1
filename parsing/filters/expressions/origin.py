"""Where the value of a field comes from in a segment, and the value itself as an expression."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Literal

import polars as pl

from parsing.filters.expressions.address_spans import without_ports
from parsing.filters.expressions.templates import template
from parsing.filters.expressions.texts import number_of_site
from parsing.filters.language.field_names import field_named, is_virtual
from parsing.index.snapshot import Segment, Snapshot
from parsing.knowledge.fields import CLIENT_PORT_NAMES, WITHHELD, Field, Kind, is_known_wire_name, wire_field

Part = Literal["whole", "path", "query", "site", "template", "addresses"]


@dataclass(frozen=True, slots=True)
class Origin:
    """A column of a segment, and the part of its text that is the value."""

    name: str
    part: Part = "whole"

    def compared(self, text: pl.Expr) -> pl.Expr:
        """What a filter compares: the value, but for a site its name as logged, whose number is one more form of it."""
        return text if self.part == "site" else self.value(text)

    def value(self, text: pl.Expr) -> pl.Expr:
        """The part of a text; null where there is none."""
        match self.part:
            case "path":
                return _logged(text.str.splitn("?", 2).struct.field("field_0"))
            case "query":
                return _logged(text.str.splitn("?", 2).struct.field("field_1"))
            case "site":
                return number_of_site(text)
            case "template":
                return template(Origin(self.name, "path").value(text))
            case "addresses":
                return without_ports(text)
        return text


def _logged(text: pl.Expr) -> pl.Expr:
    return pl.when(text != "").then(text)


def wire_name(segment: Segment, name: str) -> str | None:
    """The name under which a segment has a field, ignoring case."""
    if name in segment.fields:
        return name
    lowered = name.lower()
    return next((field for field in segment.fields if field.lower() == lowered), None)


def origins(segment: Segment, field: Field) -> tuple[Origin, ...]:
    """Where a segment has a text or number field: none, one, or two that are joined by ``?`` (the uri of IIS)."""
    if not is_virtual(field):
        return _first(segment, Origin(field.name))
    stem, query = (wire_name(segment, name) for name in ("cs-uri-stem", "cs-uri-query"))
    match field.name:
        case "uri" if stem is not None:
            return (Origin(stem), Origin(query)) if query is not None else (Origin(stem),)
        case "uri":
            return _first(segment, Origin("cs-uri"))
        case "path":
            return _first(segment, Origin("cs-uri-stem"), Origin("cs-uri", "path"))
        case "query":
            return _first(segment, Origin("cs-uri-query"), Origin("cs-uri", "query"))
        case "template":
            return _first(segment, Origin("cs-uri-stem", "template"), Origin("cs-uri", "template"))
        case "site":
            return _first(segment, Origin("s-siteid"), Origin("s-sitename", "site"))
        case "port":
            return _first(segment, *map(Origin, CLIENT_PORT_NAMES))
    return ()


def _first(segment: Segment, *wanted: Origin) -> tuple[Origin, ...]:
    for origin in wanted:
        name = wire_name(segment, origin.name)
        if name is not None:
            return (Origin(name, origin.part),)
    return ()


def column(segment: Segment, name: str, snapshot: Snapshot) -> pl.Expr | None:
    """The value of a wire, short or virtual field as text, number or time, named ``name``; None where no row has it.

    Values are as logged: one that IIS withheld is ``...``. The expression is over the segment's own columns.
    """
    found = field_named(name, segment.fields)
    if found is None:
        return None
    if name in segment.fields and not is_virtual(found):
        found = wire_field(name)
    value = _meta(segment, found.name, snapshot) if is_virtual(found) else None
    if value is None:
        parts = [decoded(segment, origin, snapshot) for origin in origins(segment, found)]
        value = joined(*parts) if len(parts) == 2 else parts[0] if parts else None
    return None if value is None else value.alias(name)


def counted_column(segment: Segment, name: str, snapshot: Snapshot) -> pl.Expr | None:
    """The same as values are counted: addresses that proxies list with their ports are counted without these."""
    origin = _listed(segment, name)
    return column(segment, name, snapshot) if origin is None else decoded(segment, origin, snapshot).alias(name)


def is_counted_as_logged(segment: Segment, name: str, snapshot: Snapshot) -> bool:
    """Whether values of a field are counted just as they are logged."""
    origin = _listed(segment, name)
    if origin is None:
        return True
    if origin.name not in segment.coded:
        return False
    return dictionary(snapshot, origin).equals(snapshot.dictionary(origin.name), check_names=False)


def _listed(segment: Segment, name: str) -> Origin | None:
    """Where a segment has a custom field of text, which may list addresses with ports."""
    field = field_named(name, segment.fields)
    if field is None or is_virtual(field) or field.kind is not Kind.TEXT or is_known_wire_name(field.name):
        return None
    return next((Origin(origin.name, "addresses") for origin in origins(segment, field)), None)


def _meta(segment: Segment, name: str, snapshot: Snapshot) -> pl.Expr | None:
    match name:
        case "time" | "line":
            return pl.col(name)
        case "log":
            return pl.lit(segment.log)
        case "source":
            return pl.lit(pl.Series(snapshot.source_names, dtype=pl.String)).gather(pl.col("source"))
    return None


def joined(stem: pl.Expr, query: pl.Expr) -> pl.Expr:
    """Path and query as one uri; null where there is no path."""
    return pl.when(query.is_null()).then(stem).otherwise(stem + "?" + query)


def decoded(segment: Segment, origin: Origin, snapshot: Snapshot) -> pl.Expr:
    """The value of an origin as text or number."""
    if origin.name not in segment.coded:
        text = pl.col(origin.name)
        return text if origin.part == "whole" else origin.value(text)
    return pl.lit(dictionary(snapshot, origin)).gather(pl.col(origin.name))


def dictionary(snapshot: Snapshot, origin: Origin) -> pl.Series:
    """The values of an origin in the order of its codes."""
    if origin.part == "whole":
        return snapshot.dictionary(origin.name)
    return over_dictionary(snapshot, origin.name, origin.part, origin.value)


def is_logged(text: pl.Expr, origin: Origin) -> pl.Expr:
    """Whether a text of an origin's column has a value: it was logged and not withheld."""
    return (origin.value(text).is_not_null() & (text != WITHHELD)).fill_null(value=False)


def over_dictionary(snapshot: Snapshot, name: str, key: Hashable, compute: Callable[[pl.Expr], pl.Expr]) -> pl.Series:
    """An expression over a whole dictionary, one result a code, computed once for each ``key`` and each new value."""
    kept, place = snapshot.memory.dictionaries, (name, key)
    values = snapshot.dictionary(name)
    known: pl.Series | None = kept.find(place)
    if known is not None and len(known) == len(values):
        return known
    start = len(known) if known is not None and len(known) < len(values) else 0
    fresh = values.slice(start).alias("value").to_frame().select(compute(pl.col("value"))).to_series()
    result = fresh if known is None or start == 0 else pl.concat([known, fresh])
    kept.replace(place, result)
    return result
