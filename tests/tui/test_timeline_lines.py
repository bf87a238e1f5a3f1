"""What the lanes say beside a row: of claims, of candidates, of other errors, cut where there is no room."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from parsing.correlation.correlated import Correlated, MomentInterval
from parsing.correlation.timeline import Event, Link
from parsing.filters import EVERYTHING
from tui.glyphs import UNICODE
from tui.model.entry import Entry, Notation
from tui.model.scene import Asked, Scene
from tui.views.timeline.lines import rows
from tui.widgets.lanes import in_lines

START = datetime(2026, 6, 15, 10)  # noqa: DTZ001
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
DROPPED = "Connection_Dropped"


def test_a_sentence_that_is_cut_keeps_the_blanks_between_its_words() -> None:
    said = (
        "The client left about 76 s earlier; one of 3 rows of one sweep of the timers, which is one event and no spike."
    )
    for width in range(20, len(said) + 1):
        lines = ["".join(text for text, _ in line) for line in in_lines(said, width, 2, "…")]
        assert len(lines) <= 2
        assert all(len(line) <= width for line in lines)
        told = " ".join(line.strip() for line in lines)
        assert said.startswith(told.rstrip("… ")), width


def test_what_is_below_a_claim_is_said_to_be_a_candidate() -> None:
    dropped, again = START + 2 * MINUTE, START + 4 * SECOND
    links = [Link("retry", "iis", line, again, confidence, ()) for line, confidence in ((1, 0.31), (2, 0.22))]
    values = {"client": "192.0.2.1", "method": "GET", "uri": "/a?b=1", "reason": DROPPED}
    focus = Event("httperr", "err", 9, dropped, None, values, None, "client", tuple(links))
    candidates = [
        Event(
            "iis",
            "iis",
            link.line,
            again + SECOND,
            again,
            values | {"status": 200},
            links=(replace(link, source="err", line=9, time=dropped),),
        )
        for link in links
    ]
    began = MomentInterval(START - SECOND / 2, START + SECOND / 2)
    found = Correlated(
        "err", 1, 9, dropped, DROPPED, "192.0.2.1", 50000, "GET", "/a?b=1", None, began, "client", "It left.", ()
    )
    window = (START - MINUTE, START + 3 * MINUTE)
    entry = Entry("httperr", "err", 9, dropped, {})
    shown = rows(
        Scene(Asked(entry, "error"), "", EVERYTHING, window, window, (*candidates, focus), 0, found), Notation(UNICODE)
    )
    texts = [row.line.remark.texts[0] for row in shown if row.line.remark]
    assert "─perhaps: retry by the same client after 4 s, 1 of 2 (0.31)" in texts
    assert [row.line.rail for row in shown] == ["░", "░", "░", "◆"]


def test_what_is_tied_to_another_error_says_to_which() -> None:
    """A request that is a claim of another error than the one in focus names that one, and it its claim."""
    first, second, again = START, START + MINUTE, START + MINUTE + 4 * SECOND
    values = {"client": "192.0.2.1", "method": "GET", "uri": "/a", "reason": "Client_Reset"}
    focus = Event("httperr", "err", 1, first, None, values, None, "client")
    other_links = (Link("retry", "iis", 5, again, 0.93), Link("same-connection", "iis", 6, again, 0.99))
    other = Event("httperr", "err", 2, second, None, values, None, "client", other_links)
    retry = Event(
        "iis", "iis", 5, again + SECOND, again, values | {"status": 200}, links=(Link("retry", "err", 2, second, 0.93),)
    )
    found = Correlated("err", 1, 1, first, "Client_Reset", "192.0.2.1", 1, "GET", "/a", None, None, "client", "It.", ())
    window = (START - MINUTE, START + 3 * MINUTE)
    scene = Scene(
        Asked(Entry("httperr", "err", 1, first, {}), "error"),
        "",
        EVERYTHING,
        window,
        window,
        (focus, other, retry),
        0,
        found,
    )
    texts = {row.line.key: row.line.remark.texts for row in rows(scene, Notation(UNICODE)) if row.line.remark}
    assert texts["iis", 5][0] == "─retry by the same client of 10:01:00 (0.93)"
    assert "retry 0.93" in texts["err", 2][0]
    assert "retry" not in texts["err", 1][0]


def test_rows_of_one_second_stand_in_the_order_of_their_lines() -> None:
    dropped = START + 2 * MINUTE
    values = {"client": "192.0.2.1", "reason": DROPPED}
    sweep = tuple(Event("httperr", "err", line, dropped, None, values, None, "client") for line in (8, 9, 10, 11))
    window = (START, START + 3 * MINUTE)
    entry = Entry("httperr", "err", 9, dropped, {})
    shown = rows(Scene(Asked(entry, "client"), "", EVERYTHING, window, window, sweep), Notation(UNICODE))
    assert [row.line.key for row in shown] == [("err", line) for line in (8, 9, 10, 11)]
    said = [row.line.remark.texts[1] for row in shown if row.line.remark]
    assert [text.split()[-1] for text in said] == ["1/4", "2/4", "3/4", "4/4"]
