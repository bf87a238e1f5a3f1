"""The index: dictionaries, segments, manifest, and the reading of what is new."""

from parsing.index.folders import CachedSet, absolute, cache_folder, cached_sets, clear
from parsing.index.log_set import LogSet
from parsing.index.snapshot import META_SCHEMA, Log, Progress, Segment, Snapshot, Source

__all__ = [
    "META_SCHEMA",
    "CachedSet",
    "Log",
    "LogSet",
    "Progress",
    "Segment",
    "Snapshot",
    "Source",
    "absolute",
    "cache_folder",
    "cached_sets",
    "clear",
]
