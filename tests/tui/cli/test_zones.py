"""The zone of this computer, also where its clocks are set."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_CODE = """
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo
from tui.cli.logs import zone

local, known = zone("local"), ZoneInfo("{zone}")
for start in ({starts}):
    for step in range(96):
        moment = datetime.fromisoformat(start).replace(tzinfo=UTC) + timedelta(minutes=15 * step, milliseconds=5)
        here = moment.astimezone(local)
        assert here.replace(tzinfo=None) == moment.astimezone(known).replace(tzinfo=None), (moment, here)
        assert here.astimezone(UTC) == moment, (moment, here)
"""


@pytest.mark.skipif(os.name == "nt", reason="TZ names no zone there")
@pytest.mark.parametrize(
    ("name", "starts"),
    [
        ("America/Los_Angeles", ("2026-03-08", "2026-11-01", "2026-07-01")),
        ("Europe/Oslo", ("2026-03-29", "2026-10-25", "1601-01-01")),
        ("Australia/Lord_Howe", ("2026-04-04T06:00", "2026-10-03T06:00")),
    ],
)
def test_local_times_are_those_of_the_zone_also_around_changes_of_the_clock(name: str, starts: tuple[str, ...]) -> None:
    code = _CODE.format(zone=name, starts=", ".join(map(repr, starts)) + ",")
    environment = os.environ | {"TZ": name}
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=root, capture_output=True, check=False)
    assert (done.returncode, done.stderr.decode()) == (0, "")
