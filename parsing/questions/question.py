"""How a question is asked: one partial a segment, merged as they come, stopped between two segments."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from time import perf_counter
from typing import Generic, Protocol, TypeVar

import polars as pl

from parsing.errors import CancelledError, IndexStoreError
from parsing.index.snapshot import Segment, Snapshot

_AT_ONCE = min(4, os.cpu_count() or 1)
"""Partials computed side by side: much of the work of one is done by a single core."""

_SMALL = 0.0005
"""Handing a partial of fewer seconds to another thread takes longer than the partial."""

PartialT = TypeVar("PartialT")
ValueT = TypeVar("ValueT")
ValueT_co = TypeVar("ValueT_co", covariant=True)


class Question(Protocol[PartialT, ValueT_co]):
    """A frozen value that can be asked of any snapshot; equal questions have equal answers."""

    def segments(self, snapshot: Snapshot) -> Sequence[Segment]:
        """The segments that can contribute, most useful first."""

    def partial(self, snapshot: Snapshot, segment: Segment) -> PartialT:
        """The result on one segment."""

    def merge(self, snapshot: Snapshot, partials: Sequence[PartialT]) -> ValueT_co:
        """The result on all segments that gave a partial."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[ValueT]):
    """``value`` over ``done`` of ``total`` segments; whole when all were asked and nothing is left to read."""

    value: ValueT
    done: int
    total: int
    is_whole: bool


def ask(
    snapshot: Snapshot,
    question: Question[PartialT, ValueT],
    *,
    cancelled: Callable[[], bool] = lambda: False,
    every: Callable[[], bool] = lambda: True,
) -> Iterator[Answer[ValueT]]:
    """Answers that grow more complete; the last covers all segments.

    ``every`` says before the end whether an intermediate answer is wanted now (merging costs time).
    Raises ``CancelledError`` between two segments once ``cancelled()`` is true; what other threads have begun by then
    ends with its segment. A question asked within another is also stopped by what stops that one.
    """
    cancelled = _or_outer(cancelled)
    segments = question.segments(snapshot)
    partials: list[PartialT] = []
    with closing(_computed(snapshot, question, segments, cancelled)) as computed:
        for partial in computed:
            partials.append(partial)
            if len(partials) < len(segments) and every():
                value = _merged(question, snapshot, partials, cancelled)
                yield Answer(value, len(partials), len(segments), is_whole=False)
    if cancelled():
        raise CancelledError
    value = _merged(question, snapshot, partials, cancelled)
    yield Answer(value, len(segments), len(segments), snapshot.progress.is_whole)


def _computed(
    snapshot: Snapshot, question: Question[PartialT, ValueT], segments: Sequence[Segment], cancelled: Callable[[], bool]
) -> Generator[PartialT]:
    """The partials in the order of their segments, a few of them computed at a time.

    The thread that asks computes, too, and while partials are small it is alone.
    """

    def compute(segment: Segment) -> PartialT:
        with _turns:
            return _partial(question, snapshot, segment, cancelled)

    left, is_small = deque(segments), False
    begun: deque[tuple[Segment, Future[PartialT]]] = deque()
    try:
        while left or begun:
            if cancelled():
                raise CancelledError
            if begun and (begun[0][1].done() or not left):
                segment, first = begun.popleft()
                yield compute(segment) if first.cancel() else first.result()
                continue
            idle = 0 if is_small else _AT_ONCE - 1 - sum(not partial.done() for _, partial in begun)
            own: Future[PartialT] = Future()
            segment = left.popleft()
            begun.append((segment, own))
            for other in [left.popleft() for _ in range(min(idle, len(left)))]:
                begun.append((other, _threads().submit(compute, other)))
            began = perf_counter()
            own.set_result(compute(segment))
            is_small = perf_counter() - began < _SMALL
    finally:
        for _, partial in begun:
            partial.cancel()


_turns = threading.BoundedSemaphore(_AT_ONCE)
"""Partials take memory: no more than this are computed at a time, however many questions are asked."""

_working = threading.local()


def _partial(
    question: Question[PartialT, ValueT], snapshot: Snapshot, segment: Segment, cancelled: Callable[[], bool]
) -> PartialT:
    with _stopped_by(cancelled), damage_worded():
        return question.partial(snapshot, segment)


def _merged(
    question: Question[PartialT, ValueT],
    snapshot: Snapshot,
    partials: Sequence[PartialT],
    cancelled: Callable[[], bool],
) -> ValueT:
    with _stopped_by(cancelled), damage_worded():
        return question.merge(snapshot, partials)


@contextmanager
def damage_worded() -> Iterator[None]:
    """Wherever files of the index are read: one that is damaged inside, or gone, is an ``IndexStoreError``."""
    try:
        yield
    except (pl.exceptions.DuplicateError, pl.exceptions.ColumnNotFoundError):
        # A mistake in what is asked, which no other index would answer.
        raise
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = f"a part of the index cannot be read: {str(error).splitlines()[0] if str(error) else 'unknown'}"
        raise IndexStoreError(reason, hint="dropline cache clear, then open the logs again") from error


@contextmanager
def _stopped_by(cancelled: Callable[[], bool]) -> Iterator[None]:
    """Let what is computed within stop once ``cancelled()`` is true."""
    outer: Callable[[], bool] | None = getattr(_working, "cancelled", None)
    _working.cancelled = cancelled
    try:
        yield
    finally:
        _working.cancelled = outer


def _or_outer(cancelled: Callable[[], bool]) -> Callable[[], bool]:
    """Whether a question is cancelled, or the one within which this thread asks it."""
    outer: Callable[[], bool] | None = getattr(_working, "cancelled", None)
    return cancelled if outer is None else lambda: cancelled() or outer()


def stop_if_cancelled() -> None:
    """Raise ``CancelledError`` in a partial or merge of a cancelled question; to be called between longer steps."""
    cancelled: Callable[[], bool] | None = getattr(_working, "cancelled", None)
    if cancelled is not None and cancelled():
        raise CancelledError


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_AT_ONCE - 1, thread_name_prefix="partial")


def answer(
    snapshot: Snapshot, question: Question[PartialT, ValueT], cancelled: Callable[[], bool] = lambda: False
) -> ValueT:
    """The last answer of ``ask``."""
    for last in ask(snapshot, question, cancelled=cancelled, every=lambda: False):
        result = last
    return result.value
