"""The filter language once more, in plain Python and row by row: what the compiler is compared with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Any

from parsing.filters import (
    Absent,
    Address,
    Ago,
    And,
    AnyOf,
    Clock,
    Filter,
    Glob,
    Instant,
    Network,
    Not,
    Number,
    Or,
    Pattern,
    Range,
    StatusClass,
    Term,
    Text,
    Word,
)
from parsing.knowledge.fields import Kind, wire_field


@dataclass(frozen=True)
class PlainRow:
    """One row: ``fields`` has every field of its layout, None where nothing was logged."""

    log: str
    source: str
    line: int
    time: datetime
    fields: Mapping[str, Any]


def keeps(where: Filter, row: PlainRow, newest: datetime) -> bool:
    match where:
        case And(parts):
            return all(keeps(part, row, newest) for part in parts)
        case Or(parts):
            return any(keeps(part, row, newest) for part in parts)
        case Not(part):
            return not keeps(part, row, newest)
        case Text(text):
            return any(re.search(_spaced(text), value, re.IGNORECASE) for value in _texts(row))
        case Term():
            return _term(where, row, newest)
    raise AssertionError(where)


def _spaced(text: str) -> str:
    """A text as an expression in which a blank is also the ``+`` as which logs write it."""
    return re.escape(text).replace("\\ ", "[ +]")


def _texts(row: PlainRow) -> Iterator[str]:
    for name, value in row.fields.items():
        if wire_field(name).kind is not Kind.NUMBER and _given(value) is not None:
            yield value
    uri = _uri(row)
    if uri is not None:
        yield uri


def _given(value: Any) -> Any:
    return None if value == "..." else value


def _uri(row: PlainRow) -> str | None:
    if "cs-uri-stem" not in row.fields:
        whole: str | None = _given(row.fields.get("cs-uri"))
        return whole
    stem: str | None
    stem, query = _given(row.fields["cs-uri-stem"]), _given(row.fields.get("cs-uri-query"))
    return stem if stem is None or query is None else f"{stem}?{query}"


def _value(name: str, row: PlainRow) -> tuple[bool, Any]:
    """Whether the row's log has a field, and its value."""
    fields = row.fields
    if name in ("log", "source", "line", "time"):
        return True, getattr(row, name)
    if name == "uri":
        return "cs-uri-stem" in fields or "cs-uri" in fields, _uri(row)
    if name in ("path", "query"):
        own = "cs-uri-stem" if name == "path" else "cs-uri-query"
        if own in fields:
            return True, _given(fields[own])
        whole = _given(fields.get("cs-uri"))
        path, _mark, query = (whole or "").partition("?")
        return "cs-uri" in fields, (path if name == "path" else query) or None
    names = {"site": ("s-siteid", "s-sitename"), "port": ("c-port", "REMOTE_PORT")}.get(name, (name,))
    found = next((own for own in names if own in fields), None)
    return found is not None, _given(fields.get(found or ""))


def _term(term: Term, row: PlainRow, newest: datetime) -> bool:
    exists, value = _value(term.field.name, row)
    if not exists:
        return False
    values = term.value.values if isinstance(term.value, AnyOf) else (term.value,)
    if value is None:
        is_meant = any(isinstance(wanted, Absent) for wanted in values)
        return is_meant and term.operator in (":", "=")
    found = any(_matches(value, wanted, term, newest) for wanted in values if not isinstance(wanted, Absent))
    return not found if term.operator in ("!=", "!~") else found


def _matches(value: Any, wanted: Any, term: Term, newest: datetime) -> bool:
    if term.field.name == "time":
        return _time_matches(value, wanted, term.operator, newest)
    if term.field.kind is Kind.NUMBER:
        return _number_matches(value, wanted, term)
    return _text_matches(value, wanted, term)


def _compare(value: Any, operator: str, bound: Any) -> bool:
    outcomes = {"<": value < bound, "<=": value <= bound, ">": value > bound, ">=": value >= bound}
    return bool(outcomes.get(operator, value == bound))


def _code(number: Any) -> Any:
    number += 2**32 if -(2**31) <= number < 0 else 0
    return number & 0xFFFF if 2147942400 <= number < 2148007936 else number


def _number_matches(value: int, wanted: Any, term: Term) -> bool:
    folds = term.field.name == "sc-win32-status"
    number = _code(value) if folds else value
    match wanted:
        case Number(bound):
            is_equality = term.operator in (":", "=", "!=")
            return _compare(number, term.operator, _code(int(bound)) if folds and is_equality else bound)
        case StatusClass(hundred):
            return number // 100 * 100 == hundred
        case Range():
            low, high = _ends(wanted)
            return (low is None or number >= low.value) and (high is None or number <= high.value)
        case Glob(parts):
            return _like(str(value), parts)
        case Pattern(pattern):
            return re.search(pattern, str(value), re.IGNORECASE) is not None
    raise AssertionError(wanted)


