"""Twenty questions of an administrator, each answered from the first screen with a few keys or one short filter.

The answers are checked against a plain reading of the demo's logs and against the truth that the simulation wrote.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from parsing.httpsys.demo import write_demo
from parsing.knowledge.reasons import reason
from tests.tui.driving import Driver, explorer
from tui.dialogs import Reader
from tui.widgets.facts import Facts

pytestmark = pytest.mark.slow

MOST_KEYS = 6
LONGEST_FILTER = 60

Row = dict[str, str]


@dataclass(frozen=True)
class Demo:
    """The demo's logs, read without any cleverness."""

    folder: Path
    requests: tuple[Row, ...]
    errors: tuple[Row, ...]
    truth: dict[tuple[str, int], dict[str, Any]] = field(repr=False)

    @property
    def rows(self) -> tuple[Row, ...]:
        return self.requests + self.errors


def plain_rows(folder: Path, file: Path) -> tuple[Row, ...]:
    names: list[str] = []
    rows = []
    for number, text in enumerate(file.read_text("utf-8").splitlines(), 1):
        if text.startswith("#Fields:"):
            names = text.split()[1:]
        elif not text.startswith("#"):
            row = dict(zip(names, text.split(" "), strict=True))
            rows.append(row | {"source": file.relative_to(folder).as_posix(), "line": str(number), "raw": text})
    return tuple(rows)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("demo") / "logs"
    logs = write_demo(folder, seed=7, requests=12_000)
    truth = [json.loads(line) for line in logs.truth.read_text().splitlines()]
    return Demo(
        folder,
        tuple(row for file in logs.iis for row in plain_rows(folder, file)),
        tuple(row for file in logs.errors for row in plain_rows(folder, file)),
        {(row["source"], row["line"]): row for row in truth},
    )


Answer = Callable[[Driver], object]
Expected = Callable[[Demo], object]


@dataclass(frozen=True)
class Task:
    """A question, what is typed to answer it, where the answer is read, and what it has to be."""

    question: str
    answer: Answer
    expected: Expected
    filter: str = ""
    keys: Sequence[str] = ()

    def __str__(self) -> str:
        return self.question


# Reading answers off the screen


def total(driver: Driver) -> object:
    return driver.screen.entries.total


def first_value(driver: Driver) -> object:
    record = driver.screen.reasons.record
    return (record.values[0], record.count) if record else None


def row(driver: Driver) -> object:
    entry = driver.screen.view.entry()
    return (entry.source, entry.line) if entry else None


def beside(text: Callable[[Demo], str]) -> tuple[Answer, Expected]:
    """That a text stands in the side pane."""
    return lambda driver: driver.screen.view.side.text, text


# Reading them off the logs


@dataclass(frozen=True)
class Most:
    """The most frequent values, of which any may come first, and how often each comes."""

    values: frozenset[str]
    count: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, tuple) and str(other[0]) in self.values and other[1] == self.count

    __hash__ = None  # type: ignore[assignment]


def most(rows: Sequence[Row], name: str) -> Most:
    counts = Counter(row[name] for row in rows)
    best = max(counts.values())
    return Most(frozenset(value for value, count in counts.items() if count == best), best)


def when(row: Row) -> tuple[str, str]:
    return row["date"], row["time"]


def place(row: Row) -> tuple[str, int]:
    return row["source"], int(row["line"])


def of_reason(demo: Demo, code: str) -> list[Row]:
    return [row for row in demo.errors if row["s-reason"] == code]


def uri(row: Row) -> str:
    if "cs-uri" in row:
        return row["cs-uri"]
    return row["cs-uri-stem"] + ("" if row["cs-uri-query"] == "-" else f"?{row['cs-uri-query']}")


def early_pool(demo: Demo) -> Most:
    early = [row for row in demo.errors if "06:40" <= row["time"][:5] <= "07:10" and row["s-queuename"] != "-"]
    return most(early, "s-queuename")


