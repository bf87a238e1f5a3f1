"""Public logs that lie beside the project, where they do: read in place, counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsing.formats.detect import HEAD, detect
from parsing.formats.parser import Parser
from parsing.sources.discovery import discover
from tests.parsing.formats.plain_reader import plain_text

SAMPLES = Path(__file__).parents[4] / "shared" / "samples"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="no samples beside the project")

COUNTED = {
    "httperr/beats_error_test.log": ("httperr", 8, 4, 4, 0),
    "httperr/beats_iis_error_url.log": ("httperr", 8, 8, 0, 0),
    "httperr/beats_ipv6_zone_id_14col.log": ("httperr", 5, 1, 4, 0),
    "httperr/derived_nonutf8_bytes.log": ("httperr", 8, 8, 0, 0),
    "httperr/logjoint_httperr_2011-2012.log": ("httperr", 22, 10, 12, 0),
    "httperr/msdocs_cloudservices_503_14col.log": ("httperr", 6, 2, 4, 0),
    "httperr/msdocs_http400_reduced_fields_trailing_space.log": ("httperr", 5, 1, 4, 0),
    "httperr/msdocs_kb820729_headerless_12col.log": ("httperr", 4, 4, 0, 0),
    "httperr/plaso_httperr_18col_2026.log": ("httperr", 9, 5, 4, 0),
    "iis/analogy_u_ex_Test.log": ("iis-w3c", 20, 16, 4, 0),
    "iis/analogy_u_ex_Test_Custom.log": ("iis-w3c", 15, 11, 4, 0),
    "iis/beats_access_azure_no_version_no_date.log": ("iis-w3c", 3, 1, 2, 0),
    "iis/beats_access_test_3fieldsets.log": ("iis-w3c", 17, 3, 12, 2),
    "iis/elastic_ipv6zone_headerless.log": ("iis-w3c", 1, 1, 0, 0),
    "iis/lnav_logfile_w3c.0": ("iis-w3c", 5, 1, 4, 0),
    "iis/lnav_logfile_w3c.5": ("iis-w3c", 2, 0, 1, 1),
    "iis/lnav_logfile_w3c.6": ("iis-w3c", 5, 1, 4, 0),
    "iis/logjoint_iis_native_format.log": ("iis-native", 6, 6, 0, 0),
    "iis/mrsalmon_LogFile_iis85.log": ("iis-w3c", 342, 338, 4, 0),
    "iis/plaso_iis10.log": ("iis-w3c", 5, 1, 4, 0),
    "iis/plaso_iis6.log": ("iis-w3c", 16, 12, 4, 0),
    "iis/plaso_iis7_owa.log": ("iis-w3c", 5, 3, 2, 0),
    "iis/plaso_iis7_sqli.log": ("iis-w3c", 6, 2, 4, 0),
    "iis/plaso_iis_without_date.log": ("iis-w3c", 15, 11, 4, 0),
    "iis/so_13695234_time_is_end_of_request.log": ("iis-w3c", 8, 7, 1, 0),
}
"""Format, lines, rows, directives and rejects of each log; no line is blank, no value misfits."""


def test_every_sample_is_known_or_set_aside() -> None:
    found = discover([str(SAMPLES)])
    assert not found.problems
    for file in found.files:
        data = file.path.read_bytes()
        detection = detect(data[:HEAD], file.name)
        assert (file.name in COUNTED) == detection.is_log, file.name
        if not detection.is_log:
            assert detection.why
            continue
        block = Parser(detection.format, file.name).parse(data, 1, is_last=True)
        counts = (detection.format, block.lines, block.rows, block.directives, block.rejected)
        assert counts == COUNTED[file.name], file.name
        assert block.lines == len(data.splitlines()) == block.rows + block.directives + block.rejected
        assert (block.blank, block.damaged, block.consumed) == (0, 0, len(data)), file.name


@pytest.mark.parametrize("name", [name for name, counts in COUNTED.items() if counts[0] != "iis-native"])
def test_every_value_of_a_row_is_in_its_line(name: str) -> None:
    data = (SAMPLES / name).read_bytes()
    block = Parser(COUNTED[name][0], name).parse(data, 1, is_last=True)
    lines = [plain_text(line) for line in data.split(b"\n")]
    for section in block.sections:
        for row in section.frame.iter_rows(named=True):
            tokens = lines[row.pop("line") - 1].split(" ")
            time = row.pop("time")
            assert time.strftime("%H:%M:%S") in tokens
            missing = [value for value in row.values() if value is not None and str(value) not in tokens]
            assert not missing
