"""What correlation finds of one error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from parsing.correlation.logs.errors import NO_VALUE
from parsing.knowledge.reasons import EndedBy

Relation = Literal["same-request", "same-connection", "retry", "same-client", "same-target"]
RELATIONS: tuple[Relation, ...] = get_args(Relation)
CLAIMS: frozenset[Relation] = frozenset({"same-request", "same-connection", "retry"})
"""Relations that are claimed of a request at a confidence of 0.5 and more; the others are context."""

CLAIMED = 0.5

NO_PORT = (
    "The IIS log has no client port, so a request is tied to its connection by address and time only. To log it, add a"
    " custom field to the site's log with the server variable REMOTE_PORT as its source (IIS 8.5 and later)."
)


@dataclass(frozen=True, slots=True)
class Related:
    """One request of the IIS log and how it belongs to the error. Times are UTC without zone."""

    relation: Relation
    source: str
    source_id: int
    line: int
    time: datetime
    confidence: float
    evidence: tuple[str, ...]

    @property
    def is_claim(self) -> bool:
        return self.relation in CLAIMS and self.confidence >= CLAIMED


@dataclass(frozen=True, slots=True)
class Span:
    """An interval of time that holds a moment, UTC without zone."""

    earliest: datetime
    latest: datetime

    @property
    def seconds(self) -> float:
        return (self.latest - self.earliest).total_seconds()


@dataclass(frozen=True, slots=True)
class Correlated:
    """One error with what the other log knows of it. ``batch`` counts the rows of the same sweep of the timers."""

    source: str
    source_id: int
    line: int
    time: datetime
    reason: str
    client: str | None
    port: int | None
    method: str | None
    uri: str | None
    queue: str | None
    began: Span | None
    ended_by: EndedBy
    verdict: str
    related: tuple[Related, ...]
    batch: int = 1

    @property
    def logged_reason(self) -> str | None:
        return None if self.reason == NO_VALUE else self.reason

    @property
    def claims(self) -> tuple[Related, ...]:
        return tuple(request for request in self.related if request.is_claim)
