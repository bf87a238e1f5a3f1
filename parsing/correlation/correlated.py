"""What correlation finds of one error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from parsing.correlation.logs.errors import NO_VALUE
from parsing.knowledge.reasons import EndedBy
from parsing.knowledge.relations import CLAIMED, CLAIMS, Relation


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
class MomentInterval:
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
    began: MomentInterval | None
    ended_by: EndedBy
    verdict: str
    related: tuple[Related, ...]
    batch: int = 1
    ended_by_confidence: float = 1.0

    @property
    def logged_reason(self) -> str | None:
        return None if self.reason == NO_VALUE else self.reason

    @property
    def claims(self) -> tuple[Related, ...]:
        return tuple(request for request in self.related if request.is_claim)
