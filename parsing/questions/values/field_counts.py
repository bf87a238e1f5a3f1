"""Which fields the rows have: in how many each was logged, and with how many values."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl

from parsing.filters import EVERYTHING, Filter, Not, both, only
from parsing.filters.expressions import column
from parsing.index.snapshot import Log, Snapshot
from parsing.knowledge.fields import FIELDS, META, VIRTUAL, Field, field_of, wire_field
from parsing.questions.count import Count
from parsing.questions.question import answer
from parsing.questions.values.breakdown import Breakdown

_KNOWN: dict[str, pl.DataType] = dict.fromkeys(("field", "short", "kind", "unit", "log", "meaning"), pl.String())
_COUNTED: dict[str, pl.DataType] = {**_KNOWN, "rows": pl.Int64(), "logged": pl.Int64(), "values": pl.Int64()}


def known_fields() -> pl.DataFrame:
    """Every field that any log can have: ``field``, ``short`` name, ``kind``, ``unit``, ``log`` and ``meaning``.

    ``log`` is ``iis``, ``httperr`` or ``both``; ``short`` and ``unit`` are null where there is none.
    """
    return pl.DataFrame([_record(field, field.log) for field in _in_order(FIELDS)], schema=_KNOWN)


def field_counts(
    snapshot: Snapshot,
    where: Filter = EVERYTHING,
    log: Log | None = None,
    *,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[pl.DataFrame]:
    """A table of one row for each field that the kept rows have, as soon as it is counted.

    It has the columns of ``known_fields``, where ``log`` says which of these logs have the field, then ``rows`` (those of a
    log that has it), ``logged`` (those of them with a value: neither ``-`` nor withheld by IIS) and ``values`` (how many
    different ones). The first table is empty. Raises ``CancelledError`` once ``cancelled()`` is true.
    """
    yield pl.DataFrame(schema=_COUNTED)
    for field in _in_order([_field_of(name) for name in snapshot.field_names]):
        segments = [segment for segment in snapshot.segments if log in (None, segment.log)]
        logs = {segment.log for segment in segments if column(segment, field.name, snapshot) is not None}
        if not logs:
            continue
        empty, kept = 0, where
        if field.name not in META:
            is_empty = only(field, None)
            empty = answer(snapshot, Count(both(where, is_empty), log), cancelled).total
            kept = both(where, Not(is_empty))
        found = answer(snapshot, Breakdown(kept, (field.name,), 1, log=log), cancelled)
        if empty + found.rows:
            figures = {"rows": empty + found.rows, "logged": found.rows, "values": found.distinct}
            has = "both" if len(logs) > 1 else next(iter(logs))
            yield pl.DataFrame([_record(field, has) | figures], schema=_COUNTED)


def _field_of(name: str) -> Field:
    """A field that logs have, by its name there and with the short name that any spelling of it has."""
    known = field_of(name)
    return known if known.name == name else wire_field(name)


def _in_order(logged: tuple[Field, ...] | list[Field]) -> list[Field]:
    """What every record has, then the fields on the wire, then those that are made from them."""
    virtual = {field.name: field for field in VIRTUAL}
    return [*(virtual[name] for name in META), *logged, *(field for field in VIRTUAL if field.name not in META)]


def _record(field: Field, log: str) -> dict[str, str | int | None]:
    return {
        "field": field.name,
        "short": field.short or None,
        "kind": field.kind.value,
        "unit": field.unit or None,
        "log": log,
        "meaning": field.hint,
    }
