"""The report as JSON, for programs: the fields of ``Report`` under their own names, incidents as their records."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta

from parsing.report.report import Report
from parsing.safe_text import is_safe


def render_json(report: Report) -> str:
    """One object. Times are ISO 8601 with ``Z``, lengths of time seconds, shares parts of 1, what is absent null.

    What a terminal could obey or hide is spelled ``\\u202e``, so that the text can be looked at and stays exact.
    """
    fields = asdict(report) | {"incidents": [one.record() for one in report.incidents]}
    text = json.dumps(fields, ensure_ascii=False, indent=2, default=_plain)
    return "".join(f"{_spelled(line)}\n" for line in text.split("\n"))


def _spelled(line: str) -> str:
    return line if is_safe(line) else "".join(char if is_safe(char) else json.dumps(char)[1:-1] for char in line)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds") + "Z"
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value))
