"""Arguments of the command line as sources: files, folders, globs, archives and standard input."""

from __future__ import annotations

import fnmatch
import glob
import os
import re
import stat
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from parsing.errors import CancelledError, SourceError
from parsing.sources.names import NaturalKey, distinct, member_name, natural_key, servers_of
from parsing.sources.nested import DEEPEST, INSIDE, unpacked_archive
from parsing.sources.spool import spooled_pipe, spooled_standard_input

STANDARD_INPUT = "-"

_UNREADABLE = (OSError, EOFError, zipfile.BadZipFile, ValueError, NotImplementedError, SourceError)
"""What goes wrong with an archive that is damaged, of another kind, or away."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file, or one member of a zip archive at ``path``.

    ``name`` is its path relative to the argument it came from, with ``/``: ``W3SVC1/u_ex260615.log``,
    ``july.zip/httperr1.log``. ``is_temporary`` marks what was read from a pipe and is kept for this run alone.
    ``server`` is the folder of the server that wrote it, empty where none is known.
    """

    name: str
    path: Path
    member: str = ""
    is_temporary: bool = False
    server: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """An input that could not be read (exit status 3): its name, and why in one line."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Discovery:
    """What arguments stand for: sources in natural order of their names, and what could not be found or opened."""

    files: tuple[SourceFile, ...]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Found:
    files: list[SourceFile] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    cancelled: Callable[[], bool] = lambda: False

    def stop_if_cancelled(self) -> None:
        if self.cancelled():
            raise CancelledError


def discover(
    arguments: Sequence[str], cancelled: Callable[[], bool] = lambda: False, *, exclude: Sequence[str] = ()
) -> Discovery:
    """Finds the sources that arguments stand for, but those that globs ``exclude``; one that is named twice is one source.

    In folders, names that begin with a dot are passed over. Standard input is read to its end here. Raises
    ``CancelledError`` between two files or folders once ``cancelled()`` is true.
    """
    found = _Found(cancelled=cancelled)
    for argument in arguments:
        _look_at(argument, found)
    if exclude:
        is_excluded = exclusion(exclude)
        found.files = [file for file in found.files if not is_excluded(file.name)]
        found.problems = [problem for problem in found.problems if not is_excluded(problem.name)]
    unique = {(_real(file.path), file.member): file for file in reversed(found.files)}
    files = sorted(unique.values(), key=_order)
    names = distinct((file.name, _parents(file)) for file in files)
    sources = [(name, "" if file.is_temporary else _full(file)) for file, name in zip(files, names, strict=True)]
    servers = servers_of(
        sources, [Path(argument).absolute().as_posix() for argument in arguments if _is_folder(argument)]
    )
    named = [
        replace(file, name=name, server=server) if (name, server) != (file.name, file.server) else file
        for file, name, server in zip(files, names, servers, strict=True)
    ]
    return Discovery(tuple(sorted(named, key=_order)), tuple(dict.fromkeys(found.problems)))


def _is_folder(argument: str) -> bool:
    try:
        return Path(argument).is_dir()
    except (OSError, ValueError):
        return False


def is_pipe(argument: str) -> bool:
    """Whether an argument is standard input or a named pipe, which can be read only once."""
    try:
        return argument == STANDARD_INPUT or Path(argument).is_fifo()
    except (OSError, ValueError):
        return False


def _order(file: SourceFile) -> NaturalKey:
    return natural_key(file.name)


def _real(path: Path) -> str:
    return os.path.normcase(os.path.realpath(path))


def _full(file: SourceFile) -> str:
    """The absolute path, behind it the member of an archive."""
    path = file.path.absolute().as_posix()
    return f"{path}/{file.member.replace(INSIDE, '/')}" if file.member else path


def _parents(file: SourceFile) -> tuple[str, ...]:
    """Folders above the part of the path that is in the name already."""
    if file.is_temporary:
        return ()
    full = _full(file)
    above = full.removesuffix(file.name) if full.endswith(file.name) else file.path.absolute().parent.as_posix()
    return tuple(part for part in above.split("/") if part)


def _look_at(argument: str, found: _Found) -> None:
    if argument == STANDARD_INPUT:
        try:
            found.files.append(SourceFile(STANDARD_INPUT, spooled_standard_input(), is_temporary=True))
        except OSError as error:
            found.problems.append(Problem(STANDARD_INPUT, reason(error)))
        return
    path = Path(argument)
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        if glob.has_magic(argument):
            _look_for(argument, found)
        else:
            found.problems.append(Problem(argument, reason(error)))
        return
    _look_into(path, path.name or argument, mode, found)


def _look_into(path: Path, name: str, mode: int, found: _Found) -> None:
    """Adds what one existing path of the command line stands for."""
    if stat.S_ISDIR(mode):
        _walk(path, "", found)
    elif stat.S_ISREG(mode):
        _add(path, name, found, is_named=True)
    elif stat.S_ISFIFO(mode):
        if any(file.is_temporary and file.name == name for file in found.files):
            name = path.absolute().as_posix()
        try:
            found.files.append(SourceFile(name, spooled_pipe(path), is_temporary=True))
        except OSError as error:
            found.problems.append(Problem(name, reason(error)))
    else:
        found.problems.append(Problem(name, "is neither a file nor a folder"))


def _look_for(pattern: str, found: _Found) -> None:
    """Adds what a glob matches, named by the path below its first part with a wildcard."""
    parts = Path(pattern).parts
    fixed = next(number for number, part in enumerate(parts) if glob.has_magic(part))
    base = Path(*parts[:fixed])
    matches = glob.glob(pattern, recursive=True)  # noqa: PTH207 - patterns may be absolute
    if not matches:
        found.problems.append(Problem(pattern, "no file matches"))
    for match in matches:
        path = Path(match)
        name = path.relative_to(base).as_posix() if path.is_relative_to(base) else path.name
        try:
            mode = path.stat().st_mode
        except OSError as error:
            found.problems.append(Problem(name, reason(error)))
            continue
        if stat.S_ISDIR(mode):
            _walk(path, f"{name}/" if name != "." else "", found)
        else:
            _look_into(path, name, mode, found)


def _walk(top: Path, prefix: str, found: _Found) -> None:
    """Adds the files below a folder; a folder that links lead back to is entered once."""
    seen: set[str] = set()
    waiting = [(top, prefix)]
    while waiting:
        found.stop_if_cancelled()
        folder, below = waiting.pop()
        real = _real(folder)
        if real in seen:
            continue
        seen.add(real)
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            found.problems.append(Problem(below.rstrip("/") or str(folder), reason(error)))
            continue
        for entry in listed:
            if entry.name.startswith("."):
                continue
            name = f"{below}{entry.name}"
            try:
                if entry.is_dir():
                    waiting.append((Path(entry.path), f"{name}/"))
                elif entry.is_file():
                    _add(Path(entry.path), name, found)
                elif entry.is_symlink():
                    found.problems.append(Problem(name, "a link to a file that is not there"))
            except OSError as error:
                found.problems.append(Problem(name, reason(error)))


def _add(path: Path, name: str, found: _Found, *, is_named: bool = False) -> None:
    """Adds a file, or the members of a zip archive, recognised by its name or, if the user named it, by its first bytes."""
    found.stop_if_cancelled()
    if path.suffix.lower() == ".zip" or (is_named and _starts_like_zip(path)):
        try:
            found.files.extend(_members(path, _Archive(path, "", name), found))
        except _UNREADABLE as error:
            found.problems.append(Problem(name, reason(error)))
        return
    found.files.append(SourceFile(name, path))


def _starts_like_zip(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class _Archive:
    """An archive that was found. ``member`` is what comes before the names of its members: nothing, or where it is inside."""

    outermost: Path
    member: str
    name: str
    depth: int = 0

    def inner(self, member: str, name: str) -> _Archive:
        return _Archive(self.outermost, f"{self.member}{member}{INSIDE}", name, self.depth + 1)


def _inner_members(path: Path, member: str, archive: _Archive, found: _Found) -> Iterator[SourceFile]:
    """The members of an archive that is a member of another one at ``path``."""
    if archive.depth > DEEPEST:
        found.problems.append(Problem(archive.name, f"is inside of more than {DEEPEST} archives; it is not read"))
        return
    try:
        unpacked = unpacked_archive(path, member, found.cancelled)
        members = list(_members(unpacked, archive, found))
    except _UNREADABLE as error:
        found.problems.append(Problem(archive.name, reason(error)))
        return
    yield from members


def _members(path: Path, archive: _Archive, found: _Found) -> Iterator[SourceFile]:
    """The members of an archive at ``path``, which is a temporary file where the archive is inside of another."""
    name = archive.name
    with zipfile.ZipFile(path) as opened:
        infos = opened.infolist()
    places = sorted(infos, key=lambda info: info.header_offset)
    if any(one.header_offset + one.compress_size > other.header_offset for one, other in pairwise(places)):
        found.problems.append(
            Problem(name, "its members overlap, as in an archive made to expand without end; it is not read")
        )
        return
    seen: set[str] = set()
    for info in infos:
        member = member_name(info.filename)
        if info.is_dir() or not member or member.startswith("__MACOSX/"):
            continue
        full = f"{name}/{member}"
        if info.flag_bits & 1:
            found.problems.append(Problem(full, "is encrypted"))
        elif info.filename in seen:
            found.problems.append(Problem(full, "is in the archive twice; only the last one is read"))
        else:
            seen.add(info.filename)
            if member.lower().endswith(".zip"):
                yield from _inner_members(path, info.filename, archive.inner(info.filename, full), found)
            else:
                yield SourceFile(full, archive.outermost, archive.member + info.filename)


def reason(error: BaseException) -> str:
    """Why a file cannot be read, in one line of plain words."""
    match error:
        case SourceError():
            return error.reason
        case FileNotFoundError():
            return "no such file or folder"
        case PermissionError():
            return "permission denied"
        case zipfile.BadZipFile():
            return "is no zip archive, or a damaged one"
        case OSError():
            return (error.strerror or str(error) or type(error).__name__).splitlines()[0].lower()
        case _:
            return (str(error) or type(error).__name__).splitlines()[0]


def exclusion(globs: Sequence[str]) -> Callable[[str], bool]:
    """Whether a source of a name is left out: a glob matches the name, the last part of it, or a folder that it is in.

    Case and the kind of slash are ignored, as on Windows.
    """
    patterns = [re.compile(fnmatch.translate(glob.replace("\\", "/").lower().strip("/"))) for glob in globs]

    def is_excluded(name: str) -> bool:
        parts = name.replace("\\", "/").lower().split("/")
        above = ("/".join(parts[: number + 1]) for number in range(len(parts)))
        texts = {*parts, *above}
        return any(pattern.match(text) for pattern in patterns for text in texts)

    return is_excluded
