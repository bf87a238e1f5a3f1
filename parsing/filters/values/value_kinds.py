"""The list of the kinds of values. A new kind is a class like those here, and its line in ``KINDS``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from parsing.filters.values.absent import Absent
from parsing.filters.values.address import Address, Network
from parsing.filters.values.moment import Moment
from parsing.filters.values.number import Number, StatusClass
from parsing.filters.values.ranges import AnyOf, Range
from parsing.filters.values.value import Example, FilterValue, Subject, Written
from parsing.filters.values.word import Glob, Word

if TYPE_CHECKING:
    from parsing.filters.expressions.logic import Test

KINDS: tuple[type[FilterValue], ...] = (Absent, Range, StatusClass, Network, Glob, Address, Number, Moment, Word)
"""In the order in which a written value is tried as each; a word is what is left."""


def read_value(written: Written) -> FilterValue:
    """What a written value means for its field and operator; raises ``ValueMistakeError``."""
    return next(found for kind in KINDS if (found := kind.read(written)) is not None)


def test_values(values: Iterable[FilterValue], subject: Subject, operator: str) -> Test:
    """Whether a row has one of the values, in one operation for each kind of them."""
    from parsing.filters.expressions.logic import any_of

    groups: dict[type[FilterValue], list[FilterValue]] = defaultdict(list)
    for value in values:
        kind = Moment if isinstance(value, Moment) else type(value)
        groups[kind].append(value)
    return any_of(kind.test(group, subject, operator) for kind, group in groups.items())


def offered_examples(name: str) -> Iterator[Example]:
    """The examples that completion offers for a field, by its wire name."""
    for kind in KINDS:
        yield from (example for example in kind.examples if example.is_offered and name in example.fields)


def single_values(value: FilterValue) -> Sequence[FilterValue]:
    """The values of a list, or the one that there is."""
    return value.values if isinstance(value, AnyOf) else (value,)
