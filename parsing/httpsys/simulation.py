"""Runs the model: clients, connections and the server over one window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from parsing.httpsys.chance import Chance
from parsing.httpsys.clients.population import Population
from parsing.httpsys.clients.world import World
from parsing.httpsys.planned import Incidents, PlannedIncident
from parsing.httpsys.profile import ServerProfile
from parsing.httpsys.server.schedule import Schedule
from parsing.httpsys.server.server import Server
from parsing.httpsys.writers.recording import Recording

START = datetime(2026, 6, 15, 6, 30, tzinfo=UTC)
"""A Monday in June."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """What came of a run: the rows of both logs and the incidents behind them."""

    profile: ServerProfile
    recording: Recording
    incidents: tuple[PlannedIncident, ...]


def simulate(
    profile: ServerProfile, seed: int = 1, start: datetime = START, *, has_incidents: bool = True
) -> Simulation:
    """Runs until the last request has ended and the last silent connection is closed. Naive times are UTC."""
    begin = int(start.replace(tzinfo=start.tzinfo or UTC).timestamp()) * 1000
    schedule = Schedule(begin)
    recording = Recording()
    server = Server(schedule, profile, Chance(seed, stream=1), recording)
    world = World(schedule, server, Chance(seed, stream=2), profile, begin, profile.requests)
    population = Population(world)
    incidents = Incidents(world, population.addresses, Chance(seed, stream=3))
    if has_incidents:
        incidents.plan()
    population.settle()
    schedule.run()
    recording.asked = world.exchanges
    return Simulation(profile, recording, incidents.happened())
