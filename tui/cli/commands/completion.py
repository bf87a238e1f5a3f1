"""What a shell has to run so that it completes words of dropline: ``completion``. Loads no Polars."""

from __future__ import annotations

import sys
from argparse import Namespace

from parsing.errors import UsageError
from tui.cli.completion import script
from tui.cli.options import SHELLS


def completion(arguments: Namespace) -> int:
    shell, *more = arguments.words
    if more or shell not in SHELLS:
        raise UsageError(
            "takes the name of one shell" if more else f"unknown shell {shell}",
            where="completion",
            hint=", ".join(SHELLS),
        )
    sys.stdout.write(script(shell))
    return 0
