"""Log text is written by whoever sends requests: none of it reaches a terminal as anything but visible characters.

Every view is driven over logs whose every text is hostile. What the program wrote is then taken apart: it may hold the
few sequences that the explorer itself writes and visible characters, and nothing else.
"""

from __future__ import annotations

import base64
import re
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.written_logs import write

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals", allow_module_level=True)

from tests.terminal import Terminal, environment
from tests.tui.hostile_logs import BIDI, C1, ESCAPES, HTTPERR_FIELDS, MARKUP, NAME, POISON, hostile_logs, httperr_lines

pytestmark = pytest.mark.slow

SEQUENCE = re.compile(
    r"\x1b\[(?:\d+(?:;\d+)?)?H|\x1b\[\d*C|\x1b\[(?:\d+;\d+)?r|\x1b[DM]|\x1b\[(?P<style>[\d;]*)m"
    r"|\x1b\[\?(?:7|25|1000|1003|1004|1006|1015|1016|1049|2004|2026|2048)[hl]|\x1b\[\?(?:2026|2048)\$p|\x1b\[>\d+u|\x1b\[<u|\x1b\]22;[a-z]+\x07"
    r"|\x1b\]52;c;(?P<sent>[A-Za-z0-9+/=]*)\x07|(?P<text>[^\x1b]+)"
)
"""What the explorer writes: places, scrolling, styles, modes and questions, the pointer's shape, the clipboard, and text."""
STYLE = re.compile(r"(?:(?:0|1|2|3|4|7|22|23|24|27|39|49|[34]8;2;\d+;\d+;\d+|[34]8;5;\d+)(?:;|$))*")
"""Attributes, and colours of 24 bits or of the 256: the plain ones that the logs ask for are none of the explorer's."""
HIDDEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0") | {chr(code) for code in range(0xFE00, 0xFE10)}


def hidden(text: str) -> set[str]:
    """The characters of a text that a terminal would obey, reorder or not show."""
    kinds = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return {character for character in text if unicodedata.category(character) in kinds or character in HIDDEN}


def taken_apart(output: bytes, *, breaks: str = "") -> list[str]:
    """What was sent to the clipboard. Fails for anything that only a log can have asked for."""
    written, sent, at = output.decode(), [], 0
    while at < len(written):
        match = SEQUENCE.match(written, at)
        assert match is not None, f"no sequence of the explorer: {written[at - 60 : at + 30]!r}"
        at = match.end()
        if match["style"] is not None:
            assert STYLE.fullmatch(match["style"]), f"no style of the explorer: {written[at - 60 : at + 30]!r}"
        elif match["sent"] is not None:
            sent.append(base64.b64decode(match["sent"]).decode())
        elif match["text"] is not None:
            unmasked = hidden(match["text"]) - set(breaks)
            assert not unmasked, f"{unmasked} in {match['text'][-80:]!r}"
    return sent


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    hostile_logs(folder / "logs")
    return folder


def start(home: Path, user: Path, *words: str) -> Terminal:
    arguments = [*words, "--index-dir", str(home / "index"), str(home / "logs")]
    return Terminal(arguments, columns=120, lines=40, env=environment(user))


def explore(home: Path, user: Path, *words: str) -> Terminal:
    """The explorer, with the entries in view."""
    terminal = start(home, user, *words)
    terminal.wait("2 Entries")
    terminal.press("2")
    return terminal


def visit(terminal: Terminal, *keys: str) -> str:
    """Press keys one by one; everything that was on the screen after each."""
    seen = []
    for key in keys:
        terminal.press(key)
        # A key right after Esc is read as Alt with that key: the terminal's escape delay has to pass first.
        terminal.settle(0.5 if key == "escape" else 0.25)
        seen.append(terminal.text)
    return "\n".join(seen)


def pasted(text: str) -> str:
    return f"\x1b[200~{text}\x1b[201~"


