"""The incidents of the demo's day are found, and their filters keep what they count."""

from __future__ import annotations

from pathlib import Path

from parsing.filters import parse
from parsing.httpsys.demo import write_demo
from parsing.incidents import KINDS, find_incidents
from parsing.index import LogSet
from parsing.questions.count import Count
from parsing.questions.question import answer


def test_the_longest_outage_of_the_day_is_found_and_every_filter_keeps_what_its_incident_counts(tmp_path: Path) -> None:
    logs = write_demo(tmp_path / "demo")
    with LogSet.open([str(logs.folder)], index_dir=tmp_path / "index") as log_set:
        log_set.read(on_progress=lambda _: None)
        snapshot = log_set.snapshot()
        found = find_incidents(snapshot)
        for one in found:
            assert answer(snapshot, Count(parse(one.filter))).total == one.errors, one
            assert answer(snapshot, Count(parse(one.requests_filter))).total == one.requests, one
    offline = [one for one in found if one.kind == "pool-offline"]
    assert [(one.pools, one.severity) for one in offline] == [(("Legacy",), "high")]
    assert {one.kind for one in found} <= set(KINDS)
    assert offline[0].story[0].text.startswith("the worker process of Legacy ended")
    assert find_incidents(snapshot, least="high") == [one for one in found if one.severity == "high"]
