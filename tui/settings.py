"""What the user decided once for all: ``settings.toml``, typed and strict. What the program remembers is elsewhere."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from parsing.errors import UsageError
from parsing.suggest import did_you_mean

if TYPE_CHECKING:
    from parsing.export import Redaction

FILE = "settings.toml"
MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """What may be set. Empty texts leave the choice to the program.

    ``keys`` maps ids of actions to key names, comma between them; ``client_port`` names the field of the IIS log with
    the client's port.
    """

    theme: str = ""
    ascii: bool = False
    mouse: bool = True
    tz: str = ""
    client_port: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)


def settings_folder() -> Path:
    """The user's folder of settings and presets on this system."""
    return platformdirs.user_config_path("dropline", appauthor=False)


def own_redaction(folder: Path | None = None) -> Redaction:
    """The pseudonyms of the user whose settings are in a folder, by default the usual one.

    Raises ``LogError`` where their key cannot be kept.
    """
    from parsing.export import Redaction, own_key

    return Redaction(own_key(folder or settings_folder()))


def load_settings(folder: Path, *, themes: Iterable[str], actions: Iterable[str]) -> Settings:
    """The settings in ``folder``; the usual ones where there is no file.

    Raises ``UsageError`` naming the file and the mistake: no TOML, an unknown key, theme or action, a wrong
    type. The file is never written.
    """
    path = folder / FILE
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES).decode("utf-8-sig")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the settings cannot be read: {error}", where=str(path)) from error
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the settings are no TOML: {toml_mistake(error)}", where=str(path)) from error
    _check_names(table, (entry.name for entry in fields(Settings)), "setting", path)
    values = {name: _typed(name, value, path) for name, value in table.items()}
    settings = Settings(**values)
    if settings.theme:
        _check_names([settings.theme], themes, "theme", path)
    _check_names(settings.keys, actions, "action", path)
    return settings


def toml_mistake(error: Exception) -> str:
    """What is wrong with a text of TOML, in a line. Python says it of a number of thousands of digits in its own terms."""
    return str(error) if isinstance(error, tomllib.TOMLDecodeError | RecursionError) else "a number has too many digits"


def _typed(name: str, value: Any, path: Path) -> Any:
    if name == "keys":
        if not isinstance(value, dict) or not all(isinstance(keys, str) for keys in value.values()):
            raise UsageError(f'[{name}] maps actions to keys in quotes, as in quit = "q"', where=str(path))
        return value
    wanted = bool if name in ("ascii", "mouse") else str
    if not isinstance(value, wanted):
        kind = "true or false" if wanted is bool else "text in quotes"
        raise UsageError(f"{name} has to be {kind}", where=str(path))
    return value


def _check_names(given: Iterable[str], known: Iterable[str], kind: str, path: Path) -> None:
    allowed = sorted(known)
    for name in given:
        if name not in allowed:
            hint = did_you_mean(name, allowed, otherwise=f"there are: {', '.join(allowed)}")
            raise UsageError(f"unknown {kind} {name!r}", where=str(path), hint=hint)
