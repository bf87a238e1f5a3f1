"""A program that reads logs and is killed by ``kill -9`` at a stage, for tests of what is left then."""

from __future__ import annotations

import sys
from pathlib import Path

_READ = """
import os, signal, sys
from pathlib import Path
from parsing import files
from parsing.index.log_set import LogSet
from parsing.index.reading import byte_stage, commit_stage
from parsing.index.store import dictionaries, manifest, segments, store

stage, count, logs, index = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
byte_stage.BLOCK, byte_stage.FIRST_BLOCK = int(sys.argv[5]), int(sys.argv[5]) // 4
commit_stage.SECONDS_BETWEEN_COMMITS = 0.0

def killing(function):
    def called(*arguments, **named):
        global count
        count -= 1
        if count <= 0:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
        return function(*arguments, **named)
    return called

owner, name = {
    "registering": (store.Store, "source_numbers"),
    "parsing": (commit_stage.PieceParser, "parse"),
    "encoding": (dictionaries.Encoder, "encode"),
    "writing": (segments, "write_parquet"),
    "renaming": (files.os, "fsync"),
    "storing words": (dictionaries, "store_values"),
    "committing": (manifest.Manifest, "commit"),
    "in the transaction": (manifest, "_text"),
    "showing": (manifest.State, "apply"),
    "joining": (segments, "join"),
    "committing the joined": (commit_stage, "_joining"),
    "joining dictionaries": (commit_stage, "join_parts"),
}[stage]
setattr(owner, name, killing(getattr(owner, name)))
segments.JOINED = 2
LogSet.open([logs], index_dir=Path(index)).read()
"""


def killed_reading(stage: str, count: int, logs: Path, index: Path, block: int) -> list[str]:
    """The command that reads logs in blocks of so many bytes, and is killed when a stage is reached so many times."""
    return [sys.executable, "-c", _READ, stage, str(count), str(logs), str(index), str(block)]
