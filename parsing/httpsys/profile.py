"""What kind of server is modelled: its version, limits, time-outs and traffic."""

from __future__ import annotations

from dataclasses import dataclass, replace

from parsing.httpsys.chance import Chance

_V0 = "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason"
_V1 = f"{_V0} s-queuename"
_V2 = _V1.replace("cs-uri ", "cs-uri streamid ")
_V3 = _V1.replace("cs-uri ", "cs-uri streamid streamid_ex ") + " transport"
_V4 = f"{_V3} fault-code extended-fault-code"

_IIS_6 = (
    "date time s-sitename s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) "
    "sc-status sc-substatus sc-win32-status"
)
_IIS_7 = _IIS_6.replace("s-sitename ", "") + " time-taken"
_IIS_8 = _IIS_7.replace("sc-status", "cs(Referer) sc-status")


@dataclass(frozen=True, slots=True)
class Release:
    """One Windows Server: the layouts it writes and the words it uses (DOMAIN.md 1.2 and 3.1)."""

    iis: str
    error_fields: str
    error_software: str
    iis_fields: str
    iis_prefix: str = "u_ex"
    abandoned: str = "Connection_Abandoned_By_ReqQueue"
    queue_timer: str = "Timer_ReqQueue"
    has_http2: bool = False
    has_custom_fields: bool = False
    has_zombie_limit: bool = True


_HTTP_API = "Microsoft HTTP API 2.0"
RELEASES: dict[str, Release] = {
    "2003": Release(
        "6.0", _V0, "", _IIS_6, "ex", "Connection_Abandoned_By_AppPool", "Timer_AppPool", has_zombie_limit=False
    ),
    "2003sp1": Release(
        "6.0",
        _V1,
        "Microsoft HTTP API 1.0",
        _IIS_6,
        "ex",
        "Connection_Abandoned_By_AppPool",
        "Timer_AppPool",
        has_zombie_limit=False,
    ),
    "2008": Release("7.0", _V1, _HTTP_API, _IIS_7),
    "2008r2": Release("7.5", _V1, _HTTP_API, _IIS_7),
    "2012": Release("8.0", _V1, _HTTP_API, _IIS_8),
    "2012r2": Release("8.5", _V1, _HTTP_API, _IIS_8, has_custom_fields=True),
    "2016": Release("10.0", _V2, _HTTP_API, _IIS_8, has_http2=True, has_custom_fields=True),
    "2019": Release("10.0", _V2, _HTTP_API, _IIS_8, has_http2=True, has_custom_fields=True),
    "2022": Release("10.0", _V3, _HTTP_API, _IIS_8, has_http2=True, has_custom_fields=True),
    "2026": Release("10.0", _V4, _HTTP_API, _IIS_8, has_http2=True, has_custom_fields=True),
}
"""Keyed by the year of the server; ``2003`` writes Httperr.log without directives."""


@dataclass(frozen=True, slots=True)
class ServerProfile:
    """One server and its traffic. Times are milliseconds; ``rate`` is requests per second on average."""

    windows: str = "2022"
    requests: int = 90_000
    rate: float = 3.0
    proxy_share: float = 0.05
    sweep_phase: int = 1_700
    sweep_period: int = 5_000
    zombie_timeout: int = 120_000
    zombie_sweep: int = 5_000
    zombie_limit: int = 0
    """How many dead connections may wait at once; 0 sizes the list to the traffic."""
    connection_timeout: int = 120_000
    header_timeout: int = 120_000
    body_timeout: int = 120_000
    queue_timeout: int = 120_000
    min_bytes_per_second: int = 240
    queue_limit: int = 0
    """Requests that may wait for one pool; 0 sizes the queues to the traffic."""
    workers: int = 0
    """Threads of one pool; 0 sizes the pools to the traffic."""
    shutdown_limit: int = 90_000
    rapid_fail_crashes: int = 5
    rapid_fail_window: int = 300_000
    double_entry: float = 0.06
    """Chance that a dropped request of a compressing application is logged by IIS too, as 500 19 64."""
    timed_out_entry: float = 0.5
    """Chance that a request ended by a body or send timer is logged by IIS too."""
    has_bare_timers: bool = False
    """A body or send timer logs addresses only, although the request was known."""
    pace: float = 1.0
    """How long the applications take, relative to their usual times."""
    has_raw_uris: bool = False
    """Httperr.log keeps URIs as they were sent, not decoded into the code page."""
    has_zone_in_errors: bool = True
    """Which of the two logs writes the zone of a link-local IPv6 address."""

    @property
    def release(self) -> Release:
        return RELEASES[self.windows]

    @property
    def window(self) -> int:
        """How long the requests take to arrive."""
        return int(self.requests / self.rate * 1000)

    @classmethod
    def drawn(cls, seed: int, windows: str | None = None) -> ServerProfile:
        """Some server: every parameter that a correlation could lean on is drawn from the seed."""
        chance = Chance(seed, stream=7)
        timeout = chance.between(12, 24) * 5_000
        profile = cls(
            sweep_phase=chance.below(5_000),
            zombie_timeout=timeout,
            connection_timeout=chance.one_of((60_000, 120_000, 120_000, 120_000, 180_000)),
            queue_timeout=chance.one_of((60_000, 120_000, 120_000)),
            header_timeout=chance.one_of((120_000, 120_000, 60_000)),
            pace=0.7 + chance.unit() * 0.8,
            double_entry=0.03 + chance.unit() * 0.07,
            timed_out_entry=0.2 + chance.unit() * 0.6,
            has_bare_timers=chance.unit() < 0.4,
            has_raw_uris=chance.unit() < 0.5,
            has_zone_in_errors=chance.unit() < 0.7,
        )
        return replace(profile, windows=windows or chance.one_of(tuple(RELEASES)))
