"""Pages against the sorted list of all rows."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsing.errors import CancelledError
from parsing.index.snapshot import Snapshot
from parsing.questions.question import answer, ask
from parsing.questions.rows import all_rows, blocks, picked_rows, sorted_runs, time_view
from parsing.questions.rows.all_rows import rows_in_order
from parsing.questions.rows.ordered_rows import OrderedRows, Page
from parsing.questions.rows.sort_keys import sort_keys
from parsing.questions.selection import Selection
from parsing.questions.values import counting, numbering
from parsing.sources.names import natural_key
from tests.parsing.questions.plain import (
    FILTERS,
    SOURCE_ORDER,
    SOURCES,
    START,
    Kept,
    plain_rows,
    records,
    snapshot_of,
    tables,
    texts,
    value,
)
from tests.small_sets import Table

filters = st.sampled_from(FILTERS)
sorts = st.sampled_from(
    [
        "status",
        "-status",
        "client",
        "-client",
        "path",
        "-path",
        "time",
        "-time",
        "-X-Custom",
        "line",
        "-time-taken",
        "source",
        "-log",
    ]
)


@pytest.fixture(autouse=True, scope="module")
def _small_blocks() -> Iterator[None]:
    """Blocks of a few rows, so that small log sets have many of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbering, "_AT_ONCE", 2)
        patch.setattr(blocks, "BLOCK", 3)
        patch.setattr(blocks, "FEW", 4)
        patch.setattr(all_rows, "ROWS", 7)
        patch.setattr(all_rows, "PICKED", 12)
        patch.setattr(time_view, "_MOST_READ_WHOLE", 4)
        patch.setattr(picked_rows, "_APART", 2)
        patch.setattr(picked_rows, "_LONG", 4)
        patch.setattr(sorted_runs, "BLOCK", 2)
        patch.setattr(counting, "_WIDEST", 1000)
        yield


def fields_of(snapshot: Snapshot) -> list[str]:
    return list(snapshot.field_names)


def shown(row: dict[str, Any], name: str) -> Any:
    """The value of a field, ``None`` also where the row's layout does not have it."""
    found = value(row, name)
    return None if found is ... else found


def sorted_rows(rows: list[dict[str, Any]], sort: str) -> list[dict[str, Any]]:
    """Rows without a value come last, ties stay in the order of the view."""
    name = sort.removeprefix("-")
    known = [row for row in rows if shown(row, name) is not None]
    known.sort(key=lambda row: _comparable(shown(row, name)), reverse=False)
    if sort.startswith("-"):
        groups: dict[Any, list[dict[str, Any]]] = {}
        for row in known:
            groups.setdefault(shown(row, name), []).append(row)
        known = [row for key in reversed(groups) for row in groups[key]]
    return known + [row for row in rows if shown(row, name) is None]


def _comparable(found: Any) -> Any:
    if found in SOURCE_ORDER:
        return SOURCE_ORDER.index(found)
    return found.encode() if isinstance(found, str) else found


@pytest.mark.slow
@settings(max_examples=30)
@given(tables(), texts, filters)
def test_pages_at_every_offset_are_the_sorted_rows(found: list[Table], text: frozenset[str], kept: Kept) -> None:
    rows = [row for row in plain_rows(found) if kept.keeps(row)]
    with snapshot_of(found, text) as snapshot:
        view = answer(snapshot, OrderedRows(kept.where))
        names = fields_of(snapshot)
        assert view.count == len(rows)
        for limit in (1, 4, 100):
            pages = [view.page(offset, limit) for offset in range(0, len(rows) + limit, limit)]
            assert [record for page in pages for record in page.to_dicts()] == records(rows, names)


