"""Application pools: the request queue in the kernel, and the worker processes that empty it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

from parsing.httpsys.server.connections import DONE, IN_QUEUE, IN_WORKER, Exchange, Worker

if TYPE_CHECKING:
    from parsing.httpsys.server.driver import Driver


class PoolTrouble(Protocol):
    """Something that makes requests of a pool take longer than usual."""

    def delay(self, exchange: Exchange, usual: int) -> int:
        """The time in the worker, in milliseconds."""


class Pool:
    """An application pool. ``refusal`` is the reason of its 503s while it is offline or stopped."""

    def __init__(self, driver: Driver, name: str, threads: int, limit: int, number: int = 0) -> None:
        self._number = number
        self.name = name
        self.threads = threads
        self.limit = limit
        self.refusal = ""
        self.trouble: PoolTrouble | None = None
        self._driver = driver
        self._workers = 0
        self.worker = self._new_worker()
        self.worker.is_ready = True
        self._queue: deque[Exchange] = deque()
        self._waiting = 0
        self._is_watched = False
        self._crashes: deque[int] = deque(maxlen=driver.profile.rapid_fail_crashes)

    def take(self, exchange: Exchange) -> None:
        """A request arrives from the parser: into a worker, into the queue, or refused."""
        driver = self._driver
        if self.refusal:
            driver.refuse(exchange, self.refusal, "stopped" if self.refusal == "Disabled" else "pool-offline")
        elif self.worker.is_ready and len(self.worker.running) < self.threads:
            self._start(exchange)
        elif self._waiting >= self.limit:
            driver.refuse(exchange, "QueueFull", "queue-full")
        else:
            self._queue.append(exchange)
            self._waiting += 1
            driver.expect_patience(exchange, None)
            if not self._is_watched:
                self._is_watched = True
                driver.sweep.watch(exchange.start + driver.profile.queue_timeout, self._look, self)

    def forget_waiting(self) -> None:
        """One request in the queue has lost its client; its place is skipped later."""
        self._waiting -= 1

    def finished(self, exchange: Exchange) -> bool:
        """The application is through with a request; False if its process has died meanwhile."""
        worker = exchange.worker
        if worker is None or worker.running.pop(exchange.id, None) is None:
            return False
        if self._waiting and worker is self.worker:
            self._pull()
        return True

    def crash(self, *, is_killed: bool = False) -> None:
        """The worker dies: what runs in it is abandoned, what waits in the queue stays for the next worker."""
        driver = self._driver
        now = driver.schedule.now
        self._abandon(self.worker, "worker-crash")
        driver.report("killed" if is_killed else "crash", self.name, self.worker.pid)
        self.worker = self._new_worker()
        self._crashes.append(now)
        recent = (
            self._crashes.maxlen == len(self._crashes)
            and now - self._crashes[0] <= self._driver.profile.rapid_fail_window
        )
        if recent:
            driver.report("switched off", self.name, 0)
            self.close("AppOffline")
        elif not self.refusal:
            self._start_worker(self.worker)

    def recycle(self) -> None:
        """A new worker takes over; the old one may finish within the shutdown limit."""
        driver = self._driver
        old, self.worker = self.worker, self._new_worker()
        driver.report("recycled", self.name, old.pid)
        driver.schedule.at(driver.schedule.now + driver.profile.shutdown_limit, self._retire, old)
        self._start_worker(self.worker)

    def close(self, refusal: str) -> None:
        """Refuses everything, the queue included, with a 503 of this reason (``AppOffline`` or ``Disabled``)."""
        driver = self._driver
        self.refusal = refusal
        old, self.worker = self.worker, self._new_worker()
        driver.schedule.at(driver.schedule.now + driver.profile.shutdown_limit, self._retire, old)
        waiting, self._queue, self._waiting = self._queue, deque(), 0
        for exchange in waiting:
            if exchange.state == IN_QUEUE:
                driver.refuse(exchange, refusal, "stopped" if refusal == "Disabled" else "pool-offline")

    def open(self) -> None:
        self.refusal = ""
        self._driver.report("opened", self.name, 0)
        self._crashes.clear()
        self._start_worker(self.worker)

    def _new_worker(self) -> Worker:
        """A process of an id that no other has: pools take turns of sixteen."""
        self._workers += 1
        return Worker(4_000 + 4 * (self._workers * 16 + self._number))

    def _start_worker(self, worker: Worker) -> None:
        self._driver.schedule.at(
            self._driver.schedule.now + self._driver.chance.between(800, 6_000), self._ready, worker
        )

    def _ready(self, worker: Worker) -> None:
        if worker is self.worker and not self.refusal:
            worker.is_ready = True
            worker.cold_until = self._driver.schedule.now + self._driver.chance.between(5_000, 30_000)
            self._pull()

    def _pull(self) -> None:
        queue, running = self._queue, self.worker.running
        while queue and len(running) < self.threads:
            exchange = queue.popleft()
            if exchange.state == IN_QUEUE:
                self._waiting -= 1
                self._start(exchange)

    def _start(self, exchange: Exchange) -> None:
        worker = self.worker
        worker.running[exchange.id] = exchange
        exchange.worker = worker
        exchange.state = IN_WORKER
        self._driver.work(exchange)

    def _retire(self, worker: Worker) -> None:
        if any(exchange.state == IN_WORKER for exchange in worker.running.values()):
            self._driver.report("stopped late", self.name, worker.pid)
        self._abandon(worker, "worker-shutdown")

    def _abandon(self, worker: Worker, cause: str) -> None:
        driver = self._driver
        running, worker.running = worker.running, {}
        for exchange in running.values():
            if exchange.state == IN_WORKER:
                driver.end_with_error(exchange, driver.profile.release.abandoned, cause)

    def _look(self, _: object) -> None:
        """The sweep: requests that have waited too long end, oldest first."""
        driver, queue = self._driver, self._queue
        patience, now = driver.profile.queue_timeout, driver.schedule.now
        while queue and (queue[0].state == DONE or queue[0].start + patience <= now):
            exchange = queue.popleft()
            if exchange.state == IN_QUEUE:
                self._waiting -= 1
                driver.end_with_error(exchange, driver.profile.release.queue_timer, "queue-wait")
        self._is_watched = bool(queue)
        if queue:
            driver.sweep.watch(queue[0].start + patience, self._look, self)