@pytest.fixture
def running(home: Path, tmp_path: Path) -> Iterable[Terminal]:
    with explore(home, tmp_path) as terminal:
        terminal.wait(lambda text: "reading" not in text and "so far" not in text and "requests" in text)
        terminal.settle()
        yield terminal
        terminal.press("escape", "escape", "escape")
        terminal.settle()
        assert terminal.is_alive(), f"it did not bear the log:\n{terminal.text}"
        terminal.press("q")
        assert terminal.wait_end() == 0
        taken_apart(terminal.output, breaks="\r\n")


def test_entries_their_detail_and_raw_line(running: Terminal) -> None:
    seen = visit(running, "g", "enter", *"jjjjjjj")
    assert "[red]x[/]" in seen
    assert "␛[31m" in seen
    assert "<U+202E>" in seen
    visit(
        running, "tab", "j", "pagedown", "pagedown", "W", "G", "x", "escape", "y", "Y", "escape", "escape", "G", "enter"
    )
    visit(running, *"kkkkkkkkkkkk", "escape")
    visit(running, "s", "s", "m", "M", pasted("note" + ESCAPES + BIDI), "enter", "g", "'", "M", "escape")
    visit(running, "g", "f", "only-here", "enter")
    running.wait("found in X-[red]x")
    visit(running, "f", "nowhere", "enter", "n", ".")
    assert "[red]x" in visit(running, "c", "X-", "enter", "escape", *"lllllls", "s", "S", "b", "2", "u", "u")


@pytest.mark.parametrize(
    "fields", [("uri", "query", "user", "agent", "referer"), ("host", "X-", "queue", "method", "source")]
)
def test_counted_values_and_what_is_said_of_them(running: Terminal, fields: tuple[str, ...]) -> None:
    for field in fields:
        visit(running, "backspace", "3", "c", field, "enter")
        running.wait(lambda text: "[red]x" in text)
        visit(running, "g", "j", "j", "x", "escape", "k")
        visit(running, "y", "+", "-", "u", "u", "enter", "P", "escape", "u", "3")
    visit(running, "Y", "ctrl+y", "s", "S", "r")


def test_reasons(running: Terminal) -> None:
    assert "[red]x" in visit(running, "3", "g", "j", "j", "x", "escape", "enter", "u", "3", "G", "r", "2")


def test_timelines(running: Terminal) -> None:
    visit(running, "/", "reason:*", "enter", "g", "r")
    running.wait(lambda text: "correlating" not in text)
    assert "[red]x" in visit(
        running, "enter", *"jkjkj", "escape", "n", "n", "c", "down", "enter", "c", "down", "down", "enter"
    )
    visit(running, "c", "path", "enter", "n", "N", "c", "queue", "enter", "z", "y", "Y", "b", "2", "G", "r")


def test_requests_linked_to_an_error(running: Terminal) -> None:
    visit(running, "/", "reason:Connection_Dropped time:2026-06-16", "enter", "g", "r")
    running.wait(lambda text: "correlating" not in text and "HTTPERR:" in text)
    seen = visit(running, "enter", "tab", "pagedown", "tab", *"kkkjjjjj", "c", "escape")
    assert "linked" in seen
    assert "[red]x" in seen


def test_what_changed(running: Terminal) -> None:
    seen = visit(running, "G", *"zzzzzzzzzz", "w")
    running.wait("What changed")
    assert "[red]x" in running.text
    assert "so far" not in seen
    visit(running, "j", "enter", "y")


def test_a_line_that_is_gone(tmp_path: Path) -> None:
    log = write(
        tmp_path / "logs" / f"gone{NAME}.log",
        b"#Fields: " + HTTPERR_FIELDS.encode() + b"\r\n",
        *httperr_lines(POISON, 1),
    )
    with explore(tmp_path, tmp_path) as terminal:
        terminal.wait("3 errors")
        terminal.wait(lambda text: "reading" not in text and "so far" not in text)
        log.unlink()
        visit(terminal, "g", "enter", "Y", "j", "tab", "G")
        assert "[red]x" in terminal.wait("cannot be read any more")
    taken_apart(terminal.output)


