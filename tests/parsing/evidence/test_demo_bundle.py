"""The demo's bundle: opened from the zip, each event that explains rows is linked to exactly these, over ten servers."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from parsing.evidence import events_of_rows, evidence_records
from parsing.httpsys import write_demo
from parsing.incidents import find_incidents
from parsing.index import LogSet
from tests.parsing.evidence.conftest import place_of


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("ascii").splitlines()]


def _opened(tmp_path: Path, seed: int, requests: int = 12_000) -> tuple[LogSet, list[dict[str, Any]]]:
    made = write_demo(tmp_path / "demo", seed=seed, requests=requests, is_bundle=True)
    assert made.bundle is not None
    log_set = LogSet.open([str(made.bundle)], index_dir=tmp_path / "index")
    log_set.read()
    return log_set, _read(tmp_path / "demo" / "evidence.ndjson")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_each_event_is_linked_to_all_of_its_rows_and_to_no_other(tmp_path: Path, seed: int) -> None:
    log_set, truth = _opened(tmp_path, seed)
    with log_set:
        snapshot = log_set.snapshot()
        ids = {source.name: source.id for source in snapshot.sources}
        wanted = {(event["source"], event["line"]): {tuple(row) for row in event["rows"]} for event in truth}
        found: dict[tuple[str, int], set[tuple[str, int]]] = {place: set() for place in wanted}
        rows = {row for rows in wanted.values() for row in rows}
        assert rows
        for source, line in rows:
            for event in events_of_rows(snapshot, place_of(ids[source], line)):
                found[(event.source, event.line)].add((source, line))
        assert found == wanted
        explaining = evidence_records(snapshot, only_explaining=True)
        counts = sorted((row["event"], row["explains"]["count"]) for row in explaining.iter_rows(named=True))
        assert counts == sorted((event["event"], len(event["rows"])) for event in truth if event["rows"])


def test_the_story_of_each_planned_incident_names_the_event_behind_it(tmp_path: Path) -> None:
    log_set, _ = _opened(tmp_path, 1, 60_000)
    with log_set:
        incidents = find_incidents(log_set.snapshot())
    [offline] = [one for one in incidents if one.kind == "pool-offline"]
    told = " ".join(step.text for step in offline.story)
    assert "WAS switched the pool Legacy off after 5 failures of its worker process (System, 5002)" in told
    assert "w3wp.exe crashed: exception 0xc0000005 in orders.dll (Application, 1000)" in told
    crashes = [one for one in incidents if one.kind == "worker-crash"]
    assert crashes
    for one in crashes:
        assert any(", 5011)" in step.text or ", 5009)" in step.text for step in one.story)
        assert not any("Batch" in step.text or "nightly" in step.text for step in one.story)


def test_the_bundle_is_laid_out_as_logcatcher_does_and_leaves_no_logs_beside_it(tmp_path: Path) -> None:
    made = write_demo(tmp_path, seed=1, requests=2_000, is_bundle=True)
    assert made.bundle is not None
    names = zipfile.ZipFile(made.bundle).namelist()
    assert [name for name in names if name.startswith("Sites/Shop/IISLogs/u_ex")]
    assert {"General/HttpERR/httperr1.log", "General/System.xml", "General/Application.xml"} <= set(names)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [made.bundle.name, "truth.ndjson", "incidents.ndjson", "evidence.ndjson"]
    )
    first = made.bundle.read_bytes()
    again = write_demo(tmp_path, seed=1, requests=2_000, is_bundle=True)
    assert again.bundle is not None
    assert again.bundle.read_bytes() == first
    places = {(row["source"], row["line"]) for row in _read(tmp_path / "truth.ndjson")}
    assert all(source.startswith(f"{made.bundle.name}/") for source, _ in places)
