"""Pairs of logs written by hand, line by line, and what is claimed of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from parsing.correlation.correlate import correlate
from parsing.correlation.correlated import Correlated
from parsing.index.log_set import LogSet
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, write

CLIENT, SERVER = "192.0.2.7", "10.0.0.1"
DAY = "2026-06-15"

Claim = tuple[str, str, int]
"""Relation, source and line of a claimed request."""


def request(
    clock: str,
    path: str = "/report.asp",
    query: str = "-",
    *,
    client: str = CLIENT,
    method: str = "GET",
    ended: str = "200 0 0",
    taken: int | None = 500,
    server: str = SERVER,
    agent: str = "Agent/1",
    more: str = "",
) -> str:
    """One line below ``IIS_HEAD``; without ``taken`` the head must leave time-taken out."""
    tail = "" if taken is None else f" {taken}"
    return f"{DAY} {clock} {server} {method} {path} {query} 443 - {client} {agent} - {ended}{tail}{more}\r\n"


def error(
    clock: str,
    reason: str = "Client_Reset",
    uri: str | None = "/report.asp",
    *,
    client: str = CLIENT,
    port: int = 50_123,
    method: str = "GET",
    status: str = "-",
    server: str = SERVER,
) -> str:
    """One line below ``HTTPERR_HEAD``; without ``uri`` it has addresses and a reason only."""
    asked = f"HTTP/1.1 {method} {uri} {status} 1 {reason} Pool" if uri else f"- - - {status} - {reason} -"
    return f"{DAY} {clock} {client} {port} {server} 443 {asked}\r\n"


def clock(after: float, start: str = "10:00:00") -> str:
    """The time of day so many seconds after ``start``."""
    moment = datetime.fromisoformat(f"{DAY}T{start}") + timedelta(seconds=after)
    return f"{moment:%H:%M:%S}"


def traffic(first: str = "10:00:00", minutes: int = 60) -> list[str]:
    """Other clients' requests for other things, so that the logs have a usual pace."""
    return [
        request(
            clock(20 * place, first), f"/page/{place % 7}", client=f"198.51.100.{place % 40}", agent=f"A/{place % 9}"
        )
        for place in range(3 * minutes)
    ]


def correlated(
    folder: Path,
    requests: Sequence[str],
    errors: Sequence[str],
    *,
    head: str = IIS_HEAD,
    tz: tzinfo = UTC,
    client_port: str | None = None,
) -> list[Correlated]:
    """What is found of the errors, in their order; lines of either log are put in order of time first."""
    write(folder / "logs" / "W3SVC1" / "u_ex260615.log", head, *sorted(requests))
    write(folder / "logs" / "HTTPERR" / "httperr1.log", HTTPERR_HEAD, *sorted(errors))
    return correlated_files(folder, tz=tz, client_port=client_port)


def correlated_files(folder: Path, *, tz: tzinfo = UTC, client_port: str | None = None) -> list[Correlated]:
    """What is found of the errors in the logs that were written to ``folder / "logs"``."""
    with LogSet.open([str(folder / "logs")], index_dir=folder / "index", tz=tz) as log_set:
        log_set.read()
        return [one for part in correlate(log_set.snapshot(), client_port=client_port) for one in part]


def claims(of: Correlated) -> list[tuple[str, str]]:
    """Relation and time of day of what is claimed."""
    return [(claim.relation, f"{claim.time:%H:%M:%S}") for claim in of.claims]
