"""One decoded phrase for a value, as the detail of a row shows it next to the value."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from parsing.knowledge.fields import WITHHELD, Kind, wire_field
from parsing.knowledge.reasons import reason
from parsing.knowledge.statuses import combination, status
from parsing.knowledge.win32 import fold, win32
from parsing.wording import duration, size

Value = str | int | float | None
Row = Mapping[str, Value]

_PORTS = {80: "http", 443: "https", 2869: "device discovery (UPnP)", 5357: "device discovery (WSD)", 5985: "WinRM"}
_PROTOCOLS = {0x10: "SSL 3.0", 0x40: "TLS 1.0", 0x100: "TLS 1.1", 0x400: "TLS 1.2", 0x1000: "TLS 1.3"}
_AGENTS = (
    ("edg/", "Edge"),
    ("opr/", "Opera"),
    ("firefox/", "Firefox"),
    ("headlesschrome/", "Chrome without a window"),
    ("chrome/", "Chrome"),
    ("trident/", "Internet Explorer"),
    ("msie", "Internet Explorer"),
    ("version/", "Safari"),
)


def describe(field: str, value: Value, row: Row | None = None) -> str:
    """What a value of a wire field means, in words; empty where there is nothing to add to the value itself.

    ``row`` gives the other values of the row, for those that only speak together. Parts of the value may come back in
    the phrase, so it is as hostile as the value: show it through ``safe``.
    """
    if value is None:
        return "not logged"
    if value == WITHHELD:
        return "withheld by IIS: the value is longer than 4,096 bytes"
    known = wire_field(field)
    name = known.name.lower()
    if name in _DESCRIBERS:
        return _DESCRIBERS[name](value, row or {})
    if known.kind is Kind.ADDRESS:
        return _address(str(value))
    return ""


def _number(value: Value) -> int | None:
    try:
        return int(value) if value is not None else None
    except ValueError:
        return None


def _taken(value: Value, _: Row) -> str:
    number = _number(value)
    return "" if number is None or number < 1000 else duration(number)


def _bytes(value: Value, _: Row) -> str:
    number = _number(value)
    return "" if number is None or abs(number) < 1000 else size(number)


def _status(value: Value, row: Row) -> str:
    number = _number(value)
    if number is None:
        return ""
    together = _combination(row)
    return f"{status(number).name}. {together}".strip() if together else status(number).name


def _substatus(value: Value, row: Row) -> str:
    number, code = _number(value), _number(row.get("sc-status"))
    if number is None or code is None or number == 0:
        return ""
    known = status(code, number)
    return f"{known}: {known.name}" if known.is_known else f"{known}: in no table known to dropline"


def _combination(row: Row) -> str:
    numbers = [_number(row.get(name)) for name in ("sc-status", "sc-substatus", "sc-win32-status")]
    code, substatus, windows = numbers
    if code is None or windows is None:
        return ""
    together = combination(code, substatus or 0, windows)
    return "" if together is None else f"{together[0]}: {together[1]}"


def _win32(value: Value, _: Row) -> str:
    number = _number(value)
    if number is None or number == 0:
        return "" if number is None else "success"
    known = win32(number)
    folded = f"{known.code} " if fold(number) != number else ""
    return f"{folded}{known.name}: {known.meaning}" if known.is_known else f"{folded}{known.meaning}"


def _reason(value: Value, _: Row) -> str:
    return reason(str(value)).meaning


_DOCUMENTATION = tuple(
    map(ipaddress.ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"))
)
"""Addresses that examples use and nobody has (RFC 5737, RFC 3849). Python counts them among the private ones."""


def _address(value: str) -> str:
    bare, _, zone = value.partition("%")
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return f"{address.ipv4_mapped}, written as IPv6"
    for claim, holds in (
        ("this computer", address.is_loopback),
        ("link-local", address.is_link_local),
        ("documentation address", any(address in network for network in _DOCUMENTATION)),
        ("private network", address.is_private),
        ("multicast", address.is_multicast),
    ):
        if holds:
            return f"{claim}, zone {zone}" if zone else claim
    return f"zone {zone}" if zone else ""


def _address_of(value: Value, _: Row) -> str:
    return _address(str(value))


def _port(value: Value, _: Row) -> str:
    number = _number(value)
    return "" if number is None else _PORTS.get(number, "")


def _version(value: Value, _: Row) -> str:
    version = str(value).upper().removeprefix("HTTP/")
    if version in ("2", "2.0"):
        return "many requests share one connection, told apart by their stream"
    if version in ("3", "3.0"):
        return "over QUIC (UDP); many requests share one connection"
    if version == "0.9":
        return "from 1991: nearly always something that is not HTTP at all"
    return ""


def _uri(value: Value, _: Row) -> str:
    decoded = unquote(str(value), errors="replace")
    return decoded if decoded != value else ""


def _agent(value: Value, _: Row) -> str:
    text = str(value)
    lowered = text.lower()
    if any(mark in lowered for mark in ("bot", "crawl", "spider")):
        return "a robot, by its own word"
    for mark, name in _AGENTS:
        at = lowered.find(mark)
        if at >= 0 and lowered.startswith("mozilla/"):
            number = lowered[at + len(mark) :].lstrip("+ /").split(".", 1)[0]
            return f"{name} {number}" if number.isdecimal() and len(number) < 4 else name
    return text.replace("+", " ") if "+" in text else ""


def _protocol(value: Value, _: Row) -> str:
    try:
        return _PROTOCOLS.get(int(str(value), 16), "")
    except ValueError:
        return ""


def _site(value: Value, _: Row) -> str:
    text = str(value)
    number = text.upper().removeprefix("W3SVC")
    return f"site {number}, folder W3SVC{number}" if number.isdecimal() and len(number) < 12 else ""


_DESCRIBERS: dict[str, Callable[[Value, Row], str]] = {
    "time-taken": _taken,
    "sc-bytes": _bytes,
    "cs-bytes": _bytes,
    "sc-status": _status,
    "sc-substatus": _substatus,
    "sc-win32-status": _win32,
    "s-reason": _reason,
    "c-ip": _address_of,
    "s-ip": _address_of,
    "s-port": _port,
    "cs-version": _version,
    "cs-uri": _uri,
    "cs-uri-stem": _uri,
    "cs-uri-query": _uri,
    "cs(user-agent)": _agent,
    "crypt-protocol": _protocol,
    "s-sitename": _site,
    "s-siteid": _site,
}
