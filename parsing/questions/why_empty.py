"""Why a filter keeps nothing, or hardly what was meant: in sentences, for standard error and the filter bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

import polars as pl

from parsing.errors import CancelledError
from parsing.filters import (
    EVERYTHING,
    And,
    Filter,
    Guess,
    Or,
    Term,
    Word,
    conjunction,
    guesses,
    only,
    terms,
    unit_notes,
)
from parsing.filters.expressions import origins
from parsing.index import Snapshot
from parsing.index.snapshot import Log
from parsing.questions.count import Count
from parsing.questions.question import ask
from parsing.questions.selection import Span
from parsing.suggest import nearest
from parsing.wording import counted

_MOST_HINTS = 4
"""Sentences about one filter: more are not read."""

_MOST_CONDITIONS = 20
"""Conditions that are counted one by one."""

_MOST_COMPARED = 5_000
"""Values of a field that a misspelt one is compared with: some 50 ms."""

_LOG_NAMES = {"iis": "the IIS log", "httperr": "Httperr.log"}


def filter_hints(
    snapshot: Snapshot,
    where: Filter,
    *,
    log: Log | None = None,
    span: Span | None = None,
    tz: tzinfo = UTC,
    shows_values: bool = True,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[str, ...]:
    """What to say of a filter that keeps nothing, or whose text hardly means what was meant; often nothing.

    Each sentence names a condition, what it keeps, and what was probably meant with the rows that this keeps. Rows are
    counted only for conditions that look mistaken, or where the filter keeps none; ``shows_values`` allows values of
    the logs in sentences. The texts are not safe for a terminal yet. Raises ``CancelledError``.
    """
    if where == EVERYTHING or not any(segment.rows for segment in snapshot.segments):
        return ()
    made = _Hints(snapshot, log, span, tz, shows_values=shows_values, cancelled=cancelled)
    found = made.of_empty(where) if not made.keeps_any(where) else made.of_doubtful(where)
    return tuple(dict.fromkeys(sentence for sentence, _ in zip(found, range(_MOST_HINTS), strict=False)))


@dataclass
class _Hints:
    snapshot: Snapshot
    log: Log | None
    span: Span | None
    tz: tzinfo
    shows_values: bool
    cancelled: Callable[[], bool]
    known: dict[Filter, int] = field(default_factory=dict)

    def keeps_any(self, where: Filter) -> bool:
        """Whether any row is kept, which mostly the first segment shows."""
        question = Count(where, self.log, self.span)
        for segment in question.segments(self.snapshot):
            if self.cancelled():
                raise CancelledError
            if question.partial(self.snapshot, segment)[1]:
                return True
        return False

    def count(self, where: Filter) -> int:
        if where not in self.known:
            *_, last = ask(self.snapshot, Count(where, self.log, self.span), cancelled=self.cancelled)
            self.known[where] = last.value.total
        return self.known[where]

    def of_doubtful(self, where: Filter) -> Iterator[str]:
        """Of a filter that keeps rows: conditions that look mistaken, and alternatives that keep nothing."""
        for guess in guesses(where, self.tz):
            rows = self.count(guess.meant) if guess.is_likely else 0
            if rows and (own := self.count(self._written(guess, where))) != rows:
                yield f"{guess.written} keeps {counted(own, 'row')}; {self._instead(guess, rows)}"
        yield from unit_notes(where)
        for part in where.parts if isinstance(where, And) else (where,):
            if isinstance(part, Or) and len(part.parts) <= _MOST_CONDITIONS:
                for other in part.parts:
                    if not self.keeps_any(other):
                        yield from self._of_part(other)

    def _written(self, guess: Guess, where: Filter) -> Filter:
        """The condition that a guess is about; the whole filter where that is two."""
        return where if guess.is_pair else next(term for term in terms(where) if str(term) == guess.written)

    @staticmethod
    def _instead(guess: Guess, rows: int) -> str:
        """What to write comes first: a line of 80 columns has room for that."""
        return f"try {guess.meant} ({counted(rows, 'row')}): {guess.reason}"

    def of_empty(self, where: Filter) -> Iterator[str]:
        """Of a filter that keeps nothing: which condition it is, what the others keep, and what may have been meant."""
        parts = where.parts if isinstance(where, And) else (where,)
        for guess in guesses(where, self.tz):
            if guess.is_pair and (rows := self.count(guess.meant)):
                yield f"{guess.written} keeps nothing; {self._instead(guess, rows)}"
                return
        empty = [part for part in parts[:_MOST_CONDITIONS] if not self.keeps_any(part)]
        others = conjunction([part for part in parts if part not in empty])
        for part in empty:
            yield from self._of_part(part)
        if empty and others != EVERYTHING:
            keep = "conditions keep" if isinstance(others, And) else "condition keeps"
            yield f"the other {keep} {counted(self.count(others), 'row')}: {others}"
        if not empty:
            yield from self._of_parts_that_exclude_each_other(parts)
        yield from unit_notes(where)

    def _of_part(self, part: Filter) -> Iterator[str]:
        """Why a condition keeps nothing by itself."""
        for guess in guesses(part, self.tz):
            if rows := self.count(guess.meant):
                yield f"{part} keeps nothing; {self._instead(guess, rows)}"
                return
        if reason := self._reason(part):
            yield f"{part} keeps nothing: {reason}"
            return
        near = self._near(part) if isinstance(part, Term) and self.shows_values else ""
        yield f"{part} keeps nothing{near}"

    def _reason(self, part: Filter) -> str:
        """What the logs show of a condition without a look at its value."""
        if not isinstance(part, Term) or part.field.name in ("log", "source", "line"):
            return ""
        if part.field.name == "time":
            first, last = (self._shown(time) for time in (self.snapshot.oldest, self.snapshot.newest))
            return f"the logs go from {first} to {last}"
        logs = {segment.log for segment in self.snapshot.segments if origins(segment, part.field)}
        if not logs:
            return f"no log here has the field {part.field.name}"
        if self.log is not None and self.log not in logs:
            return f"{_LOG_NAMES[self.log]} has no field {part.field.name}"
        return ""

    def _shown(self, time: datetime | None) -> str:
        return "" if time is None else time.replace(tzinfo=UTC).astimezone(self.tz).strftime("%Y-%m-%dT%H:%M")

    def _near(self, term: Term) -> str:
        """A value of the logs that is spelled nearly so, or the few that there are."""
        if not isinstance(term.value, Word):
            return ""
        names = {origin.name for segment in self.snapshot.segments for origin in origins(segment, term.field)}
        coded = [name for name in names if any(name in segment.coded for segment in self.snapshot.segments)]
        word = term.value.text
        for name in coded:
            values = self.snapshot.dictionary(name)
            if len(values) > _MOST_COMPARED:
                begin = pl.lit(word[:3].lower())
                alike = pl.col("value").str.to_lowercase().str.starts_with(begin)
                values = values.alias("value").to_frame().filter(alike)["value"].head(_MOST_COMPARED)
            for text in nearest(word, values.to_list()):
                found = only(term.field, text)
                if rows := self.count(found):
                    return f"; did you mean {found} ({counted(rows, 'row')})?"
        return ""

    def _of_parts_that_exclude_each_other(self, parts: tuple[Filter, ...]) -> Iterator[str]:
        logs = {part: self._logs_of(part) for part in parts}
        for part, own in logs.items():
            other = next((given for given, its in logs.items() if own and its and not own & its), None)
            if other is not None:
                first, second = (_LOG_NAMES[next(iter(logs[one]))] for one in (part, other))
                yield f"no row has both: {part} keeps rows of {first} only, and {other} of {second} only"
                return
        alone = ", ".join(f"{part} {counted(self.count(part), 'row')}" for part in parts[:_MOST_CONDITIONS])
        yield f"each condition keeps rows by itself, and no row has all of them: {alone}"

    def _logs_of(self, part: Filter) -> set[Log]:
        """The logs of which a condition keeps rows."""
        *_, last = ask(self.snapshot, Count(part, self.log, self.span), cancelled=self.cancelled)
        self.known[part] = last.value.total
        return {log for log, rows in last.value.by_log.items() if rows}
