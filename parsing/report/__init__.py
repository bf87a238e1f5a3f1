"""The set at a glance: a report built from answers, and its renderings."""

from parsing.report.building import build_report
from parsing.report.glance import Glance, glance
from parsing.report.pseudonyms import redacted, redacted_incident
from parsing.report.rendering import FORMS, render
from parsing.report.report import Report

__all__ = ["FORMS", "Glance", "Report", "build_report", "glance", "redacted", "redacted_incident", "render"]
