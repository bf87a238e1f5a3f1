"""The frames between the modules of correlation are those that ``parsing.correlation.schema`` declares."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from parsing.correlation import habits_of, schema
from parsing.correlation.logs.windows import Window
from parsing.correlation.matching.correlation_window import read_stretch
from parsing.correlation.matching.findings import claims, related
from tests.parsing.correlation.other_server import Habits, OtherServer

ALWAYS = Window(0, 10**14)


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    snapshot = OtherServer(1, Habits(users=120)).snapshot(tmp_path_factory.mktemp("logs"))
    habits = habits_of(snapshot)
    known = habits.surroundings
    stretch = read_stretch(known, ALWAYS)
    assert stretch is not None
    found = claims(stretch.pairs, habits.chances)
    return {
        "ERRORS": stretch.errors,
        "REQUESTS": stretch.requests.drop("row"),
        "TARGET_ROWS": stretch.pairs.rows,
        "FOUND": found,
        "RELATED": related(known, stretch, found),
        "SERVER_GROUPS": known.groups,
        "TIMEOUTS": known.timeouts,
        "ADDRESS_SHARES": known.shares,
    }


@pytest.mark.parametrize(
    "name",
    ["ERRORS", "REQUESTS", "TARGET_ROWS", "FOUND", "RELATED", "SERVER_GROUPS", "TIMEOUTS", "ADDRESS_SHARES"],
)
def test_a_frame_has_the_columns_that_are_declared(frames: dict[str, pl.DataFrame], name: str) -> None:
    declared = schema.polars_schema(getattr(schema, name))
    assert frames[name].height
    assert dict(frames[name].schema) == declared


def test_every_maker_is_a_module() -> None:
    root = Path(schema.__file__).parent
    columns = [column for name in vars(schema) if name.isupper() for column in _columns(getattr(schema, name))]
    assert columns
    assert all((root / f"{column.maker.replace('.', '/')}.py").exists() for column in columns)


def _columns(value: object) -> list[schema.FrameColumn]:
    if not isinstance(value, tuple):
        return []
    return [column for column in value if isinstance(column, schema.FrameColumn)]
