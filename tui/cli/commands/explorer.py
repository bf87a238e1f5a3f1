"""The explorer: ``dropline PATH...`` and ``dropline demo``; without a terminal, the report."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from argparse import Namespace
from datetime import tzinfo
from pathlib import Path

from parsing.errors import UsageError
from parsing.files import cannot_write
from tui.case import is_case, load_case
from tui.cli.console import remark
from tui.cli.logs import log_encoding, log_zone, where_of, zone
from tui.cli.numbers import whole_number
from tui.cli.options import COMMANDS, EXPLORE
from tui.glyphs import UNICODE
from tui.model.options import Options
from tui.settings import FILE, load_settings, settings_folder

_SEED = 1


def explore(arguments: Namespace) -> int:
    arguments.case = None
    if is_case(arguments.words):
        arguments.case = load_case(Path(arguments.words[0]))
        arguments.words = arguments.words[1:] or list(arguments.case.paths)
    arguments.words = arguments.words or _usual_folders()
    if not _has_terminal():
        return _report(arguments)
    options = _options(arguments)  # a mistake is reported before the screen is taken
    from tui.app import run

    return run(options)


def _options(arguments: Namespace) -> Options:
    """What the user said now, and for all that was left open, once for all in the settings."""
    from tui.keymap import ACTIONS
    from tui.themes import THEMES

    settings = load_settings(settings_folder(), themes=THEMES, actions=[action.id for action in ACTIONS])
    if arguments.theme and arguments.theme not in THEMES:
        raise UsageError(f"unknown theme {arguments.theme}", where="--theme", hint=", ".join(THEMES))
    tz = zone(arguments.tz) if arguments.tz else zone(settings.tz or None, where=f"tz in {settings_folder() / FILE}")
    where_of(arguments, tz, None)
    return Options(
        paths=tuple(arguments.words),
        exclude=tuple(arguments.exclude or ()),
        where=_filter_text(arguments, tz),
        preset=arguments.preset or "",
        tz=tz,
        tz_name=arguments.tz or settings.tz,
        log_tz=log_zone(arguments),
        log_tz_name=arguments.log_tz or "",
        encoding=log_encoding(arguments),
        index_dir=Path(arguments.index_dir) if arguments.index_dir else None,
        cache=not arguments.no_cache,
        ascii=arguments.ascii or settings.ascii or not _draws_blocks(),
        mouse=settings.mouse and not arguments.no_mouse,
        follow=arguments.follow,
        port_field=arguments.port_field or settings.client_port,
        redact=arguments.redact,
        fresh=arguments.fresh,
        theme=arguments.theme or settings.theme,
        keys=dict(settings.keys),
        case=arguments.case,
    )


def demo(arguments: Namespace) -> int:
    seed = whole_number(arguments.seed, "--seed", _SEED) or 0
    requests = whole_number(arguments.requests, "--requests")
    from parsing.httpsys import write_demo

    with tempfile.TemporaryDirectory(prefix="dropline-demo-", ignore_cleanup_errors=True) as temporary:
        folder = Path(arguments.out) if arguments.out else Path(temporary)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_demo(
                folder,
                seed=seed,
                requests=requests,
                client_port=arguments.client_port,
                is_bundle=arguments.bundle,
                has_incidents=not arguments.quiet,
            )
        except OSError as error:
            raise cannot_write(error, str(folder)) from error
        if arguments.out:
            truth = (
                "truth.ndjson, incidents.ndjson and evidence.ndjson"
                if arguments.bundle
                else "truth.ndjson and incidents.ndjson"
            )
            remark(arguments, f"wrote the demo's logs, and {truth} about them, to {folder}")
        return explore(_as_paths(arguments, folder))


def _as_paths(arguments: Namespace, folder: Path) -> Namespace:
    """The arguments as if the demo's folder had been named; its index is worth keeping only if the logs are."""
    options = {option.key: None if option.value else False for option in COMMANDS[EXPLORE].options}
    given = {name: getattr(arguments, name) for name in options if hasattr(arguments, name)}
    return Namespace(**{**options, **given, "words": [str(folder)], "no_cache": not arguments.out})


def _report(arguments: Namespace) -> int:
    from tui.cli.commands.report import report

    arguments.format = arguments.out = None
    case = arguments.case
    if case is not None and case.session.filter and not (arguments.where or arguments.preset):
        arguments.where = [case.session.filter]
    return report(arguments)


def _has_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _draws_blocks() -> bool:
    """Whether what Textual writes to can carry block characters; what it cannot becomes ``?``, of one cell."""
    stream = sys.__stdout__ if os.name == "nt" else sys.__stderr__
    try:
        UNICODE.levels.encode(getattr(stream, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
        return False
    return True


def _filter_text(arguments: Namespace, tz: tzinfo) -> str:
    """All conditions but the preset's as one text, which the filter bar shows and the user can go on with."""
    texts = [text for text in arguments.where or [] if text.strip()]
    if len(texts) == 1 and not (arguments.since or arguments.until):
        return str(texts[0])
    return str(where_of(Namespace(**vars(arguments) | {"preset": None}), tz, None))


def _usual_folders() -> list[str]:
    """Where a Windows server keeps the two logs."""
    if os.name == "nt":
        root, drive = os.environ.get("SYSTEMROOT", r"C:\Windows"), os.environ.get("SYSTEMDRIVE", "C:")
        usual = [rf"{drive}\inetpub\logs\LogFiles", rf"{root}\System32\LogFiles\HTTPERR"]
        if found := [folder for folder in usual if Path(folder).is_dir()]:
            return found
    raise UsageError("no logs named", hint="dropline PATH..., or dropline demo to see it on simulated logs")
