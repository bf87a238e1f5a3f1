"""Writes a simulated pair of logs with its truth: what ``dropline demo`` opens."""

from __future__ import annotations

import errno
import gc
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from parsing.httpsys.planned import PlannedIncident
from parsing.httpsys.profile import ServerProfile
from parsing.httpsys.simulation import START, Simulation, simulate
from parsing.httpsys.writers import bundle, error_log, event_log, iis_log, truth
from parsing.httpsys.writers.error_log import ErrorLog
from parsing.httpsys.writers.iis_log import IisLog
from parsing.httpsys.writers.recording import Recording

DEFAULT_REQUESTS = 90_000
DEFAULT_RATE = 3.5


@dataclass(frozen=True, slots=True)
class DemoLogs:
    """The files of a demo. ``folder`` is what to open; ``truth`` and ``planned`` in it are no logs and are passed over."""

    folder: Path
    iis: tuple[Path, ...]
    errors: tuple[Path, ...]
    truth: Path
    planned: Path
    profile: ServerProfile
    incidents: tuple[PlannedIncident, ...]
    requests: int
    """Rows of the IIS log."""
    error_rows: int
    asked: int
    """Requests that clients sent."""
    bundle: Path | None = None
    """The archive that holds the logs, where it was asked for; they are then no files of their own."""


def demo_profile(
    seed: int = 1,
    *,
    profile: ServerProfile | None = None,
    requests: int | None = None,
    rate: float | None = None,
    proxy_share: float | None = None,
) -> ServerProfile:
    """The server of a demo: Windows 2022 with parameters drawn from the seed, unless ``profile`` says otherwise."""
    chosen = profile or replace(ServerProfile.drawn(seed, "2022"), requests=DEFAULT_REQUESTS, rate=DEFAULT_RATE)
    return replace(
        chosen,
        requests=chosen.requests if requests is None else requests,
        rate=chosen.rate if rate is None else rate,
        proxy_share=chosen.proxy_share if proxy_share is None else proxy_share,
    )


def write_demo(
    folder: Path,
    *,
    seed: int = 1,
    requests: int | None = None,
    client_port: bool = False,
    profile: ServerProfile | None = None,
    proxy_share: float | None = None,
    rate: float | None = None,
    start: datetime = START,
    has_incidents: bool = True,
    is_bundle: bool = False,
) -> DemoLogs:
    """Simulates and writes ``W3SVC1/``, ``HTTPERR/``, ``truth.ndjson`` and ``incidents.ndjson``.

    For a bundle the logs are packed into a zip archive in the layout of LogCatcher, with exports of the server's event logs, and
    ``evidence.ndjson`` says which rows each event explains.
    The same arguments give the same bytes. Without incidents, nothing goes wrong on that day but what always does.
    An earlier demo in the folder is replaced. Raises FileExistsError if the folder has logs of another origin,
    ValueError if ``client_port`` is asked of a server that cannot log it, and OSError if writing fails.
    """
    chosen = demo_profile(seed, profile=profile, requests=requests, rate=rate, proxy_share=proxy_share)
    iis = IisLog(chosen, client_port)
    _make_room(folder)
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        return _write(folder, simulate(chosen, seed, start, has_incidents=has_incidents), iis, is_bundle=is_bundle)
    finally:
        if was_collecting:
            gc.enable()


def _make_room(folder: Path) -> None:
    old = [path for name in (iis_log.FOLDER, error_log.FOLDER) for path in sorted((folder / name).glob("*.log"))]
    old += sorted(folder.glob(bundle.PATTERN))
    if old and not (folder / truth.NAME).exists():
        raise FileExistsError(errno.EEXIST, "there are logs already, and not of a demo", str(old[0]))
    for path in old:
        path.unlink()


def _write(folder: Path, simulation: Simulation, iis_writer: IisLog, *, is_bundle: bool) -> DemoLogs:
    profile, recording = simulation.profile, simulation.recording
    iis = iis_writer.write(folder, recording.requests)
    errors, places = ErrorLog(profile).write(folder, recording.errors)
    packed = _packed(folder, recording, places) if is_bundle else None
    path = folder / truth.NAME
    truth.write_truth(path, recording.errors, places, recording.requests)
    planned = folder / truth.INCIDENTS_NAME
    truth.write_incidents(planned, simulation.incidents)
    return DemoLogs(
        folder,
        () if packed else tuple(iis),
        () if packed else tuple(errors),
        path,
        planned,
        profile,
        simulation.incidents,
        len(recording.requests),
        len(recording.errors),
        recording.asked,
        packed,
    )


def _packed(folder: Path, recording: Recording, places: list[tuple[str, int]]) -> Path:
    """Packs the logs that were just written; all places of rows become those in the archive."""
    times = [row.time for row in recording.errors] + [exchange.end for exchange in recording.requests]
    begin, end = min(times, default=0), max(times, default=0)
    name = bundle.bundle_name(end)

    def named(source: str) -> str:
        return f"{name}/{bundle.member_of(source)}"

    logs = [source for source, _ in places]
    for exchange in recording.requests:
        assert exchange.iis_place is not None
        logs.append(exchange.iis_place[0])
        exchange.iis_place = named(exchange.iis_place[0]), exchange.iis_place[1]
    for number, row in enumerate(recording.errors):
        places[number] = named(places[number][0]), places[number][1]
        if row.exchange is not None:
            row.exchange.error_place = places[number]
    events = event_log.events_of(recording.events, begin, end)
    event_places = event_log.write_exports(folder, events, named)
    truth_path = folder / event_log.EVIDENCE_NAME
    event_log.write_evidence_truth(truth_path, events, event_places, recording.errors, places)
    return bundle.pack(folder, name, [*dict.fromkeys(logs), "System.xml", "Application.xml"])
