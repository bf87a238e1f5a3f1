"""What the clients of a simulation share: the clock, the server, chance, and how much is left to ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parsing.httpsys.chance import Chance
    from parsing.httpsys.profile import ServerProfile
    from parsing.httpsys.server.schedule import Schedule
    from parsing.httpsys.server.server import Server

RETRY_WINDOW = 600_000
"""Milliseconds: who asks again later than this after a loss, has forgotten it."""


@dataclass(slots=True)
class World:
    """What all clients share. ``begin`` is milliseconds since 1970; ``remaining`` requests are still to be sent."""

    schedule: Schedule
    server: Server
    chance: Chance
    profile: ServerProfile
    begin: int
    remaining: int
    away_until: int = 0
    """Until then a load balancer sends everybody elsewhere."""
    exchanges: int = 0
