"""Which form the ending of a file's name asks for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

RECORDS: Mapping[str, str] = {
    ".csv": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".parquet": "parquet",
    ".txt": "table",
}
REPORTS: Mapping[str, str] = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".json": "json",
    ".txt": "text",
}


def form_of(name: str, forms: Mapping[str, str]) -> str | None:
    """The form of a file of this name; ``None`` for an ending that says nothing."""
    return forms.get(ending(name))


def ending(name: str) -> str:
    return PurePath(name).suffix.lower()
