"""A field that has codes in some segments and is text in others is compared as a whole."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from parsing.compare.candidates import FrequentValues
from parsing.compare.sides import Side
from parsing.questions import answer
from parsing.questions.values import hashed_values
from tests.small_sets import Table, small_snapshot


@pytest.mark.parametrize("in_memory", [0, 100])
@pytest.mark.parametrize("text", [frozenset[str](), frozenset({"cs-uri-stem"})])
def test_frequent_values(tmp_path: Path, text: frozenset[str], in_memory: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashed_values, "_IN_MEMORY", in_memory)
    paths = ["/a"] * 30 + ["/b"] * 12 + ["/c"] * 3 + [None] * 20
    rows = [{"time": "2026-06-15T10:00:00", "line": n, "cs-uri-stem": path} for n, path in enumerate(paths, start=1)]
    table: Table = ("iis", "u_ex1.log", ["cs-uri-stem"], rows)
    snapshot = small_snapshot(tmp_path, [table], text=text)
    found = answer(snapshot, FrequentValues(Side("a"), "iis", ("cs-uri-stem",)))["cs-uri-stem"]
    assert found.rows() == [("/a", 30), ("/b", 12)]
    assert found.schema["value"] == pl.String()
