"""What leaves the explorer as text: command lines, filters, lines of logs; with pseudonyms where they are wanted."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from parsing.errors import LogError
from parsing.files import whole_file
from parsing.filters import Filter, both, during
from parsing.safe_text import is_safe, safe
from tui.jobs import engine
from tui.model.entry import USUAL, Entry, entries, needed_fields, sort_field, whole_time
from tui.model.options import Options
from tui.model.question import ScreenQuestion
from tui.model.scene import Scene

if TYPE_CHECKING:
    from parsing.export import Redaction
    from parsing.index import LogSet, Snapshot

MOST_COPIED = 64_000
"""Bytes sent to a terminal's clipboard at most; many take less, and none says so."""


def cell(field: str, value: Any, tz: tzinfo, hiding: Redaction | None) -> str:
    """A value as text; a time on the user's clock, as the filter takes it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return whole_time(value, tz)
    return hiding.value(field, str(value)) if hiding else str(value)


def line(log_set: LogSet, snapshot: Snapshot, entry: Entry, hiding: Redaction | None) -> str:
    """The exact line of a row, made safe. Blocks."""
    raw = decoded(engine.raw_line(log_set, snapshot, entry))
    if hiding is None:
        return raw
    from parsing.export import redacted_line

    layouts = next((source.layouts for source in snapshot.sources if source.name == entry.source), ())
    whole = entries([engine.row_of(snapshot, entry.source, entry.line, entry.time)])[0]
    return redacted_line(raw, layouts, whole.values, hiding)


def filter_text(question: ScreenQuestion, options: Options, fields: Sequence[str], hiding: Redaction | None) -> str:
    """The whole question as one filter; ``fields`` are the wire names of the set."""
    typed = question.as_text(options.tz)
    if hiding is None and is_safe(typed):
        return typed
    return _sent(question.whole(options.tz), fields, hiding)


def _sent(where: Filter, fields: Sequence[str], hiding: Redaction | None) -> str:
    """A filter as text that survives a terminal."""
    from parsing.filters import printable

    if hiding is not None:
        from parsing.export import redacted_filter

        where = redacted_filter(where, hiding)
    return str(printable(where, fields))


def command_line(
    options: Options,
    question: ScreenQuestion,
    scene: Scene | None,
    fields: Sequence[str] = (),
    hiding: Redaction | None = None,
) -> str:
    """The command that prints what this view shows. With pseudonyms it is only to be read: it would find nothing."""
    paths = [path if path == "-" else os.path.abspath(path) for path in options.paths]  # noqa: PTH100 - keeps globs
    if hiding is not None:
        paths = [hiding.text(path) for path in paths]
    words = ["dropline", *_command(question, options, scene, fields, hiding), *paths]
    if options.tz_name:
        words += ["--tz", options.tz_name]
    if options.log_tz_name:
        words += ["--log-tz", options.log_tz_name]
    if options.encoding:
        words += ["--encoding", options.encoding]
    if options.index_dir is not None:
        words += ["--index-dir", os.path.abspath(options.index_dir)]  # noqa: PTH100
    if not options.cache:
        words.append("--no-cache")
    return subprocess.list2cmdline(words) if os.name == "nt" else " ".join(map(_shell_word, words))


def _shell_word(word: str) -> str:
    """A word as a shell reads it back; bytes that no terminal passes on as bash, zsh and ksh write them."""
    if is_safe(word):
        return shlex.quote(word)
    plain = (
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b"\\'" else f"\\x{byte:02x}" for byte in os.fsencode(word)
    )
    return f"$'{''.join(plain)}'"


def _command(
    question: ScreenQuestion, options: Options, scene: Scene | None, fields: Sequence[str], hiding: Redaction | None
) -> list[str]:
    if question.view == "sources":
        return ["index"]
    if question.view == "timeline" and scene is not None:
        # A setting may name a field that these logs lack; a command that names it is refused.
        is_there = options.port_field.lower() in map(str.lower, fields)
        port = ["--port-field", options.port_field] if is_there else []
        return ["timeline", *_around(scene, options, fields, hiding), *port]
    where = _where(filter_text(question, options, fields, hiding))
    if question.view == "incidents":
        return ["incidents", *where]
    if question.view == "reasons":
        return ["breakdown", "--by", ",".join(question.by), "--sort", question.order, *where]
    columns = ",".join(needed_fields(question.columns or USUAL))
    sort = ["--sort", sort] if (sort := sort_field(question.sort)) else []
    return ["query", "--columns", columns, *sort, *where]


def _around(scene: Scene, options: Options, fields: Sequence[str], hiding: Redaction | None) -> list[str]:
    source, number = scene.key
    if scene.asked.kind == "error":
        return ["--around", f"{source}:{number}"]
    where = both(scene.where, during(*scene.window, options.tz))
    return _where(_sent(where, fields, hiding))


def _where(text: str) -> list[str]:
    return ["--where", text] if text else []


def shown_row(cells: Sequence[str], by: Sequence[str], hiding: Redaction | None) -> str:
    """A row of a list as it is shown, blanks between its cells; ``by`` are the fields of the first ones."""
    hidden = [hiding.value(name, text) for name, text in zip(by, cells, strict=False)] if hiding else []
    return "  ".join(text.strip() for text in (*hidden, *cells[len(hidden) :]))


def keep_text(text: str, folder: Path | None) -> Path:
    """Write text that is too long for a clipboard to a file; where it is."""
    folder = folder or platformdirs.user_state_path("dropline", appauthor=False)
    path = folder / "copied.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with whole_file(path, mode=0o600) as file:
            file.write(text.encode("utf-8"))
    except OSError as error:
        raise LogError(error.strerror or "cannot write", where=str(path)) from error
    return path


def decoded(raw: bytes) -> str:
    """The text of a line as the reader decodes it, made safe to show."""
    try:
        return safe(raw.decode())
    except UnicodeDecodeError:
        return safe("".join(_character(byte) for byte in raw))


def _character(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)
