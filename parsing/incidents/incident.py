"""What an incident is: its record, its kinds in the order in which they are tried, and its severities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from parsing.errors import UsageError

Kind = Literal[
    "pool-stopped",
    "pool-offline",
    "worker-crash",
    "limit",
    "slow-application",
    "queue-full",
    "clients-left",
    "server-errors",
    "slow-clients",
    "wrong-protocol",
    "scan",
    "burst",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""Where several fit, an incident is of the first."""

Severity = Literal["low", "medium", "high"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, with the row that shows it. Times are UTC without zone."""

    time: datetime
    text: str
    source: str
    line: int


@dataclass(frozen=True, slots=True)
class Incident:
    """A span in which something went wrong that is not this server's usual way. Times are UTC without zone.

    ``begin`` is when the trouble began, ``end`` when the last of it was over, ``until`` the time of its last row.
    ``filter`` keeps exactly its ``errors``, ``requests_filter`` exactly its ``requests``. ``usual`` is the number of such
    rows that is expected in such a span; ``grounds`` says what that expectation, or the story, rests on where it is little.
    """

    begin: datetime
    end: datetime
    until: datetime
    kind: Kind
    severity: Severity
    summary: str
    errors: int
    requests: int
    clients: int
    usual: float
    ended_by: Mapping[str, int]
    servers: tuple[str, ...]
    pools: tuple[str, ...]
    reasons: tuple[str, ...]
    paths: tuple[str, ...]
    addresses: tuple[str, ...]
    check_first: str
    filter: str
    requests_filter: str
    story: tuple[Step, ...]
    grounds: str = ""

    @property
    def id(self) -> str:
        """Its kind and begin, which stay the same while the log grows: ``pool-offline@2026-06-15T14:15:30``."""
        return f"{self.kind}@{self.begin:%Y-%m-%dT%H:%M:%S}"

    def is_at_least(self, severity: Severity) -> bool:
        return SEVERITIES.index(self.severity) >= SEVERITIES.index(severity)

    def record(self) -> dict[str, Any]:
        """The record of ``dropline incidents``, fields by their wire names."""
        names = {
            "servers": "server-name",
            "pools": "s-queuename",
            "reasons": "s-reason",
            "paths": "cs-uri-stem",
            "addresses": "c-ip",
        }
        found = {names.get(name, name): value for name, value in asdict(self).items()}
        return {"id": self.id} | {
            name: list(value) if isinstance(value, tuple) else value for name, value in found.items()
        }


def by_severity(incidents: Iterable[Incident]) -> list[Incident]:
    """The worst first: by severity, then by how many requests they cost, then by time."""

    def rank(one: Incident) -> tuple[int, float, datetime]:
        return -SEVERITIES.index(one.severity), -(one.errors + one.requests / 4), one.begin

    return sorted(incidents, key=rank)


def incident_named(incidents: Sequence[Incident], name: str) -> Incident:
    """The incident of an id, or of the begin of one that no other shares. Raises ``UsageError`` where there is none."""
    found = [one for one in incidents if one.id == name] or [one for one in incidents if one.id.startswith(name)]
    if len(found) == 1:
        return found[0]
    known = ", ".join(one.id for one in (found or incidents)[:8]) or "nothing went wrong in these rows"
    what = f"{len(found)} incidents begin with" if found else "there is no incident"
    raise UsageError(f"{what} {name}", where="--incident", hint=known)
