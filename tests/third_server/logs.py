"""Writes what a machine logged: ``W3SVC1/``, ``HTTPERR/``, ``truth.ndjson`` and ``incidents.ndjson``.

``truth.ndjson`` has an object for each row of both logs: ``source line connection client request start client_left cause
ended_by began retries``; ``retries`` is the row of the lost request that this one repeats. ``incidents.ndjson`` has
``kind pool begin end`` of each planned incident. Times are ISO 8601 in UTC by the clock of the server.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from tests.third_server.clients import Clients
from tests.third_server.connections import assign
from tests.third_server.machine import Exchange, Fault, Machine
from tests.third_server.parameters import Parameters
from tests.third_server.pools import in_order, planned

START = datetime(2025, 11, 3)  # noqa: DTZ001
SERVER = "172.16.4.10"
ERRORS = "HTTPERR/httperr1.log"
AGAIN = 600
"""Seconds after a loss in which a request for the same counts as its retry."""

_ADDRESSES = "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri"
_LAYOUTS = {
    13: f"{_ADDRESSES} sc-status s-siteid s-reason s-queuename",
    14: f"{_ADDRESSES} streamid sc-status s-siteid s-reason s-queuename",
    16: f"{_ADDRESSES} streamid streamid_ex sc-status s-siteid s-reason s-queuename transport",
}
_REQUESTS = "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip"
_ENDED = "sc-status sc-substatus sc-win32-status time-taken"

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class WrittenLogs:
    """``folder`` is what to open; truth and incidents lie in it and are no logs."""

    folder: Path
    truth: Path
    incidents: Path
    requests: int
    errors: int


def write_logs(folder: Path, parameters: Parameters, *, client_port: bool = False) -> WrittenLogs:
    """Simulates a server and writes its logs; the same arguments give the same bytes."""
    random = Random(f"run {parameters.seed}")
    machine = Machine(parameters, planned(parameters, random), random)
    Clients(machine, random).run()
    assign(machine, random)
    _follow(machine)
    writer = _Writer(folder, parameters, client_port=client_port)
    requests, faults = writer.write_requests(machine), writer.write_errors(machine)
    truth = folder / "truth.ndjson"
    writer.write_truth(truth, machine)
    incidents = folder / "incidents.ndjson"
    lines = [
        {"kind": one.kind, "pool": one.pool, "begin": writer.exact(one.begin), "end": writer.exact(one.end)}
        for one in in_order(machine.plan.incidents)
    ]
    incidents.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "ascii")
    return WrittenLogs(folder, truth, incidents, requests, faults)


def _follow(machine: Machine) -> None:
    """What a client asks for first after it lost that is its retry, whether it meant to or not; the oldest loss first."""
    asked: dict[tuple[int, str, str, str], list[Exchange]] = {}
    for exchange in machine.exchanges:
        key = (exchange.lane.client, exchange.method, exchange.path, exchange.query)
        asked.setdefault(key, []).append(exchange)
    for rows in asked.values():
        rows.sort(key=lambda exchange: exchange.start)
        open_losses = sorted((row for row in rows if row.lost is not None), key=lambda row: row.lost or 0.0)
        for row in rows:
            for loss in open_losses:
                if loss.lost is not None and loss is not row and 0 < row.start - loss.lost < AGAIN:
                    row.retries = loss
                    open_losses.remove(loss)
                    break


class _Writer:
    def __init__(self, folder: Path, parameters: Parameters, *, client_port: bool) -> None:
        self.folder = folder
        self.parameters = parameters
        self.client_port = client_port
        self.rows: dict[int, Place] = {}
        self.faults: dict[int, Place] = {}

    def clock(self, at: float) -> datetime:
        """What the clock of the server shows."""
        return START + timedelta(seconds=at + sum(step for when, step in self.parameters.clock_steps if when <= at))

    def exact(self, at: float) -> str:
        return f"{self.clock(at).isoformat(timespec='milliseconds')}Z"

    def write_requests(self, machine: Machine) -> int:
        agent = " cs(User-Agent)" if self.parameters.logs_agent else ""
        fields = f"{_REQUESTS}{agent} {_ENDED}{' c-port' if self.client_port else ''}"
        done = sorted((row for row in machine.exchanges if row.ended), key=lambda row: row.ended or (0.0, 0, 0, 0))
        files: dict[str, list[str]] = {}
        for row in done:
            assert row.ended is not None
            assert row.connection is not None
            end, status, substatus, win32 = row.ended
            moment = self.clock(end)
            name = f"W3SVC1/u_ex{moment:%y%m%d}.log"
            lines = files.setdefault(name, _head("Internet Information Services 10.0", moment, fields))
            shown = f" {row.agent}" if agent else ""
            port = f" {row.connection.port}" if self.client_port else ""
            lines.append(
                f"{moment:%Y-%m-%d %H:%M:%S} {SERVER} {row.method} {row.path} {row.query or '-'} 443 - {row.lane.address}"
                f"{shown} {status} {substatus} {win32} {round((end - row.start) * 1000)}{port}\r\n"
            )
            self.rows[row.number] = (name, len(lines))
        for name, lines in files.items():
            _write(self.folder / name, lines)
        return len(done)

    def write_errors(self, machine: Machine) -> int:
        faults = sorted(machine.faults, key=lambda fault: fault.at)
        lines = _head("HTTP API 2.0", self.clock(faults[0].at), _LAYOUTS[self.parameters.layout])
        for fault in faults:
            lines.append(f"{self.clock(fault.at):%Y-%m-%d %H:%M:%S} {self._error(fault)}\r\n")
            self.faults[id(fault)] = (ERRORS, len(lines))
        _write(self.folder / ERRORS, lines)
        return len(faults)

    def _error(self, fault: Fault) -> str:
        connection, row = fault.connection, fault.exchange
        assert connection is not None
        asked, site, queue = "- - -", "-", "-"
        is_named = row is not None and not row.has_no_request and not fault.is_bare
        stream = f"{row.number % 400 * 2 + 1}" if row is not None and row.lane.is_multiplexed and is_named else "-"
        if is_named and row is not None:
            version = "HTTP/2" if row.lane.is_multiplexed else "HTTP/1.1"
            asked = f"{version} {row.method} {row.path}{f'?{row.query}' if row.query else ''}"
            site, queue = ("1", fault.pool or "-") if fault.pool else ("-", "-")
        layout = self.parameters.layout
        streams = {13: "", 14: f" {stream}", 16: f" {stream} -"}[layout]
        transport = " TCP" if layout == 16 else ""
        return (
            f"{connection.address} {connection.port} {SERVER} 443 {asked}{streams} {fault.status or '-'} {site}"
            f" {fault.reason} {queue}{transport}"
        )

    def write_truth(self, path: Path, machine: Machine) -> None:
        with path.open("w", encoding="ascii", newline="\n") as file:
            for fault in machine.faults:
                row = fault.exchange
                told = self._truth(row if row is not None and not row.has_no_request else None)
                own = {"cause": fault.cause, "ended_by": fault.ended_by, "began": self.exact(fault.began)}
                connection = fault.connection.number if fault.connection else None
                file.write(_line(self.faults[id(fault)], {**told, "connection": connection, **own}))
            for row in machine.exchanges:
                if row.number in self.rows:
                    file.write(_line(self.rows[row.number], self._truth(row)))

    def _truth(self, row: Exchange | None) -> dict[str, Any]:
        if row is None:
            return dict.fromkeys(("client", "request", "start", "client_left", "retries"))
        lost, retries = row.retries, None
        if lost is not None:
            place = self.faults[id(lost.error)] if lost.error else self.rows.get(lost.number)
            retries = place and {"source": place[0], "line": place[1]}
        return {
            "client": row.lane.client, "request": row.number, "start": self.exact(row.start),
            "client_left": None if row.left is None else self.exact(row.left), "retries": retries,
            "connection": row.connection.number if row.connection else None,
            "cause": row.cause, "ended_by": None, "began": None,
        }  # fmt: skip


def _head(software: str, moment: datetime, fields: str) -> list[str]:
    return [
        f"#Software: Microsoft {software}\r\n",
        "#Version: 1.0\r\n",
        f"#Date: {moment:%Y-%m-%d %H:%M:%S}\r\n",
        f"#Fields: {fields}\r\n",
    ]


def _line(place: Place, values: dict[str, Any]) -> str:
    return json.dumps({"source": place[0], "line": place[1], **values}) + "\n"


def _write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(lines), "ascii", newline="")
