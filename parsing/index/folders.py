"""Where indexes live: one folder a log set, below the user's cache folder or a folder of the user's choice."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from platformdirs import user_cache_path

from parsing.errors import IndexStoreError, SourceError
from parsing.formats.log_locale import LogLocale
from parsing.index.store.locks import Users, writer_lock
from parsing.index.store.manifest import Manifest
from parsing.sources.discovery import STANDARD_INPUT

MANIFEST = "manifest.sqlite"
_FOLDER_PREFIX = "set-"


def cache_folder(index_dir: Path | None = None) -> Path:
    """The folder of all indexes."""
    return index_dir if index_dir is not None else user_cache_path("dropline", appauthor=False)


def set_folder(
    arguments: Sequence[str], locale: LogLocale, index_dir: Path | None = None, exclude: Sequence[str] = ()
) -> Path:
    """The folder of the log set that these arguments name without what globs ``exclude``; their order does not matter."""
    left_out = [f"\0{glob}" for glob in sorted({*exclude})]
    encoding = [f"\0\0{locale.encoding}"] if locale.encoding else []
    text = "\0".join(
        [zone_name(locale.zone), *encoding, *sorted({absolute(argument) for argument in arguments}), *left_out]
    )
    key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return cache_folder(index_dir) / (_FOLDER_PREFIX + key)


def absolute(argument: str) -> str:
    """An argument without its dependence on the current folder; raises ``SourceError`` if that has been deleted."""
    if argument == STANDARD_INPUT:
        return argument
    try:
        return os.path.normcase(os.path.abspath(argument))  # noqa: PTH100
    except FileNotFoundError as error:
        raise SourceError("the current folder is no longer there", where=argument) from error


def zone_name(zone: tzinfo) -> str:
    """The name of a time zone in names of folders and messages."""
    return "UTC" if zone is UTC else str(zone)


@dataclass(frozen=True, slots=True)
class CachedSet:
    """One index in the cache: the arguments it was made for, its size in bytes and when it was last written."""

    folder: Path
    arguments: tuple[str, ...]
    bytes: int
    used: datetime


def cached_sets(index_dir: Path | None = None) -> list[CachedSet]:
    """All indexes, the latest first. One that cannot be understood has no arguments."""
    found = []
    for folder in _folders(cache_folder(index_dir)):
        try:
            found.append(_cached_set(folder))
        except OSError:  # another process clears it
            continue
    return sorted(found, key=lambda cached: cached.used, reverse=True)


def _folders(root: Path) -> Iterator[Path]:
    try:
        entries = sorted(root.iterdir())
    except FileNotFoundError:
        return
    except OSError as error:
        raise IndexStoreError(f"cannot use the index folder: {error.strerror}", where=str(root)) from error
    for entry in entries:
        if entry.name.startswith(_FOLDER_PREFIX) and entry.is_dir() and (entry / MANIFEST).is_file():
            yield entry


def _cached_set(folder: Path) -> CachedSet:
    arguments: tuple[str, ...] = ()
    try:
        manifest = Manifest(folder / MANIFEST)
        try:
            arguments = manifest.arguments()
        finally:
            manifest.close()
    except IndexStoreError:
        pass
    used = datetime.fromtimestamp((folder / MANIFEST).stat().st_mtime, tz=UTC)
    return CachedSet(folder, arguments, folder_size(folder), used)


def folder_size(folder: Path) -> int:
    """Bytes of the files in a folder."""
    total = 0
    for entry in folder.iterdir():
        try:
            total += entry.stat().st_size
        except OSError:  # another process cleans up
            continue
    return total


def clear(cached: CachedSet) -> None:
    """Delete an index; raises ``IndexStoreError`` while a process uses it."""
    in_use = IndexStoreError("the index is in use", where=str(cached.folder), hint="quit dropline there first")
    lock = writer_lock(cached.folder)
    if not lock.acquire():
        raise in_use
    try:
        users = Users(cached.folder)
        try:
            if not users.is_alone():
                raise in_use
        finally:
            users.close()
    finally:
        lock.release()
    try:
        shutil.rmtree(cached.folder)
    except FileNotFoundError:  # another process clears it, too
        return
    except OSError as error:
        raise IndexStoreError(f"cannot delete the index: {error.strerror}", where=str(cached.folder)) from error
