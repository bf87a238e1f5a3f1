"""What ``netsh http show servicestate`` prints of an English Windows: limits and time-outs in force at one moment.

Lines are ``Key: value``; what they belong to is found by the keys before them, not by their indentation, which differs between
versions. On a Windows in another language nothing is recognised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from parsing.formats.evidence.event_xml import ReadsBytes
from parsing.formats.evidence.setting import FoundSetting
from parsing.formats.evidence.windows_event import whole_number

NETSH = "netsh http show servicestate"
_LARGEST = 32 << 20
_SITE = re.compile(r"W3SVC(\d{1,10})\s*$", re.IGNORECASE)
_UNNAMED = "Request queue is unnamed."
_OF_GROUP = {"Idle connection timeout (secs)": "limits.connectionTimeout", "Max connections": "limits.maxConnections"}
_OF_SESSION = {
    "Header wait timeout (secs)": "webLimits.headerWaitTimeout",
    "Minimum send rate (bytes/sec)": "webLimits.minBytesPerSecond",
    "Idle connection timeout (secs)": "webLimits.connectionTimeout",
}


def is_netsh_text(head: bytes) -> bool:
    """Whether text in UTF-8 that begins so was printed by this command, on an English Windows."""
    return b"Request queue name:" in head and (b"Server session ID:" in head or b"Request queues:" in head)


def read_netsh_text(stream: ReadsBytes) -> Iterator[FoundSetting]:
    """The settings of the allow-list: of each site by the folder of its log, of each queue by its name."""
    data = stream.read(_LARGEST).decode("utf-8", "replace")
    group: dict[str, tuple[str, int]] = {}
    place, queue, site, version = "", "", "", ""
    for number, line in enumerate([*data.splitlines(), "URL group ID: end"], 1):
        key, _, value = (part.strip() for part in line.partition(":"))
        if key in ("Server session ID", "URL group ID", "Request queues"):
            if place == "group" and site:
                yield from (FoundSetting(name, text, NETSH, at, site=site) for name, (text, at) in group.items())
            place, group, site = {"Server session ID": "session", "URL group ID": "group"}.get(key, "queues"), {}, ""
        elif key == "Version":
            version = value
        elif key == "Request queue name":
            queue = "" if value == _UNNAMED else value
        elif key == "Log directory" and (found := _SITE.search(value)):
            site = found[1]
        elif key == "Max requests" and queue:
            yield FoundSetting("queueLength", value, NETSH, number, pool=queue)
        elif place == "group" and key in _OF_GROUP and value.isdecimal():
            group[_OF_GROUP[key]] = _worded(key, value), number
        elif place == "session" and version.startswith("2") and key in _OF_SESSION and value.isdecimal():
            yield FoundSetting(_OF_SESSION[key], _worded(key, value), NETSH, number)


def _worded(key: str, value: str) -> str:
    """Seconds as the configuration writes them: ``00:02:00``."""
    seconds = whole_number(value)
    if "secs" not in key or seconds is None:
        return value
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
