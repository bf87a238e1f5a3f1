"""The man page and what else the wheel has beside the two packages."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tui.cli.manual import man_page

ROOT = Path(__file__).resolve().parents[3]


def test_the_man_page_is_that_of_the_table_of_commands() -> None:
    assert (ROOT / "tui/cli/dropline.1").read_text("utf-8") == man_page(), (
        "python -m tui.cli.manual > tui/cli/dropline.1"
    )


def test_the_man_page_is_understood(tmp_path: Path) -> None:
    if shutil.which("groff") is None:
        pytest.skip("there is no groff")
    page = tmp_path / "dropline.1"
    page.write_text(man_page(), "utf-8")
    done = subprocess.run(["groff", "-man", "-Tascii", "-ww", str(page)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "dropline breakdown PATH... [options]" in re.sub(".\b", "", done.stdout), "bold is struck twice"


def test_the_wheel_has_the_man_page_and_a_module_of_the_name_of_the_program() -> None:
    """``python -m dropline`` works without a third package: the module is a copy of ``tui/__main__.py``."""
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["packages"] == ["parsing", "tui"]
    assert wheel["shared-data"] == {"tui/cli/dropline.1": "share/man/man1/dropline.1"}
    assert wheel["force-include"] == {"tui/__main__.py": "dropline.py"}
