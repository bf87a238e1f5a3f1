"""The two sets of rows that are compared: spans, filters, or both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from parsing.filters import EVERYTHING, Filter, Not, both
from parsing.questions.selection import Span


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: the rows that a filter keeps, within a span if one is given. ``label`` is what sentences call it."""

    label: str
    where: Filter = EVERYTHING
    span: Span | None = None


def before_and_after(moment: datetime, length: timedelta, where: Filter = EVERYTHING) -> tuple[Side, Side]:
    """As long before a moment (UTC without zone) as after it: around a deployment, or since an incident began."""
    return (
        Side("before", where, (moment - length, moment)),
        Side("after", where, (moment, moment + length)),
    )


def with_the_time_before(span: Span, where: Filter = EVERYTHING) -> tuple[Side, Side]:
    """The time as long directly before a span, and the span."""
    start, end = span
    return Side("before", where, (start - (end - start), start)), Side("in this span", where, span)


def with_earlier_days(span: Span, days: int, where: Filter = EVERYTHING) -> tuple[Side, Side]:
    """The same time some days earlier, and a span: 1 is the day before, 7 the same day of the week before."""
    earlier = {1: "a day earlier", 7: "a week earlier"}.get(days, f"{days} days earlier")
    back = timedelta(days=days)
    return Side(earlier, where, (span[0] - back, span[1] - back)), Side("in this span", where, span)


def two_filters(a: Filter | None, b: Filter | None, where: Filter = EVERYTHING) -> tuple[Side, Side]:
    """The rows of two filters; the side of which nothing is said has all other rows. One of them has to be given."""
    if a is not None and b is not None:
        return Side("in a", both(where, a)), Side("in b", both(where, b))
    if a is not None:
        return Side("in a", both(where, a)), Side("elsewhere", both(where, Not(a)))
    assert b is not None
    return Side("elsewhere", both(where, Not(b))), Side("in b", both(where, b))