def test_sources_gaps_and_rejects(running: Terminal) -> None:
    assert "[red]x" in visit(running, "5", "g", *"jjjjjjj")
    names, rejects = running.wait("no usable date and time").split("no usable date and time", 1)
    assert "line 9 " in names
    assert "[red]x[/][@cl" in rejects
    visit(running, "y", "Y", "tab", "j", "j", "pagedown", "tab", "g", "enter", "u", "5", "G", "enter", "ctrl+y")


def test_filters_their_completion_and_mistakes(running: Terminal) -> None:
    for field in ("user", "uri", "agent", "host", "reason", "queue", "source", "method", "X-"):
        seen = visit(
            running, "/", f"{field}:" if field != "X-" else field, "down", "down", "tab", "escape", "backspace"
        )
        assert "[red]" in seen or field == "reason", field
    visit(running, "/", pasted(MARKUP + ESCAPES + C1 + BIDI), "enter", "left", "left", "escape", "escape")
    visit(running, "/", pasted("nofield" + ESCAPES + C1 + ":25"), "enter", "escape", "escape", "g")
    visit(
        running,
        "l",
        "l",
        "l",
        "+",
        "-",
        "u",
        "l",
        "l",
        "+",
        "ctrl+y",
        "u",
        "U",
        "v",
        "right",
        "enter",
        "w",
        "j",
        "escape",
    )


def test_presets_palette_help_and_hand_over(running: Terminal, tmp_path: Path) -> None:
    visit(running, "p", "p[red", "down", "up")
    running.wait("p[red]x[@click=app.quit]")
    visit(running, "down")
    running.wait("n[@click=app.quit]␛[31m")
    visit(running, "enter", "P", "escape", "u", "?", "pagedown", "pagedown", "escape", ":", "pagedown", "escape")
    for name in ("rows.csv", "rows.ndjson"):
        visit(running, "e", "ctrl+u", f"{tmp_path / name}", "enter")
        running.wait(name)
    visit(running, ":", "report", "enter", "ctrl+u", f"{tmp_path / 'report'}{NAME[:12]}.html", "enter")
    running.wait("report")
    visit(running, ":", "copy command", "enter", ":", "theme", "enter", "escape")
    visit(running, "e", "ctrl+u", pasted(NAME), "enter", "escape")


def test_what_is_sent_to_the_clipboard_is_masked(running: Terminal) -> None:
    visit(running, "g", "l", "l", "l", "l", "l", "y", "Y", "+", "ctrl+y", "u", "3", "Y", "5", "g", "y", "Y")
    sent = taken_apart(running.output)
    assert len(sent) >= 4
    assert any("␛[31m" in text for text in sent)
    for text in sent:
        assert not hidden(text) - {"\t"}, text


@pytest.mark.parametrize(
    "words",
    [
        ("report",),
        ("report", "--format", "markdown"),
        ("report", "--format", "json"),
        ("report", "--format", "html"),
        ("query",),
        ("query", "--format", "csv", "--limit", "20"),
        ("query", "--format", "ndjson", "--limit", "20"),
        ("rejects",),
        ("rejects", "--format", "ndjson"),
        ("index",),
        ("breakdown", "--by", "uri,agent"),
        ("breakdown", "--by", "reason", "--format", "csv"),
        ("correlate",),
        ("timeline",),
        ("count", "--where", "nofield" + ESCAPES + C1 + BIDI + ":1"),
        ("count", "missing" + NAME),
    ],
    ids=lambda words: " ".join(words[:3]).encode("ascii", "ignore").decode().split("\x1b")[0],
)
def test_commands_on_a_terminal(home: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    with start(home, tmp_path, *words) as terminal:
        terminal.wait_end()
    assert terminal.output
    taken_apart(terminal.output, breaks="\r\n\t")
