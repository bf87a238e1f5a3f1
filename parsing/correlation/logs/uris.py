"""URIs in the form in which the two logs can be compared (DOMAIN.md 4.4).

Httperr.log has path and query in one field, raw or decoded, cut at 4,096 bytes; the IIS log has the decoded path and
the query as sent, to which modules may have added text of their own.
"""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

import polars as pl

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
