"""A server without its population: tests send it single requests of known length and known patience."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from parsing.httpsys.chance import Chance, LogNormal
from parsing.httpsys.clients.addresses import ClientAddress
from parsing.httpsys.clients.client import Client, Habit
from parsing.httpsys.clients.world import World
from parsing.httpsys.profile import ServerProfile
from parsing.httpsys.server.applications import Endpoint
from parsing.httpsys.server.connections import Exchange, Person
from parsing.httpsys.server.schedule import Schedule
from parsing.httpsys.server.server import Server
from parsing.httpsys.writers.recording import ErrorRow, Recording

BEGIN = 1_781_510_400_000
"""2026-06-15 08:00:00 UTC."""
PROFILE = ServerProfile(
    sweep_phase=1_300, zombie_timeout=60_000, workers=4, queue_limit=2, double_entry=0.0, timed_out_entry=0.0
)
QUIET = Habit(LogNormal(1_000_000, 0.0), 10, LogNormal(1, 0.0), 100, at_once=0.0, soon=0.0, plain=0.0, lingers=1.0)


def takes(seconds: float, pool: str = "DefaultAppPool", **more: object) -> Endpoint:
    """An endpoint that takes exactly so long in its worker and answers with 1 kB."""
    endpoint = Endpoint(pool, f"/takes/{seconds}", service=LogNormal(seconds * 1000, 0.0), size=LogNormal(1_000, 0.0))
    return replace(endpoint, **more)  # type: ignore[arg-type]


class Scripted(Client):
    """Asks once, waits exactly ``waits`` milliseconds for the whole response, and does not ask again."""

    __slots__ = ("stall", "waits")

    def __init__(self, world: World, person: Person, waits: int, habit: Habit = QUIET, stall: int = -1) -> None:
        super().__init__(world, person, habit)
        self.waits = waits
        self.stall = stall

    def patience(self) -> int:
        return self.waits

    def stall_after(self) -> int:
        return self.stall


@dataclass
class Scene:
    profile: ServerProfile = PROFILE
    recording: Recording = field(default_factory=Recording)

    def __post_init__(self) -> None:
        self.schedule = Schedule(BEGIN)
        self.server = Server(self.schedule, self.profile, Chance(1), self.recording)
        self.world = World(self.schedule, self.server, Chance(2), self.profile, BEGIN, 10_000)
        self._people = 0

    def client(self, waits: float = 1e6, habit: Habit = QUIET, stall: int = -1) -> Scripted:
        self._people += 1
        address = ClientAddress(f"10.0.0.{self._people}", 50_000, 100, 0)
        return Scripted(self.world, Person(self._people, address, "test"), int(waits * 1000), habit, stall)

    def ask(self, endpoint: Endpoint, at: float = 0, waits: float = 1e6, stall: int = -1) -> Scripted:
        client = self.client(waits, stall=stall)
        self.schedule.at(BEGIN + int(at * 1000), lambda _: client.ask(endpoint), None)
        return client

    def run(self) -> Scene:
        self.schedule.run()
        return self

    @property
    def requests(self) -> list[Exchange]:
        return self.recording.requests

    @property
    def errors(self) -> list[ErrorRow]:
        """Without the silent end of the connections."""
        return [row for row in self.recording.errors if row.reason != "Timer_ConnectionIdle"]


def seconds(time: int) -> float:
    """Seconds since the scene began."""
    return (time - BEGIN) / 1000
