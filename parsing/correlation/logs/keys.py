"""Addresses and URIs in the form in which the two logs can be compared (DOMAIN.md 4.4), and numbers for those of some errors.

Httperr.log has path and query in one field, raw or decoded, cut at 4,096 bytes; the IIS log has the decoded path and the
query as sent, to which modules may have added text of their own. Only what an error asks for gets a number, so that the
rest of a large log is set aside early.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address
from urllib.parse import unquote_to_bytes

import polars as pl

from parsing.index.snapshot import Snapshot

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


LONGEST_URI = 4096
"""Httperr.log cuts a URI at this many bytes (Win32: format of the HTTP Server API error logs)."""

_ESCAPES = [f"%{code:02x}" for code in range(0x80)]
_CHARACTERS = [chr(code) for code in range(0x80)]
_BEYOND_ASCII = r"%(?:[89a-f][0-9a-f]|u[0-9a-f]{4})"
_ADDED = r"(?:\|-?\d+\|[0-9a-f]+\||(?:^|&)x-arr-[a-z-]+=|(?:^|&)correlationid=<|(?:^|&)cafereqid=).*$"
"""What classic ASP (line, code, text), ARR and Exchange put at the end of a query in the IIS log."""
_ORIGIN = r"^https?://[^/?]*"


def normal_text(texts: pl.Series) -> pl.Series:
    """Escapes decoded (also where they were escaped twice), case folded, ``+`` and blank equal."""
    texts = texts.str.to_lowercase()
    escaped = texts.str.contains("%", literal=True).fill_null(value=False)
    if escaped.any():
        found = texts.filter(escaped).unique()
        texts = texts.replace(found, _decoded(_decoded(found)))
    return texts.str.replace_all("+", " ", literal=True)


def _decoded(texts: pl.Series) -> pl.Series:
    texts = texts.str.replace_many(_ESCAPES, _CHARACTERS, ascii_case_insensitive=True)
    beyond = texts.filter(texts.str.contains(_BEYOND_ASCII))
    if not beyond.is_empty():
        texts = texts.replace({text: _decoded_text(text) for text in beyond.unique()})
    return texts.str.to_lowercase()


def _decoded_text(text: str) -> str:
    head, *parts = text.split("%u")
    for part in parts:
        code = part[:4]
        is_code = len(code) == 4 and all(digit in "0123456789abcdef" for digit in code)
        is_letter = is_code and not 0xD800 <= int(code, 16) < 0xE000
        head += chr(int(code, 16)) + part[4:] if is_letter else "%u" + part
    raw = unquote_to_bytes(head)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def split_uris(uris: pl.Series) -> pl.DataFrame:
    """``path``, ``query`` (empty where there is none) and ``is_cut`` of the URIs of Httperr.log, normalised."""
    parts = uris.str.replace(_ORIGIN, "").str.splitn("?", 2).struct.unnest()
    return pl.DataFrame(
        {
            "path": normal_text(parts["field_0"]),
            "query": normal_queries(parts["field_1"].fill_null("")),
            "is_cut": (uris.str.len_bytes() >= LONGEST_URI - 3).fill_null(value=False),
        }
    )


def normal_queries(queries: pl.Series) -> pl.Series:
    """Queries without the text that modules of IIS add to them; null stays null."""
    return normal_text(queries).str.replace(_ADDED, "")


ANY = 0
"""The number of a value that a log does not have: it agrees with every other."""


class Normals:
    """The dictionaries of a log set in normalised form; what was added since is normalised when it is asked for."""

    def __init__(self) -> None:
        self._known: dict[str, pl.Series] = {}
        self._lock = threading.Lock()

    def addresses(self, snapshot: Snapshot, field: str) -> pl.Series:
        return self._grown(snapshot, field, normal_addresses)

    def texts(self, snapshot: Snapshot, field: str) -> pl.Series:
        return self._grown(snapshot, field, normal_text)

    def _grown(self, snapshot: Snapshot, field: str, normal: Callable[[pl.Series], pl.Series]) -> pl.Series:
        values = snapshot.dictionary(field)
        with self._lock:
            known = self._known.get(field)
            if known is None:
                known = normal(values)
            elif len(known) < len(values):
                known = pl.concat([known, normal(values[len(known) :])])
            self._known[field] = known
            return known


@dataclass(frozen=True, slots=True)
class Keys:
    """Tables from normalised values to numbers from 1. ``uris`` has ``path`` (its number), ``query``, ``is_cut``, ``uri``."""

    addresses: pl.DataFrame
    servers: pl.DataFrame
    methods: pl.DataFrame
    paths: pl.DataFrame
    uris: pl.DataFrame
    has_server: bool = True

    @classmethod
    def of(cls, errors: pl.DataFrame, *, has_server: bool = True) -> Keys:
        """Keys of the errors that ``read_errors`` gives."""
        paths = _numbered(errors["path"], "path")
        uris = (
            errors.select("path", "query", "is_cut")
            .drop_nulls()
            .group_by("path", "query")
            .agg(pl.col("is_cut").any())
            .sort("path", "query")
            .join(paths, on="path", how="inner", maintain_order="left")
            .select(
                pl.col("number").alias("path"),
                "query",
                "is_cut",
                pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).alias("uri"),
            )
        )
        return cls(
            _numbered(errors["client"], "client"),
            _numbered(errors["server"], "server"),
            _numbered(errors["method"].str.to_uppercase(), "method"),
            paths,
            uris,
            has_server,
        )


def _numbered(values: pl.Series, name: str) -> pl.DataFrame:
    found = values.rename(name).drop_nulls().unique().sort()
    return pl.DataFrame([found, pl.int_range(1, len(found) + 1, dtype=pl.UInt32, eager=True).rename("number")])


def numbers_of(values: pl.Series, table: pl.DataFrame) -> pl.Series:
    """The numbers of values, null where they have none."""
    name = table.columns[0]
    joined = values.rename(name).to_frame().join(table, on=name, how="left", maintain_order="left")
    return joined["number"]


def with_numbers(errors: pl.DataFrame, keys: Keys) -> pl.DataFrame:
    """Errors with ``address``, ``path_number``, ``uri_number``, ``server_number`` and ``method_number``.

    The last two, and ``e_server_port``, are ``ANY`` where the log has none.
    """
    numbered = errors.with_columns(
        numbers_of(errors["client"], keys.addresses).alias("address"),
        numbers_of(errors["path"], keys.paths).alias("path_number"),
        numbers_of(errors["server"], keys.servers).fill_null(ANY).alias("server_number"),
        numbers_of(errors["method"].str.to_uppercase(), keys.methods).fill_null(ANY).alias("method_number"),
        pl.col("server_port").fill_null(ANY).alias("e_server_port"),
    )
    if not keys.has_server:
        numbered = numbered.with_columns(pl.lit(ANY, dtype=pl.UInt32).alias("server_number"))
    uris = keys.uris.select(pl.col("path").alias("path_number"), "query", pl.col("uri").alias("uri_number"))
    return numbered.join(uris, on=["path_number", "query"], how="left", maintain_order="left")
