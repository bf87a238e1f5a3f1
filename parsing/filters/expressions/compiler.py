"""A filter bound to a snapshot: for each segment an expression over the columns it really has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from parsing.filters.expressions import uri
from parsing.filters.expressions.logic import Test, all_of, any_of, as_expression, inverse, never_null
from parsing.filters.expressions.origin import Origin, is_logged, origins, over_dictionary
from parsing.filters.expressions.texts import contains
from parsing.filters.expressions.time_spans import EARLIEST
from parsing.filters.language.field_names import is_virtual
from parsing.filters.language.tree import And, Filter, Not, Or, Term, Text
from parsing.filters.values.absent import Absent
from parsing.filters.values.value import FilterValue, Subject
from parsing.filters.values.value_kinds import single_values, test_values
from parsing.index.snapshot import Segment, Snapshot
from parsing.knowledge.fields import Field, Kind, wire_field

NEGATIVE = ("!=", "!~")


class Predicate:
    """A filter bound to a snapshot. What it finds in dictionaries is kept for the log set; any thread may use it."""

    def __init__(self, where: Filter, snapshot: Snapshot, codes: dict[int, MaskCodes] | None = None) -> None:
        self.where = where
        self.snapshot = snapshot
        self._codes = {} if codes is None else codes
        self._newest = snapshot.newest or EARLIEST

    def on(self, segment: Segment) -> Test:
        """Which rows to keep: an expression without nulls over the segment's columns, True for all, False for none."""
        return self._compile(self.where, segment)

    def _compile(self, where: Filter, segment: Segment) -> Test:
        match where:
            case And(parts):
                return all_of(self._compile(part, segment) for part in parts)
            case Or(parts):
                return any_of(self._compile(part, segment) for part in parts)
            case Not(part):
                return inverse(self._compile(part, segment))
            case Text(text):
                return self._anywhere(text, segment)
            case Term():
                return self._term(where, segment)
        raise AssertionError(where)

    def _term(self, term: Term, segment: Segment) -> Test:
        given = single_values(term.value)
        values = [value for value in given if not isinstance(value, Absent)]
        is_logged = self._logged(term.field, segment)
        if is_logged is False and not self._has(term.field, segment):
            return False
        found = self._positive(term, values, segment) if values else False
        if len(values) < len(given):
            found = any_of([found, inverse(is_logged)])
        return all_of([is_logged, inverse(found)]) if term.operator in NEGATIVE else found

    def _has(self, field: Field, segment: Segment) -> bool:
        return _is_meta(field) or bool(origins(segment, field))

    def _logged(self, field: Field, segment: Segment) -> Test:
        """Whether a row has a value of the field."""
        if _is_meta(field):
            return True
        found = origins(segment, field)
        return self._has_value(found[0], segment) if found else False

    def _has_value(self, origin: Origin, segment: Segment) -> Test:
        column = pl.col(origin.name)
        if not segment.is_text(origin.name):
            return column.is_not_null()
        if origin.name not in segment.coded:
            return is_logged(column, origin)
        mask = over_dictionary(
            self.snapshot, origin.name, ("is logged", origin.part), lambda text: is_logged(text, origin)
        )
        return self._has_code(column, mask, segment)

    def _positive(self, term: Term, values: Sequence[FilterValue], segment: Segment) -> Test:
        """Whether a row's value is one of those given, whatever the sign of the operator."""
        field, operator = term.field, term.operator
        if _is_meta(field):
            return self._meta(term, values, segment)
        found = origins(segment, field)
        if field.kind is Kind.NUMBER:
            return _never_null(test_values(values, Subject(pl.col(found[0].name), field), operator))
        if len(found) == 2:
            return self._uri(found, values, term, segment)
        return self._text(found[0], (*values,), operator, field, segment)

    def _meta(self, term: Term, values: Sequence[FilterValue], segment: Segment) -> Test:
        match term.field.name:
            case "time":
                return test_values(values, Subject(pl.col("time"), term.field, segment, self._newest), term.operator)
            case "line":
                return _never_null(test_values(values, Subject(pl.col("line"), term.field), term.operator))
            case "log":
                names = pl.Series("value", [segment.log])
                return bool(_tested(names, term, values).item())
            case _:
                names = pl.Series("value", self.snapshot.source_names, dtype=pl.String)
                mask = _tested(names, term, values)
                return self._has_code(pl.col("source"), mask, segment)

    def _text(
        self, origin: Origin, values: tuple[FilterValue, ...], operator: str, field: Field, segment: Segment
    ) -> Test:
        def test(text: pl.Expr) -> pl.Expr:
            return _fits(text, origin, test_values(values, Subject(origin.compared(text), field), operator))

        column = pl.col(origin.name)
        if origin.name not in segment.coded:
            return test(column)
        key = (origin.part, values, operator.lstrip("!"), field)
        return self._has_code(column, over_dictionary(self.snapshot, origin.name, key, test), segment)

    def _uri(self, found: Sequence[Origin], values: Sequence[FilterValue], term: Term, segment: Segment) -> Test:
        """Path and query tested apart wherever that decides what they say together."""
        stem, query = found
        has_stem, has_query = (self._has_value(origin, segment) for origin in found)
        if len(values) > uri.VALUES_APART:
            alone = self._text(stem, (*values,), term.operator, term.field, segment)
            joined = uri.joined_test(segment, self.snapshot, found, values, term)
            return any_of([all_of([alone, inverse(has_query)]), all_of([has_stem, has_query, joined])])
        tests: list[Test] = []
        for value in values:
            alone = self._text(stem, (value,), term.operator, term.field, segment)
            tests.append(all_of([alone, inverse(has_query)]))
            splits = uri.split(value, is_exact=term.operator in ("=", "!="))
            if splits is None:
                joined = uri.joined_test(segment, self.snapshot, found, [value], term)
                tests.append(all_of([has_stem, has_query, joined]))
                continue
            for left, right in splits:
                sides = [
                    self._text(origin, (side,), term.operator, term.field, segment)
                    for origin, side in ((stem, left), (query, right))
                ]
                tests.append(all_of(sides))
        return any_of(tests)

    def _anywhere(self, text: str, segment: Segment) -> Test:
        tests = [self._contains(Origin(name), text, segment) for name in segment.fields if segment.is_text(name)]
        if "?" in text:
            tests.append(self._term(uri.uri_containing(text), segment))
        return any_of(tests)

    def _contains(self, origin: Origin, part: str, segment: Segment) -> Test:
        def test(text: pl.Expr) -> pl.Expr:
            return _fits(text, origin, contains(text, part, wire_field(origin.name)))

        column = pl.col(origin.name)
        if origin.name not in segment.coded:
            return test(column)
        return self._has_code(column, over_dictionary(self.snapshot, origin.name, ("contains", part), test), segment)

    def _has_code(self, codes: pl.Expr, mask: pl.Series, segment: Segment) -> Test:
        """Whether a column of codes is at a true place of the mask."""
        known = self._codes.get(id(mask))
        if known is None or known.mask is not mask:
            known = self._codes[id(mask)] = MaskCodes(mask)
        return known.test(codes, segment.rows)


