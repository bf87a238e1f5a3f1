"""What a word means: ``explain``. Needs Polars for the machine-readable formats only."""

from __future__ import annotations

import textwrap
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict

from parsing.errors import SourceError
from parsing.knowledge import Explanation, explain_all
from parsing.safe_text import safe
from tui.cli.console import destination, form_of, refuse_parquet_on_terminal

_WIDTH = 100
_FORMATS = ("host-config", "netsh")
_LABELS = {
    "cause": "usual cause",
    "first_check": "check first",
    "setting": "setting",
    "ended_by": "ended by",
    "source": "source",
}


def explain(arguments: Namespace) -> int:
    refuse_parquet_on_terminal(arguments)
    found = explain_all(arguments.words)
    here = _settings(arguments.settings, found) if arguments.settings else {}
    if form_of(arguments) == "table":
        with destination(arguments, is_text=True) as goal:
            width = min(goal.width or _WIDTH, _WIDTH)
            goal.stream.write(
                "\n\n".join(_paragraph(one, width, here.get(one.name, ())) for one in found).encode() + b"\n"
            )
        return 0
    import polars as pl

    from tui.cli.output import write_frame

    rows = [{name: value or None for name, value in asdict(one).items()} for one in found]
    frame = pl.DataFrame(rows, schema={name: pl.String() for name in asdict(found[0])})
    if arguments.settings:
        lists = [list(here.get(one.name, ())) for one in found]
        frame = frame.with_columns(pl.Series("settings_here", lists, dtype=pl.List(pl.String())))
    write_frame(arguments, frame)
    return 0


def _settings(path: str, found: Sequence[Explanation]) -> dict[str, tuple[str, ...]]:
    """What governs each reason in the configuration at a path, in sentences, by the name of the reason."""
    from parsing.evidence import settings_here
    from parsing.index import LogSet

    with LogSet.open([path]) as log_set:
        log_set.read()
        snapshot = log_set.snapshot()
        if not any(source.evidence and source.evidence.format in _FORMATS for source in snapshot.sources):
            hint = "they are read from applicationHost.config and from what netsh http show servicestate prints"
            raise SourceError("no settings are here", where=path, hint=hint)
        names = [one.name for one in found if one.kind == "reason"]
        return {name: tuple(known.text for known in settings_here(snapshot, name)) for name in names}


def _paragraph(one: Explanation, width: int, here: Sequence[str]) -> str:
    kind = f"{one.kind}, {one.group}" if one.group else one.kind
    lines = [safe(f"{one.name} ({kind})"), *_wrapped("", one.meaning, width)]
    for name, label in _LABELS.items():
        if text := getattr(one, name):
            lines += _wrapped(f"{label}: ", text, width)
    for text in here:
        lines += _wrapped("here: ", safe(text), width)
    return "\n".join(lines)


def _wrapped(label: str, text: str, width: int) -> list[str]:
    return textwrap.wrap(label + text, width, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
