"""Which sites the requests of a log set are of: by a field of the log, by its folder, or by the names in a bundle."""

from __future__ import annotations

import re

import polars as pl

from parsing.correlation.logs.errors import decoded
from parsing.evidence.evidence import evidence_of
from parsing.index import Snapshot

_FOLDER = re.compile(r"(?:^|/)W3SVC(\d{1,10})(?:/|$)", re.IGNORECASE)
_BUNDLE = re.compile(r"(?:^|/)Sites/([^/]+)/(?:IISLogs|FrebLogs)/", re.IGNORECASE)


def site_names(snapshot: Snapshot) -> dict[str, str]:
    """The ids of sites by name, as the settings of a bundle have them.

    LogCatcher writes ``?`` for what is not ASCII, so such a name stands for every name that it fits.
    """
    rows = evidence_of(snapshot).filter((pl.col("kind") == "setting") & pl.col("site").is_not_null())
    found: dict[str, str] = {}
    named = rows.select("site", pl.col("data").str.json_path_match("$.site_name").alias("name"))
    for site, name in named.iter_rows():
        if name:
            found.setdefault(name, site)
    return found


def site_of_source(name: str, names: dict[str, str]) -> str | None:
    """The id of the site that a log is of, by the name of the source; ``None`` where it is not known."""
    folder = _FOLDER.search(name)
    if folder:
        return folder[1]
    bundle = _BUNDLE.search(name)
    if bundle is None:
        return None
    if bundle[1] in names:
        return names[bundle[1]]
    fitting = {site for known, site in names.items() if "?" in known and _fits(known, bundle[1])}
    return fitting.pop() if len(fitting) == 1 else None


def _fits(known: str, name: str) -> bool:
    pattern = "".join("." if character == "?" else re.escape(character) for character in known)
    return re.fullmatch(pattern, name, re.IGNORECASE) is not None


def sites_of_requests(snapshot: Snapshot) -> frozenset[str]:
    """The ids of the sites that the IIS logs are of; empty where that is not known of every one of them."""
    names = site_names(snapshot)
    found: set[str] = set()
    for segment in snapshot.segments:
        if segment.log != "iis" or not segment.rows:
            continue
        if "s-sitename" in segment.fields:
            frame = segment.scan().select("s-sitename").unique().collect()
            values = decoded(snapshot, segment, frame, "s-sitename")
            ids = values.drop_nulls().str.to_uppercase().str.strip_prefix("W3SVC")
            if values.null_count() or not ids.str.contains(r"^\d+$").all():
                return frozenset()
            found |= set(ids)
            continue
        sources = {source.id: source.name for source in snapshot.sources}
        for number in segment.scan().select("source").unique().collect()["source"]:
            site = site_of_source(sources.get(number, ""), names)
            if site is None:
                return frozenset()
            found.add(site)
    return frozenset(found)
