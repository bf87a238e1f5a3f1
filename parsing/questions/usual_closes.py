"""Idle closes set apart: what HTTP.sys does in the normal course is no error that anyone looks for."""

from __future__ import annotations

from functools import cache

from parsing.filters import Filter, both, parse, without_conditions_on
from parsing.knowledge.reasons import NORMAL_GROUP, reasons


def without_idle_closes(where: Filter) -> Filter | None:
    """The rows that a filter keeps but for idle closes; ``None`` where it says itself which reasons it is about."""
    return both(where, no_idle_closes()) if without_conditions_on(where, "reason") == where else None


def idle_closes(where: Filter) -> Filter | None:
    """The idle closes among the rows that a filter keeps; ``None`` where it says itself which reasons it is about."""
    return both(where, only_idle_closes()) if without_conditions_on(where, "reason") == where else None


@cache
def only_idle_closes() -> Filter:
    """The filter that keeps nothing but idle closes."""
    return parse(f"reason:({_normal()})")


@cache
def no_idle_closes() -> Filter:
    """The filter that keeps all rows but idle closes, requests too."""
    return parse(f"-reason:({_normal()})")


def _normal() -> str:
    return ",".join(known.code for known in reasons() if known.group == NORMAL_GROUP)
