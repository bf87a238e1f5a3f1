"""Addresses in columns of text, compared as numbers: in any spelling, zones ignored, IPv4-mapped ones unfolded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from ipaddress import IPv4Address, IPv4Network, summarize_address_range
from operator import or_

import polars as pl

from parsing.filters.language.tree import Address, Network, Range

_OCTET = "(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_MAPPED = 0xFFFF_0000_0000
_LAST = {4: 2**32 - 1, 6: 2**128 - 1}


@dataclass(frozen=True, slots=True)
class Span:
    """The addresses of one version from ``first`` to ``last``, as numbers; empty when ``last`` is less."""

    version: int
    first: int
    last: int


def span(value: Address | Network | Range, operator: str = ":") -> Span:
    """The addresses that a value and an operator mean; ``!=`` is left to the caller."""
    if isinstance(value, Network):
        return Span(value.network.version, int(value.network[0]), int(value.network[-1]))
    if isinstance(value, Address):
        return _ordered(value.address.version, int(value.address), operator)
    ends = [end.address for end in (value.low, value.high) if isinstance(end, Address)]
    version = ends[0].version
    first = int(value.low.address) if isinstance(value.low, Address) else 0
    last = int(value.high.address) if isinstance(value.high, Address) else _LAST[version]
    return Span(version, first, last)


def _ordered(version: int, number: int, operator: str) -> Span:
    match operator:
        case "<":
            return Span(version, 0, number - 1)
        case "<=":
            return Span(version, 0, number)
        case ">":
            return Span(version, number + 1, _LAST[version])
        case ">=":
            return Span(version, number, _LAST[version])
    return Span(version, number, number)


def within(text: pl.Expr, spans: Sequence[Span]) -> pl.Expr:
    """Whether each text is an address in one of the spans; null where the text is."""
    found = [_is_ipv4(text, given) for given in spans if given.version == 4 and given.first <= given.last]
    found.append(
        text.map_batches(lambda values: _within_long(values, spans), return_dtype=pl.Boolean, is_elementwise=True)
    )
    return reduce(or_, found)


def _is_ipv4(text: pl.Expr, given: Span) -> pl.Expr:
    networks = summarize_address_range(IPv4Address(given.first), IPv4Address(given.last))
    return text.str.contains(rf"\A(?:{'|'.join(map(_network_regex, networks))})\z")


def _network_regex(network: IPv4Network) -> str:
    """The addresses of a network in dotted form: whole octets, one that is partly given, then any."""
    octets = network.network_address.packed
    whole, bits = divmod(network.prefixlen, 8)
    parts = [str(octet) for octet in octets[:whole]]
    if bits:
        choices = range(octets[whole], octets[whole] + 2 ** (8 - bits))
        parts.append(f"(?:{'|'.join(map(str, choices))})")
    return r"\.".join(parts + [_OCTET] * (4 - len(parts)))


def _within_long(values: pl.Series, spans: Sequence[Span]) -> pl.Series:
    """The test for texts with colons, few or none in most logs, so only those are taken apart."""
    frame = values.to_frame("text").with_row_index("row").filter(pl.col("text").str.contains(":", literal=True))
    if frame.is_empty():
        return pl.repeat(False, len(values), dtype=pl.Boolean, eager=True)
    rows = halves(frame["text"]).insert_column(0, frame["row"]).filter(reduce(or_, map(_is_long, spans)))["row"]
    return pl.int_range(len(values), dtype=pl.UInt32, eager=True).is_in(rows.implode())


def _is_long(given: Span) -> pl.Expr:
    high, low = pl.col("high"), pl.col("low")
    if given.version == 4:
        return (high == 0) & low.is_between(_MAPPED + given.first, _MAPPED + given.last)
    first, last = (divmod(number, 2**64) for number in (given.first, given.last))
    return (
        ~_is_mapped()
        & ((high > _long(first[0])) | ((high == _long(first[0])) & (low >= _long(first[1]))))
        & ((high < _long(last[0])) | ((high == _long(last[0])) & (low <= _long(last[1]))))
    )


def _long(number: int) -> pl.Expr:
    return pl.lit(number, dtype=pl.UInt64)


def unfolded(text: pl.Expr) -> pl.Expr:
    """Addresses as they are compared as text: without zone, and IPv4 where that is mapped into IPv6."""
    plain = text.str.replace("%.*$", "")
    return plain.map_batches(_unmapped, return_dtype=pl.String, is_elementwise=True)


def _unmapped(texts: pl.Series) -> pl.Series:
    maybe = texts.str.contains("(?i):0{0,4}ffff:").fill_null(value=False)
    if not maybe.any():
        return texts
    frame = texts.alias("text").to_frame().with_columns(halves(texts.set(~maybe, None)))
    octets = [(pl.col("low") // 256**place % 256).cast(pl.String) for place in (3, 2, 1, 0)]
    dotted = pl.when(_is_mapped()).then(pl.concat_str(octets, separator="."))
    return frame.select(pl.coalesce(dotted, "text").alias("text")).to_series()


def _is_mapped() -> pl.Expr:
    return (pl.col("high") == 0) & pl.col("low").is_between(_MAPPED, _MAPPED + _LAST[4])


def halves(texts: pl.Series) -> pl.DataFrame:
    """The ``high`` and ``low`` 64 bits of IPv6 texts; nulls for text that is no such address."""
    plain, dotted = _without_dots(texts.str.replace("%.*$", ""))
    groups = _unshortened(plain).str.splitn(":", 8)
    # A ninth group would stay with the eighth, a missing one is null: neither is a number of up to four digits.
    numbers = groups.struct.unnest().select(
        pl.when(pl.all().str.len_bytes() <= 4).then(pl.all().str.to_integer(base=16, dtype=pl.UInt64, strict=False))
    )
    columns = numbers.get_columns()
    high, low = (reduce(lambda number, part: number * 65536 + part, columns[half : half + 4]) for half in (0, 4))
    return pl.DataFrame({"high": high, "low": low + dotted})


def _without_dots(texts: pl.Series) -> tuple[pl.Series, pl.Series | int]:
    """Addresses whose dotted tail is 0:0, and the tails as numbers."""
    if not texts.str.contains(".", literal=True).any():
        return texts, 0
    tail = texts.str.extract_groups(rf":({_OCTET})\.({_OCTET})\.({_OCTET})\.({_OCTET})$").struct.unnest()
    octets = [column.cast(pl.UInt64) for column in tail.get_columns()]
    number = reduce(lambda number, octet: number * 256 + octet, octets)
    return texts.str.replace(r":[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$", ":0:0"), number.fill_null(0)


def _unshortened(texts: pl.Series) -> pl.Series:
    """``::`` written out as groups of zero, as many as are missing."""
    zeros = pl.lit(pl.Series([":" + "0:" * max(0, 8 - colons) for colons in range(10)]))
    ended = pl.col("text").str.replace("^::", "0::").str.replace("::$", "::0")
    colons = pl.col("text").str.count_matches(":", literal=True).clip(upper_bound=9)
    written = pl.col("text").str.replace("::", zeros.gather(colons), literal=True)
    return texts.alias("text").to_frame().with_columns(ended).select(written).to_series()
