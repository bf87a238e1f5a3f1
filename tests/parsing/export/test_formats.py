"""Frames in, bytes out: every form with times, absent values, nested values and hostile text."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest

from parsing.errors import LogError
from parsing.export.formats import Format, OutputStyle, write
from parsing.export.records import Records, of_frame, of_frames

MOMENT = datetime(2026, 6, 15, 10)  # noqa: DTZ001
FRAME = pl.DataFrame(
    {
        "time": [MOMENT, MOMENT + timedelta(milliseconds=5)],
        "n": [5, None],
        "text": ['a\x1b[31m,b"c', "=cmd|' /C calc'!A0"],
        "share": [0.1234, 1.0],
        "many": [[["a", "b"], ["c"]], None],
        "deep": [[{"at": MOMENT, "why": ["x"]}], []],
        "span": [{"from": MOMENT}, None],
    },
    schema_overrides={"time": pl.Datetime("ms"), "n": pl.UInt16()},
)


def written(form: Format, look: OutputStyle | None = None, frame: pl.DataFrame = FRAME) -> bytes:
    out = io.BytesIO()
    write(of_frame(frame), form, out, look or OutputStyle())
    return out.getvalue()


def test_ndjson_has_iso_times_nulls_and_nested_values() -> None:
    first, second = (json.loads(line) for line in written("ndjson").decode().splitlines())
    assert first == {
        "time": "2026-06-15T10:00:00Z",
        "n": 5,
        "text": 'a\x1b[31m,b"c',
        "share": 0.1234,
        "many": [["a", "b"], ["c"]],
        "deep": [{"at": "2026-06-15T10:00:00Z", "why": ["x"]}],
        "span": {"from": "2026-06-15T10:00:00Z"},
    }
    assert (second["time"], second["n"], second["many"], second["deep"], second["span"]) == (
        "2026-06-15T10:00:00.005Z",
        None,
        None,
        [],
        None,
    )


def test_csv_is_exact_even_where_a_spreadsheet_might_be_misled() -> None:
    lines = written("csv").decode().splitlines()
    assert lines[0] == "time,n,text,share,many,deep,span"
    assert lines[1].startswith('2026-06-15T10:00:00Z,5,"a\x1b[31m,b""c",0.1234,"[[""a"",""b""],[""c""]]",')
    assert lines[2].startswith("2026-06-15T10:00:00.005Z,,=cmd|' /C calc'!A0,1.0,,")


def test_a_file_that_is_still_open_does_not_hide_what_went_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows deletes no open file."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def full(_: object, path: Path, **__: object) -> None:
        path.touch()
        raise pl.exceptions.ComputeError("cannot write: No space left on device (os error 28)")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(16, "Device or resource busy")

    monkeypatch.setattr(pl.LazyFrame, "sink_parquet", full)
    with monkeypatch.context() as patch:
        patch.setattr("os.unlink", refuse)
        with pytest.raises(LogError, match="cannot write: No space left on device"):
            written("parquet")


def test_parquet_has_utc_everywhere() -> None:
    frame = pl.read_parquet(written("parquet"))
    assert frame.schema["time"] == pl.Datetime("ms", "UTC")
    assert frame.schema["span"] == pl.Struct({"from": pl.Datetime("ms", "UTC")})
    assert frame["text"].to_list() == FRAME["text"].to_list()
    assert frame.schema["n"] == pl.UInt16()


@pytest.mark.parametrize("form", ["table", "csv", "ndjson"])
def test_on_a_terminal_values_and_names_are_masked_in_every_form(form: Format) -> None:
    hostile = pl.DataFrame({"x\x9bname": ["v\u202e\x07", "ü\ud7ff"], "plain": ["\n", None]})
    shown = written(form, OutputStyle(is_terminal=True, width=80), hostile).decode()
    assert not {"\x1b", "\x9b", "\u202e", "\x07"} & set(shown)
    assert len(shown.splitlines()) == (2 if form == "ndjson" else 3)
    assert "ü" in shown


def test_a_table_is_masked_also_in_a_pipe_and_cuts_nothing_there() -> None:
    frame = pl.DataFrame({"uri": ["/" + "x" * 500 + "\x1b"], "n": [1]})
    lines = written("table", frame=frame).decode().splitlines()
    assert "/" + "x" * 500 + "␛" in lines[1]
    assert lines[1].endswith("  1")


def test_a_table_aligns_wide_characters_and_numbers() -> None:
    frame = pl.DataFrame({"name": ["日本", "abcdef"], "n": [5, 12345], "end": ["x", "y"]})
    assert written("table", OutputStyle(is_terminal=True, width=80), frame).decode().splitlines() == [
        "name        n  end",
        "日本        5  x",
        "abcdef  12345  y",
    ]


def test_a_table_is_narrowed_to_the_terminal_at_its_widest_columns() -> None:
    frame = pl.DataFrame({"a": ["x" * 50], "b": ["日" * 20], "c": ["short"]})
    line = written("table", OutputStyle(is_terminal=True, width=45), frame).decode().splitlines()[1]
    assert line.count("…") == 2
    assert line.endswith("  short")
    assert line.startswith("xxxxxxx")
    assert line.partition("…")[2].startswith("xxxxxxx")


def test_a_table_of_too_many_columns_is_a_paragraph_for_each_record_with_nothing_cut() -> None:
    frame = pl.DataFrame(
        {"source": ["a.log"], "why": ["w" * 30], "verdict": ["as long as it takes " * 5], "none": [None]}
    )
    lines = written("table", OutputStyle(is_terminal=True, width=40), frame).decode().splitlines()
    assert max(map(len, lines)) <= 40
    assert " ".join(" ".join(lines).split()).startswith(
        f"source: a.log why: {'w' * 30} verdict: as long as it takes as"
    )
    assert "none" not in " ".join(lines)


def test_a_table_shows_times_in_a_zone_and_shares_as_percent() -> None:
    shown = written("table", OutputStyle(tz=timezone(timedelta(hours=2)))).decode()
    assert "2026-06-15 12:00:00+02:00" in shown
    assert "2026-06-15 12:00:00.005+02:00" in shown
    assert "12.3 %" in shown


@pytest.mark.parametrize("form", ["table", "csv", "ndjson", "parquet"])
def test_frames_are_written_as_they_come_and_order_is_kept(form: Format) -> None:
    made = 0

    def frames() -> Iterator[pl.DataFrame]:
        nonlocal made
        yield pl.DataFrame(schema={"n": pl.Int64()})
        for start in range(0, 5_000, 100):
            made += 1
            yield pl.DataFrame({"n": range(start, start + 100)})

    records = of_frames(frames())
    assert made == 0
    out = io.BytesIO()
    write(records, form, out)
    if form == "parquet":
        numbers = pl.read_parquet(out.getvalue())["n"].to_list()
    else:
        rows = [row for row in out.getvalue().decode().split() if row != "n"]
        numbers = [json.loads(row)["n"] if form == "ndjson" else int(row) for row in rows]
    assert numbers == list(range(5_000))


@pytest.mark.parametrize(("form", "text"), [("table", "n\n"), ("csv", "n\n"), ("ndjson", "")])
def test_nothing_found_is_still_a_whole_answer(form: Format, text: str) -> None:
    out = io.BytesIO()
    write(Records({"n": pl.Int64()}, iter([])), form, out)
    assert out.getvalue().decode() == text
