"""The views of the main screen, a folder each. A new view is a folder and a line here."""

from collections.abc import Iterator

from tui.jobs.job import Jobs
from tui.model.exploration import Exploration
from tui.views.breakdown.view import BreakdownView
from tui.views.entries.view import EntriesView
from tui.views.sources.view import SourcesView
from tui.views.timeline.view import TimelineView
from tui.views.view import View


def all_views(state: Exploration, jobs: Jobs) -> Iterator[View]:
    """One of each view, in the order of their keys; their ids are those of the key table."""
    yield EntriesView(state, jobs)
    yield BreakdownView(state, jobs)
    yield TimelineView(state, jobs)
    yield SourcesView(state, jobs)


__all__ = ["all_views"]
