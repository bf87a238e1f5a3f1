"""Addresses in columns of text, compared as numbers: in any spelling, zones ignored, IPv4-mapped ones unfolded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from ipaddress import IPv4Address, IPv4Network, summarize_address_range
from operator import or_

import polars as pl

from parsing.filters.expressions.sorted_intervals import APART, Interval, in_sorted, merged

_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
DOTTED = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_PORT = ":[0-9]{1,5}"
_BRACKETS = r"\[([0-9A-Fa-f:.]+(?:%[0-9A-Za-z]+)?)\]"
_LONG = r"[0-9A-Fa-f]*:[0-9A-Fa-f:]*(?:\.[0-9.]+)?(?:%[0-9A-Za-z]+)?"
_LISTED = rf"(?:{DOTTED}(?:{_PORT})?|{_BRACKETS}(?:{_PORT})?|{_LONG})"
_LIST = rf"{_LISTED}(?:[ +]*,[ +]*{_LISTED})*"
LISTED = re.compile(_LIST)
"""A text that is an address or a list of them, as proxies write it: with ports, blanks or pluses, and commas."""

_MAPPED = 0xFFFF_0000_0000
_LAST_MAPPED = 0xFFFF_FFFF_FFFF


@dataclass(frozen=True, slots=True)
class AddressSpan:
    """The addresses of one version from ``first`` to ``last``, as numbers; empty when ``last`` is less."""

    version: int
    first: int
    last: int


def within(text: pl.Expr, spans: Sequence[AddressSpan]) -> pl.Expr:
    """Whether each text is, or lists, an address in one of the spans: ``203.0.113.7:33453,+[2001:db8::7]:443`` too."""
    wanted = WantedAddresses(
        tuple(merged([(span.first, span.last) for span in spans if span.version == 4])),
        tuple(merged([(span.first, span.last) for span in spans if span.version == 6])),
    )
    return text.map_batches(wanted.test, return_dtype=pl.Boolean, is_elementwise=True)


@dataclass(frozen=True, slots=True)
class WantedAddresses:
    """The addresses that are looked for: intervals of numbers, merged and in order, of each version."""

    v4: tuple[Interval, ...]
    v6: tuple[Interval, ...]

    def test(self, texts: pl.Series) -> pl.Series:
        """Whether each text is, or lists, one of the addresses. Only texts with colons or commas are taken apart."""
        plain = self._is_plain(texts)
        odd = texts.to_frame("text").with_row_index("row").filter(pl.col("text").str.contains("[:,]"))
        if odd.is_empty():
            return plain
        parts = _parts(odd)
        found = parts.filter(self._is_plain(parts["text"]) | self._is_long(parts["text"]))["row"]
        return plain | pl.int_range(len(texts), dtype=pl.UInt32, eager=True).is_in(found.implode())

    def _is_plain(self, texts: pl.Series) -> pl.Series:
        """Of addresses in dotted form; False for any other text."""
        if not self.v4:
            return pl.repeat(False, len(texts), dtype=pl.Boolean, eager=True)
        if len(self.v4) <= APART:
            tests = (texts.str.contains(_interval_regex(*interval)) for interval in self.v4)
            return reduce(or_, tests).fill_null(value=False)
        dotted = texts.to_frame("text").with_row_index("row").filter(pl.col("text").str.contains(rf"\A{DOTTED}\z"))
        octets = dotted["text"].str.split_exact(".", 3).struct.unnest().select(pl.all().cast(pl.Int64)).get_columns()
        numbers = reduce(lambda number, octet: number * 256 + octet, octets)
        rows = dotted.filter(numbers.to_frame("number").select(in_sorted(pl.col("number"), self.v4)).to_series())["row"]
        return pl.int_range(len(texts), dtype=pl.UInt32, eager=True).is_in(rows.implode())

    def _is_long(self, texts: pl.Series) -> pl.Series:
        """Of addresses with colons; False for any other text."""
        frame = texts.to_frame("text").with_row_index("row").filter(pl.col("text").str.contains(":", literal=True))
        numbers = halves(frame["text"]).insert_column(0, frame["row"])
        rows = numbers.filter(reduce(or_, self._tests(numbers), pl.lit(value=False)))["row"]
        return pl.int_range(len(texts), dtype=pl.UInt32, eager=True).is_in(rows.implode())

    def _tests(self, numbers: pl.DataFrame) -> Iterator[pl.Expr]:
        """Tests of both halves. An IPv4 address that is written in IPv6 is one of version 4 only."""
        if self.v4:
            mapped = [(first + _MAPPED, last + _MAPPED) for first, last in self.v4]
            yield (pl.col("high") == 0) & in_sorted(pl.col("low").clip(upper_bound=2**63 - 1), mapped)
        if len(self.v6) <= APART:
            yield from (_between(first, last) for first, last in self.v6)
        else:
            firsts, lasts = (pl.Series([_digits(interval[end]) for interval in self.v6]) for end in (0, 1))
            texts = numbers.select(_digits_of("high") + _digits_of("low")).to_series()
            places = firsts.search_sorted(texts.fill_null(""), side="right").cast(pl.Int64) - 1
            found = (places >= 0) & (texts <= lasts.gather(places.clip(0)))
            yield pl.lit(found) & ~_is_mapped()


def _digits(number: int) -> str:
    """A number of 128 bits as text that is ordered like it."""
    return "".join(str(half).zfill(20) for half in divmod(number, 2**64))


def _digits_of(half: str) -> pl.Expr:
    return pl.col(half).cast(pl.String).str.zfill(20)


def _between(first: int, last: int) -> pl.Expr:
    high, low = pl.col("high"), pl.col("low")
    least, greatest = (divmod(number, 2**64) for number in (first, last))
    return (
        ~_is_mapped()
        & ((high > _long(least[0])) | ((high == _long(least[0])) & (low >= _long(least[1]))))
        & ((high < _long(greatest[0])) | ((high == _long(greatest[0])) & (low <= _long(greatest[1]))))
    )


def _parts(odd: pl.DataFrame) -> pl.DataFrame:
    """The addresses of lists, a row each, without ports, brackets and what is between them."""
    is_bare = ~pl.col("text").str.contains(r"[,.\[]")
    apart = odd.filter(~is_bare).with_columns(pl.col("text").str.split(",")).explode("text")
    part = pl.col("text").str.strip_chars(" +").str.replace(rf"\A({DOTTED}){_PORT}\z", "$1")
    return pl.concat([odd.filter(is_bare), apart.with_columns(part.str.replace(rf"\A{_BRACKETS}(?:{_PORT})?\z", "$1"))])


def without_ports(text: pl.Expr) -> pl.Expr:
    """Texts that list addresses, without their ports; any other text as it is."""
    shorter = text.str.replace_all(rf"({DOTTED}){_PORT}", "$1").str.replace_all(rf"{_BRACKETS}(?:{_PORT})?", "$1")
    return pl.when(text.str.contains(rf"\A{_LIST}\z")).then(shorter).otherwise(text)


def _interval_regex(first: int, last: int) -> str:
    networks = summarize_address_range(IPv4Address(first), IPv4Address(last))
    return rf"\A(?:{'|'.join(map(_network_regex, networks))})\z"


def _network_regex(network: IPv4Network) -> str:
    """The addresses of a network in dotted form: whole octets, one that is partly given, then any."""
    octets = network.network_address.packed
    whole, bits = divmod(network.prefixlen, 8)
    parts = [str(octet) for octet in octets[:whole]]
    if bits:
        choices = range(octets[whole], octets[whole] + 2 ** (8 - bits))
        parts.append(f"(?:{'|'.join(map(str, choices))})")
    return r"\.".join(parts + [_OCTET] * (4 - len(parts)))


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
    return (pl.col("high") == 0) & pl.col("low").is_between(_MAPPED, _LAST_MAPPED)


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
