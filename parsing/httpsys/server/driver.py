"""HTTP.sys as its parts call it back: what the pools and the sending side ask of the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from parsing.httpsys.chance import Chance
    from parsing.httpsys.profile import ServerProfile
    from parsing.httpsys.server.connections import Exchange
    from parsing.httpsys.server.schedule import Schedule, Sweep
    from parsing.httpsys.writers.recording import ServerEventKind


class Driver(Protocol):
    """``parsing.httpsys.server.server.Server`` is the one that there is; it says what each method does."""

    schedule: Schedule
    profile: ServerProfile
    chance: Chance
    sweep: Sweep

    def report(self, kind: ServerEventKind, pool: str, pid: int) -> None: ...

    def refuse(self, exchange: Exchange, reason: str, cause: str) -> None: ...

    def work(self, exchange: Exchange) -> None: ...

    def free(self, exchange: Exchange) -> bool: ...

    def expect_patience(self, exchange: Exchange, until: int | None) -> None: ...

    def leave(self, exchange: Exchange) -> None: ...

    def complete(self, exchange: Exchange, end: int, cause: str) -> None: ...

    def log(self, exchange: Exchange, end: int, cause: str) -> None: ...

    def lose(self, exchange: Exchange) -> None: ...

    def end_with_error(
        self,
        exchange: Exchange,
        reason: str,
        cause: str,
        began: int = 0,
        status: int = 0,
        is_bare: bool = False,
    ) -> None: ...
