"""The one table of actions: bindings, footer, palette, help and the README's table of keys are derived from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

VIEWS = ("incidents", "entries", "reasons", "timeline", "sources")
ROWS = ("entries", "timeline")
"""Views whose rows are entries of a log."""
TABLES = ("incidents", "entries", "reasons", "sources")
STEPS = frozenset({"move_down", "move_up", "move_left", "move_right", "page_down", "page_up", "half_down", "half_up"})
"""Actions that only move on from where the cursor is; a held key repeats them."""
OF_BARS = frozenset({"brush", "changed"})
"""Actions that need the histogram."""
OF_ROWS = (
    STEPS
    | OF_BARS
    | {"top", "end", "next_burst", "previous_burst", "only", "without", "jump_time", "zoom_in", "zoom_out", "earlier"}
    | {"later", "timeline", "context", "view_timeline", "mark", "note", "next_mark", "explain", "copy_cell", "copy_row"}
    | {"find_next", "find_previous"}
)
"""Actions that are about rows: before there are any, they wait for them."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something the user can do. ``keys`` are Textual's key names, ``brief`` is what the footer calls it, if not by its label."""

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    group: str
    views: tuple[str, ...] = VIEWS
    brief: str = ""


MOVE, ASK, LOOK, KEEP, PROGRAM = "Moving", "Asking", "Looking closer", "Handing over", "The program"
GROUPS = (MOVE, ASK, LOOK, KEEP, PROGRAM)

