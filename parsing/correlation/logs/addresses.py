"""Addresses in the form in which the two logs can be compared."""

from __future__ import annotations

from ipaddress import IPv6Address

import polars as pl

_LONG_FORM = r"(?:^|:)0[0-9a-f]|(?:^|:)0:0|^[0-9a-f]+(?::[0-9a-f]+){7}$|^::ffff:"
"""An IPv6 address that may be written shorter, or that stands for an IPv4 one."""


def normal_addresses(addresses: pl.Series) -> pl.Series:
    """Addresses without zone, IPv6 in its short form, IPv4-mapped ones as IPv4; other text in lower case."""
    has_colon = addresses.str.contains(":", literal=True).fill_null(value=False)
    if not has_colon.any():
        return addresses
    six = addresses.filter(has_colon).unique().drop_nulls()
    texts = six.str.to_lowercase().str.replace(r"%.*$", "").str.strip_chars("[]")
    unusual = texts.str.contains(_LONG_FORM)
    rewritten = {text: _short_form(text) for text in texts.filter(unusual).unique()}
    if rewritten:
        texts = texts.replace(rewritten)
    return addresses.replace(six, texts)


def _short_form(text: str) -> str:
    try:
        address = IPv6Address(text)
    except ValueError:
        return text
    return str(address.ipv4_mapped or address)


def is_loopback(address: str) -> bool:
    return address == "::1" or address.startswith("127.")
