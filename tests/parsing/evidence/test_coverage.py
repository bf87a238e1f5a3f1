"""What is said where the parts of a bundle do not cover each other, and that nothing is said where they do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from parsing.evidence import coverage_notes
from parsing.evidence.sites import site_of_source, sites_of_requests
from parsing.incidents import find_incidents
from parsing.index import LogSet, Snapshot
from tests.written_events import Written, events_xml, service, was
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, write

_REQUEST = "2026-06-{day:02} {hour:02}:00:00 10.0.0.1 GET /a - 443 - 192.0.2.1 A - 200 0 0 5\r\n"
_ERROR = (
    "2026-06-{day:02} {hour:02}:00:{second:02} 192.0.2.1 50123 10.0.0.1 80 HTTP/1.1 GET /a 503 {site} {reason} Web\r\n"
)


def _requests(*days: int) -> str:
    return "".join(_REQUEST.format(day=day, hour=hour) for day in days for hour in range(24))


def _errors(*days: int, site: int = 1, reason: str = "Connection_Dropped") -> str:
    rows = [(day, hour) for day in days for hour in (1, 13)]
    return "".join(_ERROR.format(day=day, hour=hour, second=0, site=site, reason=reason) for day, hour in rows)


def _opened(tmp_path: Path, files: dict[str, str], events: Sequence[Written] = ()) -> Snapshot:
    for name, text in files.items():
        write(tmp_path / "case" / name, IIS_HEAD if "u_ex" in name else HTTPERR_HEAD, text)
    if events:
        write(tmp_path / "case" / "General" / "System.xml", events_xml(events))
    with LogSet.open([str(tmp_path / "case")], index_dir=tmp_path / "index") as log_set:
        log_set.read()
        return log_set.snapshot()


def test_errors_of_times_without_an_iis_log_are_counted(tmp_path: Path) -> None:
    files = {"W3SVC1/u_ex1.log": _requests(14, 15), "HTTPERR/httperr1.log": _errors(1, 2, 14, 15)}
    assert coverage_notes(_opened(tmp_path, files)) == (
        (
            "4 errors are of times that no IIS log here covers (2026-06-14 00:00 to 2026-06-15 23:00 UTC):"
            " that no request is found for them means nothing"
        ),
    )


def test_nothing_is_said_where_the_logs_cover_each_other(tmp_path: Path) -> None:
    files = {"W3SVC1/u_ex1.log": _requests(14, 15), "HTTPERR/httperr1.log": _errors(14, 15)}
    events = [service("2026-06-14T00:30:00Z", "BITS", 4), service("2026-06-15T23:30:00Z", "BITS", 1)]
    assert coverage_notes(_opened(tmp_path, files, events)) == ()


def test_errors_of_sites_without_an_iis_log_are_named(tmp_path: Path) -> None:
    files = {
        "W3SVC1/u_ex1.log": _requests(15),
        "HTTPERR/httperr1.log": _errors(15),
        "HTTPERR/httperr2.log": _errors(15, site=7),
    }
    assert coverage_notes(_opened(tmp_path, files)) == (
        "Httperr.log has errors of site 7, of which no IIS log is here: no request can be found for them",
    )


def test_of_sites_nothing_is_said_where_one_log_may_be_of_any(tmp_path: Path) -> None:
    files = {
        "W3SVC1/u_ex1.log": _requests(15),
        "other/u_ex1.log": _requests(15),
        "HTTPERR/httperr1.log": _errors(15, site=7),
    }
    snapshot = _opened(tmp_path, files)
    assert sites_of_requests(snapshot) == frozenset()
    assert coverage_notes(snapshot) == ()


def test_errors_of_times_without_a_system_log_are_counted(tmp_path: Path) -> None:
    files = {"HTTPERR/httperr1.log": _errors(1, 2, 15, reason="AppOffline")}
    snapshot = _opened(
        tmp_path, files, [was(5011, "2026-06-15T00:30:00Z", "Shop"), service("2026-06-15T23:30:00Z", "BITS", 1)]
    )
    [note] = coverage_notes(snapshot)
    assert note.startswith("4 errors that an event could explain are of times that no System log here covers")


def test_an_incident_outside_of_the_system_log_says_so(tmp_path: Path) -> None:
    rows = [_ERROR.format(day=15, hour=14, second=second, site=1, reason="AppOffline") for second in range(60)]
    usual = [_ERROR.format(day=15, hour=hour, second=0, site=1, reason="Timer_EntityBody") for hour in range(24)]
    files = {"HTTPERR/httperr1.log": "".join(sorted([*rows, *usual]))}
    early = [service("2026-06-14T00:00:00Z", "BITS", 4), service("2026-06-15T09:00:00Z", "BITS", 1)]
    [incident] = [one for one in find_incidents(_opened(tmp_path, files, early)) if one.kind == "pool-offline"]
    assert "no System log here covers this time" in incident.grounds
    late = [*early, service("2026-06-15T20:00:00Z", "BITS", 4)]
    [incident] = [one for one in find_incidents(_opened(tmp_path, files, late)) if one.kind == "pool-offline"]
    assert incident.grounds == ""


def test_sites_are_told_by_folder_and_by_name() -> None:
    names = {"Shop": "3", "M?ller": "4", "Def?ult": "5"}
    assert site_of_source("case.zip/inetpub/W3SVC12/u_ex1.log", names) == "12"
    assert site_of_source("case.zip/Sites/Shop/IISLogs/u_ex1.log", names) == "3"
    assert site_of_source("case.zip/Sites/Müller/IISLogs/u_ex1.log", names) == "4"
    assert site_of_source("case.zip/Sites/Other/IISLogs/u_ex1.log", names) is None
    assert site_of_source("logs/u_ex1.log", names) is None
