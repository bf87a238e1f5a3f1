"""The frames that pass between the modules of correlation: each column with its type, its unit or meaning, and who makes it.

``python -m pytest tests/parsing/correlation/test_schema.py`` holds the frames to it. Moments are milliseconds since 1970
in UTC, other times milliseconds, unless a column says otherwise. Numbers of addresses, paths, methods, URIs and servers
are those of ``logs.keys.Keys``: they mean something within one stretch of time only, and 0 agrees with every other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import polars as pl

DataType: TypeAlias = "pl.DataType"

TEXT, FLAG, CHANCE = pl.String(), pl.Boolean(), pl.Float64()
NUMBER, MOMENT, CODE, COUNT = pl.Int64(), pl.Int64(), pl.UInt32(), pl.Int64()


@dataclass(frozen=True, slots=True)
class FrameColumn:
    """``meaning`` says what the column holds, with the unit where it is not a moment; ``maker`` is the module that adds it."""

    name: str
    dtype: DataType
    meaning: str
    maker: str


def polars_schema(columns: tuple[FrameColumn, ...]) -> dict[str, DataType]:
    """Names and types, as Polars takes a schema."""
    return {column.name: column.dtype for column in columns}


def _made_by(maker: str, *columns: tuple[str, DataType, str]) -> tuple[FrameColumn, ...]:
    return tuple(FrameColumn(name, dtype, meaning, maker) for name, dtype, meaning in columns)


ERRORS = (
    *_made_by(
        "logs.errors",
        ("e", CODE, "number of the error, from 0, in order of time"),
        ("source", CODE, "id of its source"),
        ("line", NUMBER, "line in its source"),
        ("t", MOMENT, "time of the row, to a second"),
        ("reason", TEXT, "as logged; - where none is"),
        ("c-ip", TEXT, "as logged"),
        ("s-ip", TEXT, "as logged"),
        ("method", TEXT, "as logged; of the request it cut off where is_implied"),
        ("uri", TEXT, "as logged"),
        ("queue", TEXT, "as logged"),
        ("stream", TEXT, "as logged"),
        ("version", TEXT, "of the protocol, as logged"),
        ("port", NUMBER, "of the client"),
        ("server_port", NUMBER, "as logged"),
        ("status", NUMBER, "that HTTP.sys answered"),
        ("client", TEXT, "address, normalised"),
        ("server", TEXT, "address, normalised"),
        ("path", TEXT, "normalised"),
        ("query", TEXT, "normalised; empty where there is none"),
        ("is_cut", FLAG, "the URI is as long as the log allows, so its end may be missing"),
        ("is_implied", FLAG, "method and URI are those of the one request that ended with it"),
    ),
    *_made_by(
        "matching.correlation_window",
        ("at", MOMENT, "time of the row to the part of a second that its place in the file tells"),
        ("blur", NUMBER, "how much at may be off"),
        ("is_wanted", FLAG, "the filter keeps it; others compete for the same requests"),
        ("single", CHANCE, "chance that its address is one client's"),
        ("may_be_logged", FLAG, "its request can be in the IIS log too"),
    ),
    *_made_by("server.survey", ("group", CODE, "number of its server")),
    *_made_by(
        "server.began",
        ("key", TEXT, "reason in lower case"),
        ("second", NUMBER, "seconds since 1970"),
        ("votes", FLAG, "it is one of the rows from which the phase of the sweep is learned"),
        ("is_on_sweep", FLAG, "it was written at a phase of the sweep; null where that is not known"),
        ("spread", NUMBER, "on how many seconds of five the sweep falls; null where that is not known"),
        ("batch", CODE, "rows that the same sweep wrote"),
        ("worker", CHANCE, "chance that the application closed the connection"),
        ("seen", COUNT, "drops of its server from which worker is known"),
        ("kind", TEXT, "zombie, now or stalled: where its loss lies"),
        ("began_low", MOMENT, "earliest begin of the wait that the row ended"),
        ("began_high", MOMENT, "latest begin of that wait"),
        ("lost_low", MOMENT, "earliest loss of the request by its client"),
        ("lost_high", MOMENT, "latest loss"),
        ("lost_at", MOMENT, "from which lags are measured"),
        ("ended_by", TEXT, "client, http.sys, worker, administrator or unknown"),
        ("ended_by_confidence", CHANCE, "how sure ended_by is"),
    ),
    *_made_by(
        "logs.keys",
        ("address", CODE, "number of the client's address"),
        ("path_number", CODE, "number of the path"),
        ("uri_number", CODE, "number of path and query together"),
        ("server_number", CODE, "number of the server's address"),
        ("method_number", CODE, "number of the method"),
        ("e_server_port", NUMBER, "port of the server; 0 where it is not logged"),
    ),
    *_made_by("logs.targets", ("target", CODE, "number of address and URI together")),
    *_made_by(
        "server.drops",
        ("said", pl.Float64(), "how much likelier what the client did is if it left than if the application closed"),
    ),
)
"""The errors of one stretch of time. With a client port in the IIS log ``socket`` comes to them, see ``SOCKETS``."""

REQUESTS = _made_by(
    "logs.requests",
    ("source", CODE, "id of its source"),
    ("line", NUMBER, "line in its source"),
    ("end", MOMENT, "time of the row, to a second"),
    ("start", MOMENT, "to the part of a second that its place in the file tells; null without time-taken"),
    ("taken", NUMBER, "time-taken"),
    ("blur", NUMBER, "how much start may be off"),
    ("address", CODE, "number of the client's address; null if no error has it"),
    ("path", CODE, "number of the path; null if no error has it"),
    ("uri", CODE, "number of path and query together; null if no error has it"),
    ("server", CODE, "number of the server's address"),
    ("method", CODE, "number of the method"),
    ("server_port", NUMBER, "0 where it is not logged"),
    ("port", NUMBER, "of the client, null where it is not logged"),
    ("status", NUMBER, "sc-status"),
    ("substatus", NUMBER, "sc-substatus"),
    ("ending", pl.Int8(), "how it ended: logs.requests.ENDED and the three after it"),
    ("is_loose", FLAG, "its query is not known, so only the path can agree"),
)
"""Requests that have the address or the path of an error. ``row`` numbers them within one stretch."""

SOCKETS = _made_by("matching.connections", ("socket", CODE, "number of a client's address and port together"))

TARGET_ROWS = (
    *_made_by("matching.correlation_window", ("row", CODE, "number of the request within the stretch")),
    *REQUESTS,
    *_made_by(
        "logs.targets",
        ("target", CODE, "number of address and URI together"),
        ("asked", MOMENT, "start, or end where that is all"),
        ("head", CODE, "row that stands for the attempt: the first leg of a sign-in, else the row itself"),
        ("attempted", MOMENT, "start of the attempt"),
        ("is_open", FLAG, "no last leg of the sign-in is logged"),
    ),
)

FOUND = _made_by(
    "matching.findings",
    ("e", CODE, "number of the error"),
    ("row", CODE, "number of the request"),
    ("relation", TEXT, "same-request or retry"),
    ("confidence", CHANCE, "that the claim is true"),
    ("lag", pl.Float64(), "seconds, from the loss to the request, or as the way of looking measures it"),
    ("count", COUNT, "requests that fit"),
)
"""Claims and candidates."""

RELATED = (
    *FOUND,
    *(column for column in REQUESTS if column.name in ("source", "line", "end", "start", "taken")),
    *(column for column in REQUESTS if column.name in ("ending", "is_loose", "port", "status")),
    *_made_by("matching.findings", ("rank", pl.Int32(), "order of the relations in a record")),
)
"""Claims, candidates and context with the columns of their requests, best first."""

SERVER_GROUPS = _made_by(
    "server.survey",
    ("source", CODE, "id of a source of Httperr.log"),
    ("server", TEXT, "address that it names, normalised"),
    ("group", CODE, "number of the server"),
)
TIMEOUTS = _made_by(
    "server.began",
    ("group", CODE, "number of the server"),
    *(
        (f"{name}_{end}", NUMBER, f"{end} time-out of {what}")
        for name, what in (
            ("zombie", "dead connections"),
            ("idle", "silent connections"),
            ("header", "headers"),
            ("body", "bodies"),
        )
        for end in ("longest", "shortest")
    ),
)
ADDRESS_SHARES = _made_by(
    "server.shared_addresses",
    ("client", TEXT, "address, normalised"),
    ("requests", COUNT, "requests of the address"),
    ("agents", CODE, "different user agents of the address"),
    ("single", CHANCE, "chance that the address is one client's"),
)
