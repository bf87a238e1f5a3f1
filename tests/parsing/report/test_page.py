"""The page in a real browser, where Chromium is installed: nothing is wider than the screen, and nothing is complained of."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from parsing.httpsys import write_demo
from parsing.index import LogSet
from parsing.report import build_report, render

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

FRAME = """<!doctype html><body style="margin:0"><iframe src="page.html" style="width:{width}px;height:3000px;border:0"></iframe>
<script>onload = () => {{
  const page = document.querySelector("iframe").contentDocument.documentElement;
  document.title = "widths " + page.scrollWidth + " " + page.clientWidth + " end";
}}</script>"""
"""The page itself has no script and a policy against any; the frame around it measures it."""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    logs = write_demo(folder / "demo", requests=15_000, rate=3)
    with LogSet.open([str(logs.folder)], index_dir=folder / "index") as log_set:
        log_set.read()
        report = build_report(log_set.snapshot(), proves=True)
    assert len(report.proofs) >= 3
    (folder / "page.html").write_text(render(report, "html"), "utf-8")
    return folder


@pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")
@pytest.mark.parametrize("width", [380, 800, 1060, 1400])
def test_nothing_is_wider_than_the_screen(page: Path, width: int) -> None:
    (page / f"frame{width}.html").write_text(FRAME.format(width=width), "utf-8")
    command = [
        str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--dump-dom",
        "--virtual-time-budget=5000", "--enable-logging=stderr", f"--user-data-dir={page / f'profile{width}'}",
        (page / f"frame{width}.html").as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    found = re.search(r"widths (\d+) (\d+) end", done.stdout)
    assert found, done.stderr[-2000:]
    assert int(found[1]) <= int(found[2]) <= width
    assert "CONSOLE" not in done.stderr
