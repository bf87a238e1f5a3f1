"""What is learnt of a dictionary is learnt once, for its new values too, by any thread, and forgotten with its set."""

from __future__ import annotations

import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from weakref import ref

import polars as pl
import pytest

from parsing.filters import filter_help
from parsing.filters.expressions import origin
from parsing.filters.expressions.compiler import Predicate
from parsing.filters.expressions.origin import Origin, over_dictionary
from parsing.filters.language.grammar import parse
from parsing.index.memory import Cache
from parsing.index.snapshot import Snapshot
from tests.parsing.filters.generated import snapshot_of, tables
from tests.parsing.filters.test_compiler_oracle import kept_rows


class Growing:
    """A set whose one dictionary grows."""

    def __init__(self) -> None:
        self.words = ["GET", "get"]

    def load(self, name: str) -> pl.Series:
        return pl.Series(name, self.words)


def test_only_new_values_are_looked_at() -> None:
    growing = Growing()
    snapshot = Snapshot((), (), None, growing.load)  # type: ignore[arg-type]
    seen: list[int] = []

    def is_get(batch: pl.Series) -> pl.Series:
        seen.append(len(batch))
        return batch == "GET"

    def compute(text: pl.Expr) -> pl.Expr:
        return text.map_batches(is_get, return_dtype=pl.Boolean)

    assert over_dictionary(snapshot, "cs-method", "key", compute).to_list() == [True, False]
    assert over_dictionary(snapshot, "cs-method", "key", compute).to_list() == [True, False]
    growing.words += ["POST", "GET", "x"]
    assert over_dictionary(snapshot, "cs-method", "key", compute).to_list() == [True, False, False, True, False]
    assert over_dictionary(snapshot, "cs-method", "other", compute).len() == 5
    assert seen == [2, 3, 5]


def test_results_are_those_of_the_log_set_and_go_when_it_closes() -> None:
    growing = Growing()
    snapshot = Snapshot((), (), None, growing.load)  # type: ignore[arg-type]
    later = replace(snapshot)
    seen: list[int] = []

    def is_get(batch: pl.Series) -> pl.Series:
        seen.append(len(batch))
        return batch == "GET"

    for one in (snapshot, later):
        over_dictionary(one, "cs-method", "key", lambda text: text.map_batches(is_get, return_dtype=pl.Boolean))
    assert seen == [2]
    snapshot.memory.clear()
    over_dictionary(later, "cs-method", "key", lambda text: text.map_batches(is_get, return_dtype=pl.Boolean))
    assert seen == [2, 2]
    gone = ref(growing)
    del growing, snapshot, later, one
    gc.collect()
    assert gone() is None


def test_the_room_for_results_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = Snapshot((), (), None, Growing().load)  # type: ignore[arg-type]
    monkeypatch.setattr(snapshot.memory, "dictionaries", Cache(16_384))
    seen: list[str] = []

    def noted(name: str) -> Callable[[pl.Expr], pl.Expr]:
        def compared(batch: pl.Series) -> pl.Series:
            seen.append(name)
            return batch == name

        return lambda text: text.map_batches(compared, return_dtype=pl.Boolean)

    for number in range(300):
        over_dictionary(snapshot, "cs-method", number, noted(f"{number}"))
    for number in (299, 0):
        over_dictionary(snapshot, "cs-method", number, noted(f"{number} again"))
    assert seen[300:] == ["0 again"]


def test_any_thread_may_ask(tmp_path: Path) -> None:
    made = tables(seed=11, rows=30)
    snapshot = snapshot_of(tmp_path, made)
    texts = ["path:/a*", "client:10.0.0.0/8", "-reason:timer*", "uri~a.id", "1", "query:-"] * 6
    alone = [kept_rows(parse(text), replace(snapshot)) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: kept_rows(parse(text), snapshot), texts))
    assert together == alone


@pytest.mark.parametrize(("text", "meaning"), filter_help())
def test_the_examples_of_help_are_filters(text: str, meaning: str, tmp_path: Path) -> None:
    assert meaning
    snapshot = snapshot_of(tmp_path, tables(seed=1, rows=3))
    predicate = Predicate(parse(text), snapshot)
    assert all(isinstance(predicate.on(segment), (bool, pl.Expr)) for segment in snapshot.segments)


def test_path_and_query_of_a_uri_that_is_logged_whole() -> None:
    growing = Growing()
    growing.words = ["/a?id=1", "/a?", "?x", "/", "/a?b?c"]
    snapshot = Snapshot((), (), None, growing.load)  # type: ignore[arg-type]
    assert origin.dictionary(snapshot, Origin("cs-uri", "path")).to_list() == ["/a", "/a", None, "/", "/a"]
    assert origin.dictionary(snapshot, Origin("cs-uri", "query")).to_list() == ["id=1", None, "x", None, "b?c"]
    assert origin.dictionary(snapshot, Origin("cs-uri")).to_list() == growing.words
