"""One setting as it was found, and settings as rows of evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
import polars as pl

from parsing.formats.evidence.event_rows import EVIDENCE_SCHEMA

LONGEST_SETTING = 200
"""Characters of a value; those of the list are numbers, times and single words."""


@dataclass(frozen=True, slots=True)
class FoundSetting:
    """A value of the allow-list. ``set_by`` says where it stands: ``itself``, ``defaults`` (of all pools or sites) or ``IIS``.

    One with the name ``site`` only says that a site of an id and a name exists.
    """

    name: str
    value: str
    provider: str
    line: int
    pool: str | None = None
    site: str | None = None
    site_name: str | None = None
    set_by: str = "itself"


def setting_frame(found: Iterable[FoundSetting], source: int) -> pl.DataFrame:
    """Settings of one source as rows of ``EVIDENCE_SCHEMA``; they have no time."""
    rows = [
        (
            source, one.line, None, "setting", one.provider, None, None, None, None, one.pool, one.site, None, None,
            msgspec.json.encode(
                {"setting": one.name, "value": one.value[:LONGEST_SETTING], "set_by": one.set_by}
                | ({"site_name": one.site_name} if one.site_name else {})
            ).decode(),
        )
        for one in found
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=EVIDENCE_SCHEMA, orient="row")
