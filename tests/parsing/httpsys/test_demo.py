"""The same seed gives the same bytes; the files are what a server of the chosen version would write."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from parsing.httpsys.demo import write_demo
from parsing.httpsys.profile import RELEASES, ServerProfile
from parsing.incidents import KINDS

ROOT = Path(__file__).parents[3]


def digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*.*log")) + sorted(folder.glob("*.ndjson")):
        total.update(path.relative_to(folder).as_posix().encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def test_the_same_seed_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    write_demo(tmp_path / "here", seed=5, requests=3_000, client_port=True)
    script = (
        "import sys; from pathlib import Path; from parsing.httpsys.demo import write_demo;"
        "write_demo(Path(sys.argv[1]), seed=5, requests=3_000, client_port=True)"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "there")], check=True, env=environment)
    assert digest(tmp_path / "here") == digest(tmp_path / "there")
    write_demo(tmp_path / "other", seed=6, requests=3_000, client_port=True)
    assert digest(tmp_path / "here") != digest(tmp_path / "other")


def test_what_was_planned_is_written_with_the_kind_and_pools_it_is_to_be_told_by(tmp_path: Path) -> None:
    logs = write_demo(tmp_path / "usual", requests=20_000, rate=4)
    told = [json.loads(line) for line in logs.planned.read_text("ascii").splitlines()]
    assert {one["kind"] for one in told} <= set(KINDS)
    assert all(one["begin"] <= one["end"] for one in told)
    assert [one["pool"] for one in told if one["plan"] == "crash loop"] == [["Legacy"]]
    quiet = write_demo(tmp_path / "quiet", requests=2_000, rate=4, has_incidents=False)
    assert quiet.planned.read_text("ascii") == ""


def test_an_earlier_demo_is_replaced_but_no_other_logs(tmp_path: Path) -> None:
    write_demo(tmp_path, requests=40_000, rate=20)
    assert (tmp_path / "HTTPERR" / "httperr1.log").exists()
    logs = write_demo(tmp_path, requests=300)
    assert sorted(tmp_path.rglob("*.log")) == sorted((*logs.iis, *logs.errors))
    logs.truth.unlink()
    before = digest(tmp_path)
    with pytest.raises(FileExistsError):
        write_demo(tmp_path, requests=300)
    assert digest(tmp_path) == before


@pytest.mark.parametrize("windows", RELEASES)
def test_every_row_has_as_many_values_as_its_section_has_fields(tmp_path: Path, windows: str) -> None:
    logs = write_demo(tmp_path, seed=2, requests=2_000, profile=ServerProfile.drawn(2, windows))
    headerless = 12
    rows = 0
    for path in (*logs.iis, *logs.errors):
        width = headerless
        for line in path.read_bytes().split(b"\r\n")[:-1]:
            if line.startswith(b"#"):
                width = len(line.split()) - 1 if line.startswith(b"#Fields:") else width
                continue
            assert len(line.split(b" ")) == width, line
            rows += 1
    assert rows == logs.requests + logs.error_rows > 2_000
