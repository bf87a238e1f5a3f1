"""No command tells what ``--redact`` hides: secrets are planted in every kind of field, and all that is written is searched."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.written_logs import write
from tui.cli import main
from tui.cli.options import COMMANDS, EXPLORE

pytestmark = pytest.mark.slow

SECRET = "zq9secret"
"""Stands in every planted value, with letters that make each unique."""

CLIENT, PROXY, SERVER = "198.51.100.77", "203.0.113.88", "192.0.2.99"
VALUES = {
    "date": "2026-06-15", "time": "10:00:05", "s-ip": SERVER, "s-computername": f"{SECRET}-web", "cs-method": "GET",
    "cs-uri-stem": f"/app/ann%40{SECRET}a/198-51-100-77/http%3A%2F%2F{SECRET}b.example%2Fx/list.jsp;sid={SECRET}c",
    "cs-uri-query": f"name={SECRET}d&{SECRET}e", "s-port": "443", "cs-username": f"{SECRET}f\\{SECRET}g", "c-ip": CLIENT,
    "cs(User-Agent)": f"Agent/1.0+(+http://{SECRET}h.example)", "cs(Cookie)": f"sid={SECRET}i", "cs-host": f"{SECRET}j.example",
    "cs(Referer)": f"https://{SECRET}k.example/p?q={SECRET}l", "sc-status": "500", "sc-substatus": "0", "sc-win32-status": "64",
    "time-taken": "4000", "X-Original-URL": f"/login?user={SECRET}m", "Location": f"https://{SECRET}n.example/next",
    "Set-Cookie": f"sid={SECRET}o", "Authorization": f"Basic+{SECRET}p", "X-Api-Key": f"{SECRET}q",
    "X-Forwarded-For": f"{PROXY},+{SECRET}r", "X-Forwarded-Host": f"{SECRET}s", "X-Note": f"http%3A%2F%2F{SECRET}t.example%2Fx",
}  # fmt: skip
ERROR = {
    "date": "2026-06-15", "time": "10:01:40", "c-ip": CLIENT, "c-port": "50123", "s-ip": SERVER, "s-port": "443",
    "cs-version": "HTTP/1.1", "cs-method": "GET", "cs-uri": f"http://{SECRET}u.example/a;sid={SECRET}v?id={SECRET}w",
    "sc-status": "-", "s-siteid": "1", "s-reason": "Connection_Dropped", "s-queuename": "Pool",
}  # fmt: skip
FILTERS = (
    f"uri:*{SECRET}b*",
    f"client:{CLIENT}",
    f"host:{SECRET}*",
    f"query:*{SECRET}d*",
    f"user~{SECRET}",
    f'"{SECRET}"',
)
OPTIONS: dict[str, tuple[tuple[str, ...], ...]] = {
    "report": tuple(("--format", form) for form in ("text", "markdown", "html", "json")),
    "query": tuple(("--format", form) for form in ("table", "csv", "ndjson")),
    "breakdown": tuple(("--by", field) for field in (*VALUES, "uri", "path,client", "origin", "server-name")),
    "correlate": (("--format", "table"), ("--format", "ndjson")),
    "timeline": (("--format", "table"), ("--format", "ndjson"), ("--around", "httperr1.log:3")),
    "compare": (("--a", "time:10:00", "--b", "time:10:01"), ("--a", f"client:{CLIENT}", "--b", "time:10:01")),
    "rejects": ((), ("--damaged",)),
}


def logs(folder: Path) -> Path:
    """A request and an error a minute, a line that is none, and a value that does not fit its field."""
    requests = []
    for number in range(30):
        values = VALUES | {"time": f"10:{number:02}:05"} | ({"sc-status": f"{SECRET}x"} if number == 7 else {})
        requests.append(" ".join(values.values()))
    heads = ("Microsoft Internet Information Services 10.0", "Microsoft HTTP API 2.0")
    lines = [f"#Software: {heads[0]}", f"#Fields: {' '.join(VALUES)}", *requests, f"{SECRET}y is no row"]
    write(folder / "u_ex260615.log", "\r\n".join(lines), "\r\n")
    errors = [" ".join((ERROR | {"time": f"10:{number:02}:40"}).values()) for number in range(30)]
    write(
        folder / "httperr1.log", "\r\n".join([f"#Software: {heads[1]}", f"#Fields: {' '.join(ERROR)}", *errors]), "\r\n"
    )
    return folder


def told(text: str) -> list[str]:
    """What of the planted values a text has."""
    planted = (SECRET, CLIENT, PROXY, SERVER, "198-51-100-77")
    return [text[max(text.find(one) - 60, 0) : text.find(one) + 40] for one in planted if one in text.lower()]


@pytest.mark.parametrize(
    "name", [name for name in COMMANDS if any(one.key == "redact" for one in COMMANDS[name].options)]
)
def test_no_secret_is_told(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = logs(tmp_path / "logs")
    known = ["--redact", "--index-dir", str(tmp_path / "index")]
    filters = [()] if name == "rejects" else [(), *(("--where", text) for text in FILTERS)]
    for options in OPTIONS.get(name, ((),)):
        for where in filters if options == OPTIONS.get(name, ((),))[0] else [()]:
            main([*([] if name == EXPLORE else [name]), str(folder), *options, *where, *known])
            shown = capfd.readouterr()
            assert not told(shown.out), (name, options, where)


def test_every_command_that_shows_values_can_hide_them() -> None:
    reading = {name for name, command in COMMANDS.items() if command.words.startswith("PATH")}
    hiding = {name for name in reading if any(option.key == "redact" for option in COMMANDS[name].options)}
    assert reading - hiding == {"count", "histogram", "index", "fields", "evidence"}
