"""Two hours of an invented server, with a change in the middle if one is asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, write

START = datetime(2026, 6, 15, 10)  # noqa: DTZ001
MIDDLE = START + timedelta(hours=1)
PATHS = ("/", "/shop/cart", "/shop/pay", "/api/orders", "/static/site.css", "/reports/view.aspx", "/login", "/search")
CHANGES = ("slow path", "new client", "gone reason", "slow server")

_ERROR = "{time} {client} 50123 10.0.0.1 443 HTTP/1.1 GET {path} - 1 {reason} Web\r\n"
_REQUEST = "{time} 10.0.0.1 GET {path} - 443 - {client} {agent} - {status} 0 0 {taken}\r\n"


def write_day(folder: Path, seed: int, change: str = "", requests: int = 6_000) -> Path:
    """The logs of ``web01`` and ``web02`` in a folder of their own each."""
    chance = Random(seed)
    iis: dict[str, list[str]] = {"web01": [], "web02": []}
    errors: dict[str, list[str]] = {"web01": [], "web02": []}
    for number in range(requests):
        time = START + timedelta(hours=2) * number / requests
        row = _row(chance, time)
        server = chance.choice(("web01", "web02"))
        if time >= MIDDLE and change in _CHANGED:
            _CHANGED[change](row, server, chance)
        iis[server].append(_REQUEST.format(**row))
        for reason, rate in (("Timer_EntityBody", 80), ("QueueFull", 40)):
            if chance.randrange(rate) == 0 and not (
                change == "gone reason" and reason == "QueueFull" and time >= MIDDLE
            ):
                errors[server].append(_ERROR.format(**row, reason=reason))
    for server in iis:
        write(folder / server / "W3SVC1" / "u_ex260615.log", IIS_HEAD, *iis[server])
        write(folder / server / "HTTPERR" / "httperr1.log", HTTPERR_HEAD, *errors[server])
    return folder


def _row(chance: Random, time: datetime) -> dict[str, str]:
    return {
        "time": f"{time:%Y-%m-%d %H:%M:%S}",
        "path": chance.choice(PATHS),
        "client": f"192.0.2.{chance.randrange(1, 120)}",
        "agent": chance.choice(("curl/8.0", "Mozilla/5.0", "okhttp/4.12")),
        "status": chance.choice(("200",) * 30 + ("404", "500")),
        "taken": str(round(chance.lognormvariate(5.5, 0.8))),
    }


def _slow_path(row: dict[str, str], _server: str, _chance: Random) -> None:
    if row["path"] == "/reports/view.aspx":
        row["taken"] = str(int(row["taken"]) * 2)


def _new_client(row: dict[str, str], _server: str, chance: Random) -> None:
    if chance.random() < 0.03:
        row["client"] = "203.0.113.77"


def _slow_server(row: dict[str, str], server: str, _chance: Random) -> None:
    if server == "web02":
        row["taken"] = str(int(row["taken"]) * 2)


_CHANGED: dict[str, Callable[[dict[str, str], str, Random], None]] = {
    "slow path": _slow_path,
    "new client": _new_client,
    "slow server": _slow_server,
}
