"""dropline reads what the model writes, in every version, without a reject."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsing.httpsys.demo import write_demo
from parsing.httpsys.profile import RELEASES, ServerProfile
from parsing.index.log_set import LogSet


@pytest.mark.parametrize("windows", RELEASES)
def test_every_row_is_read(tmp_path: Path, windows: str) -> None:
    profile = ServerProfile.drawn(5, windows)
    has_port = profile.release.has_custom_fields
    logs = write_demo(tmp_path / "demo", seed=5, requests=3_000, profile=profile, client_port=has_port)
    with LogSet.open([str(tmp_path / "demo")], index_dir=tmp_path / "index") as log_set:
        log_set.read()
        sources = log_set.snapshot().sources
    read = {source.name: source for source in sources if source.status == "ok"}
    assert sum(source.rows for name, source in read.items() if name.startswith("W3SVC")) == logs.requests
    assert sum(source.rows for name, source in read.items() if name.startswith("HTTPERR")) == logs.error_rows
    assert not any(source.rejected or source.damaged for source in sources)
    assert {source.name for source in sources} - set(read) == {"truth.ndjson", "incidents.ndjson"}
