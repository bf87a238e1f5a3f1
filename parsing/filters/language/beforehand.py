"""Filters understood before the logs are read, whose custom fields nobody knows yet."""

from __future__ import annotations

from datetime import tzinfo

from parsing.errors import FilterError
from parsing.filters.language.grammar import Filter, parse

_MOST_CUSTOM = 50


def understood(text: str, tz: tzinfo) -> Filter:
    """A filter in which an unknown name may be a custom field that only the logs know; other mistakes are raised."""
    return parse(text, tz=tz, custom=custom_names(text, tz))


def custom_names(text: str, tz: tzinfo) -> list[str]:
    """The names in a filter that are no field unless a log has them; raises ``FilterError`` for other mistakes."""
    unknown: list[str] = []
    while True:
        try:
            parse(text, tz=tz, custom=unknown)
        except FilterError as error:
            name = error.text[error.start : error.end].strip('"')
            if name in unknown or len(unknown) >= _MOST_CUSTOM:
                raise
            unknown.append(name)
        else:
            return unknown
