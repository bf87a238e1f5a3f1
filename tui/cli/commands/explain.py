"""What a word means: ``explain``. Needs Polars for the machine-readable formats only."""

from __future__ import annotations

import textwrap
from argparse import Namespace
from dataclasses import asdict

from parsing.knowledge import Explanation, explain_all
from parsing.safe_text import safe
from tui.cli.console import destination, form_of, refuse_parquet_on_terminal

_WIDTH = 100
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
    if form_of(arguments) == "table":
        with destination(arguments, is_text=True) as goal:
            width = min(goal.width or _WIDTH, _WIDTH)
            goal.stream.write("\n\n".join(_paragraph(one, width) for one in found).encode() + b"\n")
        return 0
    import polars as pl

    from tui.cli.output import write_frame

    rows = [{name: value or None for name, value in asdict(one).items()} for one in found]
    write_frame(arguments, pl.DataFrame(rows, schema={name: pl.String() for name in asdict(found[0])}))
    return 0


def _paragraph(one: Explanation, width: int) -> str:
    kind = f"{one.kind}, {one.group}" if one.group else one.kind
    lines = [safe(f"{one.name} ({kind})"), *_wrapped("", one.meaning, width)]
    for name, label in _LABELS.items():
        if text := getattr(one, name):
            lines += _wrapped(f"{label}: ", text, width)
    return "\n".join(lines)


def _wrapped(label: str, text: str, width: int) -> list[str]:
    return textwrap.wrap(label + text, width, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
