"""The table of commands and options. Parsing, help, the man page and completion in shells are derived from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

EXPLORE = "explore"
"""The command that has no name: ``dropline PATH...``."""

Completes = Literal["", "path", "filter", "preset", "field", "fields", "theme"]
"""What can be typed as a value, where it is not one of the choices."""


@dataclass(frozen=True, slots=True)
class Option:
    """``value`` is what help calls its value; a flag has none."""

    name: str
    help: str
    value: str = ""
    choices: tuple[str, ...] = ()
    short: str = ""
    repeats: bool = False
    required: bool = False
    completes: Completes = ""

    @property
    def key(self) -> str:
        """The attribute that holds its value once the words are parsed."""
        return self.name.strip("-").replace("-", "_")


@dataclass(frozen=True, slots=True)
class Command:
    """``words`` is what help calls the words that are no options; ``least`` is how many there must be, as argparse says it.

    ``choices`` are the words that can come first.
    """

    help: str
    options: tuple[Option, ...]
    words: str = "PATH"
    least: str = "+"
    remark: str = ""
    choices: tuple[str, ...] = ()


FORMATS = ("table", "csv", "ndjson", "parquet")
REPORT_FORMATS = ("text", "markdown", "html", "json")
THEMES = ("dark", "light", "contrast", "safe", "terminal")
"""Named here too, as the module of themes loads Textual."""
SHELLS = ("bash", "zsh", "fish", "powershell")

_FILTERS = """\
filters: reason:Connection_Dropped   status:5xx   path:/reports/*   taken>1.5s
  client:10.2.0.0/16   time:10:00..10:15   time:-15m..   -reason:Timer_ConnectionIdle
conditions separated by blanks must all hold; or, not and parentheses work too;
a bare minute is the whole minute: time:10:00..10:15 includes 10:15:59, and
time>10:00 begins at 10:01; a bare number of taken is milliseconds: taken>1.5s
"""

_COMPARED = """\
  dropline compare logs/ --at 11:00 --for 1h             before and after a deployment
  dropline compare logs/ --a server-name:web01 --b server-name:web02
  dropline compare logs/ --since 2026-06-15T10:00 --until 2026-06-15T11:00 --usual 7d

"""

WHERE = Option(
    "--where", "only rows that the filter keeps (may be repeated)", "FILTER", repeats=True, completes="filter"
)
PRESET = Option("--preset", "the filter saved under this name, in addition to --where", "NAME", completes="preset")
SINCE = Option(
    "--since", "from this moment on: 2026-06-15T10:00, 10:00 (every day) or -15m (before the newest row)", "TIME"
)
UNTIL = Option(
    "--until",
    "before this moment: 10:15 excludes 10:15:00, while time:..10:15 in a filter includes that whole minute",
    "TIME",
)
TZ = Option(
    "--tz",
    "zone of times in filters and in tables: Europe/Oslo, +02:00, local (default: UTC)",
    "ZONE",
)
LOG_TZ = Option(
    "--log-tz", "zone of logs that are in local time, as those in the IIS native format are (default: UTC)", "ZONE"
)
ENCODING = Option(
    "--encoding", "code page of log lines that are not UTF-8: gbk, cp932, cp1251 (default: cp1252)", "NAME"
)
FORMAT = Option(
    "--format",
    "table, csv, ndjson or parquet (default: by the name of --out, else table); csv has values just as they were"
    " logged: use --csv-safe for a spreadsheet",
    "FORM",
    FORMATS,
)
OUT = Option("--out", "write to this file instead of standard output", "FILE", completes="path")
FORCE = Option("--force", "let --out replace a file that is there already")
CSV_SAFE = Option(
    "--csv-safe", "in csv, put ' before text that begins with = + - or @, which a spreadsheet takes for a formula"
)
EXCLUDE = Option(
    "--exclude",
    "leave out files of this name, or below a folder of this name: '*.bak', 'W3SVC2', 'old/*' (may be repeated)",
    "GLOB",
    repeats=True,
)
INDEX_DIR = Option("--index-dir", "folder of the indexes instead of the user's cache folder", "DIR", completes="path")
NO_CACHE = Option("--no-cache", "use a temporary index and keep nothing")
QUIET = Option("--quiet", "no progress and no remarks on standard error", short="-q")
LOG = Option("--log", "rows of one log only: iis or httperr", "LOG", ("iis", "httperr"))
COLUMNS = Option("--columns", "these fields, by any of their names", "A,B", completes="fields")
SORT = Option("--sort", "in order of this field; -FIELD for the greatest first", "FIELD", completes="field")
LIMIT = Option("--limit", "at most N rows", "N")
OFFSET = Option("--offset", "skip the first N rows", "N")
BY = Option("--by", "the fields whose values are counted", "FIELD[,FIELD]", required=True, completes="fields")
TOP = Option("--top", "only the N most frequent values (default: all)", "N")
LEAST_COUNT = Option(
    "--least-count",
    "leave out values with fewer rows; without it, values with too few rows for the percentile of --sort come last"
    " (p50 and p90: 10, p95: 20, p99: 100)",
    "N",
)
VALUES_SORT = Option(
    "--sort",
    "by count, first, last or value, or by p50, p90, p95, p99 or max of time-taken, which are then shown too;"
    " -count for the most frequent first (the default)",
    "BY",
)
EVERY = Option("--every", "length of a bucket: 10s, 1m, 1h (default: what fits the span)", "TIME")
SEED = Option("--seed", "same seed, same logs", "N")
REQUESTS = Option("--requests", "about N requests", "N")
REPORT_FORMAT = Option(
    "--format", "text, markdown, html or json (default: by the name of --out, else text)", "FORM", REPORT_FORMATS
)
DEMO_OUT = Option("--out", "keep the logs in this folder", "DIR", completes="path")
AROUND = Option(
    "--around", "only what happened around this row; for an error, with all requests that belong to it", "SOURCE:LINE"
)
PORT_FIELD = Option(
    "--port-field", "field of the IIS log with the client's port, if its name is unusual", "NAME", completes="field"
)
THEME = Option("--theme", "colours of the explorer", "NAME", completes="theme")
VIEW = Option("--view", "the view that the preset opens: entries, reasons, timeline or sources", "VIEW")
NOTE = Option("--note", "a note to keep with the preset", "TEXT")
LEVELS = ("low", "medium", "high")
LEAST = Option(
    "--least", "only incidents of this severity or a higher one: low (default), medium or high", "LEVEL", LEVELS
)
FAIL_ON = Option(
    "--fail-on", "exit status 4 where an incident of this severity or a higher one is found", "LEVEL", LEVELS
)
SETTINGS = Option(
    "--settings",
    "also say which values apply on a server: its configuration, or a support bundle of it",
    "PATH",
    completes="path",
)
EXPLAINING = Option("--explaining", "only what explains errors of Httperr.log")
INCIDENT = Option(
    "--incident",
    "a report of this incident alone, by its id, with the rows that prove it; all for each of them",
    "ID",
)
SIDE_A = Option(
    "--a",
    "the rows to compare with: those this filter keeps (default: all but those of --b)",
    "FILTER",
    completes="filter",
)
SIDE_B = Option(
    "--b",
    "the rows that are compared: those this filter keeps (default: all but those of --a)",
    "FILTER",
    completes="filter",
)
COMPARED_BY = Option(
    "--by",
    "only these fields; time-taken stands for how long all requests together take",
    "FIELD[,FIELD]",
    completes="fields",
)
AT = Option(
    "--at", "compare the time before this moment with the time after it: 2026-06-15T10:00, 10:00 or -15m", "TIME"
)
FOR = Option("--for", "how long before and after --at: 10m, 2h (default: 30m)", "TIME")
USUAL = Option(
    "--usual", "compare the span of --since and --until with the same one a day or a week earlier", "DAYS", ("1d", "7d")
)
REDACT = Option(
    "--redact",
    "stable pseudonyms for addresses, hosts, users, credentials and values of queries; paths and user agents stay",
)
QUIET_DAY = Option("--quiet", "a day on which nothing goes wrong; no progress and no remarks either", short="-q")
DAMAGED = Option("--damaged", "instead of rejects, the values that do not fit their field: row, field and value")
BUNDLE = Option("--bundle", "pack the logs into a support bundle, with the Windows events of the simulated server")
CLIENT_PORT = Option("--client-port", "log the client's port in the IIS log, as a custom field of REMOTE_PORT does")
ASCII = Option("--ascii", "for terminals without block characters")
NO_MOUSE = Option("--no-mouse", "leave the mouse to the terminal")
FRESH = Option("--fresh", "begin with every row, not with the filter and the view that were left")
FOLLOW_INCIDENTS = Option("--follow", "go on, and write each incident that is new or has changed; until interrupted")
FOLLOW = Option("--follow", "go on showing new rows as they are written")

_OUTPUT = (FORMAT, CSV_SAFE, OUT, FORCE, QUIET)
_LOGS = (TZ, LOG_TZ, ENCODING, EXCLUDE, INDEX_DIR, NO_CACHE)
_ROWS = (WHERE, PRESET, SINCE, UNTIL, *_LOGS)

COMMANDS: Mapping[str, Command] = {
    EXPLORE: Command(
        "open the explorer, or print the report without a terminal",
        (*_ROWS, PORT_FIELD, REDACT, QUIET, THEME, ASCII, NO_MOUSE, FRESH, FOLLOW),
        least="*",
        remark=_FILTERS,
    ),
    "report": Command(
        "the set at a glance: what went wrong, what was dropped, by whom, what to check first; --out NAME.dropline writes a"
        " case file instead",
        (*_ROWS, INCIDENT, PORT_FIELD, REPORT_FORMAT, OUT, FORCE, QUIET, REDACT),
        remark=_FILTERS,
    ),
    "query": Command("rows, by time", (*_ROWS, LOG, COLUMNS, SORT, LIMIT, OFFSET, *_OUTPUT, REDACT), remark=_FILTERS),
    "count": Command("how many rows", (*_ROWS, LOG, *_OUTPUT), remark=_FILTERS),
    "breakdown": Command(
        "the values of a field with their counts",
        (*_ROWS, LOG, BY, TOP, LEAST_COUNT, VALUES_SORT, *_OUTPUT, REDACT),
        remark=_FILTERS,
    ),
    "histogram": Command("rows by time, of each log", (*_ROWS, LOG, EVERY, *_OUTPUT), remark=_FILTERS),
    "incidents": Command(
        "what went wrong: spans of time that are unusual for this server",
        (*_ROWS, LEAST, FAIL_ON, FOLLOW_INCIDENTS, *_OUTPUT, REDACT),
        remark=_FILTERS,
    ),
    "compare": Command(
        "what differs between two sets of rows: values that are more or less frequent, new or gone, and times",
        (*_ROWS, LOG, SIDE_A, SIDE_B, AT, FOR, USUAL, COMPARED_BY, *_OUTPUT, REDACT),
        remark=_COMPARED + _FILTERS,
    ),
    "fields": Command(
        "the fields that a log can have, with their short names and meanings; with paths, the fields of the logs there",
        (*_ROWS, LOG, *_OUTPUT),
        least="*",
        remark=_FILTERS,
    ),
    "evidence": Command(
        "what else lies next to the logs, in time order: Windows events, and which errors they explain",
        (SINCE, UNTIL, EXPLAINING, *_LOGS, *_OUTPUT),
    ),
    "correlate": Command(
        "for each error the requests that belong to it, who ended it, and since when",
        (*_ROWS, LIMIT, PORT_FIELD, *_OUTPUT, REDACT),
        remark=_FILTERS,
    ),
    "timeline": Command(
        "both logs on one axis of time: a record for each request or error with start, end and links",
        (*_ROWS, AROUND, PORT_FIELD, *_OUTPUT, REDACT),
        remark=_FILTERS,
    ),
    "client-gone": Command(
        "clients that left before the response, by path: which requests finished in time, which outlived the time-out, how"
        " long they took",
        (*_ROWS, TOP, *_OUTPUT, REDACT),
        remark=_FILTERS,
    ),
    "index": Command("build or refresh the index; one record for each source", (*_LOGS, *_OUTPUT)),
    "rejects": Command("lines that could not become rows, and why", (DAMAGED, *_LOGS, *_OUTPUT, REDACT)),
    "explain": Command(
        "what a reason, status, 500.19 or win32 code means, and what to check", (SETTINGS, *_OUTPUT), "WORD"
    ),
    "demo": Command(
        "write a simulated pair of logs and open it",
        (DEMO_OUT, SEED, REQUESTS, CLIENT_PORT, BUNDLE, QUIET_DAY, THEME, ASCII, NO_MOUSE),
        "",
    ),
    "presets": Command(
        "saved presets: list, show NAME, save NAME --where FILTER, delete NAME",
        (WHERE, VIEW, COLUMNS, SORT, NOTE, *_OUTPUT),
        "list|show|save|delete [NAME]",
        choices=("list", "show", "save", "delete"),
    ),
    "cache": Command(
        "the indexes in the cache: list; clear all of them, or that of some paths",
        (INDEX_DIR, *_OUTPUT),
        "list|clear [PATH...]",
        choices=("list", "clear"),
    ),
    "completion": Command(
        "the script that makes bash, zsh, fish or PowerShell complete commands of dropline",
        (),
        "bash|zsh|fish|powershell",
        choices=SHELLS,
    ),
}


def usage(name: str) -> str:
    """How a command is written: ``dropline count PATH... [options]``."""
    command = COMMANDS[name]
    called = "dropline" if name == EXPLORE else f"dropline {name}"
    more = "..." if command.words in ("PATH", "WORD") else ""
    words = f"[{command.words}{more}]" if command.least == "*" else f"{command.words}{more}"
    return f"{called} {words} [options]" if command.words else f"{called} [options]"
