"""HTTP statuses and the substatuses of IIS, in words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from parsing.knowledge.tables import load_table
from parsing.knowledge.win32 import fold

CLASS_NAMES = {1: "informational", 2: "success", 3: "redirection", 4: "client error", 5: "server error"}


@dataclass(frozen=True, slots=True)
class Status:
    """One status, with the substatus where the table has that one. ``first_check`` may be empty."""

    code: int
    substatus: int | None
    name: str
    meaning: str
    first_check: str = ""
    source: str = ""
    is_known: bool = True

    def __str__(self) -> str:
        return f"{self.code}" if self.substatus is None else f"{self.code}.{self.substatus}"


def status(code: int, substatus: int | None = None) -> Status:
    """What a status means; an unknown substatus falls back to its status, an unknown status to its class."""
    if substatus is not None and f"{code}.{substatus}" in _rows():
        return _known(code, substatus)
    if str(code) not in _rows():
        kind = CLASS_NAMES.get(code // 100, "no HTTP status")
        return Status(code, substatus, kind, "Not in any table known to dropline.", is_known=False)
    base = _known(code, None)
    if not substatus:
        return Status(code, substatus, base.name, base.meaning, base.first_check, base.source)
    meaning = f"{base.meaning} The substatus {substatus} is in no table known to dropline."
    return Status(code, substatus, base.name, meaning, base.first_check, base.source, is_known=False)


@cache
def known_statuses() -> tuple[str, ...]:
    """Every status and substatus of the table, as ``404`` or ``404.13``."""
    return tuple(_rows())


def _known(code: int, substatus: int | None) -> Status:
    key = f"{code}" if substatus is None else f"{code}.{substatus}"
    row = _rows()[key]
    return Status(code, substatus, row["name"], row["meaning"], row.get("check", ""), _source(key))


def _source(key: str) -> str:
    sources: dict[str, str] = load_table("statuses.toml")["sources"]
    exact = [prefix for prefix in sources if key == prefix or key.startswith(prefix)]
    return sources[max(exact, key=len)]


@cache
def _rows() -> dict[str, dict[str, str]]:
    rows: dict[str, dict[str, str]] = load_table("statuses.toml")["statuses"]
    return rows


def combination(code: int, substatus: int, win32_code: int) -> tuple[str, str, str, str] | None:
    """Name, meaning, first check and who ended it, of three numbers that say more together than apart."""
    rows: dict[str, dict[str, str]] = load_table("statuses.toml")["combinations"]
    folded = fold(win32_code)
    row = rows.get(f"{code}.{substatus}.{folded}") or rows.get(f"{code}.*.{folded}")
    return None if row is None else (row["name"], row["meaning"], row["check"], row["ended_by"])
