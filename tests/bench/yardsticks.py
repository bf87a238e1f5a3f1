"""What dropline is measured against: bare Polars, and the log tools that administrators know, where installed."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.bench.generate import IIS_FIELDS
from tests.bench.processes import Run, run, run_python

_BARE = """
import sys
import polars as pl
from parsing.knowledge.fields import wire_field
schema = {name: getattr(pl, wire_field(name).dtype) for name in sys.argv[3:]}
pl.scan_csv(
    sys.argv[1], separator=" ", quote_char=None, has_header=False, comment_prefix="#", schema=schema, null_values="-"
).sink_parquet(sys.argv[2])
"""


def bare_polars(log: Path, target: Path) -> Run:
    """A plain conversion of an IIS log with the default fields to Parquet: no checks, no index."""
    return run_python(_BARE, log, target, *IIS_FIELDS)


def lnav(log: Path) -> Run | None:
    """lnav loading a log and counting its rows; None where lnav is not installed."""
    program = shutil.which("lnav")
    return run([program, "-n", "-N", "-c", ";SELECT count(*) FROM all_logs", log]) if program else None


def goaccess(log: Path, target: Path) -> Run | None:
    """GoAccess reading a log into a report; None where it is not installed."""
    program = shutil.which("goaccess")
    if program is None:
        return None
    return run([program, log, "--log-format=W3C", "--no-global-config", "--no-progress", "-o", target])
