"""The reasons of Httperr.log: what each one means, who ended the request, and what to check first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

from parsing.knowledge.tables import load_table

Cost = Literal["high", "medium", "low", "none"]
COSTS: tuple[Cost, ...] = get_args(Cost)
EndedBy = Literal["client", "http.sys", "worker", "administrator", "unknown"]

UNKNOWN_GROUP = "unknown"
NORMAL_GROUP = "normal"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. ``status`` is what HTTP.sys answers with it, where it answers; texts are plain sentences.

    ``ended_by`` is the usual one; correlation may find another for a single row. ``setting`` names the governing
    setting with its default, and is empty where there is none.

    ``cost`` is what a row of it costs whoever sent the request. ``is_known`` is false for a reason of no table here,
    ``is_documented`` for one that is seen in the field but stands in no document of Microsoft's.
    """

    code: str
    meaning: str
    cause: str
    first_check: str
    setting: str
    ended_by: EndedBy
    group: str
    status: int | None
    source: str
    cost: Cost = "medium"
    is_documented: bool = True
    is_known: bool = True


@cache
def reasons() -> tuple[Reason, ...]:
    """Every known reason, in triage order: what is the server's fault first, what is normal last."""
    table: dict[str, dict[str, Any]] = load_table("reasons.toml")["reasons"]
    return tuple(_from_row(code, row) for code, row in table.items())


@cache
def groups() -> tuple[str, ...]:
    """The triage groups, in order."""
    return tuple(load_table("reasons.toml")["groups"])


def reason(code: str) -> Reason:
    """What is known of a reason, ignoring case. An unknown one is a reason like any other, explained as unknown."""
    known = _by_code().get(code.lower())
    return known or Reason(
        code,
        meaning="Not in any table known to dropline: a newer Windows, or another driver, wrote it.",
        cause="Unknown.",
        first_check="The other rows of the same client, path and queue around that time.",
        setting="",
        ended_by="unknown",
        group=UNKNOWN_GROUP,
        status=None,
        source="",
        is_documented=False,
        is_known=False,
    )


def worst_first(counts: Mapping[str, int]) -> list[str]:
    """Reasons by what a row of them costs, the most frequent first among equals, then in triage order."""
    order = {known.code.lower(): place for place, known in enumerate(reasons())}

    def rank(code: str) -> tuple[int, int, int, str]:
        return COSTS.index(reason(code).cost), -counts[code], order.get(code.lower(), len(order)), code

    return sorted(counts, key=rank)


def _from_row(code: str, row: dict[str, Any]) -> Reason:
    return Reason(
        code,
        row["meaning"],
        row["cause"],
        row["first_check"],
        row["setting"],
        row["ended_by"],
        row["group"],
        row.get("status"),
        row["source"],
        row.get("cost") or load_table("reasons.toml")["costs"][row["group"]],
        row.get("documented", True),
    )


@cache
def _by_code() -> dict[str, Reason]:
    return {known.code.lower(): known for known in reasons()}
