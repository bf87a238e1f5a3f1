"""Talk on standard error, data on standard output or into a file."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from parsing.errors import FilterError, LogError, UsageError
from parsing.safe_text import safe
from tui.cli.ascii_text import AsciiWriter, in_ascii, takes_utf8

PROGRAM = "dropline: "


def say(text: str, *, prefix: str = PROGRAM) -> None:
    """One line on standard error, safe for a terminal whatever stands in it."""
    line = safe(prefix + text)
    if not takes_utf8(sys.stderr):
        line = in_ascii(line)
    with contextlib.suppress(OSError, ValueError):
        print(line, file=sys.stderr, flush=True)


def remark(arguments: Namespace, text: str) -> None:
    """Something worth knowing that is not data; ``--quiet`` leaves it out."""
    if not arguments.quiet:
        say(text)


def caret_lines(error: FilterError) -> list[str]:
    """A mistake in a filter: what is wrong, the filter, and a caret under the place."""
    start = len(safe(error.text[: error.start]))
    width = max(len(safe(error.text[error.start : error.end])), 1)
    shown = [f"{error.reason}", f"  {safe(error.text)}", f"  {' ' * start}{'^' * width}"]
    return [*shown, f"  {error.hint}"] if error.hint else shown


@dataclass(frozen=True, slots=True)
class Destination:
    """Where data goes. ``width`` is the terminal's, where it is one."""

    stream: IO[bytes]
    is_terminal: bool
    width: int | None = None


def refuse_overwriting(arguments: Namespace) -> None:
    """Raised before anything is read: a file that ``--out`` names may be replaced with ``--force`` only."""
    path = getattr(arguments, "out", None)
    if path and not getattr(arguments, "force", True) and os.path.isfile(path):  # noqa: PTH113 - that of a Path raises
        raise UsageError("there is such a file already", where=path, hint="--force replaces it")


def terminal_width() -> int | None:
    """The columns of the terminal that standard output is; ``None`` where it is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


@contextlib.contextmanager
def destination(arguments: Namespace, *, is_text: bool = False) -> Iterator[Destination]:
    """Standard output, or the file of ``--out``, which appears under its name only when it is whole.

    Text for people is ASCII on a standard output that does not take UTF-8; data is never changed.
    """
    if arguments.out is None:
        with _quiet_pipe():
            width = terminal_width()
            sys.stdout.flush()
            out: IO[bytes] = sys.stdout.buffer
            if is_text and not takes_utf8(sys.stdout):
                out = cast("IO[bytes]", AsciiWriter(out))
            yield Destination(out, width is not None, width)
            sys.stdout.buffer.flush()
        return
    from parsing.files import whole_file

    path = arguments.out
    if os.path.exists(path) and not os.path.isfile(path):  # noqa: PTH110, PTH113 - those of a Path raise
        with _quiet_pipe(path), _opened(Path(path)) as stream:
            yield Destination(stream, stream.isatty())
        return
    with whole_file(Path(path)) as stream:
        yield Destination(stream, is_terminal=False)


def form_of(arguments: Namespace, *, is_report: bool = False) -> str:
    """The format asked for, by ``--format`` or by the name of ``--out``.

    Raises ``UsageError`` where the name promises a format that this command does not write.
    """
    if arguments.format:
        return str(arguments.format)
    if not arguments.out:
        return "text" if is_report else "table"
    from tui.model.endings import RECORDS, REPORTS, ending
    from tui.model.endings import form_of as form_of_name

    name = str(arguments.out)
    known, other = (REPORTS, RECORDS) if is_report else (RECORDS, REPORTS)
    form = form_of_name(name, known)
    if form is None and form_of_name(name, other):
        hint = f"{' '.join(known)}, or say with --format what to write"
        raise UsageError(
            f"{'a report is' if is_report else 'records are'} not written as {ending(name)}", where="--out", hint=hint
        )
    return form or ("text" if is_report else "table")


def refuse_parquet_on_terminal(arguments: Namespace) -> None:
    """Raised before anything runs, as the answer would be thrown away."""
    if form_of(arguments) == "parquet" and arguments.out is None and sys.stdout.isatty():
        raise UsageError("parquet is not for a terminal", hint="name a file with --out, or send it into a pipe")


@contextlib.contextmanager
def _quiet_pipe(where: str = "standard output") -> Iterator[None]:
    """On Windows a reader that left shows as EINVAL. A full disk behind what is written is no fault of ours."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.EINVAL and os.name == "nt":
            raise BrokenPipeError from error
        from parsing.files import UNWRITABLE

        if error.errno in UNWRITABLE and error.filename is None:
            raise LogError(f"cannot write: {error.strerror}", where=where) from error
        raise


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("wb")
    except OSError as error:
        from parsing.files import cannot_write

        raise cannot_write(error, str(path)) from error
