"""The words of the command line: commands, options, and how they are told from paths."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import platformdirs

from parsing.errors import UsageError

EXPLORE = "explore"
"""The command that has no name: ``dropline PATH...``."""

FORMATS = ("table", "csv", "ndjson", "parquet")
REPORT_FORMATS = ("text", "markdown", "html", "json")

_DESCRIPTION = """\
Which requests were dropped, by whom, why, and what else was happening?
dropline reads the logs of IIS and the Httperr.log of HTTP.sys.

  dropline PATH...    open the explorer on files, folders, globs, archives or -
                      (standard input); without a terminal, print the report
"""

_EPILOG = """\
dropline COMMAND --help says more about a command. A path that is named like one:
dropline ./count, or dropline -- count. Settings and presets are in the folder
{settings}

exit status: 0 done; 1 a fault of dropline; 2 wrong usage, filter or unknown word;
3 some input could not be read, the rest was; 130 interrupted
"""

_FILTERS = """\
filters: reason:Connection_Dropped   status:5xx   path:/reports/*   taken>1.5s
  client:10.2.0.0/16   time:10:00..10:15   time:-15m..   -reason:Timer_ConnectionIdle
conditions side by side must all hold; or, not and parentheses work too
"""

_VALUES: Mapping[str, Mapping[str, Any]] = {
    "--where": {"metavar": "FILTER", "action": "append", "help": "only rows that the filter keeps (may be repeated)"},
    "--preset": {"metavar": "NAME", "help": "the filter saved under this name, beside --where"},
    "--since": {
        "metavar": "TIME",
        "help": "from this moment on: 2026-06-15T10:00, 10:00 (every day) or -15m (before the newest row)",
    },
    "--until": {"metavar": "TIME", "help": "before this moment"},
    "--tz": {
        "metavar": "ZONE",
        "help": "zone of times in filters, in tables and in logs of local time: Europe/Oslo, +02:00, local (else UTC)",
    },
    "--format": {
        "choices": FORMATS,
        "metavar": "FORM",
        "help": "table, csv, ndjson or parquet (else by the name of --out, else table); csv has values just as they"
        " were logged: mind a spreadsheet that takes some for formulas",
    },
    "--out": {"metavar": "FILE", "help": "write to this file instead of standard output"},
    "--index-dir": {"metavar": "DIR", "help": "folder of the indexes instead of the user's cache folder"},
    "--log": {"choices": ("iis", "httperr"), "metavar": "LOG", "help": "rows of one log only: iis or httperr"},
    "--columns": {"metavar": "A,B", "help": "these fields, by any of their names"},
    "--sort": {"metavar": "FIELD", "help": "in order of this field; -FIELD for the greatest first"},
    "--limit": {"metavar": "N", "help": "at most so many rows"},
    "--offset": {"metavar": "N", "help": "leave out so many rows first"},
    "--by": {"metavar": "FIELD[,FIELD]", "required": True, "help": "the fields whose values are counted"},
    "--top": {"metavar": "N", "help": "only the N most frequent values (else all)"},
    "--values-sort": {
        "metavar": "BY",
        "help": "by count, first, last or value, or by p50, p90, p95, p99 or max of time-taken, which are then told,"
        " too; -count for the greatest first (as usual)",
    },
    "--every": {"metavar": "TIME", "help": "length of a bucket: 10s, 1m, 1h (else what fits the span)"},
    "--seed": {"metavar": "N", "help": "same seed, same logs"},
    "--requests": {"metavar": "N", "help": "about so many requests"},
    "--report-format": {
        "choices": REPORT_FORMATS,
        "metavar": "FORM",
        "help": "text, markdown, html or json (else by the name of --out, else text)",
    },
    "--demo-out": {"metavar": "DIR", "help": "keep the logs in this folder"},
    "--around": {
        "metavar": "SOURCE:LINE",
        "help": "only what happened around this row; for an error, with all requests that belong to it",
    },
    "--port-field": {"metavar": "NAME", "help": "field of the IIS log with the client's port, if its name is unusual"},
    "--theme": {"metavar": "NAME", "help": "colours of the explorer"},
    "--view": {"metavar": "VIEW", "help": "the view that the preset opens: entries, reasons, timeline or sources"},
    "--note": {"metavar": "TEXT", "help": "a note beside the preset"},
}
_FLAGS: Mapping[str, Mapping[str, Any]] = {
    "--no-cache": {"help": "use a temporary index and keep nothing"},
    "--quiet": {"help": "no progress and no remarks on standard error"},
    "--redact": {"help": "stable pseudonyms for addresses, hosts, users and values of queries"},
    "--client-port": {"help": "log the client's port in the IIS log, as a custom field of REMOTE_PORT does"},
    "--ascii": {"help": "for terminals without block characters"},
    "--no-mouse": {"help": "leave the mouse to the terminal"},
    "--follow": {"help": "go on showing new rows as they are written"},
}
_WRITTEN = {"--report-format": "--format", "--demo-out": "--out", "--values-sort": "--sort"}
"""Options that mean another thing in one command than in the others."""

_OUTPUT = ("--format", "--out", "--quiet")
_LOGS = ("--tz", "--index-dir", "--no-cache")
_ROWS = ("--where", "--preset", "--since", "--until", *_LOGS)


@dataclass(frozen=True, slots=True)
class _Command:
    help: str
    options: tuple[str, ...]
    positional: str = "PATH"
    least: str = "+"
    remark: str = ""


_COMMANDS: Mapping[str, _Command] = {
    EXPLORE: _Command(
        "open the explorer, or print the report without a terminal",
        (*_ROWS, "--port-field", "--redact", "--quiet", "--theme", "--ascii", "--no-mouse", "--follow"),
        least="*",
        remark=_FILTERS,
    ),
    "report": _Command(
        "the set at a glance: what was dropped, by whom, what to check first",
        (*_ROWS, "--port-field", "--report-format", "--out", "--quiet", "--redact"),
        remark=_FILTERS,
    ),
    "query": _Command(
        "rows, by time",
        (*_ROWS, "--log", "--columns", "--sort", "--limit", "--offset", *_OUTPUT, "--redact"),
        remark=_FILTERS,
    ),
    "count": _Command("how many rows", (*_ROWS, "--log", *_OUTPUT), remark=_FILTERS),
    "breakdown": _Command(
        "the values of a field with their counts",
        (*_ROWS, "--log", "--by", "--top", "--values-sort", *_OUTPUT, "--redact"),
        remark=_FILTERS,
    ),
    "histogram": _Command("rows by time, of each log", (*_ROWS, "--log", "--every", *_OUTPUT), remark=_FILTERS),
    "correlate": _Command(
        "for each error the requests that belong to it, who ended it, and since when",
        (*_ROWS, "--limit", "--port-field", *_OUTPUT, "--redact"),
        remark=_FILTERS,
    ),
    "timeline": _Command(
        "both logs on one axis of time: a record for each request or error with start, end and links",
        (*_ROWS, "--around", "--port-field", *_OUTPUT, "--redact"),
        remark=_FILTERS,
    ),
    "client-gone": _Command(
        "clients that left before the end, by path: what ended in time, what outlived the time-out, how long it took",
        (*_ROWS, "--top", *_OUTPUT, "--redact"),
        remark=_FILTERS,
    ),
    "index": _Command("build or refresh the index; one record for each source", (*_LOGS, *_OUTPUT)),
    "rejects": _Command("lines that could not become rows, and why", (*_LOGS, *_OUTPUT, "--redact")),
    "explain": _Command("what a reason, status, 500.19 or win32 code means, and what to check", _OUTPUT, "WORD"),
    "demo": _Command(
        "write a simulated pair of logs and open it",
        ("--demo-out", "--seed", "--requests", "--client-port", "--quiet", "--theme", "--ascii", "--no-mouse"),
        "",
    ),
    "presets": _Command(
        "saved presets: list, show NAME, save NAME --where FILTER, delete NAME",
        ("--where", "--view", "--columns", "--sort", "--note", *_OUTPUT),
        "list|show|save|delete [NAME]",
    ),
    "cache": _Command(
        "the indexes in the cache: list; clear all of them, or that of some paths",
        ("--index-dir", *_OUTPUT),
        "list|clear [PATH...]",
    ),
}


def parse_arguments(words: Sequence[str]) -> argparse.Namespace:
    """The command and its options. Wrong usage ends the program with status 2, help and version with 0.

    Raises ``UsageError`` for a word that no option or command has.
    """
    arguments, unknown = _parser().parse_known_args(_command_first(_join_values(words)))
    if unknown:
        raise _unknown(arguments.command, unknown[0].partition("=")[0])
    if _COMMANDS[arguments.command].positional == "PATH" and "" in arguments.words:
        raise UsageError("a path is empty", hint="a variable that is not set? The folder one is in is called .")
    if arguments.command == EXPLORE:
        _refuse_misspelt_command(arguments.words)
    return arguments


def _unknown(command: str, word: str) -> UsageError:
    options = [_WRITTEN.get(option, option) for option in _COMMANDS[command].options]
    called = "dropline" if command == EXPLORE else f"dropline {command}"
    where = "" if command == EXPLORE else command
    what = "takes no option" if word.startswith("-") else "does not take the word"
    near = get_close_matches(word, options, n=1)
    hint = f"did you mean {near[0]}?" if near else f"{called} --help tells what it takes"
    return UsageError(f"{what} {word}", where=where, hint=hint)


def _refuse_misspelt_command(words: Sequence[str]) -> None:
    """The first of several words may be a command gone wrong; a folder of that name, or a pattern, is none."""
    if len(words) < 2 or os.path.exists(words[0]):  # noqa: PTH110 - that of a Path raises
        return
    if near := get_close_matches(words[0].lower(), [name for name in _COMMANDS if name != EXPLORE], n=1, cutoff=0.7):
        hint = f"did you mean the command {near[0]}?"
        raise UsageError("no such file or folder", where=words[0], hint=hint)


class _Version(argparse.Action):
    """Looks the version up only when it is asked for: that takes longer than all the rest of the parsing."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: object, option: str | None = None
    ) -> None:
        del namespace, values, option
        print(f"dropline {program_version()}")
        parser.exit()


def program_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("dropline")
    except PackageNotFoundError:
        return "(not installed)"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dropline",
        usage="dropline [PATH...] [options]\n       dropline COMMAND ...",
        description=_DESCRIPTION,
        epilog=_EPILOG.format(settings=platformdirs.user_config_path("dropline", appauthor=False)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands", required=True)
    for name, command in _COMMANDS.items():
        _add(commands, name, command)
    explorer = parser.add_argument_group("options of the explorer")
    for option in _COMMANDS[EXPLORE].options:
        _add_option(explorer, option, default=argparse.SUPPRESS)
    return parser


def _add(commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, command: _Command) -> None:
    shown = "dropline" if name == EXPLORE else f"dropline {name}"
    more = "..." if command.positional in ("PATH", "WORD") else ""
    words = f"[{command.positional}{more}]" if command.least == "*" else f"{command.positional}{more}"
    listed: dict[str, Any] = {} if name == EXPLORE else {"help": command.help}
    parser = commands.add_parser(
        name,
        **listed,
        prog=shown,
        usage=f"{shown} {words} [options]" if command.positional else f"{shown} [options]",
        description=command.help,
        epilog=command.remark,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    if command.positional:
        parser.add_argument("words", nargs=command.least, metavar=command.positional.split()[0])
    for option in command.options:
        _add_option(parser, option)


def _add_option(parser: argparse._ActionsContainer, option: str, **more: Any) -> None:
    written = _WRITTEN.get(option, option)
    if option in _VALUES:
        parser.add_argument(written, dest=written.strip("-").replace("-", "_"), **_VALUES[option], **more)
    else:
        parser.add_argument(written, action="store_true", **_FLAGS[option], **more)


def _join_values(words: Sequence[str]) -> list[str]:
    """``--where -reason:X`` as ``--where=-reason:X``: a value may begin with a dash."""
    takes_value = {_WRITTEN.get(option, option) for option in _VALUES}
    joined: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--":
            return [*joined, word, *rest]
        value = next(rest, None) if word in takes_value else None
        joined.append(word if value is None else f"{word}={value}")
    return joined


def _command_first(words: list[str]) -> list[str]:
    """The command before all options; words that name none are paths for the explorer."""
    if "--version" in words[: words.index("--") if "--" in words else None]:
        return ["--version"]
    for place, word in enumerate(words):
        if word in ("-h", "--help") and place == 0:
            return words
        if word == "--":
            break
        if word == "-" or not word.startswith("-"):
            if word in _COMMANDS and word != EXPLORE:
                return [word, *words[:place], *words[place + 1 :]]
            break
    return [EXPLORE, *words]
