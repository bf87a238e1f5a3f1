"""Values as they are written: numbers with units, status classes, addresses and networks."""

from __future__ import annotations

import re
from fractions import Fraction
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_address

from parsing.filters.language.tree import LOOKS_LIKE_ADDRESS, Address, Network, Number, StatusClass, as_network
from parsing.knowledge.fields import Field

UNITS: dict[str, dict[str, int]] = {
    "ms": {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000},
    "B": {"b": 1, "kb": 1_000, "mb": 1_000_000, "gb": 1_000_000_000},
}
"""Units a field may be written in, by the unit it is logged in; in any case."""

UNIT_NAMES = {"ms": "ms, s, m, h or d", "B": "B, KB, MB or GB"}

_NUMBER = re.compile(r"(-?[0-9]{1,30}(?:\.[0-9]{1,30})?)([A-Za-z]*)")
_HEX = re.compile(r"0x[0-9a-f]{1,16}", re.IGNORECASE)
_STATUS_CLASS = re.compile(r"([1-9])xx", re.IGNORECASE)
_SUBSTATUS = re.compile(r"[1-5][0-9]{2}\.[0-9]+")


class ValueMistakeError(Exception):
    """A value that cannot be one of its field; the grammar gives it its place in the filter."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


def number(text: str, field: Field) -> Number:
    """A number in the unit of a field, a Windows code also as ``0x80070040``; raises ``ValueMistakeError``."""
    if field.name == "sc-win32-status" and _HEX.fullmatch(text):
        return Number(Fraction(int(text, 16)), text)
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise ValueMistakeError(f"{text} is not a number, and {field.name} is one", _number_hint(text, field))
    digits, unit = found.groups()
    value = Fraction(digits)
    if unit:
        value *= _factor(unit, text, field)
    elif value.denominator != 1 and not field.unit:
        raise ValueMistakeError(f"{field.name} has no fractions", _number_hint(text, field))
    return Number(value, text)


def plain_number(text: str) -> Number | None:
    """A number without unit; None for anything else."""
    found = _NUMBER.fullmatch(text)
    return Number(Fraction(found[1]), text) if found and not found[2] else None


def _factor(unit: str, text: str, field: Field) -> int:
    units = UNITS.get(field.unit)
    if units is None:
        raise ValueMistakeError(f"{field.name} has no unit, {text} has one")
    if unit.lower() not in units:
        raise ValueMistakeError(f"{unit} is no unit of {field.name}", f"its units are {UNIT_NAMES[field.unit]}")
    return units[unit.lower()]


def _number_hint(text: str, field: Field) -> str:
    if field.name == "sc-status" and _SUBSTATUS.fullmatch(text):
        status, substatus = text.split(".")
        return f"write status:{status} substatus:{substatus}"
    if text.startswith(("<", ">", "=")):
        return f"leave out the colon: {field.short or field.name}{text}"
    return ""


def status_class(text: str, field: Field) -> StatusClass | None:
    """``5xx``, of statuses only; raises ``ValueMistakeError`` where another number is asked for."""
    found = _STATUS_CLASS.fullmatch(text)
    if found is None:
        return None
    if field.name != "sc-status":
        raise ValueMistakeError(f"{text} is a class of statuses, and {field.name} is none")
    return StatusClass(int(found[1]) * 100)


def address(text: str) -> Address | None:
    """An address without its zone, unmapped; None for text that is none."""
    plain = text.partition("%")[0]
    try:
        return Address(unmapped(ip_address(plain)))
    except ValueError:
        return None


def unmapped(given: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """``::ffff:10.0.0.1`` as ``10.0.0.1``; any other address as it is."""
    mapped = given.ipv4_mapped if isinstance(given, IPv6Address) else None
    return given if mapped is None else mapped


def network(text: str) -> Network | None:
    """A network without zone, unmapped; None for text that is none."""
    given, slash, bits = text.partition("/")
    found = as_network(given.partition("%")[0] + slash + bits)
    if found is None:
        return None
    mapped = found.network_address.ipv4_mapped if isinstance(found.network_address, IPv6Address) else None
    if mapped is not None and found.prefixlen >= 96:
        found = as_network(f"{mapped}/{found.prefixlen - 96}") or found
    return Network(found)


def address_or_network(text: str) -> Address | Network | None:
    """What unquoted text means where an address belongs; None for a host name, an error for a failed attempt."""
    found = network(text) if "/" in text else address(text)
    if found is None and (LOOKS_LIKE_ADDRESS.fullmatch(text) or "/" in text):
        raise ValueMistakeError(f"{text} is no {'network' if '/' in text else 'address'}", _address_hint(text))
    return found


def _address_hint(text: str) -> str:
    try:
        given = IPv4Address(text.partition("/")[0])
    except AddressValueError:
        return "part of an address is written with a star: 10.2.*" if text.count(".") in (1, 2) else ""
    return f"the bits after the / go up to {given.max_prefixlen}" if "/" in text else ""