class MaskCodes:
    """The codes at the true places of a mask over a dictionary."""

    def __init__(self, mask: pl.Series) -> None:
        self.mask = mask
        count = int(mask.sum())
        self.constant = count == len(mask) if count in (0, len(mask)) else None
        self.is_inverse = count > len(mask) // 2
        places = (~mask if self.is_inverse else mask).arg_true().cast(pl.UInt32)
        self.count = len(places)
        self.places = places.item() if self.count == 1 else places.implode()

    def test(self, codes: pl.Expr, rows: int) -> Test:
        """Whether a column has one of the codes; by a look into the mask where there are more codes than rows."""
        if self.constant is not None:
            return codes.is_not_null() if self.constant else False
        if self.count > rows:
            return never_null(pl.lit(self.mask).gather(codes))
        found = codes == self.places if self.count == 1 else codes.is_in(self.places)
        return never_null(~found if self.is_inverse else found)


def _is_meta(field: Field) -> bool:
    """Whether every row has the field, whatever its layout."""
    return is_virtual(field) and field.name in ("time", "line", "log", "source")


def _never_null(test: Test) -> Test:
    return test if isinstance(test, bool) else never_null(test)


def _fits(text: pl.Expr, origin: Origin, found: Test) -> pl.Expr:
    return never_null(as_expression(found)) & is_logged(text, origin)


def _tested(names: pl.Series, term: Term, values: Iterable[FilterValue]) -> pl.Series:
    test = test_values(values, Subject(pl.col("value"), term.field), term.operator)
    return names.to_frame().select(never_null(as_expression(test) & pl.col("value").is_not_null())).to_series()
