"""The README's commands are the ones that are run, and its tables are the code's own."""

from __future__ import annotations

import re
from pathlib import Path

from tui.keymap import key_table

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def commands() -> list[str]:
    blocks = re.findall(r"```(?:bash|sh)\n(.*?)```", README, re.S)
    return [line for block in blocks for line in block.splitlines()]


def test_ci_calls_the_test_command_of_the_readme() -> None:
    test_commands = [line for line in commands() if "pytest" in line]
    assert len(test_commands) == 1
    assert test_commands[0] in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()


def test_one_command_installs_and_opens_the_demo() -> None:
    assert [line for line in commands() if line.startswith("python3 -m venv") and line.endswith("dropline demo")]


def test_every_picture_of_the_readme_is_in_the_checkout() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert pictures
    for picture in pictures:
        assert (ROOT / picture).is_file(), picture


def test_the_table_of_keys_is_the_one_in_the_code() -> None:
    shown = re.search(r"<!-- keys: made by tui.keymap.key_table -->\n(.*?)\n<!-- end of keys -->", README, re.S)
    assert shown is not None
    assert shown.group(1) == key_table()


def test_the_workflow_for_every_platform_has_the_commands_of_ci() -> None:
    run = (
        (ROOT / ".ci" / "run").read_text("utf-8").replace(".venv/bin/", "").replace("mypy\n", "mypy --platform linux\n")
    )
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    checks = [line for line in run.splitlines() if line.startswith(("ruff", "mypy"))]
    assert len(checks) == 5
    assert [line.strip().removeprefix("- run: ") for line in workflow.splitlines() if "- run: " in line][2:] == checks
