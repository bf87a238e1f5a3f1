"""Which connection and port carried each request, and the rows of connections that fell silent."""

from __future__ import annotations

from random import Random

from tests.third_server.machine import Connection, Exchange, Fault, Lane, Machine

FIRST_PORT = 49_152


def assign(machine: Machine, random: Random) -> list[Connection]:
    """Gives every request its connection, adds idle closes to the faults of the machine, and gives out ports."""
    lanes: dict[int, Lane] = {id(exchange.lane): exchange.lane for exchange in machine.exchanges}
    connections: list[Connection] = []
    for lane in lanes.values():
        _split(machine, lane, connections)
    _number_ports(connections, machine.parameters.ports_of_an_address, random)
    for fault in machine.faults:
        if fault.exchange is not None:
            fault.connection = fault.exchange.connection
    return connections


def _split(machine: Machine, lane: Lane, connections: list[Connection]) -> None:
    """A lane is one connection until something closes it or it is silent for too long."""
    idle = machine.parameters.idle
    current: Connection | None = None
    silent_from = 0.0
    for exchange in sorted(lane.exchanges, key=lambda exchange: exchange.start):
        if current is not None and exchange.start > silent_from:
            closed = _silent(machine, current, silent_from, lane.keeps_alive, idle, exchange.start)
            current = None if closed else current
        if current is None:
            current = Connection(len(connections) + 1, lane.address, exchange.start)
            connections.append(current)
            silent_from = exchange.start
        exchange.connection = current
        silent_from = max(silent_from, _freed(exchange))
        current.end = max(current.end, silent_from)
        if exchange.closes:
            current = None
    if current is not None:
        _silent(machine, current, silent_from, lane.keeps_alive, idle, float("inf"))


def _freed(exchange: Exchange) -> float:
    return max(exchange.free, exchange.start)


def _silent(
    machine: Machine, current: Connection, since: float, keeps_alive: float, idle: float, following: float
) -> bool:
    """Whether a connection was closed before the next request, by its client or by the timer, which writes a row."""
    closed = machine.swept(since + idle)
    if since + keeps_alive < min(closed, following):
        current.end = since + keeps_alive
        return True
    if closed < following:
        current.end = closed
        machine.faults.append(
            Fault(closed, "Timer_ConnectionIdle", "idle", "http.sys", since, is_bare=True, connection=current)
        )
        return True
    return False


def _number_ports(connections: list[Connection], number: int, random: Random) -> None:
    """Ports of an address go round in a small range, so that each comes back within minutes on a busy one."""
    following: dict[str, int] = {}
    used: dict[tuple[str, int], float] = {}
    for connection in sorted(connections, key=lambda connection: connection.begin):
        place = following.get(connection.address, random.randrange(number))
        for step in range(number):
            port = FIRST_PORT + (place + step) % number
            if used.get((connection.address, port), 0.0) < connection.begin - 1:
                break
        else:
            port = random.randrange(1024, FIRST_PORT)
        connection.port = port
        used[connection.address, port] = connection.end
        following[connection.address] = (port - FIRST_PORT + 1) % number
