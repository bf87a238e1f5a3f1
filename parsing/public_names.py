"""Public names of a package, each of which loads its module when it is first asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module


def loaded_when_asked(package: str, modules: Mapping[str, str]) -> Callable[[str], object]:
    """The ``__getattr__`` of a package. ``modules`` has the names, with blanks between them, by the modules below it.

    A command loads a tenth of what the engine can do: loading all of it took more time than counting. The package
    also imports its names under ``TYPE_CHECKING``. A name must not be that of a module below the package.
    """
    homes = {name: module for module, names in modules.items() for name in names.split()}

    def load(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found: object = getattr(import_module(f"{package}.{homes[name]}"), name)
        setattr(sys.modules[package], name, found)
        return found

    return load
