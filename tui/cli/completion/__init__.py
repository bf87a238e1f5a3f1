"""Completion of the command line in bash, zsh, fish and PowerShell."""

from __future__ import annotations

from tui.cli.completion.answers import answer, script

__all__ = ["answer", "script"]
