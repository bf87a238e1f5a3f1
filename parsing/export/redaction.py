"""Pseudonyms for addresses, hosts, users and values of queries, the same for the same value wherever it occurs."""

from __future__ import annotations

import hmac
import ipaddress
import os
import re
import secrets
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote

import polars as pl

from parsing.errors import LogError
from parsing.knowledge.fields import WITHHELD, Kind, field_of

USER_FIELDS = ("cs-username",)
HOST_FIELDS = ("cs-host", "s-computername", "server-name")
HOST_HEADERS = ("-host", "(host)", "-host)")
"""How the names of custom fields end in which proxies hand on the host that was asked for."""
QUERY_FIELDS = ("cs-uri-query", "query")
URI_FIELDS = ("cs-uri", "uri", "cs-uri-stem", "path", "template")
LINK_FIELDS = ("cs(referer)",)
LINK_HEADERS = re.compile(r"ur[il]|location|referr?er|prefix|path")
"""What the names of custom fields hold whose values are URLs or paths, such as ``X-Original-URL`` and ``Location``."""
SECRET_HEADERS = re.compile(r"authorization|authenticate|api-?key|token|secret|passw|session|signature")
"""The same of credentials: nothing of their value may be shown."""
FORWARDED_HEADERS = re.compile(r"forwarded|client-?ip|real-?ip|(?<![a-z])via(?![a-z])")
"""The same of what proxies add: lists of addresses, or of bare names of hosts."""
NO_HOSTS = re.compile(r"(?:[\d.]*|https?(?:/[\d.]+)?|unknown|none|for|by|host|proto)", re.IGNORECASE)
"""What stands in such lists and names nobody."""
LINE_FIELDS = ("text", "value")
"""Whole lines, as the rejects have them: nobody knows what stands where in them."""

_DIGITS = 10
_KEY_BYTES = 32
_V4 = r"\d{1,3}(?:\.\d{1,3}){3}"
_V6 = rf"(?:[0-9a-f]{{0,4}}:){{2,7}}(?:{_V4}|[0-9a-f]{{0,4}})(?:%\w+)?"
_END = r"(?=:\d+(?![\w:])|(?![\w:]))"
"""A port may follow; where it could also be the last group of an IPv6 address, it is taken for that."""
_ADDRESS = re.compile(rf"(?<![\w.])(?:{_V6}{_END}|{_V4}(?!\w))", re.IGNORECASE)
_DOTTED = re.compile(_V4)
_SCHEME = r"[a-z][\w+.-]*:"
_AUTHORITY = re.compile(rf"({_SCHEME}//)([^/?#]*)", re.IGNORECASE)
_LINK = re.compile(rf"((?:{_SCHEME})?//)([^/?#]*)", re.IGNORECASE)
_WITHIN = re.compile(r"(://)((?:[^/?#\s@]*@)?[^/?#\s\"'<>(),;&+]*)")
"""Within other text, in which blanks may be written ``+``, an authority ends earlier."""
_ESCAPED_WITHIN = re.compile(
    r"((?::|%(?:25)*3a)(?:%(?:25)*2f){2})((?:(?!%(?:25)*(?:2f|3a|3f|23|26))[^/?#:\s\"'<>(),;&+])*)", re.IGNORECASE
)
"""The same in a URL that another one holds with percent escapes, maybe escaped twice: ``http%3A%2F%2Fhost%2Fpath``."""
_HOST = re.compile(r"(\[?)(.*?)(\]?(?::\d*)?)", re.DOTALL)
_MAIL = re.compile(r"(?:(?!%40)[\w.+%-])+(?:@|%40)[\w-]+(?:\.[\w-]+)*", re.IGNORECASE)
_WRITTEN_V4 = re.compile(
    r"(?<![\d.])(?<!\d-)(?<!\d%2e)\d{1,3}(?P<dot>-|%2e)\d{1,3}(?P=dot)\d{1,3}(?P=dot)\d{1,3}(?!\d|(?P=dot)\d)",
    re.IGNORECASE,
)
"""An address of a path whose dots are dashes or percent escapes."""
_WRITTEN_V6 = re.compile(r"(?<![0-9a-f%])[0-9a-f]{0,4}(?:%3a[0-9a-f]{0,4}){2,7}", re.IGNORECASE)
_PARAMETER = re.compile(r"(;[^=;/?]+=)([^;/?]+)")
_PSEUDONYM = re.compile(r"(?<!\w)(?:ip|host|user)-[0-9a-f]{10}")
_LISTED = re.compile(r"[^\s,;+=\"]+")
_ACCOUNT = re.compile(r"(?<![\w/\\.])[\w.-]+\\[\w.$-]+")

