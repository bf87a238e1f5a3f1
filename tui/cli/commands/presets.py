"""Saved presets: ``presets list``, ``show``, ``save`` and ``delete``."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import polars as pl

from parsing.errors import UsageError
from parsing.filters import custom_names, parse, sample
from tui.cli.console import refuse_parquet_on_terminal, remark
from tui.cli.output import write_frame
from tui.presets import Preset, Presets

_RECORD = {
    "name": pl.String(),
    "where": pl.String(),
    "view": pl.String(),
    "columns": pl.List(pl.String()),
    "sort": pl.String(),
    "note": pl.String(),
    "origin": pl.String(),
}


def presets(arguments: Namespace) -> int:
    action, *names = arguments.words
    known = _ACTIONS.get(action)
    if known is None:
        raise UsageError(f"unknown action {action}", where="presets", hint="list, show, save or delete")
    if (action == "list") != (not names) or len(names) > 1:
        raise UsageError(f"{action} takes {'no name' if action == 'list' else 'one name'}", where="presets")
    refuse_parquet_on_terminal(arguments)
    known(arguments, Presets(logs=Path()), names[0] if names else "")
    return 0


def _list(arguments: Namespace, saved: Presets, _: str) -> None:
    _write(arguments, saved.all())


def _show(arguments: Namespace, saved: Presets, name: str) -> None:
    _write(arguments, (saved.find(name),))


def _save(arguments: Namespace, saved: Presets, name: str) -> None:
    if not arguments.where:
        raise UsageError("save needs a filter", where="presets", hint="--where FILTER")
    where = arguments.where[0] if len(arguments.where) == 1 else " ".join(f"({part})" for part in arguments.where)
    custom = custom_names(parse(sample(where), tz=UTC, unknown_fields="accept"))
    columns = tuple(part.strip() for part in (arguments.columns or "").split(",") if part.strip())
    saved.save(Preset(name, where, arguments.view or "", columns, arguments.sort or "", arguments.note or ""))
    remark(arguments, f"saved {name} in {saved.own}")
    for field in custom:
        remark(arguments, f"{field} is no known field: the preset works on logs that have a field of this name")


def _delete(arguments: Namespace, saved: Presets, name: str) -> None:
    saved.delete(name)
    remark(arguments, f"deleted {name}")


def _write(arguments: Namespace, found: tuple[Preset, ...]) -> None:
    rows = [
        {
            "name": preset.name,
            "where": preset.where,
            "view": preset.view or None,
            "columns": list(preset.columns),
            "sort": preset.sort or None,
            "note": preset.note or None,
            "origin": preset.origin,
        }
        for preset in found
    ]
    write_frame(arguments, pl.DataFrame(rows, schema=_RECORD))


_ACTIONS: dict[str, Callable[[Namespace, Presets, str], None]] = {
    "list": _list,
    "show": _show,
    "save": _save,
    "delete": _delete,
}
