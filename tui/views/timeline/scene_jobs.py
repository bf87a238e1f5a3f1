"""The jobs of the timeline: a scene around a row, more of one that was moved, the row that one is to be around."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.jobs import correlation
from tui.jobs.engine import Cancelled
from tui.jobs.job import Job, Jobs
from tui.model.entry import Entry
from tui.model.exploration import Exploration
from tui.model.question import Span
from tui.model.scene import Asked, Scene

if TYPE_CHECKING:
    from parsing.index import Snapshot
    from parsing.questions import InFlightCurve

Find = Callable[[Cancelled], Entry | None]
SceneCame = Callable[[object, "Snapshot", Scene], None]
CurveCame = Callable[[Span, "InFlightCurve"], None]

GROUP = "lanes"
"""One timeline is computed at a time."""


class SceneJobs:
    """Starts the jobs of one timeline, whose answers go to ``came`` and ``curve_came``, with what they were asked for."""

    def __init__(self, state: Exploration, jobs: Jobs, came: SceneCame, curve_came: CurveCame) -> None:
        self._state = state
        self._jobs = jobs
        self._came = came
        self._curve_came = curve_came

    def learn(self, snapshot: Snapshot) -> None:
        """Learn what correlation has to know of a large set before the first error is asked for."""
        self._jobs.start("learning", "correlate the logs", lambda job: correlation.learn(snapshot, job.is_cancelled))

    def ask(self, asked: Asked, points: int, *, is_learned: bool) -> None:
        """Ask for a scene; its rows come first where the logs are yet to be correlated, which takes longer."""
        snapshot, port = self._state.snapshot, self._state.options.port_field or None
        if snapshot is None:
            return

        def work(job: Job) -> None:
            resolved, focus = correlation.focus(snapshot, asked)
            if not is_learned:
                alone = correlation.rows_alone(snapshot, resolved, focus, job.is_cancelled)
                job.post(self._came, asked, snapshot, alone)
            for number, scene in enumerate(correlation.scenes(snapshot, resolved, focus, port, job.is_cancelled)):
                job.post(self._came, asked, snapshot, scene)
                if not number:
                    self._post_curve(job, snapshot, scene, points)

        self._jobs.start(GROUP, "show the timeline", work)

    def ask_more(self, scene: Scene, points: int) -> None:
        """Ask for what a scene lacks since its window was moved."""
        snapshot, port = self._state.snapshot, self._state.options.port_field or None
        if snapshot is None:
            return

        def work(job: Job) -> None:
            if scene.needs_more:
                for wider in correlation.more(snapshot, scene, port, job.is_cancelled):
                    job.post(self._came, scene, snapshot, wider)
            self._post_curve(job, snapshot, scene, points)

        self._jobs.start(GROUP, "show the timeline", work)

    def _post_curve(self, job: Job, snapshot: Snapshot, scene: Scene, points: int) -> None:
        job.post(self._curve_came, scene.window, correlation.curve(snapshot, scene, points, job.is_cancelled))

    def find(self, find: Find, found: Callable[[Entry | None], None]) -> None:
        """Look for the row that a timeline is to be around."""
        self._jobs.start(GROUP, "find this row", lambda job: job.post(found, find(job.is_cancelled)))
