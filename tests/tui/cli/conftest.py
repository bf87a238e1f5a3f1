"""Logs small enough to count by hand, and the command line run in this process on them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, write
from tui.cli import main

IIS = (
    "2026-06-15 10:00:00 10.0.0.1 GET /a[b]c[/red] q=1 443 CONTOSO\\ann 192.0.2.1 curl/8.0\x1b[31m - 200 0 0 1500\r\n"
    "2026-06-15 10:00:01 10.0.0.1 GET /slow - 443 - 192.0.2.2 Mozilla/5.0 - 200 0 64 94000\r\n"
    "2026-06-15 10:01:00 10.0.0.1 POST /upload name=Ann&id=7 443 - 192.0.2.2 Mozilla/5.0 - 500 19 2147942464 12\r\n"
    "this is no entry\r\n"
    "\r\n"
)
HTTPERR = (
    "2026-06-15 10:00:30 192.0.2.2 50123 10.0.0.1 443 - - - - - Timer_ConnectionIdle -\r\n"
    "2026-06-15 10:01:00 192.0.2.2 50124 10.0.0.1 443 HTTP/1.1 GET /slow?x=\u202e1 - 1 Connection_Dropped Web\r\n"
    "2026-06-15 10:01:02 192.0.2.3 50125 10.0.0.1 443 HTTP/1.1 GET /full 503 1 QueueFull Web\r\n"
    "2026-06-15 10:02:59 192.0.2.3 50126 10.0.0.1 443 HTTP/1.1 GET /full 503 1 QueueFull Web\r\n"
    "2026-06-15 11:30:00 192.0.2.9 50127 10.0.0.1 443 HTTP/1.1 GET /new - 1 Brand_New Web\r\n"
)


@dataclass(frozen=True)
class Result:
    """How a command ended and what it wrote."""

    status: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        return self.raw.decode()

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the developer's own settings, presets and caches is seen or changed."""
    for name in (
        "HOME",
        "XDG_CONFIG_HOME",
        "XDG_CACHE_HOME",
        "XDG_STATE_HOME",
        "LOCALAPPDATA",
        "WIN_PD_OVERRIDE_LOCAL_APPDATA",
    ):
        monkeypatch.setenv(name, str(tmp_path / "home" / name.lower()))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two sources with 3 requests and 5 errors, one reject and one blank line."""
    write(tmp_path / "logs" / "u_ex260615.log", IIS_HEAD, IIS)
    write(tmp_path / "logs" / "httperr1.log", HTTPERR_HEAD, HTTPERR)
    return tmp_path / "logs"


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Run ``dropline`` with these words."""

    def call(*words: str | Path) -> Result:
        capfdbinary.readouterr()
        try:
            status = main([str(word) for word in words])
        except SystemExit as end:
            status = int(end.code or 0)
        written = capfdbinary.readouterr()
        return Result(status, written.out, written.err.decode())

    return call
