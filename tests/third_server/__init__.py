"""A third simulated server, written from DOMAIN.md alone: nothing of the program is imported here, and a test says so."""

from tests.third_server.logs import WrittenLogs, write_logs
from tests.third_server.parameters import Parameters

__all__ = ["Parameters", "WrittenLogs", "write_logs"]
