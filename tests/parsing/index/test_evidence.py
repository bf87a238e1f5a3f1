"""Evidence in the index: read once, read again when it changes, gone when its file is gone, and never in the way of logs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from parsing.formats.evidence import reader
from parsing.index import LogSet, Snapshot
from tests.written_events import Written, events_xml, was
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, httperr_lines, iis_lines, write

_MANY = [was(5011, f"2026-06-15T14:{second // 60:02}:{second % 60:02}Z", "Web", second) for second in range(1, 900)]


def read(folder: Path) -> Snapshot:
    with LogSet.open([str(folder)], index_dir=folder.parent / "index") as log_set:
        log_set.read()
        return log_set.snapshot()


def events(folder: Path) -> list[int]:
    with LogSet.open([str(folder)], index_dir=folder.parent / "index") as log_set:
        log_set.read()
        return [number for part in log_set.snapshot().evidence for number in part.read()["event"]]


def test_what_has_not_changed_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "logs" / "System.xml", events_xml([was(5002, "2026-06-15T14:00:00Z", "Web")]))
    write(tmp_path / "logs" / "page.xml", "<page/>")
    assert events(tmp_path / "logs") == [5002]
    monkeypatch.setattr(reader, "evidence_format", lambda _: pytest.fail("it was looked at again"))
    assert events(tmp_path / "logs") == [5002]


def test_what_has_changed_is_read_again_and_replaces_what_was_there(tmp_path: Path) -> None:
    log = write(tmp_path / "logs" / "System.xml", events_xml([was(5002, "2026-06-15T14:00:00Z", "Web")]))
    assert events(tmp_path / "logs") == [5002]
    write(log, events_xml([was(5011, "2026-06-15T14:00:00Z", "Web"), was(5013, "2026-06-15T14:00:01Z", "Web")]))
    assert events(tmp_path / "logs") == [5011, 5013]
    assert len(list((tmp_path / "index").rglob("evidence-*.parquet"))) == 1


def test_what_is_gone_or_has_become_a_log_is_no_evidence_any_more(tmp_path: Path) -> None:
    gone = write(tmp_path / "logs" / "System.xml", events_xml(_MANY[:3]))
    other = write(tmp_path / "logs" / "Application.xml", events_xml(_MANY[:2]))
    assert len(events(tmp_path / "logs")) == 5
    gone.unlink()
    write(other, HTTPERR_HEAD, httperr_lines(5))
    assert events(tmp_path / "logs") == []
    assert read(tmp_path / "logs").newest is not None


def test_a_renamed_file_keeps_its_evidence(tmp_path: Path) -> None:
    log = write(tmp_path / "logs" / "System.xml", events_xml(_MANY[:3]))
    assert len(events(tmp_path / "logs")) == 3
    log.rename(tmp_path / "logs" / "Other.xml")
    assert len(events(tmp_path / "logs")) == 3


def test_logs_are_read_as_without_evidence(tmp_path: Path) -> None:
    write(tmp_path / "logs" / "u_ex260615.log", IIS_HEAD, iis_lines(50))
    write(tmp_path / "logs" / "System.xml", events_xml(_MANY))
    snapshot = read(tmp_path / "logs")
    assert [source.rows for source in snapshot.sources if source.status == "ok"] == [50]
    [evidence] = [source.evidence for source in snapshot.sources if source.evidence]
    assert (evidence.rows, evidence.error) == (len(_MANY), "")
    assert str(evidence.first) == "2026-06-15 14:00:01"


def test_evidence_that_is_damaged_in_the_index_is_read_from_its_source_again(tmp_path: Path) -> None:
    write(tmp_path / "logs" / "System.xml", events_xml(_MANY[:3]))
    assert len(events(tmp_path / "logs")) == 3
    [stored] = (tmp_path / "index").rglob("evidence-*.parquet")
    os.truncate(stored, stored.stat().st_size // 2)
    assert len(events(tmp_path / "logs")) == 3


def test_events_of_the_security_log_are_counted_and_never_kept(tmp_path: Path) -> None:
    secret = Written(
        "Audit", 4688, "2026-06-15T14:00:00Z", {"CommandLine": "net user /add hunter2"}, channel="Security"
    )
    write(tmp_path / "logs" / "Security.xml", events_xml([secret, _MANY[0]]))
    assert events(tmp_path / "logs") == [5011]
    [source] = read(tmp_path / "logs").sources
    assert source.evidence is not None
    assert source.evidence.left_out == 1
    assert not any(b"hunter2" in path.read_bytes() for path in (tmp_path / "index").rglob("*") if path.is_file())


def test_a_file_that_is_refused_says_why_and_does_not_stop_the_others(tmp_path: Path) -> None:
    write(tmp_path / "logs" / "a.xml", "<!DOCTYPE x>", events_xml(_MANY[:1]).partition("\n")[2])
    write(tmp_path / "logs" / "b.xml", events_xml(_MANY[:2]))
    snapshot = read(tmp_path / "logs")
    assert [source.evidence.error for source in snapshot.sources if source.evidence] == [
        "declares a DOCTYPE, which no export of events has; it is not read",
        "",
    ]
    assert len(events(tmp_path / "logs")) == 2


def test_evidence_in_utf_16_and_in_a_zip_archive_is_read(tmp_path: Path) -> None:
    import zipfile

    (tmp_path / "logs").mkdir()
    with zipfile.ZipFile(tmp_path / "logs" / "case.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("General/System.xml", events_xml(_MANY[:4]).encode("utf-16"))
    assert len(events(tmp_path / "logs")) == 4
