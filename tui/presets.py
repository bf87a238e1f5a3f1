"""Presets: named filters with the view they are best seen in; built in, next to the logs, and the user's own."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib.resources import files
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from parsing.errors import LogError, UsageError
from parsing.files import whole_file
from parsing.suggest import did_you_mean
from tui.keymap import VIEWS
from tui.settings import toml_mistake

if TYPE_CHECKING:
    from collections.abc import Callable

    from tomlkit import TOMLDocument
    from tomlkit.items import AoT

FILE = "presets.toml"
PROJECT_FILE = ".dropline-presets.toml"
MOST_BYTES = 1_000_000

Origin = Literal["built-in", "project", "own"]


@dataclass(frozen=True, slots=True)
class Preset:
    """``where`` is filter text, in which ``${c-ip}`` stands for a value of the focused row.

    ``columns`` are wire names, ``sort`` is a wire name or, of counted values, ``count``, ``first``, ``last``, ``value``
    or, by how long the requests took, ``p50``, ``p90``, ``p95``, ``p99`` or ``max``, with ``-`` before it for the
    greatest first. Where view or columns are empty, they stay as they are when the preset is recalled.
    """

    name: str
    where: str = ""
    view: str = ""
    columns: tuple[str, ...] = ()
    sort: str = ""
    note: str = ""
    origin: Origin = "own"


KEYS = tuple(field.name for field in fields(Preset) if field.name != "origin")


class Presets:
    """The presets of a user and of a set of logs, read again each time: other processes may save some too.

    ``folder`` is the user's configuration folder (by default the usual one of the system), ``logs`` the folder of
    the logs. Every method raises ``UsageError`` if a file is broken; a broken file is never written.
    """

    def __init__(self, folder: Path | None = None, logs: Path | None = None) -> None:
        if folder is None:
            import platformdirs

            folder = platformdirs.user_config_path("dropline", appauthor=False)
        self.own = folder / FILE
        self.project = logs / PROJECT_FILE if logs is not None else None

    def all(self) -> tuple[Preset, ...]:
        """Built-in ones, those next to the logs, own ones; numbered from 1 in this order.

        One with the name of an earlier one, whatever its case, takes its place.
        """
        found = {preset.name.casefold(): preset for preset in built_in()}
        if self.project is not None:
            found |= {preset.name.casefold(): preset for preset in _read(self.project, "project")}
        found |= {preset.name.casefold(): preset for preset in _read(self.own, "own")}
        return tuple(found.values())

    def find(self, word: str) -> Preset:
        """The preset of a name, ignoring case, or of a number."""
        everything = self.all()
        for preset in everything:
            if preset.name.casefold() == word.strip().casefold():
                return preset
        if word.strip().isdecimal() and 1 <= int(word[:9]) <= len(everything):
            return everything[int(word) - 1]
        raise _unknown(word, (preset.name for preset in everything))

    def save(self, preset: Preset, *, to_project: bool = False) -> None:
        """Add a preset, or replace the one of its name in the same file."""
        _check(preset)

        def put(table: AoT) -> None:
            place = _place(table, preset.name)
            if place is None:
                table.append(_item(preset))
            else:
                _update(table[place], preset)

        self._change(self._file(to_project=to_project), put)

    def changeable(self, name: str) -> Preset:
        """A preset that can be renamed or deleted: one that comes with the program is a mistake."""
        preset = self.find(name)
        self._file_of(preset)
        return preset

    def rename(self, old: str, new: str) -> None:
        """Give an own or project preset another name, which must be free."""
        preset = self.find(old)
        path = self._file_of(preset)
        if preset.name.casefold() != new.casefold() and any(
            other.name.casefold() == new.casefold() for other in self.all()
        ):
            raise UsageError(f"there is a preset {new} already", hint="delete it first, or choose another name")
        _check(Preset(new))

        def put(table: AoT) -> None:
            place = _place(table, preset.name)
            assert place is not None
            table[place]["name"] = new

        self._change(path, put)

    def delete(self, name: str) -> None:
        """Take an own or project preset away; a built-in one of the same name comes back."""
        preset = self.find(name)

        def drop(table: AoT) -> None:
            place = _place(table, preset.name)
            assert place is not None
            del table[place]

        self._change(self._file_of(preset), drop)

    def _file(self, *, to_project: bool) -> Path:
        if not to_project:
            return self.own
        if self.project is None:
            raise UsageError("there is no folder of logs to save the preset in")
        return self.project

    def _file_of(self, preset: Preset) -> Path:
        if preset.origin == "built-in":
            raise UsageError(f"{preset.name} comes with the program", hint="save your own under the same name instead")
        return self._file(to_project=preset.origin == "project")

    def _change(self, path: Path, change: Callable[[AoT], None]) -> None:
        """Read, change and write a file as one step, comments and order kept."""
        import tomlkit
        from filelock import FileLock

        try:
            self.own.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self.own.with_suffix(".lock"), timeout=10):
                _read(path, "own")
                document = tomlkit.parse(_text(path))
                if "preset" not in document:
                    document["preset"] = tomlkit.aot()
                change(_tables(document))
                _write(path, tomlkit.dumps(document))
        except (OSError, TimeoutError) as error:
            raise _not_saved(path, (error.strerror if isinstance(error, OSError) else None) or str(error)) from error


def folder_of_logs(paths: Iterable[str]) -> Path | None:
    """The folder whose presets belong to a set of logs: the first folder opened, or the one that a file is in."""
    for path in paths:
        if path == "-":
            continue
        named = Path(path)
        # Of a pattern, what comes before its first special character.
        parts = list(takewhile(lambda part: not any(char in part for char in "*?["), named.parts))
        # Not those of a Path: they raise where a folder may not be entered.
        found = named if os.path.exists(named) else Path(*parts) if parts else Path()  # noqa: PTH110
        return found if os.path.isdir(found) else found.parent  # noqa: PTH112
    return None


@lru_cache(maxsize=1)
def built_in() -> tuple[Preset, ...]:
    """The presets that come with the program."""
    return _presets(files("tui").joinpath(FILE).read_text("utf-8"), Path(FILE), "built-in")


def _read(path: Path, origin: Origin) -> tuple[Preset, ...]:
    return _presets(_text(path), path, origin)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise UsageError(f"the presets cannot be read: {error.strerror}", where=str(path)) from error
    if len(data) > MOST_BYTES:
        raise UsageError("the presets are too many to be read", where=str(path))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"the presets are not UTF-8: {error}", where=str(path)) from error


def _presets(text: str, path: Path, origin: Origin) -> tuple[Preset, ...]:
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        hint = "correct the file, or move it away; dropline does not touch it as it is"
        raise UsageError(f"the presets are no TOML: {toml_mistake(error)}", where=str(path), hint=hint) from error
    _check_names(document, ("preset",), path)
    tables = document.get("preset", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise UsageError("each preset begins with a line [[preset]]", where=str(path))
    found = tuple(_preset(table, number, path, origin) for number, table in enumerate(tables, 1))
    names = [preset.name.casefold() for preset in found]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise UsageError(f"two presets are named {found[number].name}", where=str(path))
    return found


def _preset(table: Mapping[str, Any], number: int, path: Path, origin: Origin) -> Preset:
    _check_names(table, KEYS, path)
    for key, value in table.items():
        texts = value if key == "columns" and isinstance(value, list) else [value]
        if not all(isinstance(text, str) for text in texts):
            kind = "a list of texts" if key == "columns" else "text in quotes"
            raise UsageError(f"{key} of preset {number} has to be {kind}", where=str(path))
    values = dict(table) | {"columns": _columns(table.get("columns", []))}
    if not str(table.get("name", "")).strip():
        raise UsageError(f"preset {number} has no name", where=str(path))
    preset = Preset(**values, origin=origin)
    _check(preset, where=str(path))
    return preset


def _columns(value: str | list[str]) -> tuple[str, ...]:
    names = value.split(",") if isinstance(value, str) else value
    return tuple(name.strip() for name in names if name.strip())


def _check(preset: Preset, *, where: str = "") -> None:
    if not preset.name.strip() or not preset.name.isprintable():
        raise UsageError("a preset needs a name that can be typed", where=where)
    if preset.view and preset.view not in VIEWS:
        hint = did_you_mean(preset.view, VIEWS, otherwise=f"the views are {', '.join(VIEWS)}")
        raise UsageError(f"there is no view {preset.view}", where=where, hint=hint)


def _check_names(table: Mapping[str, Any], known: Iterable[str], path: Path) -> None:
    for key in table:
        if key not in tuple(known):
            hint = did_you_mean(key, known, otherwise=f"known are {', '.join(known)}")
            raise UsageError(f"{key} is unknown in a file of presets", where=str(path), hint=hint)


def _unknown(word: str, names: Iterable[str]) -> UsageError:
    known = list(names)
    return UsageError(
        f"there is no preset {word}", hint=did_you_mean(word, known, otherwise=f"there are: {', '.join(known)}")
    )


def _tables(document: TOMLDocument) -> AoT:
    from tomlkit.items import AoT

    tables = document["preset"]
    if not isinstance(tables, AoT):
        raise UsageError("each preset begins with a line [[preset]]")
    return tables


def _place(table: AoT, name: str) -> int | None:
    wanted = name.casefold()
    return next((number for number, item in enumerate(table) if str(item["name"]).casefold() == wanted), None)


def _values(preset: Preset) -> dict[str, Any]:
    return {key: list(value) if key == "columns" else value for key in KEYS if (value := getattr(preset, key))}


def _item(preset: Preset) -> Any:
    import tomlkit

    item = tomlkit.table()
    item.update(_values(preset))
    return item


def _update(item: Any, preset: Preset) -> None:
    """Change what differs, so that comments on the rest stay."""
    wanted = _values(preset)
    for key in [key for key in item if key not in wanted]:
        del item[key]
    for key, value in wanted.items():
        if item.get(key) != value:
            item[key] = value


def _write(path: Path, text: str) -> None:
    try:
        with whole_file(path, mode=0o644, is_durable=True) as file:
            file.write(text.encode())
    except LogError as error:
        raise _not_saved(path, error.reason) from error


def _not_saved(path: Path, why: str) -> UsageError:
    return UsageError(f"the preset cannot be saved: {why}", where=str(path))