def _ends(span: Range) -> tuple[Any, Any]:
    return span.low, span.high


def _like(text: str, parts: Sequence[str]) -> bool:
    """A glob by hand: the first part at the start, the last at the end, the others in order between."""
    text, (first, *middle, last) = text.casefold(), [part.casefold() for part in parts]
    if not text.startswith(first):
        return False
    text = text[len(first) :]
    for part in middle:
        _before, found, text = text.partition(part)
        if not found and part:
            return False
    return text.endswith(last)


def _address(text: str) -> Any:
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _compared(text: str, name: str) -> str:
    if wire_field(name).kind is Kind.ADDRESS:
        found = _address(text)
        return str(found) if found is not None and found.version == 4 else text.partition("%")[0]
    if name == "cs-version" and re.fullmatch(r"(?i)HTTP/\d+", text):
        return f"{text}.0"
    if name == "site" and re.fullmatch(r"(?i)W3SVC\d+", text):
        return text[5:]
    return text.rpartition("/")[2] if name == "source" else text


def _text_matches(value: str, wanted: Any, term: Term) -> bool:
    name = term.field.name
    forms = {value, _compared(value, name)}
    match wanted:
        case Word(word):
            own = word if name == "source" else _compared(word, name)
            spaced = word.replace(" ", "+") if name != "source" else own
            if term.operator in ("=", "!="):
                return word == value if name == "source" else own in forms or spaced == value
            alike = {form.casefold() for form in forms}
            return own.casefold() in alike or spaced.casefold() == value.casefold()
        case Glob(parts):
            pluses = [part.replace(" ", "+") for part in parts]
            return any(_like(form, parts) for form in forms) or _like(value, pluses)
        case Pattern(pattern):
            return any(re.search(pattern, form, re.IGNORECASE) for form in forms)
        case Network(network):
            found = _address(value)
            return found is not None and found in network
        case Address(address):
            found = _address(value)
            same = found is not None and found.version == address.version
            return same and _compare(int(found), term.operator, int(address))
        case Range() if isinstance(wanted.low or wanted.high, Address):
            low, high = _ends(wanted)
            found = _address(value)
            ends = [end.address for end in (low, high) if isinstance(end, Address)]
            if found is None or found.version != ends[0].version:
                return False
            return (low is None or found >= low.address) and (high is None or found <= high.address)
        case Range():
            low, high = _ends(wanted)
            number = _plain_number(_compared(value, name))
            if number is None:
                return False
            return (low is None or number >= low.value) and (high is None or number <= high.value)
        case Number(bound):
            number = _plain_number(_compared(value, name))
            return number is not None and _compare(number, term.operator, bound)
    raise AssertionError(wanted)


def _plain_number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) else None


def _time_matches(time: datetime, wanted: Any, operator: str, newest: datetime) -> bool:
    low, high = _ends(wanted) if isinstance(wanted, Range) else (wanted, wanted)
    if isinstance(low or high, Clock):
        return _clock_matches(time, low, high, operator, is_range=isinstance(wanted, Range))
    start = None if low is None else low.start if isinstance(low, Instant) else newest - low.before
    end = None if high is None else high.end if isinstance(high, Instant) else newest - high.before
    is_last_included = isinstance(high, Ago)

    def is_before_end() -> bool:
        return end is None or time < end or (is_last_included and time == end)

    match operator:
        case "<":
            return start is not None and time < start
        case "<=":
            return is_before_end()
        case ">":
            return not is_before_end()
        case ">=":
            return start is None or time >= start
    return (start is None or time >= start) and is_before_end()


def _clock_matches(time: datetime, low: Any, high: Any, operator: str, *, is_range: bool) -> bool:
    tz = (low or high).tz
    local = time.replace(tzinfo=UTC).astimezone(tz)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    of_day = (local.replace(tzinfo=None) - midnight) // timedelta(milliseconds=1)
    start, end = (low.start if low else 0), (high.end if high else 86_400_000)
    if is_range:
        return start <= of_day < end if start < end else of_day >= start or of_day < end
    outcomes = {"<": of_day < start, "<=": of_day < end, ">": of_day >= end, ">=": of_day >= start}
    return outcomes.get(operator, start <= of_day < end)
