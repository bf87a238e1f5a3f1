"""What is known about the fields, reasons, statuses and win32 codes, as data with its source."""

from parsing.knowledge.describe import describe
from parsing.knowledge.explain import Explanation, explain, explain_all
from parsing.knowledge.fields import CLIENT_PORT_NAMES, META, VIRTUAL, field_of, named_field, short_name, wire_field
from parsing.knowledge.reasons import COSTS, Cost, reason, reasons, worst_first
from parsing.knowledge.relations import CLAIMED, CLAIMS, NO_PORT
from parsing.knowledge.statuses import known_statuses
from parsing.knowledge.win32 import client_gone_codes, fold

__all__ = [
    "CLAIMED",
    "CLAIMS",
    "CLIENT_PORT_NAMES",
    "COSTS",
    "META",
    "NO_PORT",
    "VIRTUAL",
    "Cost",
    "Explanation",
    "client_gone_codes",
    "describe",
    "explain",
    "explain_all",
    "field_of",
    "fold",
    "known_statuses",
    "named_field",
    "reason",
    "reasons",
    "short_name",
    "wire_field",
    "worst_first",
]
