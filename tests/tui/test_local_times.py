"""Logs in local time next to Httperr.log: the title says so, and Sources proposes the zone that the logs show."""

from __future__ import annotations

from pathlib import Path

from tests.tui.driving import explorer
from tests.written_logs import write


async def test_the_title_warns_of_local_times_and_sources_has_their_zone(tmp_path: Path) -> None:
    minutes = range(1, 9)
    rows = (
        f"192.0.2.5, -, 6/15/26, 12:0{n}:00, W3SVC1, WEB01, 198.51.100.1, 9, 4, 7, 200, 0, GET, /{n}, -,\r\n"
        for n in minutes
    )
    errors = (f"2026-06-15 10:0{n}:30 192.0.2.5 /{n} Connection_Dropped\r\n" for n in minutes)
    logs = write(tmp_path / "logs" / "in260615.log", *rows).parent
    async with explorer(logs, tmp_path, size=(120, 36)) as driver:
        assert "local times" not in driver.text, "without errors nothing is hours off"
    write(logs / "httperr1.log", "#Fields: date time c-ip cs-uri s-reason\r\n", *errors)
    async with explorer(logs, tmp_path, size=(80, 24)) as driver:
        assert "local times as UTC: --log-tz" in driver.text.splitlines()[0]
        await driver.press("5", "G")
        await driver.wait(lambda: "--log-tz +02:00 fits" in " ".join(driver.text.split()))
