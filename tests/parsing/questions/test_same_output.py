"""The same logs give the same records, byte for byte, whatever became of the index on the way."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from parsing.index.log_set import LogSet
from parsing.questions import rows_in_order
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, append, httperr_lines, iis_lines, write

OTHER_HEAD = "#Fields: date time cs-method X-Custom c-ip\r\n"
OTHER = "2026-06-15 10:00:00 GET a 10.0.0.1\r\n2026-06-15 10:00:01 POST b 10.0.0.1\r\n"


def records(log_set: LogSet) -> str:
    log_set.read()
    return pl.concat(list(rows_in_order(log_set.snapshot()))).write_csv()


def test_columns_and_ties_do_not_depend_on_the_order_of_reading(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    texts = {
        "u_ex1.log": (IIS_HEAD, iis_lines(4)),
        "httperr1.log": (HTTPERR_HEAD, httperr_lines(4)),
        "u_ex2.log": (OTHER_HEAD, OTHER),
    }
    results = set()
    for turn, names in enumerate((list(texts), list(texts)[::-1])):
        for old in logs.glob("*"):
            old.unlink()
        with LogSet.open([str(logs)], index_dir=tmp_path / f"index{turn}") as log_set:
            for name in names:
                head, lines = texts[name]
                write(logs / name, head)
                for line in lines.splitlines(keepends=True):
                    append(logs / name, line)
                    log_set.poll()
            results.add(records(log_set))
        with LogSet.open([str(logs)], index_dir=tmp_path / f"whole{turn}") as log_set:
            results.add(records(log_set))
    assert len(results) == 1
