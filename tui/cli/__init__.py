"""The command line. Help and version load neither Polars nor Textual: a command imports what it needs when it runs."""

from __future__ import annotations

from tui.cli.entry import main

__all__ = ["main"]
