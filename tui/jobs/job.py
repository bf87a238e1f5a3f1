"""Work in the background: one kind of job, with its results, whether they are still wanted, and its failure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import ParamSpec

from textual.message import Message
from textual.message_pump import MessagePump
from textual.worker import Worker, WorkerState

from parsing.errors import CancelledError, LogError, is_panic, panic_worded
from tui.terminal.priorities import lower_own_priority

Results = ParamSpec("Results")


class JobNews(Message):
    """A result of a job, on its way from the job's thread to who takes it."""

    def __init__(self, take: Callable[[], object]) -> None:
        super().__init__()
        self._take = take

    def deliver(self) -> None:
        """Hand it over, on the thread of the screen."""
        self._take()


class JobFailed(Message):
    """A job could not be done, and nobody but the user can do something about it."""

    def __init__(self, job: Job, error: LogError) -> None:
        super().__init__()
        self.job = job
        self.error = error


class Job:
    """One piece of work in a thread. ``what`` names it as the object of "cannot"; a newer job of its ``group`` ends it.

    The work posts what it finds, part by part where there are parts, and looks at ``is_cancelled`` between segments.
    What has been posted before the job was cancelled is still delivered: the takers compare it with what is asked now.
    """

    def __init__(self, target: MessagePump, group: str, what: str, work: Callable[[Job], object]) -> None:
        self.group = group
        self.what = what
        self._target = target
        self._work = work
        self.worker: Worker[None] | None = None

    def is_cancelled(self) -> bool:
        return self.worker is not None and self.worker.is_cancelled

    @property
    def is_running(self) -> bool:
        return self.worker is not None and self.worker.state in (WorkerState.PENDING, WorkerState.RUNNING)

    @property
    def is_finished(self) -> bool:
        return self.worker is not None and self.worker.is_finished

    def cancel(self) -> None:
        if self.worker is not None:
            self.worker.cancel()

    def post(self, take: Callable[Results, object], *results: Results.args, **named: Results.kwargs) -> bool:
        """Have ``take`` called with results on the screen's thread; whether the job is still wanted.

        Called in the job's thread, or in one of Polars, which runs what writes rows of the job.
        """
        return not self.is_cancelled() and self._send(JobNews(partial(take, *results, **named)))

    def _send(self, message: Message) -> bool:
        return self._target.post_message(message)

    def run(self) -> None:
        """In a thread: do the work; a ``LogError`` is news as well, and so is a panic of Polars, which is no ``Exception``."""
        lower_own_priority()
        try:
            self._work(self)
        except CancelledError:
            pass
        except LogError as error:
            self._fail(error)
        except BaseException as error:
            if not is_panic(error):
                raise
            self._fail(panic_worded(error))

    def _fail(self, error: LogError) -> None:
        if not self.is_cancelled():
            self._send(JobFailed(self, error))


class Jobs:
    """Starts jobs for a screen, and stops them by group."""

    def __init__(self, screen: MessagePump) -> None:
        self._screen = screen
        self._newest: dict[str, Job] = {}

    def start(self, group: str, what: str, work: Callable[[Job], object]) -> Job:
        """Do work in a thread, in place of what the group does now."""
        job = Job(self._screen, group, what, work)
        self._newest[group] = job
        job.worker = self._screen.run_worker(  # type: ignore[attr-defined]
            job.run, name=what, group=group, exclusive=True, thread=True, exit_on_error=False
        )
        return job

    def is_running(self, group: str) -> bool:
        job = self._newest.get(group)
        return job is not None and job.is_running

    def cancel(self, group: str) -> bool:
        """Stop what a group does; whether it did anything."""
        is_running = self.is_running(group)
        if is_running:
            self._newest[group].cancel()
        return is_running


def do_all(parts: Iterable[Callable[[], object]]) -> None:
    """Do every part, also after one that cannot be done; then raise the ``LogError`` of the first of those."""
    failures = []
    for part in parts:
        try:
            part()
        except CancelledError:
            raise
        except LogError as error:
            failures.append(error)
    if failures:
        raise failures[0]
