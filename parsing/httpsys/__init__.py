"""A model of HTTP.sys's connection life cycle; the demo's pair of logs comes from it.

Everything here is driven by one seed and whole milliseconds: the same seed gives the same bytes on every system.
"""

from parsing.httpsys.demo import DemoLogs, demo_profile, write_demo
from parsing.httpsys.planned import PlannedIncident
from parsing.httpsys.profile import RELEASES, ServerProfile
from parsing.httpsys.simulation import Simulation, simulate

__all__ = [
    "RELEASES",
    "DemoLogs",
    "PlannedIncident",
    "ServerProfile",
    "Simulation",
    "demo_profile",
    "simulate",
    "write_demo",
]
