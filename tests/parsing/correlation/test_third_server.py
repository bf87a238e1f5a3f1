"""The third simulated server: apart from the program, the same for a seed, and true to itself."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path

import pytest

import tests.third_server
from tests.third_server import Parameters, WrittenLogs, write_logs

PARAMETERS = replace(Parameters.drawn(1, hours=2, requests=6_000), stall_share=0.2)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> WrittenLogs:
    return write_logs(tmp_path_factory.mktemp("logs"), PARAMETERS, client_port=True)


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("ascii").splitlines()]


def test_it_imports_nothing_of_the_program() -> None:
    folder = Path(tests.third_server.__file__).parent
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not any(name.split(".")[0] in ("parsing", "tui") for name in names), path.name
            assert all(name.startswith("tests.third_server") for name in names if name.startswith("tests"))


def test_the_same_seed_gives_the_same_bytes_and_another_one_another_server(
    written: WrittenLogs, tmp_path: Path
) -> None:
    again = write_logs(tmp_path, PARAMETERS, client_port=True)
    files = sorted(path.relative_to(written.folder) for path in written.folder.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert all((written.folder / path).read_bytes() == (again.folder / path).read_bytes() for path in files)
    assert Parameters.drawn(2).pages != Parameters.drawn(1).pages


def test_the_truth_has_each_row_once(written: WrittenLogs) -> None:
    truth = rows(written.truth)
    assert len({(row["source"], row["line"]) for row in truth}) == len(truth) == written.requests + written.errors
    causes = {row["cause"] for row in truth}
    assert causes >= {"answered", "idle", "body-wait", "client-gone", "application-closed"}


def test_a_repeated_row_is_known_and_ended_before_its_retry(written: WrittenLogs) -> None:
    truth = {(row["source"], row["line"]): row for row in rows(written.truth)}
    repeated = [row for row in truth.values() if row["retries"]]
    assert len(repeated) > 20
    for row in repeated:
        lost = truth[row["retries"]["source"], row["retries"]["line"]]  # type: ignore[index]
        assert lost["client"] == row["client"]
        assert lost["start"] < row["start"]  # type: ignore[operator]


def test_planned_incidents_are_written_with_their_pools(written: WrittenLogs) -> None:
    incidents = rows(written.incidents)
    assert incidents
    assert all(row["pool"] in (*PARAMETERS.pools, "") and row["begin"] < row["end"] for row in incidents)  # type: ignore[operator]
    assert not list(write_logs_without_plan(written.folder.parent / "quiet"))


def write_logs_without_plan(folder: Path) -> list[dict[str, object]]:
    return rows(write_logs(folder, replace(PARAMETERS, is_planned=False)).incidents)
