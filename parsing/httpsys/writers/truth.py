"""Writes what really happened: ``truth.ndjson`` behind every row of both logs, ``incidents.ndjson`` what went wrong when.

``incidents.ndjson`` has an object for each planned incident, in the order of their plan: ``plan`` (its name), ``kind`` (as
``parsing.incidents`` is to call it), ``pool`` (a list, empty where it is of no pool), ``begin`` and ``end`` of its cause.

``truth.ndjson`` has one JSON object per row, Httperr.log first, each log in file order:

``source`` ``line``
    The row, named as dropline names it when the demo's folder is opened.
``connection`` ``client`` ``request``
    Numbers of the TCP connection, of the user or program behind it, and of the request (null for a row that a timer
    wrote between requests). Rows of one request share its number: it was logged on both sides. Several clients may
    share one address.
``start``
    When the first byte of the request arrived; null without a request.
``client_left``
    When the client closed the connection or the stream before its response was complete, else null.
``cause`` ``ended_by``
    A key of ``recording.CAUSES``; ``ended_by`` is ``client``, ``http.sys``, ``worker``, ``administrator``, or null
    where the response came to its end.
``began``
    For errors: when the wait that the row ended began (``recording.ErrorRow``); null for requests.
``retries`` ``retry_of_request``
    The row (``source``, ``line``), and the number of the request, that this request repeats: the same client has
    asked for the same method and URI again, within ten minutes of losing it, for whatever reason. If the lost request
    is in both logs, the row is the one of Httperr.log. Retries of retries form a chain. All legs of a sign-in that
    repeat a lost request name it.

Times are ISO 8601 in UTC with milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from parsing.httpsys.planned import PlannedIncident
from parsing.httpsys.server.connections import Connection, Exchange
from parsing.httpsys.writers.recording import CAUSES, ErrorRow
from parsing.httpsys.writers.wire import LogClock, write_ndjson

NAME = "truth.ndjson"
INCIDENTS_NAME = "incidents.ndjson"


def write_incidents(path: Path, planned: Sequence[PlannedIncident]) -> None:
    """Write what was planned, a JSON object a line, for comparison with what is found."""
    exact = LogClock().exact
    records = (
        {"plan": one.name, "kind": one.kind, "pool": one.pools, "begin": exact(one.begin), "end": exact(one.end)}
        for one in planned
    )
    write_ndjson(path, records)


def write_truth(
    path: Path, errors: Sequence[ErrorRow], places: Sequence[tuple[str, int]], requests: Sequence[Exchange]
) -> None:
    """``places`` belong to ``errors``; exchanges know their own places."""
    clock = LogClock()
    with path.open("w", encoding="ascii", newline="\n") as file:
        for row, place in zip(errors, places, strict=True):
            file.write(_line(clock, place, row.connection, row.exchange, row.cause, row.began))
        for exchange in sorted(requests, key=lambda exchange: exchange.iis_place or ("", 0)):
            assert exchange.iis_place is not None
            file.write(_line(clock, exchange.iis_place, exchange.connection, exchange, exchange.cause, 0))


def _line(
    clock: LogClock,
    place: tuple[str, int],
    connection: Connection,
    exchange: Exchange | None,
    cause: str,
    began: int,
) -> str:
    request = start = left = retries = retried = "null"
    if exchange is not None:
        request = str(exchange.id)
        start = _moment(clock, exchange.start)
        left = _moment(clock, exchange.client_left)
        lost = exchange.retry_of
        if lost is not None:
            source, line = lost.error_place or lost.iis_place or ("", 0)
            retries, retried = f'{{"source":"{source}","line":{line}}}', str(lost.id)
    ended_by = CAUSES[cause][0]
    quoted = f'"{ended_by}"' if ended_by else "null"
    return (
        f'{{"source":"{place[0]}","line":{place[1]},"connection":{connection.id},'
        f'"client":{connection.client.person.id},"request":{request},"start":{start},"client_left":{left},'
        f'"cause":"{cause}","ended_by":{quoted},"began":{_moment(clock, began)},'
        f'"retries":{retries},"retry_of_request":{retried}}}\n'
    )


def _moment(clock: LogClock, time: int) -> str:
    return f'"{clock.exact(time)}"' if time else "null"
