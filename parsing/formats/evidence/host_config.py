"""``applicationHost.config``: the settings of the allow-list, as they are in force for each pool and site; nothing else.

Only differences from IIS's own defaults stand in the file, and the schema with these is in no bundle: the list of known settings
has them. A value counts from the element itself, then from the defaults of all pools or sites, then from IIS.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from parsing.errors import DamagedSourceError
from parsing.formats.evidence.event_xml import DEEPEST, ReadsBytes
from parsing.formats.evidence.evidence_files import HOST_CONFIG
from parsing.formats.evidence.setting import FoundSetting
from parsing.knowledge.settings import known_settings

_LARGEST = 64 << 20
_CHUNK = 1 << 18
_ENCRYPTED = "[enc:"
_HOST = ("configuration", "system.applicationHost")
_POOLS, _SITES = (*_HOST, "applicationPools"), (*_HOST, "sites")
_DEFAULTS = {"applicationPoolDefaults": "pool", "siteDefaults": "site"}

Values = dict[str, tuple[str, int]]
"""Values by the name of their setting, each with its line."""


@dataclass(slots=True)
class _Owner:
    """A pool or a site with what is set for it."""

    name: str
    id: str
    line: int
    values: Values = field(default_factory=dict)


class _Config:
    """Takes what is on the list out of the calls of expat, and lets everything else go by."""

    def __init__(self, parser: expat.XMLParserType) -> None:
        self.pools: list[_Owner] = []
        self.sites: list[_Owner] = []
        self.defaults: dict[str, Values] = {"pool": {}, "site": {}, "server": {}}
        self._path: list[str] = []
        self._parser = parser

    def refuse(self, *_: object) -> None:
        raise DamagedSourceError("declares a DOCTYPE, which no configuration has; it is not read")

    def end(self, _: str) -> None:
        self._path.pop()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if len(self._path) > DEEPEST:
            raise DamagedSourceError("has elements deeper in each other than any configuration; it is not read")
        path = tuple(self._path)
        line = self._parser.CurrentLineNumber
        if path == (*_POOLS, "add"):
            self.pools.append(_Owner(attributes.get("name", ""), "", line))
        elif path == (*_SITES, "site"):
            self.sites.append(_Owner(attributes.get("name", ""), attributes.get("id", ""), line))
        target, section = self._target(path)
        if target is None:
            return
        for attribute, value in attributes.items():
            known = ".".join((*section, attribute))
            if known in known_settings() and not value.startswith(_ENCRYPTED):
                target[known] = value, line

    def _target(self, path: tuple[str, ...]) -> tuple[Values | None, tuple[str, ...]]:
        """Whose values stand in an element, and its place below the owner."""
        if path[:3] == (*_HOST, "webLimits") and len(path) == 3:
            return self.defaults["server"], ("webLimits",)
        if path[:3] not in (_POOLS, _SITES) or len(path) < 4:
            return None, ()
        if path[3] in _DEFAULTS:
            return self.defaults[_DEFAULTS[path[3]]], path[4:]
        if path[:4] == (*_POOLS, "add"):
            return self.pools[-1].values, path[4:]
        if path[:4] == (*_SITES, "site"):
            return self.sites[-1].values, path[4:]
        return None, ()


def is_host_config(head: bytes) -> bool:
    """Whether text in UTF-8 that begins so is a configuration of IIS."""
    return b"<configuration" in head


def read_host_config(stream: ReadsBytes) -> Iterator[FoundSetting]:
    """The settings in force. Raises ``DamagedSourceError`` for what is no well-formed configuration, or has a DOCTYPE."""
    parser = expat.ParserCreate("utf-8")
    config = _Config(parser)
    parser.StartElementHandler, parser.EndElementHandler = config.start, config.end
    parser.StartDoctypeDeclHandler = config.refuse
    size = 0
    try:
        while data := stream.read(_CHUNK):
            size += len(data)
            if size > _LARGEST:
                raise DamagedSourceError("is larger than any configuration; it is not read")
            parser.Parse(data, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise DamagedSourceError(f"is no well-formed configuration: line {error.lineno}") from error
    yield from _in_force(config)


def _in_force(config: _Config) -> Iterator[FoundSetting]:
    for name, known in known_settings().items():
        if known.scope == "server":
            yield _setting(name, None, config.defaults["server"], {}, known.default)
            continue
        for owner in config.pools if known.scope == "pool" else config.sites:
            yield _setting(name, owner, owner.values, config.defaults[known.scope], known.default)
    for site in config.sites:
        yield FoundSetting("site", site.name, HOST_CONFIG, site.line, site=site.id, site_name=site.name)


def _setting(name: str, owner: _Owner | None, own: Values, defaults: Values, default: str) -> FoundSetting:
    value, line, by = default, owner.line if owner else 1, "IIS"
    if name in own:
        (value, line), by = own[name], "itself"
    elif name in defaults:
        (value, line), by = defaults[name], "defaults"
    is_site = owner is not None and bool(owner.id)
    pool = owner.name if owner is not None and not is_site else None
    return FoundSetting(
        name, value, HOST_CONFIG, line, pool, owner.id if owner and is_site else None,
        owner.name if owner and is_site else None, by,
    )  # fmt: skip
