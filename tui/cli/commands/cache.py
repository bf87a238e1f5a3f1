"""The indexes on disk: ``cache list``, ``cache clear``."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from parsing.errors import UsageError
from parsing.index import CachedSet, absolute, cache_folder, cached_sets, clear
from parsing.wording import size
from tui.cli.console import refuse_parquet_on_terminal, remark
from tui.cli.output import write_frame

_RECORD = {"folder": pl.String(), "bytes": pl.Int64(), "used": pl.Datetime("ms"), "paths": pl.List(pl.String())}


def cache(arguments: Namespace) -> int:
    action, *paths = arguments.words
    index_dir = Path(arguments.index_dir) if arguments.index_dir else None
    if action == "list" and not paths:
        return _list(arguments, index_dir)
    if action == "clear":
        return _clear(arguments, paths, index_dir)
    raise UsageError(
        "takes no paths" if action == "list" else "unknown action", where=f"cache {action}", hint="list, or clear"
    )


def _list(arguments: Namespace, index_dir: Path | None) -> int:
    refuse_parquet_on_terminal(arguments)
    found = cached_sets(index_dir)
    rows = [
        {
            "folder": str(cached.folder),
            "bytes": cached.bytes,
            "used": cached.used.replace(tzinfo=None, microsecond=0),
            "paths": list(cached.arguments),
        }
        for cached in found
    ]
    write_frame(arguments, pl.DataFrame(rows, schema=_RECORD))
    total = sum(cached.bytes for cached in found)
    remark(arguments, f"{_indexes(found)} in {cache_folder(index_dir)}, {size(total)}")
    return 0


def _clear(arguments: Namespace, paths: list[str], index_dir: Path | None) -> int:
    """Clear what the paths name, exactly the same set; without paths, everything."""
    wanted = sorted(absolute(path) for path in paths)
    found = [one for one in cached_sets(index_dir) if not paths or _is(one, wanted)]
    if paths and not found:
        raise UsageError("no index of exactly these paths", where=", ".join(paths), hint="dropline cache list")
    for one in found:
        clear(one)
    remark(arguments, f"cleared {_indexes(found)}, {size(sum(one.bytes for one in found))}")
    return 0


def _indexes(found: Sequence[CachedSet]) -> str:
    return "1 index" if len(found) == 1 else f"{len(found):,} indexes"


def _is(cached: CachedSet, wanted: list[str]) -> bool:
    return sorted(cached.arguments) == wanted
