"""Invented logs in every shape that is known from the field, counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsing.formats.detect import HEAD, detect
from parsing.formats.parser import Parser
from parsing.sources.discovery import discover
from tests.parsing.formats.plain_reader import plain_text

SAMPLES = Path(__file__).parents[2] / "samples"

COUNTED = {
    "httperr/eighteen_columns.log": ("httperr", 9, 5, 4, 0),
    "httperr/few_fields_trailing_blank.log": ("httperr", 5, 1, 4, 0),
    "httperr/fourteen_columns_ipv6_zone.log": ("httperr", 5, 1, 4, 0),
    "httperr/fourteen_columns_no_listener.log": ("httperr", 6, 2, 4, 0),
    "httperr/isatap_three_blocks.log": ("httperr", 17, 5, 12, 0),
    "httperr/scanner_headerless.log": ("httperr", 8, 8, 0, 0),
    "httperr/scanner_raw_bytes.log": ("httperr", 8, 8, 0, 0),
    "httperr/sixteen_columns.log": ("httperr", 6, 2, 4, 0),
    "httperr/thirteen_columns.log": ("httperr", 8, 4, 4, 0),
    "httperr/thirteen_then_eighteen_columns.log": ("httperr", 10, 2, 8, 0),
    "httperr/twelve_columns_headerless.log": ("httperr", 4, 4, 0, 0),
    "iis/commented_directives.log": ("iis-w3c", 5, 1, 4, 0),
    "iis/custom_forwarded_for.log": ("iis-w3c", 6, 2, 4, 0),
    "iis/directives_in_another_order.log": ("iis-w3c", 5, 1, 4, 0),
    "iis/exchange.log": ("iis-w3c", 5, 3, 2, 0),
    "iis/fields_too_few.log": ("iis-w3c", 2, 0, 1, 1),
    "iis/headerless_ipv6_zone.log": ("iis-w3c", 1, 1, 0, 0),
    "iis/iis6_no_date_column.log": ("iis-w3c", 7, 3, 4, 0),
    "iis/iis6_trailing_blank.log": ("iis-w3c", 8, 4, 4, 0),
    "iis/iis10.log": ("iis-w3c", 8, 4, 4, 0),
    "iis/native.log": ("iis-native", 5, 5, 0, 0),
    "iis/no_version_no_date.log": ("iis-w3c", 3, 1, 2, 0),
    "iis/query_with_an_error_of_the_database.log": ("iis-w3c", 6, 2, 4, 0),
    "iis/three_layouts.log": ("iis-w3c", 17, 3, 12, 2),
    "iis/umlauts.log": ("iis-w3c", 5, 1, 4, 0),
    "iis/without_software.log": ("iis-w3c", 3, 2, 1, 0),
}
"""Format, lines, rows, directives and rejects of each log; no line is blank, no value misfits."""

EARLIER = "version_0_1_0"
"""Files that the program wrote; no logs."""
NO_LOGS = {"iis/other_ftp.log", "iis/other_proxy_service.log", "iis/other_web_cache.log"}


def test_every_sample_is_known_or_set_aside() -> None:
    found = discover([str(path) for path in sorted(SAMPLES.iterdir()) if path.is_dir() and path.name != EARLIER])
    assert not found.problems
    names = {f"{file.path.parent.name}/{file.path.name}": file.path for file in found.files}
    assert set(names) == set(COUNTED) | NO_LOGS
    for name, path in names.items():
        data = path.read_bytes()
        detection = detect(data[:HEAD], name)
        assert detection.is_log == (name in COUNTED), name
        if not detection.is_log:
            assert detection.why
            continue
        block = Parser(detection.format, name).parse(data, 1, is_last=True)
        assert (detection.format, block.lines, block.rows, block.directives, block.rejected) == COUNTED[name], name
        assert (block.blank, block.damaged, block.consumed) == (0, 0, len(data)), name


@pytest.mark.parametrize("name", [name for name, counts in COUNTED.items() if counts[0] != "iis-native"])
def test_every_value_of_a_row_is_in_its_line(name: str) -> None:
    data = (SAMPLES / name).read_bytes()
    block = Parser(COUNTED[name][0], name).parse(data, 1, is_last=True)
    lines = [plain_text(line.rstrip(b"\r")) for line in data.split(b"\n")]
    for section in block.sections:
        for row in section.frame.iter_rows(named=True):
            tokens = lines[row.pop("line") - 1].split(" ")
            time = row.pop("time")
            assert time.strftime("%H:%M:%S") in tokens
            missing = [value for value in row.values() if value is not None and str(value) not in tokens]
            assert not missing
