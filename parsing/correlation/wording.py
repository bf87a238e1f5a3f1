"""Verdicts and evidence in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from parsing.correlation.logs.requests import BROKEN_WRITE, CLIENT_GONE
from parsing.correlation.server.began import BODY, HEADER, QUEUE_TIMERS, SLOW_CLIENT, SLOW_READER
from parsing.correlation.server.survey import DROPPED, IDLE
from parsing.knowledge.reasons import reason
from parsing.wording import rough_duration

BATCH = 3
"""From this many rows in one second, a sweep is called a batch."""


def verdict(error: Mapping[str, Any], claims: Mapping[str, int], *, is_covered: bool) -> str:
    """One sentence: who ended it, since when, and what the other log knows. ``claims`` counts them by relation."""
    text = _ended(error)
    if claims.get("same-request"):
        text += "; the IIS log has the same request"
    elif not is_covered:
        text += "; no IIS log covers this time"
    if claims.get("retry"):
        text += "; the client asked again"
    if error["batch"] >= BATCH:
        text += f"; one of {error['batch']} rows of one sweep of the timers, which is one event and no spike"
    return text + "."


def _ended(error: Mapping[str, Any]) -> str:
    key = error["key"]
    waited = error["t"] - (error["began_low"] + error["began_high"]) / 2
    if key == DROPPED:
        if error["ended_by"] == "client":
            return f"The client left about {rough_duration(waited)} earlier, and the application did not finish in time"
        return "The application closed the connection itself; the row comes far sooner than any time-out explains"
    if key == IDLE:
        return f"HTTP.sys closed a kept-alive connection that was silent for about {rough_duration(waited)}; this is normal"
    if key == HEADER:
        return f"HTTP.sys closed a connection on which no complete request came for about {rough_duration(waited)}"
    if key == BODY:
        return f"HTTP.sys gave up on a request whose body stopped arriving about {rough_duration(waited)} earlier"
    if key == SLOW_READER:
        return "HTTP.sys cut off a response that the client read too slowly"
    if key in QUEUE_TIMERS:
        return f"HTTP.sys gave up on a request that no worker took for about {rough_duration(waited)}"
    if key == SLOW_CLIENT:
        return "The client took its response too slowly"
    meaning = reason(error["reason"] or "").meaning.rstrip(".")
    return meaning or "Nothing is known of this reason"


def ending_text(ending: int) -> str:
    if ending == BROKEN_WRITE:
        return "500.19 with 64 is a write to a dead connection, not a configuration error"
    return "its Windows status says that the client was gone" if ending == CLIENT_GONE else ""
