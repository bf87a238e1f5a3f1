"""What the scripts of the shells ask for: ``dropline __complete SHELL ...``; a proposal a line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.resources import files

from parsing.safe_text import safe
from tui.cli.completion.candidates import candidates
from tui.cli.completion.command_line import Typed, for_bash, for_powershell, split_line


def script(shell: str) -> str:
    """What a shell has to run once, so that it completes the words of this program."""
    return files("tui.cli.completion").joinpath("scripts", f"dropline.{shell}").read_text("utf-8")


def answer(words: Sequence[str]) -> int:
    """Write the proposals for a command line as a shell hands it over.

    bash hands over the line up to the cursor and the characters at which it cuts words, PowerShell the line in an
    environment variable (it would lose empty words), zsh and fish the words. Nothing is said of mistakes.
    """
    shell, *given = words or [""]
    if shell == "bash" and given:
        typed = split_line(given[0], "\\")
    elif shell == "powershell":
        typed = split_line(os.environ.get("DROPLINE_LINE", ""), "`")
    else:
        typed = Typed(tuple(given) or ("",))
    lines = []
    for one in candidates(typed.words):
        text, hint = safe(one.text), safe(one.hint)
        if shell == "bash":
            lines.append(for_bash(text, typed, given[1] if len(given) > 1 else ""))
        else:
            lines.append(f"{for_powershell(text) if shell == 'powershell' else text}\t{hint}")
    sys.stdout.buffer.write("".join(f"{line}\n" for line in lines).encode())
    return 0
