"""Names of sources, their order, and the server that the folders in a name stand for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal

_DIGITS = re.compile(r"([0-9]+)")

NaturalKey = tuple[tuple[tuple[tuple[int, int, str], ...], ...], str]


def natural_key(name: str) -> NaturalKey:
    """Sorts folder by folder, and ``httperr2.log`` before ``httperr10.log``; case matters last of all."""
    folders = name.lower().split("/")
    return tuple(
        tuple(_part(part, number % 2 == 1) for number, part in enumerate(_DIGITS.split(folder))) for folder in folders
    ), name


def _part(text: str, is_number: bool) -> tuple[int, int, str]:
    digits = text.lstrip("0")
    return (1, len(digits), digits) if is_number else (0, 0, text)


def member_name(member: str) -> str:
    """An archive member's name as part of a source's name: with ``/``, and without ``..``, drives and roots."""
    parts = re.sub(r"^[A-Za-z]:", "", member.replace("\\", "/")).split("/")
    return "/".join(part for part in parts if part not in ("", ".", ".."))


def distinct(names: Iterable[tuple[str, tuple[str, ...]]]) -> list[str]:
    """Names made distinct where files of different folders share one, by as many parent folders as that takes.

    Each name comes with its parent folders, outermost first.
    """
    pairs = list(names)
    depth = [0] * len(pairs)
    while True:
        current = ["/".join((*_last(parents, depth[i]), name)) for i, (name, parents) in enumerate(pairs)]
        places: dict[str, list[int]] = {}
        for index, name in enumerate(current):
            places.setdefault(name, []).append(index)
        clashing = [i for same in places.values() if len(same) > 1 for i in same if depth[i] < len(pairs[i][1])]
        if not clashing:
            return current
        for index in clashing:
            depth[index] += 1


def _last(parents: tuple[str, ...], count: int) -> tuple[str, ...]:
    return parents[len(parents) - count :]


Kind = Literal["iis", "httperr"]

_CONTAINERS = frozenset(
    "access advancedlogs archive archived archives backup backups bak case cases copy data diagnostics download downloads drive"
    " err error errors export extract files home http httperr httperrs httperrorlogs httpsys iis iisexpress incident incidents"
    " inetpub input log logfiles logs new old out output request requests sample samples share site sites sys system32 temp test"
    " tests ticket tmp users var w3c windows winevt www general iislogs freblogs iisconfig logcatcher rawlogs kudu".split()
)
"""Words of folders that hold logs, and are the name of no server."""

_MONTHS = "january february march april may june july august september october november december".split()
_DATES = frozenset([*_MONTHS, *(month[:3] for month in _MONTHS), "sept"])
_IN_NAMES = re.compile(r"[-_. $:()]+")
_OF_BUNDLE = re.compile(r"(.+)_(?:httperrorlogs|iislogs|iisconfiguration|iisetwlogfiles)", re.IGNORECASE)
_SERVICE = re.compile(r"(?:w3svc|(?:ms)?ftpsvc|smtpsvc|nntpsvc)\d*")
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_HTTPERR = re.compile(r"(?:.*/)?(?:httperr/.*|httperr[^/]*|ht\d{4,}[^/]*)", re.IGNORECASE)
_IIS = re.compile(
    r"(?:.*/)?(?:w3svc\d*/.*|(?:u_)?(?:ex|in|nc)\d{4,}[^/]*|(?:u_)?(?:extend|inetsv|ncsa)\d+[^/]*)", re.IGNORECASE
)


def server_of(folders: Sequence[str]) -> str:
    """The innermost folder, of those above a log, that may be named after a server; empty where none may.

    Folders of sites, services, dates and the usual ones of Windows, of archives and of support bundles are passed over.
    """
    for place in range(len(folders) - 1, -1, -1):
        is_site = place and folders[place - 1].lower() == "sites" and place + 1 < len(folders)
        if not is_site and (name := _server_part(folders[place])):
            return name
    return ""


def _server_part(folder: str) -> str:
    """The part of a folder's name that may be a server's: SDP's ``WEB01_IISLogs.zip`` is of ``WEB01``."""
    name = _without_ending(folder)
    bundle = _OF_BUNDLE.fullmatch(name)
    name = bundle[1] if bundle else name
    return "" if _is_container(name) else name


def servers_of(sources: Iterable[tuple[str, str]], folders: Sequence[str]) -> list[str]:
    """The server of each source, empty where none is known.

    Each source comes as its name and its absolute path (with the member of an archive), both with ``/``. A server's
    folder is part of the name; or of the ``folders`` that were named on the command line, where these are of several
    servers. Where logs of both kinds are there, but under no folder both, the folders are not those of servers.
    """
    named = {folder: server_of(folder.split("/")) for folder in folders}
    tops = sorted(named, key=len, reverse=True) if len(set(named.values())) > 1 else []
    found: list[str] = []
    kinds: dict[str, set[Kind]] = defaultdict(set)
    for name, path in sources:
        top = next((named[top] for top in tops if path.startswith(f"{top}/")), "")
        found.append(server_of(name.split("/")[:-1]) or top)
        kind = _kind(name)
        if kind is not None:
            kinds[found[-1]].add(kind)
    has_both = len(set().union(*kinds.values())) > 1
    are_servers = not has_both or any(server and len(known) > 1 for server, known in kinds.items())
    return found if are_servers else ["" for _ in found]


def _kind(name: str) -> Kind | None:
    if _HTTPERR.fullmatch(name):
        return "httperr"
    return "iis" if _IIS.fullmatch(name) else None


def _without_ending(folder: str) -> str:
    return folder[: -len(".zip")] if folder.lower().endswith(".zip") else folder


def _is_container(folder: str) -> bool:
    if _ADDRESS.fullmatch(folder):
        return False
    words = [word for word in _IN_NAMES.split(folder.lower()) if word]
    return all(
        word.isdigit() or len(word) == 1 or word in _CONTAINERS or word in _DATES or _SERVICE.fullmatch(word)
        for word in words
    )
