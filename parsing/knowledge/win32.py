"""Windows codes of sc-win32-status, and who they say went away."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from parsing.knowledge.tables import load_table

_HRESULT = 0x8007_0000
"""An HRESULT of facility 7 is this plus a Windows code of 16 bits (DOMAIN.md 3.6)."""

_SIGNED = _HRESULT - 2**32
"""The same where it was logged as a signed number of 32 bits."""

FOLDED = (
    (-(2**31), _SIGNED - 1, -(2**32)),
    (_SIGNED, _SIGNED + 0xFFFF, _SIGNED),
    (_SIGNED + 0x1_0000, -1, -(2**32)),
    (_HRESULT, _HRESULT + 0xFFFF, _HRESULT),
)
"""Logged numbers that stand for a smaller or a positive code, in ascending order: from, to, and what to subtract."""

ERROR_NETNAME_DELETED = 64
"""The client closed before the response was sent; benign after a complete response."""


@dataclass(frozen=True, slots=True)
class Win32:
    """One Windows code. ``logged`` is the value as written, ``code`` what it folds to."""

    code: int
    logged: int
    name: str
    meaning: str
    first_check: str = ""
    is_client_gone: bool = False
    is_own_side: bool = False
    is_known: bool = True


def fold(value: int) -> int:
    """The Windows code in an HRESULT of the form 0x8007xxxx, also when it was logged as a negative number."""
    return next((value - base for first, last, base in FOLDED if first <= value <= last), value)


def win32(code: int) -> Win32:
    """What a Windows code means; HRESULT values are folded, an unknown one is explained as unknown."""
    folded = fold(code)
    row = _rows().get(str(folded))
    if row is None:
        meaning = "Not in the table of dropline; on Windows, `net helpmsg` or `certutil -error` tells more."
        return Win32(folded, code, "", meaning, is_known=False)
    return Win32(
        folded,
        code,
        row["name"],
        row["meaning"],
        row.get("check", ""),
        row.get("client_gone", False),
        row.get("own_side", False),
    )


@cache
def known_codes() -> tuple[int, ...]:
    """Every code of the table."""
    return tuple(int(code) for code in _rows())


@cache
def client_gone_codes() -> tuple[int, ...]:
    """The codes which say that the client left, in their plain form: compare what ``fold`` gives."""
    return tuple(code for code in known_codes() if win32(code).is_client_gone)


@cache
def _rows() -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = load_table("win32.toml")["codes"]
    return rows
