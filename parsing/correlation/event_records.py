"""Events of the timeline as records."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from parsing.correlation.timeline import FIELDS, Event, Link
from parsing.knowledge.fields import named_field
from parsing.questions import field_dtype

_TIME = pl.Datetime("ms")
_LINK = pl.Struct(
    {
        "relation": pl.String(),
        "source": pl.String(),
        "line": pl.Int64(),
        "time": _TIME,
        "confidence": pl.Float64(),
    }
)
NAMES = {short: field.name for short in FIELDS if (field := named_field(short)) is not None}
EVENT = {
    "log": pl.String(),
    "source": pl.String(),
    "line": pl.Int64(),
    "start": _TIME,
    "end": _TIME,
    "began": pl.Struct({"earliest": _TIME, "latest": _TIME}),
    **{name: field_dtype(name) for name in NAMES.values()},
    "ended_by": pl.String(),
    "links": pl.List(_LINK),
}


def event_record(event: Event, hide: Callable[[str, str], str]) -> dict[str, object]:
    """An event with the values that ``hide`` makes of its texts, by field and value."""
    began = event.began
    values = {
        name: hide(name, value) if isinstance(value := event.values.get(short), str) else value
        for short, name in NAMES.items()
    }
    return {
        "log": event.log,
        "source": event.source,
        "line": event.line,
        "start": began.earliest if began else event.start,
        "end": event.end,
        "began": {"earliest": began.earliest, "latest": began.latest} if began else None,
        **values,
        "ended_by": event.ended_by,
        "links": [_link(link) for link in event.links],
    }


def _link(link: Link) -> dict[str, object]:
    return {
        "relation": link.relation,
        "source": link.source,
        "line": link.line,
        "time": link.time,
        "confidence": link.confidence,
    }
