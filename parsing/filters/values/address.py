"""Values of addresses: single ones and networks, compared as numbers in any field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, ClassVar

from parsing.filters.values.value import Example, FilterValue, Subject, ValueMistakeError, Written
from parsing.knowledge.fields import VIRTUAL, Kind

if TYPE_CHECKING:
    from parsing.filters.expressions.logic import Test

LOOKS_LIKE_ADDRESS = re.compile(r"[0-9]+(\.[0-9]*)+|[^/]*:.*", re.DOTALL)
"""Unquoted text that has to be an address where an address belongs."""

_DOTTED = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:]*(\.[0-9.]+)?(%[^/]*)?")
"""Text that is worth a try as an address in a field of any text."""

_LAST = {4: 2**32 - 1, 6: 2**128 - 1}
"""The greatest address of each version, as a number."""

_FIELDS = ("c-ip", "s-ip")


@dataclass(frozen=True, slots=True)
class Address(FilterValue):
    """One address, without zone; an IPv4-mapped one is its IPv4 address."""

    address: IPv4Address | IPv6Address

    is_single: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.address)

    @classmethod
    def of(cls, text: str) -> Address | None:
        """The address that a text is; None for text that is none."""
        try:
            return cls(unmapped(ip_address(text.partition("%")[0])))
        except ValueError:
            return None

    @classmethod
    def read(cls, written: Written) -> Address | None:
        text, field = written.text, written.field
        if field.kind is Kind.TEXT:
            is_plain = written.operator == ":" and not written.is_quoted and field not in VIRTUAL
            return cls.of(text) if is_plain and _DOTTED.fullmatch(text) else None
        if field.kind is not Kind.ADDRESS:
            return None
        found = cls.of(text)
        if found is None and written.is_ordered:
            raise ValueMistakeError(f"{field.name} is an address; {text} is not")
        if found is None and not written.is_quoted and LOOKS_LIKE_ADDRESS.fullmatch(text):
            raise ValueMistakeError(f"{text} is no address", _hint(text))
        return found

    @classmethod
    def read_range(cls, written: Written) -> tuple[Address | None, Address | None] | None:
        if written.field.kind is not Kind.ADDRESS or written.is_ordered or written.is_quoted:
            return None
        first, _, last = written.text.partition("..")
        low, high = (cls.of(end) if end else None for end in (first, last))
        if (first and low is None) or (last and high is None) or not (low or high):
            hint = "10.2.0.1..10.2.0.9, or a network: 10.2.0.0/16"
            raise ValueMistakeError(f"{written.text} is no range of addresses", hint)
        if low and high and low.address.version != high.address.version:
            raise ValueMistakeError("the ends of the range are addresses of different versions")
        if low and high and int(high.address) < int(low.address):
            raise ValueMistakeError(f"{written.text} ends before it begins", "swap its ends")
        return low, high

    def span(self, operator: str) -> tuple[int, int, int]:
        """Version, first and last address, as numbers, that an operator means with this one."""
        version, number = self.address.version, int(self.address)
        spans = {
            "<": (0, number - 1),
            "<=": (0, number),
            ">": (number + 1, _LAST[version]),
            ">=": (number, _LAST[version]),
        }
        return version, *spans.get(operator, (number, number))

    @classmethod
    def test(cls, values: Sequence[Address], subject: Subject, operator: str) -> Test:
        from parsing.filters.expressions.address_spans import AddressSpan, within

        return within(subject.column, [AddressSpan(*value.span(operator)) for value in values])

    @classmethod
    def test_ranges(cls, ranges: Sequence[tuple[Address | None, Address | None]], subject: Subject) -> Test:
        from parsing.filters.expressions.address_spans import AddressSpan, within

        spans = []
        for low, high in ranges:
            version = next(end.address.version for end in (low, high) if end is not None)
            first, last = (
                0 if low is None else int(low.address),
                _LAST[version] if high is None else int(high.address),
            )
            spans.append(AddressSpan(version, first, last))
        return within(subject.column, spans)


@dataclass(frozen=True, slots=True)
class Network(FilterValue):
    """The addresses of a network."""

    network: IPv4Network | IPv6Network

    examples: ClassVar[tuple[Example, ...]] = (Example("10.0.0.0/8", "a network", _FIELDS),)

    def __str__(self) -> str:
        return str(self.network)

    @classmethod
    def of(cls, text: str) -> Network | None:
        """A network without zone, unmapped; None for text that is none."""
        given, slash, bits = text.partition("/")
        found = as_network(given.partition("%")[0] + slash + bits)
        if found is None:
            return None
        mapped = found.network_address.ipv4_mapped if isinstance(found.network_address, IPv6Address) else None
        if mapped is not None and found.prefixlen >= 96:
            found = as_network(f"{mapped}/{found.prefixlen - 96}") or found
        return cls(found)

    @classmethod
    def read(cls, written: Written) -> Network | None:
        text, kind = written.text, written.field.kind
        if "/" not in text or kind not in (Kind.TEXT, Kind.ADDRESS) or written.is_ordered:
            return None
        is_bare = not written.is_quoted
        is_meant = written.operator == ":" and (is_bare or kind is Kind.ADDRESS)
        found = cls.of(text) if is_meant or (is_bare and kind is Kind.ADDRESS) else None
        if found is None and is_bare and kind is Kind.ADDRESS and not written.has_star:
            raise ValueMistakeError(f"{text} is no network", _hint(text))
        return found

    @classmethod
    def test(cls, values: Sequence[Network], subject: Subject, operator: str) -> Test:  # noqa: ARG003
        from parsing.filters.expressions.address_spans import AddressSpan, within

        spans = [(value.network.version, int(value.network[0]), int(value.network[-1])) for value in values]
        return within(subject.column, [AddressSpan(*span) for span in spans])


def as_network(text: str) -> IPv4Network | IPv6Network | None:
    """``10.2.0.0/16`` as a network, whatever its host bits; None for anything that is none."""
    if "/" not in text or (not text[:1].isalnum() and text[:1] != ":"):
        return None
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def unmapped(given: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """``::ffff:10.0.0.1`` as ``10.0.0.1``; any other address as it is."""
    mapped = given.ipv4_mapped if isinstance(given, IPv6Address) else None
    return given if mapped is None else mapped


def _hint(text: str) -> str:
    if "," in text:
        return "several values stand in parentheses"
    try:
        given = IPv4Address(text.partition("/")[0])
    except AddressValueError:
        return "part of an address is written with a star: 10.2.*" if text.count(".") in (1, 2) else ""
    return f"the bits after the / go up to {given.max_prefixlen}" if "/" in text else ""
