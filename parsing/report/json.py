"""The report as JSON: the fields of ``Report`` under their own names, for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta

from parsing.report.report import Report


def render_json(report: Report) -> str:
    """One object. Times are ISO 8601 with ``Z``, lengths of time seconds, shares parts of 1, what is absent null."""
    return json.dumps(asdict(report), ensure_ascii=False, indent=2, default=_plain) + "\n"


def _plain(value: object) -> str | float:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds") + "Z"
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(type(value))