ACTIONS: tuple[Action, ...] = (
    Action("move_down", ("j", "down"), "down", "Move one row down.", MOVE),
    Action("move_up", ("k", "up"), "up", "Move one row up.", MOVE),
    Action("move_left", ("h", "left"), "left", "Move one column left; earlier on the time axis.", MOVE),
    Action("move_right", ("l", "right"), "right", "Move one column right; later on the time axis.", MOVE),
    Action("page_down", ("pagedown", "space"), "page down", "Move one page down.", MOVE),
    Action("page_up", ("pageup",), "page up", "Move one page up.", MOVE),
    Action("half_down", ("ctrl+d", "J"), "half page down", "Move half a page down.", MOVE),
    Action("half_up", ("ctrl+u", "K"), "half page up", "Move half a page up.", MOVE),
    Action("top", ("g", "home"), "top", "Go to the first row.", MOVE),
    Action("end", ("G", "end"), "end", "Go to the last row.", MOVE),
    Action("view_incidents", ("1",), "Incidents", "Show what went wrong, the worst first, with its story.", LOOK),
    Action("view_entries", ("2",), "Entries", "Show the rows of both logs in order of time.", LOOK),
    Action(
        "view_reasons", ("3",), "Reasons", "Show the values of a field with their counts; at first the reasons.", LOOK
    ),
    Action("view_timeline", ("4",), "Timeline", "Show both logs side by side on one axis of time.", LOOK),
    Action("view_sources", ("5",), "Sources", "Show the files that are open and how exactly they were read.", LOOK),
    Action(
        "detail", ("enter",), "detail", "Open the row; on a value or a file, narrow to it; in a list, choose.", LOOK
    ),
    Action(
        "back",
        ("escape",),
        "back",
        "Close what is open; stop what is being computed; one level up, to what was there before narrowing.",
        LOOK,
    ),
    Action("next_pane", ("tab",), "other pane", "Go to the other pane, or back to the table.", LOOK),
    Action("filter", ("slash",), "filter", "Type a filter.", ASK),
    Action(
        "only",
        ("plus", "equals_sign"),
        "only this",
        "Keep only the rows with this value; where the filter leaves it out, include it.",
        ASK,
    ),
    Action("without", ("minus",), "not this", "Leave out the rows that have the value under the cursor.", ASK),
    Action("undo", ("u",), "undo", "Undo the last change of the question.", ASK),
    Action("redo", ("U",), "redo", "Redo the change that was undone.", ASK),
    Action("clear", ("backspace", "ctrl+h"), "clear filter", "Clear the filter and the time span.", ASK),
    Action("presets", ("p",), "presets", "Choose a preset: a filter with its view.", ASK),
    Action("save_preset", ("P",), "save preset", "Save filter, view, columns and order under a name.", ASK),
    Action(
        "log",
        ("i",),
        "which log",
        "Show both logs, the IIS log alone, Httperr.log alone.",
        ASK,
        ("entries", "timeline"),
    ),
    Action(
        "jump_time",
        ("t",),
        "jump to time",
        "Go to the first row at a time of day, or at a date and time.",
        MOVE,
        brief="time",
    ),
    Action("zoom_in", ("z",), "zoom in", "Halve the time span around the row.", ASK),
    Action("zoom_out", ("Z",), "zoom out", "Double the time span.", ASK),
    Action("earlier", ("less_than_sign",), "earlier", "Move the time span earlier.", ASK),
    Action("later", ("greater_than_sign",), "later", "Move the time span later.", ASK),
    Action("breakdown", ("b",), "breakdown", "Count the values of this column.", ASK),
    Action("brush", ("v",), "brush", "Mark a span on the histogram, beginning at the row.", ASK),
    Action("other_end", ("o",), "other end", "While brushing: move the other end of the span.", ASK),
    Action(
        "next_burst",
        ("right_square_bracket",),
        "next incident",
        "Go to the first row of the next incident; on the timeline, to its story.",
        MOVE,
    ),
    Action(
        "previous_burst",
        ("left_square_bracket",),
        "previous incident",
        "Go to the first row of the incident before; on the timeline, to its story.",
        MOVE,
    ),
    Action(
        "changed",
        ("w",),
        "what changed",
        "List what differs from the time before, or from something else.",
        ASK,
        brief="changed",
    ),
    Action(
        "changed_at", (), "before and after", "Compare all that came after a moment with all that came before it.", ASK
    ),
    Action("timeline", ("r",), "correlate", "Show this row's story on the timeline of both logs.", LOOK),
    Action("context", ("full_stop",), "context", "Show the unfiltered neighbours of this row.", LOOK, ROWS),
    Action("sort", ("s",), "sort", "Sort by this column; again: the other way round; again: by time.", ASK, TABLES),
    Action("sort_down", ("S",), "sort downward", "Sort by this column, largest first.", ASK, TABLES),
    Action(
        "columns",
        ("c",),
        "columns",
        "Choose the columns, the field that is counted, what the timeline is around.",
        LOOK,
        ("entries", "reasons", "timeline"),
    ),
    Action("wrap", ("W",), "wrap", "Wrap long values in the detail, or cut them.", LOOK, ROWS),
    Action("find", ("f",), "find", "Find text in this view, without filtering.", MOVE, TABLES),
    Action(
        "find_next",
        ("n",),
        "find next",
        "Go to the next row that has the text; on the timeline, to the next error.",
        MOVE,
    ),
    Action(
        "find_previous",
        ("N",),
        "find previous",
        "Go to the row before that has the text; on the timeline, to the error before.",
        MOVE,
    ),
    Action("mark", ("m",), "mark", "Mark the row, or take its mark away.", KEEP, ROWS),
    Action("next_mark", ("apostrophe",), "next mark", "Go to the next marked row.", MOVE, ROWS),
    Action("marks", (), "marks", "List the marked rows with their notes, to go to one.", MOVE),
    Action("note", ("M",), "note", "Write a note on a marked row.", KEEP, ROWS),
    Action("explain", ("x",), "explain", "Say what the value under the cursor means.", LOOK),
    Action("follow", ("L",), "live", "Follow the logs as they grow.", ASK),
    Action("copy_cell", ("y",), "copy cell", "Send the value under the cursor to the terminal's clipboard.", KEEP),
    Action("copy_row", ("Y",), "copy row", "Send the raw line to the terminal's clipboard.", KEEP),
    Action("copy_filter", ("ctrl+y",), "copy filter", "Send the filter to the terminal's clipboard.", KEEP),
    Action("copy_command", (), "copy command", "Send the command line that rebuilds this view.", KEEP),
    Action("export", ("e",), "export", "Write what this view shows to a file.", KEEP),
    Action(
        "redact", (), "pseudonyms", "Hide addresses, hosts, users and query values in all that is handed over.", KEEP
    ),
    Action("report", (), "report", "Write a report of this view as Markdown, HTML or JSON.", KEEP),
    Action("palette", ("colon", "ctrl+p"), "commands", "Every command with its key.", PROGRAM),
    Action("theme", (), "theme", "Choose the colours.", PROGRAM),
    Action("redraw", ("ctrl+l",), "redraw", "Paint the whole screen again.", PROGRAM),
    Action("help", ("question_mark", "f1"), "help", "Show the keys of this view and the language of filters.", PROGRAM),
    Action("quit", ("q", "ctrl+c"), "quit", "Leave; what was read is kept.", PROGRAM),
)

BY_ID: Mapping[str, Action] = {action.id: action for action in ACTIONS}