@settings(max_examples=30)
@given(tables(), texts, filters, st.integers(0, 20), st.integers(0, 20))
def test_a_page_starts_anywhere(found: list[Table], text: frozenset[str], kept: Kept, offset: int, limit: int) -> None:
    rows = [row for row in plain_rows(found) if kept.keeps(row)]
    with snapshot_of(found, text) as snapshot:
        page = answer(snapshot, Page(kept.where, ("method", "path"), offset=offset, limit=limit))
    expected = [{**row, "path": shown(row, "path")} for row in rows[offset : offset + limit]]
    assert page.to_dicts() == records(expected, ["cs-method", "path"])


@settings(max_examples=30)
@given(tables(), texts, filters, sorts, st.integers(0, 20), st.integers(0, 20))
def test_a_page_sorted_by_any_field(
    found: list[Table], text: frozenset[str], kept: Kept, sort: str, offset: int, limit: int
) -> None:
    rows = sorted_rows([row for row in plain_rows(found) if kept.keeps(row)], sort)
    with snapshot_of(found, text) as snapshot:
        page = answer(snapshot, Page(kept.where, sort=sort, offset=offset, limit=limit))
        assert page.to_dicts() == records(rows[offset : offset + limit], fields_of(snapshot))


@settings(max_examples=30)
@given(tables(), texts, filters, sorts)
def test_pages_of_a_sorted_view(found: list[Table], text: frozenset[str], kept: Kept, sort: str) -> None:
    rows = sorted_rows([row for row in plain_rows(found) if kept.keeps(row)], sort)
    with snapshot_of(found, text) as snapshot:
        view = answer(snapshot, OrderedRows(kept.where, sort=sort))
        assert view.count == len(rows)
        for limit in (1, 3, 100):
            pages = [view.page(offset, limit) for offset in range(0, len(rows) + limit, limit)]
            assert [record for page in pages for record in page.to_dicts()] == records(rows, fields_of(snapshot))
        for place, row in enumerate(rows):
            assert view.offset_of_row(row["source"], row["line"]) == place
            assert view.offset_of_row(row["source"], row["line"], row["time"]) == place
        assert view.offset_of_row("no.log", 1) is None