def slowest(demo: Demo) -> tuple[str, int]:
    return place(max(demo.requests, key=lambda row: int(row["time-taken"])))


def retried_drop(demo: Demo) -> tuple[Row, tuple[str, int]]:
    """A drop that the client repeated, and the row of the repetition."""
    for error in of_reason(demo, "Connection_Dropped"):
        known = demo.truth[place(error)]
        for key, row in demo.truth.items():
            if row["retries"] == {"source": error["source"], "line": int(error["line"])} and key[0] != error["source"]:
                return error, key
        assert known
    raise AssertionError("the demo has no retry of a drop")


def is_between(row: Row, first: datetime, end: datetime) -> bool:
    return first <= datetime.fromisoformat(f"{row['date']}T{row['time']}") < end


def seen_in_span(driver: Driver) -> object:
    span = driver.screen.question.span
    assert span is not None
    demo: Demo = driver.demo  # type: ignore[attr-defined]
    return driver.screen.entries.total, sum(is_between(row, *span) for row in demo.rows)


TASKS = (
    Task(
        "Which reason ended most requests, and how many?",
        first_value,
        lambda demo: most(demo.errors, "s-reason"),
        keys=("3",),
    ),
    Task(
        "What should I check first when AppOffline comes?",
        lambda driver: reason("AppOffline").first_check in driver.screen.reasons.side.text,
        lambda _: True,
        "reason:AppOffline",
        ("3",),
    ),
    Task(
        "Which application pool lost most requests between 06:40 and 07:10?",
        first_value,
        early_pool,
        "time:06:40..07:10 queue:* log:httperr",
        ("3", "c", "u", "e", "u", "enter"),
    ),
    Task("Which request took longest?", row, slowest, keys=("l", "l", "S")),
    Task(
        "Which client got most server errors?",
        first_value,
        lambda demo: most([row for row in demo.rows if row["sc-status"].startswith("5")], "c-ip"),
        "status:5xx",
        ("l", "l", "l", "b"),
    ),
    Task(
        "Which URI was dropped most often?",
        lambda driver: first_value(driver)[1],  # type: ignore[index]
        lambda demo: max(Counter(uri(row) for row in of_reason(demo, "Connection_Dropped")).values()),
        "reason:Connection_Dropped",
        ("l", "l", "l", "l", "b"),
    ),
    Task(
        "What does the raw line of the first drop say?",
        lambda driver: driver.screen.entries.side.text,
        lambda demo: min(of_reason(demo, "Connection_Dropped"), key=when)["raw"],
        "reason:Connection_Dropped",
        ("g", "enter"),
    ),
    Task(
        "Who ended the first drop?",
        lambda driver: driver.screen.timeline.scene.error.ended_by,  # type: ignore[union-attr]
        lambda demo: demo.truth[place(min(of_reason(demo, "Connection_Dropped"), key=when))]["ended_by"],
        "reason:Connection_Dropped",
        ("g", "r"),
    ),
    Task(
        "Is every line of the IIS log accounted for?",
        lambda driver: driver.screen.sources.side.text,
        lambda demo: f"= {len(demo.requests):,} rows + 4 directives + 0 blank + 0 rejected",
        keys=("5", "G"),
    ),
    Task(
        "How many misleading 500.19·64 are there?",
        total,
        lambda demo: sum(
            (row["sc-status"], row["sc-substatus"], row["sc-win32-status"]) == ("500", "19", "64")
            for row in demo.requests
        ),
        keys=("p", "8", "enter"),
    ),
    Task(
        "Was an application pool down?",
        lambda driver: {entry.value("reason") for entry in entries(driver)} >= {"AppOffline"},
        lambda _: True,
        keys=("p", "3", "enter"),
    ),
    Task(
        "What does 401.1 mean?",
        lambda driver: driver.app.screen.query_one(Facts).text if isinstance(driver.app.screen, Reader) else "",
        lambda _: "401.1",
        "status:401 substatus:1",
        ("l", "x"),
    ),
    Task("How many rows has Httperr.log?", total, lambda demo: len(demo.errors), keys=("i",)),
    Task(
        "What else happened around the first AppOffline?",
        lambda driver: (driver.screen.entries.total, row(driver)),
        lambda demo: (len(demo.rows), place(min(of_reason(demo, "AppOffline"), key=when))),
        "reason:AppOffline",
        ("g", "full_stop"),
    ),
    Task(
        "Which client sends headers too slowly?",
        lambda driver: driver.screen.reasons.side.text,
        lambda demo: "client " + min(most(of_reason(demo, "Timer_HeaderWait"), "c-ip").values),
        "reason:Timer_HeaderWait",
        ("3",),
    ),
    Task(
        "How many clients left requests of more than ten seconds?",
        total,
        lambda demo: sum(
            row["sc-win32-status"] in ("64", "2147942464") and int(row["time-taken"]) > 10_000 for row in demo.requests
        ),
        "win32:64 taken>10s",
    ),
    Task(
        "What else did the client of the first row do?",
        total,
        lambda demo: Counter(row["c-ip"] for row in demo.rows)[min(demo.rows, key=first_of_all)["c-ip"]],
        keys=("g", "l", "l", "l", "plus"),
    ),
    Task(
        "How many errors are left without the most frequent reason?",
        lambda driver: driver.screen.entries.total,
        lambda demo: len(demo.rows) - most(demo.errors, "s-reason").count,
        keys=("3", "minus"),
    ),
    Task(
        "How much happened in the last quarter of the time?",
        lambda driver: len(set(seen_in_span(driver))),  # type: ignore[call-overload]
        lambda _: 1,
        keys=("z", "z"),
    ),
    Task(
        "Where does the log speak of the export?",
        lambda driver: "export" in str(driver.screen.view.entry().value("uri")),  # type: ignore[union-attr]
        lambda _: True,
        "log:httperr export",
        ("g",),
    ),
    Task(
        "Which requests have a client that left, by status?",
        first_value,
        lambda demo: most([row for row in demo.requests if row["sc-win32-status"] == "64"], "sc-status"),
        "win32=64",
        ("l", "b"),
    ),
)