_SHOWN = {
    "slash": "/",
    "plus": "+",
    "equals_sign": "=",
    "minus": "-",
    "colon": ":",
    "question_mark": "?",
    "apostrophe": "'",
    "full_stop": ".",
    "right_square_bracket": "]",
    "left_square_bracket": "[",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "tab": "Tab",
    "backspace": "Backspace",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "home": "Home",
    "end": "End",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "f1": "F1",
}

_ARROWS = ("up", "down", "left", "right")
_ALIKE = frozenset({"ctrl+h", "ctrl+c", "equals_sign"})
"""Keys that work but are not shown: what some terminals send for a key that is shown."""


def shown_key(key: str) -> str:
    """A key as it is shown to the user: ``/``, ``^D``, ``PgDn``."""
    if key.startswith("ctrl+"):
        return f"^{key.removeprefix('ctrl+').upper()}"
    return _SHOWN.get(key, key)


def shown_keys(action: Action) -> str:
    """The keys of an action as they are shown, blank between them."""
    return " ".join(shown_key(key) for key in action.keys if key not in _ALIKE)


_NAMED = re.compile(r"\{(\w+)\}")
"""An action in a sentence, by its id."""


def with_keys(sentence: str, actions: Iterable[Action]) -> str:
    """A sentence of ours with every ``{id}`` replaced by the key that the action has now: an arrow, else the first.

    An action without a key goes by its name in the list of commands. Log text must not be in the sentence yet.
    Raises ``KeyError`` for an unknown id.
    """
    known = {action.id: action for action in actions}
    return _NAMED.sub(lambda match: _called(known[match[1]], known["palette"]), sentence)


def _called(action: Action, palette: Action) -> str:
    if action.keys:
        return shown_key(min(action.keys, key=lambda key: key not in _ARROWS))
    return " ".join([*(shown_key(key) for key in palette.keys[:1]), action.label])


def remapped(keys: Mapping[str, str]) -> tuple[Action, ...]:
    """The table with the keys of some actions replaced: id to Textual key names, comma between them.

    An action that loses a key to another keeps its others. Raises ``KeyError`` for an unknown id.
    """
    wanted = {BY_ID[id_].id: tuple(key.strip() for key in text.split(",") if key.strip()) for id_, text in keys.items()}
    taken = {key for names in wanted.values() for key in names}
    return tuple(
        replace(action, keys=wanted[action.id])
        if action.id in wanted
        else replace(action, keys=tuple(key for key in action.keys if key not in taken))
        for action in ACTIONS
    )


_KEPT_FOR_LATER = ("presets", "undo", "export")
FOOTERS: Mapping[str, tuple[str, ...]] = {
    "incidents": ("detail", "timeline", "changed", "explain", "filter", "next_pane", "sort", *_KEPT_FOR_LATER),
    "entries": (
        *("filter", "detail", "timeline", "jump_time", "brush", "changed", "breakdown", "only", "without", "log"),
        *_KEPT_FOR_LATER,
    ),
    "value": (
        *("filter", "detail", "timeline", "only", "without", "breakdown", "sort", "columns", "explain", "context"),
        *_KEPT_FOR_LATER,
    ),
    "detail": ("back", "explain", "only", "without", "breakdown", "copy_cell", "wrap", "timeline", "next_pane"),
    "reasons": (
        *("filter", "detail", "timeline", "only", "without", "changed", "brush", "columns", "sort", "breakdown"),
        *_KEPT_FOR_LATER,
    ),
    "timeline": ("find_next", "zoom_in", "zoom_out", "columns", "detail", "back", "jump_time", "log", "context"),
    "sources": ("filter", "detail", "timeline", "only", "without", *_KEPT_FOR_LATER),
}
"""What can be done where, most important first; ``value`` is a column of the entries other than the time."""


def footer_actions(actions: Iterable[Action], place: str) -> list[Action]:
    """What the footer names in a place of ``FOOTERS``, most important first; another view has the keys of Sources."""
    known = {action.id: action for action in actions}
    return [known[id_] for id_ in FOOTERS.get(place, FOOTERS["sources"]) if known[id_].keys]


def key_table() -> str:
    """The table of keys as Markdown, for the README."""
    lines = ["| key | action | what it does |", "| --- | --- | --- |"]
    for group in GROUPS:
        for action in ACTIONS:
            if action.group == group:
                keys = shown_keys(action).replace("|", "\\|")
                shown = " ".join(f"`{key}`" for key in keys.split()) or f"`: {action.label}`"
                lines.append(f"| {shown} | {action.label} | {action.help} |")
    return "\n".join(lines)