@pytest.mark.slow
@pytest.mark.parametrize("block", [1, 3, 100])
@pytest.mark.parametrize("sort", ["method", "-method"])
def test_pages_with_a_part_of_the_rows_of_a_value(block: int, sort: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rows a block has."""
    monkeypatch.setattr(sorted_runs, "BLOCK", block)
    tables: list[Table] = []
    for number, begin in enumerate((0, 1, 2, 20)):
        seconds = [begin + second // 3 for second in range(14)]
        rows = [
            {"time": (START + timedelta(seconds=second)).isoformat(), "line": line, "cs-method": "GGPG"[line % 4]}
            for line, second in enumerate(seconds, start=100 * number)
        ]
        tables.append(("iis", SOURCES["iis"][number % 2], ["cs-method"], rows))
    expected = records(sorted_rows(plain_rows(tables), sort), ["cs-method"])
    with snapshot_of(tables) as snapshot:
        view = answer(snapshot, OrderedRows(sort=sort))
        for offset in range(len(expected)):
            for limit in (1, 5):
                assert view.page(offset, limit).to_dicts() == expected[offset : offset + limit]


@pytest.mark.parametrize("sort", [None, "source"])
def test_sources_are_in_the_order_in_which_they_are_listed(sort: str | None) -> None:
    names = ["B/u_ex1.log", "a/u_ex1.log", "a.log", "a/u_ex10.log", "a/u_ex9.log", f"a/{'9' * 5000}.log"]
    rows = [{"time": START.isoformat(), "cs-method": "GET"}]
    with snapshot_of([("iis", name, ["cs-method"], rows) for name in names]) as snapshot:
        found = pl.concat(rows_in_order(snapshot, sort=sort))["source"].to_list()
    assert found == sorted(names, key=natural_key)


@pytest.mark.parametrize("sort", ["sent", "-sent"])
@pytest.mark.parametrize("greatest", [7, 2**32 - 2, 2**32 - 1, 2**32, 2**63 - 1])
@pytest.mark.parametrize("least", [0, -1])
def test_numbers_of_any_size_are_sorted(sort: str, greatest: int, least: int) -> None:
    """Small ones are sorted in a way of their own; equal ones stay in order of time, missing ones come last."""
    sent = [greatest, None, 3, least, greatest, 0, None, 3, 2]
    rows = [{"time": START.isoformat(), "sc-bytes": number} for number in sent]
    with snapshot_of([("iis", "u_ex2.log", ["sc-bytes"], rows)]) as snapshot:
        found = pl.concat(rows_in_order(snapshot, sort=sort))["line"].to_list()
    sign = -1 if sort.startswith("-") else 1
    places = [place for place, number in enumerate(sent) if number is not None]
    known = sorted(places, key=lambda place: sign * (sent[place] or 0))
    assert found == [place + 1 for place in [*known, 1, 6]]


@pytest.mark.parametrize("is_text", [True, False])
def test_the_file_of_a_sorted_run_goes_with_it(is_text: bool) -> None:
    rows = [{"time": START.isoformat(), "X-Custom": f"{number}"} for number in range(4)]
    text = frozenset({"X-Custom"} if is_text else ())
    with snapshot_of([("iis", "u_ex2.log", ["X-Custom"], rows)], text) as snapshot:
        keys = sort_keys(snapshot, "X-Custom")
        run = sorted_runs.sorted_run(snapshot, snapshot.segments[0], Selection(), keys, is_descending=False)
        assert run is not None
        path = run.file.path
        assert path.exists()
        del run
        gc.collect()
        assert not path.exists()


@settings(max_examples=30)
@given(tables(), filters, st.integers(-10, 100))
def test_the_offset_of_a_time_backwards(found: list[Table], kept: Kept, seconds: int) -> None:
    rows = [row for row in plain_rows(found) if kept.keeps(row)]
    time = START + timedelta(seconds=seconds)
    with snapshot_of(found) as snapshot:
        view = answer(snapshot, OrderedRows(kept.where, sort="-time"))
        assert view.offset_of(time) == sum(row["time"] > time for row in rows)


@settings(max_examples=30)
@given(tables(), texts, filters, st.none() | sorts, st.integers(0, 20), st.none() | st.integers(0, 20))
def test_rows_in_order(
    found: list[Table], text: frozenset[str], kept: Kept, sort: str | None, offset: int, limit: int | None
) -> None:
    rows = [row for row in plain_rows(found) if kept.keeps(row)]
    rows = rows if sort is None else sorted_rows(rows, sort)
    with snapshot_of(found, text) as snapshot:
        frames = list(rows_in_order(snapshot, kept.where, sort=sort, offset=offset, limit=limit))
        wanted = rows[offset:] if limit is None else rows[offset : offset + limit]
        assert pl.concat(frames).to_dicts() == records(wanted, fields_of(snapshot))


@settings(max_examples=30)
@given(tables(), filters, st.integers(-10, 100))
def test_the_offset_of_a_time(found: list[Table], kept: Kept, seconds: int) -> None:
    rows = [row for row in plain_rows(found) if kept.keeps(row)]
    time = START + timedelta(seconds=seconds)
    with snapshot_of(found) as snapshot:
        assert answer(snapshot, OrderedRows(kept.where)).offset_of(time) == sum(row["time"] < time for row in rows)


@settings(max_examples=30)
@given(tables(), filters)
def test_the_offset_of_a_row(found: list[Table], kept: Kept) -> None:
    rows = plain_rows(found)
    kept_rows = [row for row in rows if kept.keeps(row)]
    with snapshot_of(found) as snapshot:
        view = answer(snapshot, OrderedRows(kept.where))
        for row in rows:
            expected = kept_rows.index(row) if row in kept_rows else None
            assert view.offset_of_row(row["source"], row["line"]) == expected
            assert view.offset_of_row(row["source"], row["line"], row["time"]) == expected
        assert view.offset_of_row("no.log", 1) is None


@settings(max_examples=30)
@given(tables())
def test_views_of_fewer_segments_have_the_rows_of_these(found: list[Table]) -> None:
    with snapshot_of(found) as snapshot:
        views = [step.value for step in ask(snapshot, OrderedRows())]
        assert [view.count for view in views] == sorted(view.count for view in views)
        for view in views:
            page = view.page(0, 1000)
            assert page.height == view.count
            assert page["time"].is_sorted()


@pytest.mark.parametrize("limit", [4, 100])
def test_fields_named_like_our_own_columns_are_fields(limit: int) -> None:
    names = ["row", "place", "part", "rank", "key", "slab", "start", "until"]
    rows = [
        {"time": (START + timedelta(seconds=second)).isoformat(), **{name: f"{name} {second}" for name in names}}
        for second in range(10)
    ]
    with snapshot_of([("iis", "u_ex2.log", names, rows)]) as snapshot:
        pages = [answer(snapshot, Page(limit=4)), *rows_in_order(snapshot, sort="row", limit=limit)]
    for name in names:
        assert [value for page in pages for value in page[name]][:8] == [f"{name} {second}" for second in range(4)] * 2


def test_rows_by_value_stay_few_in_memory() -> None:
    """However many rows share a value."""
    rows = [{"time": START.isoformat(), "cs-method": "GET"} for _ in range(60)]
    tables = [("iis", name, ["cs-method"], rows) for name in ("u_ex2.log", "u_ex10.log")]
    with snapshot_of(tables) as snapshot:  # type: ignore[arg-type]
        frames = list(rows_in_order(snapshot, sort="method"))
    assert sum(frame.height for frame in frames) == 120
    assert max(frame.height for frame in frames) <= all_rows.ROWS


def test_sorted_rows_stop_when_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(all_rows, "PICKED", 100)
    monkeypatch.setattr(all_rows, "ROWS", 20)
    rows = [{"time": START.isoformat(), "cs-method": f"{number:02}"} for number in range(60)]
    with snapshot_of([("iis", "u_ex2.log", ["cs-method"], rows)]) as snapshot:
        seen: list[pl.DataFrame] = []
        frames = rows_in_order(snapshot, sort="method", limit=50, cancelled=lambda: len(seen) >= 3)
        seen += [next(frames), next(frames), next(frames)]
        with pytest.raises(CancelledError):
            next(frames)
    assert pl.concat(seen)["cs-method"].to_list() == [f"{number:02}" for number in range(40)]


def test_few_frames_are_made_for_a_page_of_many_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """One for each value takes a hundred times as long as the page."""
    rows = [{"time": START.isoformat(), "cs-method": f"{number:03}"} for number in range(300)]
    with snapshot_of([("iis", "u_ex2.log", ["cs-method"], rows)]) as snapshot:
        view = answer(snapshot, OrderedRows(sort="method"))
        concatenated: list[int] = []

        def counting(frames: Iterable[pl.DataFrame], **options: Any) -> pl.DataFrame:
            found = list(frames)
            concatenated.append(len(found))
            return concat(found, **options)

        concat = pl.concat
        monkeypatch.setattr(pl, "concat", counting)
        assert view.page(10, 280)["cs-method"].to_list() == [f"{number:03}" for number in range(10, 290)]
    assert max(concatenated) < 10


def test_frames_stop_when_cancelled() -> None:
    rows = [{"time": (START + timedelta(seconds=second)).isoformat(), "cs-method": "GET"} for second in range(60)]
    with snapshot_of([("iis", "u_ex2.log", ["cs-method"], rows)]) as snapshot:
        seen: list[pl.DataFrame] = []
        frames = rows_in_order(snapshot, cancelled=lambda: len(seen) >= 3)
        seen += [next(frames), next(frames), next(frames)]
        with pytest.raises(CancelledError):
            next(frames)
        assert pl.concat(seen).height < len(rows)
