"""Keeps off the screen what compiled code writes to standard error, such as the lines of a panic of Polars."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

_STANDARD_ERROR = 2


@contextlib.contextmanager
def standard_error_off_screen() -> Iterator[None]:
    """Let Python alone write to the terminal: what compiled code writes to standard error meanwhile goes nowhere.

    Textual writes to ``sys.__stderr__``, which is the terminal under another number then, as is ``sys.stderr``.
    """
    before, used = sys.__stderr__, sys.stderr
    if before is None or before.fileno() != _STANDARD_ERROR:
        yield
        return
    before.flush()
    terminal = os.dup(_STANDARD_ERROR)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with open(terminal, "w", encoding=before.encoding, errors=before.errors, closefd=False) as stream:
        sys.__stderr__ = sys.stderr = stream  # type: ignore[misc]
        os.dup2(nowhere, _STANDARD_ERROR)
        try:
            yield
        finally:
            stream.flush()
            os.dup2(terminal, _STANDARD_ERROR)
            sys.__stderr__, sys.stderr = before, used  # type: ignore[misc]
    os.close(nowhere)
    os.close(terminal)
