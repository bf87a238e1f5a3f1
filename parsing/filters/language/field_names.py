"""Names of fields as a filter writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from parsing.filters.language.tokens import KEYWORDS, quoted
from parsing.filters.language.tree import Filter, Term, terms
from parsing.knowledge.fields import (
    CLIENT_PORT_NAMES,
    FIELDS,
    VIRTUAL,
    Field,
    is_known_wire_name,
    named_field,
    wire_field,
)
from parsing.suggest import nearest

_BARE = re.compile(r"[A-Za-z0-9_.#/](?:[A-Za-z0-9_.#/-]|\([A-Za-z0-9_.#/-]*\))*")


_OTHER_WORDS = {
    "apppool": "queue",
    "application": "queue",
    "bytes": "sent",
    "code": "status",
    "date": "time",
    "duration": "taken",
    "elapsed": "taken",
    "error": "reason",
    "file": "source",
    "ip": "client",
    "latency": "taken",
    "pool": "queue",
    "protocol": "version",
    "referrer": "referer",
    "url": "uri",
    "username": "user",
    "useragent": "agent",
    "verb": "method",
}
"""What people call a field that a filter names otherwise."""


def is_virtual(field: Field) -> bool:
    """Whether a field stands for no single wire field: ``uri``, ``site``, ``port``, ``time``, ``log`` ..."""
    return field in VIRTUAL


def field_named(name: str, custom: Iterable[str] = (), *, is_quoted: bool = False) -> Field | None:
    """The field that a name means, ignoring case; None for an unknown one. In quotes it is a wire name alone."""
    if not is_quoted and (known := named_field(name)) is not None:
        return known
    if is_known_wire_name(name):
        return named_field(name)
    alike = [wire for wire in (*custom, *CLIENT_PORT_NAMES) if wire.lower() == name.lower()]
    if not alike:
        return None
    return wire_field(name if name in alike else alike[0])


def spelled(field: Field) -> str:
    """How a filter names a field: short where it can be."""
    name = field.short or field.name
    is_bare = _BARE.fullmatch(name) and name.lower() not in KEYWORDS and field_named(name, (name,)) == field
    return name if is_bare else quoted(name)


def names(custom: Iterable[str] = ()) -> list[str]:
    """Every name a filter may use: the short ones, then those on the wire, then custom ones."""
    short = [field.short for field in FIELDS if field.short]
    virtual = [field.name for field in VIRTUAL]
    return list(dict.fromkeys([*virtual, *short, *(field.name for field in FIELDS), *custom]))


def custom_names(where: Filter) -> list[str]:
    """The names in a filter that are fields only where a log has them."""
    named = [term.field.name for term in terms(where) if isinstance(term, Term)]
    return [name for name in dict.fromkeys(named) if field_named(name) is None]


def nearest_field(name: str, custom: Iterable[str] = ()) -> str | None:
    """The name of a field that was probably meant."""
    if (other := _OTHER_WORDS.get(re.sub(r"[^a-z]", "", name.lower()))) is not None:
        return other
    return next(iter(nearest(name, names(custom))), None)
