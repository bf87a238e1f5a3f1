"""Explaining a word from the logs: a reason, a status, a Windows code, or the three numbers of an IIS row together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from parsing.errors import UsageError
from parsing.knowledge.reasons import Reason, reason, reasons
from parsing.knowledge.statuses import Status, combination, known_statuses, status
from parsing.knowledge.win32 import Win32, known_codes, win32
from parsing.suggest import nearest

STATUSES = range(100, 600)
WIN32_SOURCE = "Windows system error codes"

_NUMBERS = re.compile(r"\d{3}(?:[.\s·,]+\d+){1,2}")
_HEX = re.compile(r"0x[0-9a-f]{1,16}", re.IGNORECASE)
_DECIMAL = re.compile(r"-?\d{1,19}")


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one word means. Every text but ``word``, ``kind`` and ``meaning`` may be empty; all are plain sentences."""

    word: str
    kind: Literal["reason", "status", "win32", "combination"]
    name: str
    meaning: str
    cause: str = ""
    first_check: str = ""
    setting: str = ""
    ended_by: str = ""
    group: str = ""
    source: str = ""


def explain(word: str) -> list[Explanation]:
    """The explanations of one word, the most telling first.

    A bare number from 100 to 599 that is a known status is a status, other numbers are Windows codes, also as 0x…
    and as HRESULT. ``500.19`` is a status with its substatus, ``500.19.64`` (or with blanks) adds the Windows code.
    Raises ``UsageError`` for a word that is in no table, with the names that are near.
    """
    text = word.strip()
    if _NUMBERS.fullmatch(text):
        return [replace(found, word=word) for found in _row_numbers([int(n) for n in re.findall(r"\d+", text)])]
    if _HEX.fullmatch(text) or _DECIMAL.fullmatch(text):
        return [_number(word, int(text, 16) if _HEX.fullmatch(text) else int(text))]
    known = reason(text)
    if known.is_known:
        return [_reason(word, text)]
    if text.upper() in _win32_names():
        return [_win32(word, win32(_win32_names()[text.upper()]))]
    raise UsageError("nothing known by this name", where=word, hint=_near(text))


def explain_all(words: Sequence[str]) -> list[Explanation]:
    """The explanations of several words. Three numbers as an IIS row shows them (``500 19 64``) are taken together."""
    if len(words) == 3 and all(word.isdecimal() and word.isascii() for word in words):
        code, substatus, _ = (int(word) for word in words)
        if f"{code}" in known_statuses() and (substatus == 0 or f"{code}.{substatus}" in known_statuses()):
            return explain(" ".join(words))
    return [found for word in words for found in explain(word)]


def _row_numbers(numbers: Sequence[int]) -> list[Explanation]:
    known = status(numbers[0], numbers[1])
    if str(numbers[0]) not in known_statuses():
        raise UsageError("not an HTTP status", where=str(numbers[0]), hint="statuses are 100 to 599")
    found = [_status(known)]
    if len(numbers) == 3:
        found.append(_win32("", win32(numbers[2])))
        together = combination(*numbers)
        if together is not None:
            name, meaning, check, ended_by = together
            both = Explanation("", "combination", name, meaning, first_check=check, ended_by=ended_by)
            found.insert(0, replace(both, source=found[0].source))
    return found


def _number(word: str, number: int) -> Explanation:
    if number in STATUSES and str(number) in known_statuses():
        return replace(_status(status(number)), word=word)
    known = win32(number)
    if not known.is_known:
        hint = "on Windows, net helpmsg or certutil -error may know it"
        raise UsageError("no status and no win32 code known to dropline", where=word, hint=hint)
    return _win32(word, known)


def _reason(word: str, code: str) -> Explanation:
    known = reason(code)
    return Explanation(
        word,
        "reason",
        known.code,
        f"{known.meaning}{_answered(known)}",
        known.cause,
        known.first_check,
        known.setting,
        known.ended_by,
        known.group,
        known.source if known.is_documented else f"undocumented by Microsoft; {known.source}",
    )


def _answered(known: Reason) -> str:
    """The status that HTTP.sys sends with a reason, as a sentence of its own."""
    if known.status is None:
        return ""
    reset = ", or resets the connection" if known.status == 503 else ""
    return f" HTTP.sys answers {known.status} {status(known.status).name}{reset}."


def _status(known: Status) -> Explanation:
    name = f"{known} {known.name}"
    return Explanation("", "status", name, known.meaning, first_check=known.first_check, source=known.source)


def _win32(word: str, known: Win32) -> Explanation:
    name = f"{known.code} {known.name}".rstrip()
    return Explanation(
        word,
        "win32",
        name,
        known.meaning,
        first_check=known.first_check,
        ended_by="client" if known.is_client_gone and not known.is_own_side else "",
        source=WIN32_SOURCE,
    )


def _near(text: str) -> str:
    names = [*(known.code for known in reasons()), *_win32_names()]
    near = nearest(text, names, most=3)
    near += [name for name in names if len(text) >= 3 and text.lower() in name.lower() and name not in near]
    return f"did you mean {', '.join(near[:5])}?" if near else ""


@cache
def _win32_names() -> dict[str, int]:
    return {win32(code).name: code for code in known_codes()}