Hide = Callable[[str, str], str]
"""Field and value to what is shown of the value."""


class Redaction:
    """Replaces what names people and computers. With the same key, the same value has the same pseudonym.

    Addresses become ``ip-…``, users ``user-…``, names of servers and the hosts of Host headers and URLs ``host-…``,
    the values of queries, of cookies and of a referer's query ``v-…``; their names, ports, paths and everything else
    stay. Custom fields are judged by their names: URLs, cookies, credentials, what proxies add. Addresses, accounts and
    URLs in other text are found by their form, also with percent escapes or dashes; a host's name alone in it stays.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._hidden = lru_cache(maxsize=100_000)(self._digest)

    def frame(self, frame: pl.DataFrame) -> pl.DataFrame:
        """A frame of records, its text columns named as fields are, with every telling value replaced."""
        return frame.with_columns(
            self._column(frame[name], self.of_field(name)) for name, dtype in frame.schema.items() if dtype == pl.String
        )

    def value(self, field: str, value: str) -> str:
        """One value of a field."""
        return self.of_field(field)(value)

    def of_field(self, field: str) -> Callable[[str], str]:
        """What replaces the values of a field."""
        known = field_of(field)
        name = known.name.lower()
        if name in ("source", "log", "why"):
            return lambda text: text
        if known.kind is Kind.ADDRESS:
            return self.address
        if name in USER_FIELDS:
            return lambda text: self.pseudonym("user", text)
        if name in HOST_FIELDS or name.endswith(HOST_HEADERS):
            return self.host
        if name in QUERY_FIELDS:
            return self.query
        if "cookie" in name:
            return lambda text: self._pairs(text, ";")
        if name in URI_FIELDS:
            return self.uri
        if name in LINK_FIELDS:
            return self.link
        if name in LINE_FIELDS:
            return lambda text: f"({len(text):,} characters)"
        return self._of_header(name)

    def _of_header(self, name: str) -> Callable[[str], str]:
        """What replaces the values of a custom field, by what its name says of them."""
        if SECRET_HEADERS.search(name):
            return lambda text: text if text == WITHHELD else self._hidden("v", text)
        if LINK_HEADERS.search(name):
            return self.link
        if FORWARDED_HEADERS.search(name):
            return self.forwarded
        return self.text

    def pseudonym(self, kind: str, text: str) -> str:
        """What stands for a text of some kind, whatever its case."""
        return self._hidden(kind, text.lower())

    def address(self, text: str) -> str:
        """An address: zone and IPv4 in IPv6 make no difference, as in filters."""
        bare = text.partition("%")[0]
        try:
            known = ipaddress.ip_address(bare)
        except ValueError:
            return self._hidden("ip", text.lower())
        mapped = known.ipv4_mapped if isinstance(known, ipaddress.IPv6Address) else None
        return self._hidden("ip", str(mapped or known))

    def _if_address(self, text: str) -> str:
        """What looks like an address may be a time of day, with an address behind it."""
        if _is_address(text):
            return self.address(text)
        return _DOTTED.sub(lambda found: self.address(found.group()), text)

    def query(self, text: str) -> str:
        """A query: names stay, values are replaced."""
        return text if text == WITHHELD else self._pairs(text, "&")

    def uri(self, text: str) -> str:
        """A path or URL with its query; addresses and URLs in the path are replaced too."""
        return self._located(_AUTHORITY, text)

    def _located(self, authority: re.Pattern[str], text: str) -> str:
        if found := authority.match(text):
            scheme, host = found.groups()
            return scheme + self.host(host) + self.uri(text[found.end() :])
        path, mark, query = text.partition("?")
        path = _PARAMETER.sub(lambda found: found[1] + self._hidden("v", found[2]), path)
        return self.text(path) + (mark + self.query(query) if mark else "")

    def forwarded(self, text: str) -> str:
        """What proxies hand on: addresses, and every name among them, be it of one word."""
        hidden = self.text(text)
        return hidden if text == WITHHELD else _LISTED.sub(lambda found: self._listed(found.group()), hidden)

    def _listed(self, word: str) -> str:
        is_known = NO_HOSTS.fullmatch(word) or _PSEUDONYM.search(word)
        return word if is_known else self.host(word)

    def link(self, text: str) -> str:
        """A URL, maybe without its scheme, whose host tells most of it, so that no part of one may be shown."""
        return self._located(_LINK, text)

    def host(self, text: str) -> str:
        """A host with its port, which stays; the same pseudonym whatever the case. Brackets hold an IPv6 address."""
        user, mark, name = text.rpartition("@")
        found = _HOST.fullmatch(name)
        if found is None or name == WITHHELD or _is_address(name):
            return self.text(text)
        opening, bare, rest = found.groups()
        shown = self.address(bare) if _is_address(bare) else self.pseudonym("host", bare) if bare else ""
        return (self.pseudonym("user", user) + mark if mark else "") + opening + shown + rest

    def text(self, text: str) -> str:
        """Any other text: addresses, the hosts of URLs, mail addresses and accounts in it are replaced."""
        if "://" in text:
            text = _WITHIN.sub(lambda found: found[1] + self.host(found[2]), text)
        if "%" in text:
            text = _ESCAPED_WITHIN.sub(lambda found: found[1] + self.host(unquote(found[2])), text)
        if "\\" in text:
            text = _ACCOUNT.sub(lambda found: self.pseudonym("user", found.group()), text)
        if "@" in text or "%40" in text:
            text = _MAIL.sub(lambda found: self.pseudonym("user", found.group()), text)
        if "." in text or ":" in text:
            text = _ADDRESS.sub(lambda found: self._if_address(found.group()), text)
        if "-" in text or "%" in text:
            for written in (_WRITTEN_V4, _WRITTEN_V6):
                text = written.sub(lambda found: self._if_written(found), text)
        return text

    def _if_written(self, found: re.Match[str]) -> str:
        written = found.group()
        address = unquote(written) if "%" in written else written.replace("-", ".")
        return self.address(address) if _is_address(address) else found.group()

    def _pairs(self, text: str, separator: str) -> str:
        return separator.join(self._pair(part) for part in text.split(separator))

    def _pair(self, part: str) -> str:
        name, mark, value = part.partition("=")
        if not mark:
            return self._hidden("v", part) if part.strip("+ ") else part
        return f"{self.text(name)}={self._hidden('v', value) if value else ''}"

    def _column(self, values: pl.Series, replaced: Callable[[str], str]) -> pl.Series:
        unique = values.drop_nulls().unique()
        hidden = pl.Series([replaced(value) for value in unique], dtype=pl.String)
        return values.replace_strict(unique, hidden, default=None, return_dtype=pl.String) if unique.len() else values

    def _digest(self, kind: str, text: str) -> str:
        digest = hmac.new(self._key, f"{kind}\0{text}".encode("utf-8", "surrogatepass"), sha256).hexdigest()
        return f"{kind}-{digest[:_DIGITS]}"


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True


def own_key(folder: Path) -> bytes:
    """The user's key in a folder, made once: pseudonyms stay the same from report to report, for this user only."""
    file = folder / "redaction.key"
    try:
        if not file.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _write_new(file, secrets.token_bytes(_KEY_BYTES))
        key = file.read_bytes()
    except OSError as error:
        raise LogError("cannot keep the key of the pseudonyms", where=str(file), hint=error.strerror or "") from error
    if len(key) < _KEY_BYTES:
        raise LogError("the key of the pseudonyms is damaged", where=str(file), hint="delete it to get a new one")
    return key


def _write_new(file: Path, key: bytes) -> None:
    """Only the owner may read the key; where another process was quicker, its key stays."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "wb") as made:
        made.write(key)
