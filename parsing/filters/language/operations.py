"""Filters made from filters: what the explorer's keys do to a question."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from fractions import Fraction

from parsing.filters.language.field_names import field_named, spelled
from parsing.filters.language.tree import (
    EVERYTHING,
    And,
    Filter,
    Not,
    Or,
    Term,
    conjunction,
    disjunction,
    terms,
)
from parsing.filters.values.absent import Absent
from parsing.filters.values.address import Address
from parsing.filters.values.moment import Instant, instant, time_range
from parsing.filters.values.number import Number
from parsing.filters.values.ranges import Range
from parsing.filters.values.value import FilterValue, ValueMistakeError
from parsing.filters.values.word import Word
from parsing.knowledge.fields import WITHHELD, Field, Kind, wire_field

Cell = str | int | float | datetime | None
"""A value as a row has it."""


def both(first: Filter, second: Filter) -> Filter:
    """The rows of both; conditions that are there already are not repeated."""
    parts = first.parts if isinstance(first, And) else (first,)
    added = second.parts if isinstance(second, And) else (second,)
    return conjunction([*parts, *(part for part in added if part not in parts)])


def only(field: str | Field, value: Cell) -> Term:
    """The rows with this value in a field, by wire or short name; None for those without a logged one."""
    found = field if isinstance(field, Field) else field_named(field) or wire_field(field)
    operator, written = _written(found, value)
    return Term(found, operator, written, spelled(found))


def without(field: str | Field, value: Cell) -> Filter:
    """All rows but those with this value, rows of a log that has no such field included."""
    return Not(only(field, value))


def widened(where: Filter, values: Iterable[tuple[str | Field, Cell]]) -> Filter:
    """The filter that also keeps the rows with these values, as far as its conditions on other fields let them."""
    wanted = [only(field, value) for field, value in values]
    fields = {term.field for term in wanted}
    parts = where.parts if isinstance(where, And) else (where,)
    own = [part for part in parts if _is_about(part, fields)]
    rest = [part for part in parts if part not in own]
    if not own or any(isinstance(term, Term) and term.field in fields for part in rest for term in terms(part)):
        relaxed = where
        for field in fields:
            relaxed = without_conditions_on(relaxed, field)
        return disjunction([where, conjunction([relaxed, *wanted])])
    excluded = Not(conjunction(wanted))
    left = [part for part in own if part != excluded]
    if len(left) == len(own) or not all(isinstance(part, Not) and _is_one_value(part.part) for part in left):
        left = [disjunction([conjunction(own), conjunction(wanted)])]
    place = parts.index(own[0])
    return conjunction(
        [*(part for part in parts[:place] if part in rest), *left, *(p for p in parts[place:] if p in rest)]
    )


def _is_about(part: Filter, fields: Collection[Field]) -> bool:
    """Whether a condition says nothing of any other field."""
    return all(isinstance(term, Term) and term.field in fields for term in terms(part))


def _is_one_value(part: Filter) -> bool:
    return isinstance(part, Term) and (part.operator == "=" or part.value.is_single)


def _written(field: Field, value: Cell) -> tuple[str, FilterValue]:
    """The operator and value that match one cell and no other; text is compared exactly."""
    if value is None or value in (WITHHELD, ""):
        return ":", Absent()
    if isinstance(value, datetime):
        return ":", instant(_naive(value))
    if field.kind is Kind.NUMBER:
        return ":", Number(Fraction(str(value)), str(value))
    if field.kind is Kind.ADDRESS and (found := Address.of(str(value))) is not None:
        return ":", found
    return "=", Word(str(value))


def _naive(time: datetime) -> datetime:
    return time if time.tzinfo is None else time.astimezone(UTC).replace(tzinfo=None)


def during(start: datetime, end: datetime, tz: tzinfo = UTC) -> Term:
    """The rows from ``start`` to before ``end``, written in ``tz``; naive times are UTC."""
    field = field_named("time")
    assert field is not None
    start, end = _naive(start), _naive(end)
    end = max(end, start + timedelta(milliseconds=1))
    local = [time.replace(tzinfo=UTC).astimezone(tz).replace(tzinfo=None) for time in (start, end)]
    if (span := _span(_spelled_ends(*local), tz, start, end)) is None:
        # Where the clocks are set back, a local time is two moments.
        span = Range(*time_range("..".join(f"{text}Z" for text in _spelled_ends(start, end, is_full=True)), UTC))
    return Term(field, ":", span, spelled(field))


def _span(ends: tuple[str, str], tz: tzinfo, start: datetime, end: datetime) -> Range | None:
    """A range of times as it is written, if it means the moments that are wanted."""
    try:
        span = Range(*time_range("..".join(ends), tz))
    except ValueMistakeError:
        return None
    match span:
        case Range(Instant(start=first), Instant(end=last)) if (first, last) == (start, end):
            return span
    return None


def _spelled_ends(start: datetime, end: datetime, *, is_full: bool = False) -> tuple[str, str]:
    """Both ends of a span, the second as its last minute, second or millisecond, for a range includes it."""
    if not (start.second or start.microsecond or end.second or end.microsecond):
        unit, last = "minutes", end - timedelta(minutes=1)
    elif not (start.microsecond or end.microsecond):
        unit, last = "seconds", end - timedelta(seconds=1)
    else:
        unit, last = "milliseconds", end - timedelta(milliseconds=1)
    text = last.isoformat(timespec=unit)
    is_short = last.date() == start.date() and not is_full
    return start.isoformat(timespec=unit), text.partition("T")[2] if is_short else text


def without_conditions_on(where: Filter, field: str | Field) -> Filter:
    """The narrowest filter that keeps all that ``where`` keeps and says nothing of a field."""
    found = field if isinstance(field, Field) else field_named(field) or wire_field(field)
    relaxed = _relax(where, found, holds=True)
    return EVERYTHING if isinstance(relaxed, bool) else relaxed


def _relax(where: Filter, field: Field, *, holds: bool) -> Filter | bool:
    """The filter with each condition on the field taken for ``holds``."""
    match where:
        case Term() if where.field == field:
            return holds
        case Not(part):
            inner = _relax(part, field, holds=not holds)
            return (not inner) if isinstance(inner, bool) else Not(inner)
        case And(parts):
            kept = [_relax(part, field, holds=holds) for part in parts]
            filters = [part for part in kept if isinstance(part, Filter)]
            return False if False in kept else conjunction(filters) if filters else True
        case Or(parts):
            kept = [_relax(part, field, holds=holds) for part in parts]
            filters = [part for part in kept if isinstance(part, Filter)]
            return True if True in kept else disjunction(filters) if filters else False
    return where
