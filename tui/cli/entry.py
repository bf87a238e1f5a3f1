"""The door of the program: runs a command and turns what went wrong into words and an exit status."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from types import FrameType

from parsing.errors import CancelledError, FilterError, LogError, SourceError, UsageError, is_panic, panic_worded
from tui.cli.arguments import ArgumentsError, parse_arguments
from tui.cli.console import caret_lines, refuse_overwriting, say

DONE, FAULT, WRONG_USAGE, UNREADABLE, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit statuses."""

COMPLETE = "__complete"
"""The word with which the scripts of the shells ask what could be typed next."""

_MODULES = {
    "explore": "explorer",
    "demo": "explorer",
    "query": "rows",
    "count": "rows",
    "rejects": "rows",
    "index": "rows",
    "breakdown": "figures",
    "histogram": "figures",
}
"""Where the commands are that have no module of their own name."""


def main(words: Sequence[str] | None = None) -> int:
    """Run the command that the words say (those of the process without) and return the exit status."""
    if words is None:
        _open_what_is_closed()
        _end_on_signals()
    try:
        words = sys.argv[1:] if words is None else words
        if words[:1] == [COMPLETE]:
            return _complete(words[1:])
        arguments = parse_arguments(words)
        refuse_overwriting(arguments)
        name = arguments.command.replace("-", "_")
        module = import_module(f"tui.cli.commands.{_MODULES.get(name, name)}")
        status: int = getattr(module, name)(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _reader_has_left()
    except LogError as error:
        return _refused(error)
    except Exception as error:  # noqa: BLE001 - the door: whatever it is, the user gets words and a status
        return _fault(error)
    except BaseException as error:
        if not is_panic(error):
            raise
        say(str(panic_worded(error)))
        return FAULT
    return status


def _complete(words: Sequence[str]) -> int:
    from tui.cli.completion import answer

    return answer(words)


def _refused(error: LogError) -> int:
    if isinstance(error, FilterError):
        for line in caret_lines(error):
            say(line)
        return WRONG_USAGE
    if isinstance(error, CancelledError):
        return INTERRUPTED
    say(str(error))
    if isinstance(error, ArgumentsError):
        say(error.usage, prefix="")
    return WRONG_USAGE if isinstance(error, UsageError) else UNREADABLE if isinstance(error, SourceError) else FAULT


def _reader_has_left() -> int:
    """``dropline ... | head``: nobody listens any more, which is no fault; nothing must be flushed at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return DONE


def _fault(error: Exception) -> int:
    import traceback

    for line in "".join(traceback.format_exception(error)).splitlines():
        say(line, prefix="")
    say(f"this is a fault of dropline: {type(error).__name__}. Please report the lines above.")
    return FAULT


def _open_what_is_closed() -> None:
    """A standard stream may be closed, as by ``<&-``; Python has nothing in its place, and a log could get its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 as long as the process


def _end_on_signals() -> None:
    """End in order on a signal, so that temporary files go and the index stays whole."""

    def leave(number: int, _: FrameType | None) -> None:
        sys.exit(128 + number)

    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) is signal.SIG_DFL:
            signal.signal(getattr(signal, name), leave)
