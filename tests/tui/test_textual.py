"""What the screen relies on of Textual is in one place, and named with the version that it holds for."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import textwrap
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version

import pytest
from textual.drivers.headless_driver import HeadlessDriver
from textual.message_pump import MessagePump

import tui
from tui.terminal import driver
from tui.terminal.driver import TEXTUAL, differential_driver
from tui.terminal.painted import Painted


def test_the_frames_of_this_version_of_textual_are_understood() -> None:
    assert int(version("textual").partition(".")[0]) == TEXTUAL, (
        "Textual has moved on. With the new version, run tests/tui/test_painting.py and tests/tui/test_link.py with "
        "TEXTUAL of tui/terminal/driver.py raised: the first compares what a terminal shows, the second counts bytes. "
        "If they pass, keep it raised, and name the version there and in pyproject.toml; until then keys cost more bytes."
    )


def test_frames_of_another_version_are_written_by_the_driver_of_that_version(monkeypatch: pytest.MonkeyPatch) -> None:
    assert differential_driver(HeadlessDriver, Painted()) is not HeadlessDriver
    monkeypatch.setattr(driver, "version", lambda _: f"{TEXTUAL + 1}.0.0")
    assert differential_driver(HeadlessDriver, Painted()) is HeadlessDriver


def classes() -> Iterator[type[MessagePump]]:
    for module in pkgutil.walk_packages(tui.__path__, "tui."):
        if not module.name.endswith("__main__"):
            for found in vars(importlib.import_module(module.name)).values():
                if inspect.isclass(found) and issubclass(found, MessagePump) and found.__module__ == module.name:
                    yield found


@cache
def private_names(class_: type) -> frozenset[str]:
    """The private names that the text of a class defines, and those that it reads or sets of itself."""
    found = set()
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(class_)))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            found.add(node.attr)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return frozenset(name for name in found if name.startswith("_") and not name.startswith("__"))


def test_no_class_of_the_screen_reads_or_hides_a_private_name_of_textual() -> None:
    """ruff sees those of other objects; that a name of ours is not one of Textual's, nobody else would see."""
    found = set(classes())
    assert len(found) > 20
    for class_ in found:
        theirs = {
            name for base in class_.__mro__ if base.__module__.startswith("textual.") for name in private_names(base)
        }
        assert len(theirs) > 100, class_
        assert not private_names(class_) & theirs, class_
