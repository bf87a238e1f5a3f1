"""Completion: what is proposed, and that real shells put it into the line."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.test_imports import loaded_by
from tests.tui.cli.conftest import Run
from tui.cli.options import SHELLS, THEMES

ROOT = Path(__file__).resolve().parents[3]
BREAKS = " \t\n\"'@><=;|&(:"
"""COMP_WORDBREAKS as bash has it."""


def proposed(run: Run, *words: str) -> list[str]:
    done = run("__complete", "zsh", *words)
    assert (done.status, done.err) == (0, "")
    return [line.partition("\t")[0] for line in done.lines]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["cou"], ["count"]),
        (["hel"], ["help"]),
        (["help", "brea"], ["breakdown"]),
        (["count", "x.log", "--whe"], ["--where"]),
        (["--fol"], ["--follow"]),
        (["count", "--log", "h"], ["httperr"]),
        (["count", "--log=h"], ["--log=httperr"]),
        (["report", "--format", "m"], ["markdown"]),
        (["query", "--format", "c"], ["csv"]),
        (["count", "--preset", "queue f"], ["queue full"]),
        (["presets", "sh"], ["show"]),
        (["presets", "show", "queue f"], ["queue full"]),
        (["cache", "cl"], ["clear"]),
        (["completion", "po"], ["powershell"]),
        (["explain", "QueueF"], ["QueueFull"]),
        (["breakdown", "--by", "reaso"], ["reason"]),
        (["query", "--columns", "client,statu"], ["client,status"]),
        (["query", "--sort", "-take"], ["-taken"]),
        (["count", "--where", "statu"], ["status:"]),
        (["count", "--where", "log:i"], ["log:iis"]),
        (["count", "--where", "status:5xx -reason:QueueF"], ["status:5xx -reason:QueueFull"]),
        (["count", "--theme", "high"], []),
        (["x.log", "--theme", "dar"], ["dark"]),
        (["count", "x.l"], []),
        (["count", "--", "--wh"], []),
        (["explain", "--fo"], ["--format"]),
    ],
)
def test_what_is_proposed(run: Run, words: list[str], expected: list[str]) -> None:
    assert [text for text in proposed(run, *words) if text in expected or not expected][: len(expected)] == expected
    assert bool(proposed(run, *words)) == bool(expected)


def test_every_command_is_proposed_with_what_it_does(run: Run) -> None:
    lines = run("__complete", "fish", "").lines
    assert "count\thow many rows" in lines
    assert "explore" not in "\n".join(lines).split()


def test_own_presets_are_proposed(run: Run) -> None:
    run("presets", "save", "my own; preset", "--where", "status:500")
    assert proposed(run, "count", "--preset", "my") == ["my own; preset"]


def test_the_line_of_bash_is_cut_where_bash_cuts_it(run: Run) -> None:
    def answered(line: str) -> list[str]:
        return run("__complete", "bash", line, BREAKS).lines

    assert answered("dropline count --where reason:QueueF") == ["QueueFull"]
    assert answered("dropline count --where 'reason:QueueF") == ["reason:QueueFull"]
    assert answered('dropline count --where "status:5xx reason:QueueF') == ["status:5xx reason:QueueFull"]
    assert answered("dropline count --preset queue\\ f") == ["queue\\ full"]
    assert answered("dropline count --where=statu") == ["status:"]


def test_powershell_gets_whole_words_in_its_own_quotes(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def answered(line: str) -> list[str]:
        monkeypatch.setenv("DROPLINE_LINE", line)
        return [found.partition("\t")[0] for found in run("__complete", "powershell").lines]

    assert answered("dropline count --where reason:QueueF") == ["reason:QueueFull"]
    assert answered("dropline count --preset 'queue f") == ["'queue full'"]
    assert answered("dropline query --columns client,statu")[0] == "'client,status'"
    assert answered("dropline presets ") == ["list", "show", "save", "delete"]
    assert "Register-ArgumentCompleter -Native -CommandName dropline" in run("completion", "powershell").out


def test_an_unknown_shell_is_wrong_usage(run: Run) -> None:
    done = run("completion", "tcsh")
    assert (done.status, done.out) == (2, "")
    assert ", ".join(SHELLS) in done.err


def test_the_themes_are_those_of_the_explorer() -> None:
    from tui.themes import THEMES as THEMES_OF_EXPLORER

    assert tuple(THEMES_OF_EXPLORER) == THEMES


if sys.platform != "win32":
    import pexpect

    START = {
        "bash": ["bash", "--norc", "--noprofile", "-i"],
        "zsh": ["zsh", "-f", "-i"],
        "fish": ["fish", "--no-config", "-i"],
    }
    READY = {
        "bash": "eval \"$(dropline completion bash)\"; bind 'set bell-style none'; PS1='rea''dy> '",
        "zsh": "autoload -U compinit; compinit -u; eval \"$(dropline completion zsh)\"; unsetopt beep; PS1='rea''dy> '",
        "fish": "dropline completion fish | source; function fish_prompt; echo -n 'rea''dy> '; end",
    }
    TYPED = (
        ("dropline cou", ["count"]),
        ("dropline count --whe", ["count", "--where"]),
        ("dropline count --where reason:QueueF", ["count", "--where", "reason:QueueFull"]),
        ("dropline count --where -reason:QueueF", ["count", "--where", "-reason:QueueFull"]),
        ("dropline count --preset que", ["count", "--preset", "queue full"]),
        ("dropline breakdown --by statu", ["breakdown", "--by", "status"]),
        ("dropline count only-o", ["count", "only-one.log"]),
    )

    @pytest.mark.slow
    @pytest.mark.parametrize("shell", list(START))
    def test_a_real_shell_completes(shell: str, tmp_path: Path) -> None:
        if shutil.which(shell) is None:
            pytest.skip(f"there is no {shell}")
        (tmp_path / "only-one.log").touch()
        program = tmp_path / "bin" / "dropline"
        program.parent.mkdir()
        program.write_text(
            f'#!/bin/sh\ncase "$1" in\n__complete|completion) exec "{sys.executable}" -m tui "$@" ;;\nesac\n'
            'printf "<%s>" "$@"; echo "<end>"\n'
        )
        program.chmod(0o755)
        names = ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")
        environment = {name: str(tmp_path / "home") for name in names} | {
            "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "TERM": "dumb" if shell != "fish" else "xterm",
            "LC_ALL": "C.UTF-8",
        }
        (tmp_path / "home").mkdir()
        child: Any = pexpect.spawn(
            START[shell][0], START[shell][1:], env=environment, cwd=str(tmp_path), timeout=30, dimensions=(40, 200)
        )
        child.delaybeforesend = None
        try:
            child.send(READY[shell] + "\r")
            child.expect_exact("ready> ")
            for typed, expected in TYPED:
                child.send(typed + "\t\r")  # a key that comes early waits until the shell has the answer
                child.expect_exact("".join(f"<{word}>" for word in expected))
                child.expect_exact("ready> ")
        finally:
            child.close(force=True)


def test_an_answer_loads_nothing_that_takes_long() -> None:
    """A shell waits for it at each press of the key: Polars alone would take longer than all the rest."""
    code = "from tui.cli import main\nmain(['__complete', 'zsh', 'count', '--where', 'reason:Conn'])"
    assert not {"polars", "textual", "rich"} & loaded_by(code)
