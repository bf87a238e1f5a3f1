"""The settings of IIS and HTTP.sys that govern reasons: the allow-list of what is ever read from a configuration."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from parsing.knowledge.tables import load_table

SettingScope = Literal["pool", "site", "server"]


@dataclass(frozen=True, slots=True)
class KnownSetting:
    """One setting: ``name`` with its section (``failure.rapidFailProtection``), what it is of, and which reasons it ``governs``."""

    name: str
    scope: SettingScope
    default: str
    governs: tuple[str, ...]
    says: str


@cache
def known_settings() -> dict[str, KnownSetting]:
    """The whole list, by name."""
    rows: list[dict[str, Any]] = load_table("settings.toml")["settings"]
    return {row["name"]: KnownSetting(**row | {"governs": tuple(row["governs"])}) for row in rows}


def settings_that_govern(reason: str) -> tuple[KnownSetting, ...]:
    """The settings behind a reason, whatever its case."""
    wanted = reason.lower()
    return tuple(known for known in known_settings().values() if wanted in map(str.lower, known.governs))