def first_of_all(row: Row) -> tuple[str, str, str, int]:
    return row["date"], row["time"], row["source"], int(row["line"])


def entries(driver: Driver) -> list[Any]:
    pages = driver.screen.entries.pages
    assert pages is not None
    return [entry for number in range(pages.total) if (entry := pages.entry(number))]


@pytest.mark.parametrize("task", TASKS, ids=str)
async def test_it_is_answered_with_few_keys(task: Task, demo: Demo, tmp_path: Path) -> None:
    assert len(task.keys) <= MOST_KEYS
    assert len(task.filter) <= LONGEST_FILTER
    async with explorer(demo.folder, tmp_path, index=demo.folder.parent / "index") as driver:
        driver.demo = demo  # type: ignore[attr-defined]
        if task.filter:
            await driver.filter(task.filter)
        for key in task.keys:
            await driver.press(key)
            await driver.settle()
        expected = task.expected(demo)

        def is_answered() -> bool:
            answer = task.answer(driver)
            is_text = isinstance(answer, str) and isinstance(expected, str)
            return str(expected) in str(answer) if is_text else expected == answer

        try:
            await driver.wait(is_answered)
        except AssertionError:
            assert expected == task.answer(driver)
            raise


async def test_a_retry_is_found_where_the_truth_has_one(demo: Demo, tmp_path: Path) -> None:
    error, again = retried_drop(demo)
    async with explorer(demo.folder, tmp_path, index=demo.folder.parent / "index") as driver:
        await driver.filter(f"log:httperr line:{error['line']}")
        await driver.press("r")
        await driver.wait(lambda: driver.screen.timeline.scene is not None and driver.screen.timeline.scene.is_whole)
        scene = driver.screen.timeline.scene
        assert scene is not None
        assert scene.error is not None
        assert again in {(claim.source, claim.line) for claim in scene.error.claims if claim.relation == "retry"}
