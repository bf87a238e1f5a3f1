"""Reading the data files of this folder."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load_table(name: str) -> dict[str, Any]:
    """A TOML file in the folder of this module, read once."""
    import tomllib  # most commands need no table

    return tomllib.loads(files("parsing.knowledge").joinpath(name).read_text(encoding="utf-8"))
