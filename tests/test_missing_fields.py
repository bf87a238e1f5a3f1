"""A field without a value is an ordinary thing: no command ends in a traceback over it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import missing_fields
from tests.missing_fields import HTTPERR, IIS, KEPT, failures, log, view_failure
from tui.cli import main
from tui.cli.options import COMMANDS, EXPLORE

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("iis", "httperr"),
    [
        (set(), {"s-reason"}),
        ({"cs-uri-stem"}, {"cs-uri"}),
        (set(IIS) - KEPT, set(HTTPERR) - KEPT),
    ],
)
@pytest.mark.parametrize("as_column", [False, True])
def test_no_command_needs_a_field(tmp_path: Path, iis: set[str], httperr: set[str], as_column: bool) -> None:
    assert not list(failures(tmp_path, (frozenset(iis), frozenset(httperr), as_column)))


@pytest.mark.parametrize("as_column", [False, True])
async def test_no_view_needs_a_field(tmp_path: Path, as_column: bool) -> None:
    assert not await view_failure(tmp_path, (frozenset(IIS) - KEPT, frozenset(HTTPERR) - KEPT, as_column))


def test_every_command_that_reads_logs_is_tried() -> None:
    reading = {name for name, command in COMMANDS.items() if command.words == "PATH"} - {EXPLORE}
    assert {name for name, *_ in missing_fields.COMMANDS} == reading


def test_a_reason_and_a_path_that_were_not_logged_are_null(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    text = log(HTTPERR, frozenset({"s-reason"}), as_column=False, software="Microsoft HTTP API 2.0")
    (logs / "httperr1.log").write_bytes(text.encode())
    text = log(
        IIS, frozenset({"cs-uri-stem"}), as_column=False, software="Microsoft Internet Information Services 10.0"
    )
    (logs / "u_ex260615.log").write_bytes(text.encode())
    options = [str(logs), "--index-dir", str(tmp_path / "index"), "--format", "ndjson", "--quiet"]
    assert main(["correlate", *options]) == 0
    records = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [record["s-reason"] for record in records] == [None, "Connection_Dropped"]
    assert main(["client-gone", *options]) == 0
    paths = [json.loads(line)["path"] for line in capfd.readouterr().out.splitlines()]
    assert None in paths
    assert "/a" in paths
