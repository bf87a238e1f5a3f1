"""What the model believes before a log says otherwise, each with its meaning and where it is from.

Three kinds of grounds: **fact**, with its source; **simulated**, a figure that three simulated servers of different origin
bear out (``python -m tests.bench.judge_correlation``), and that learning from the log replaces where it says so; and
**choice**, how much is asked of the evidence. How far rows are looked for, and how many, stands with the search itself.
"""

from __future__ import annotations

ON_SWEEP = 0.985
"""Chance that a drop by the sweep is written at the phase that was learned. Simulated: the rest is what phases drift within
minutes, and the second at which a sweep lasts longer."""
NO_SWEEP = 0.1
"""Belief that drops of a server do not follow its sweep. Choice: no document says that they do (DOMAIN.md 4.2)."""
PATH_BELIEF = 2.0
"""How many drops of a path the share of its server weighs. Choice; replaced by the drops of the path."""
MOST_SAID = 20.0
"""What clients did around a drop is never surer than that, as odds. Choice."""
DECIDED = 0.55
"""Below this chance of either the client or the application, ``ended_by`` is ``unknown``. Choice: nearly even."""
ASKS_AGAIN_AFTER = {"zombie": 0.45, "now": 0.35, "stalled": 0.8}
"""Share of losses of each kind after which the client asks again. Simulated; learned. Of a stalled body it decides only how
much the client's asking meanwhile says, as what it asks for first after the row is its retry."""
FOUND_BY_CHANCE = 0.03
"""Requests by chance in the moments around a loss where none is seen elsewhere. Simulated."""
BROKEN_SPEAKS, USED_SPEAKS = 20.0, 0.07
"""Odds by which a write to a dead connection speaks for a client that left, and a connection in use against it. Simulated."""


FIRST_BELIEF = 20.0
"""How many found pairs a first belief weighs. Choice; what is found outweighs it from there."""
WAITS_TO_ASK_AGAIN = ((0.35, 1.5), (0.35, 6.0), (0.2, 25.0), (0.1, 120.0))
"""Shares and means, in seconds, of the time until a client asks again. Simulated; learned."""
ENDS_SOON = ((-1.5, 0.0), (-1, 0.01), (0, 0.06), (1, 0.66), (2, 0.86), (3, 0.92), (8, 0.99), (10, 1.0))
"""Share of requests in both logs by how many seconds at most they ended after the error that ended them. Simulated."""
REJECTED = 0.05
"""Share of requests that HTTP.sys could not parse which are sent again. Simulated: programs send the same again."""
UNRELATED = 2e-5
"""Requests a second which fit by chance even where none was seen. Simulated."""
UNRELATED_LATER = 3e-6
"""The same for a later request of a client that has its address for itself. Simulated."""
UNRELATED_BROKEN = 3e-7
"""The same for those that ended as a write to a dead connection, which is rare. Simulated."""
UNRELATED_OF_ONE_CLIENT = 0.03
"""Share of what fits, of a client alone at its address, that is not the one looked for. What it asks for first after a loss
is its retry by definition, so this is how often an address thought to be one client's is not. Simulated."""
ENDS_TOGETHER = 0.3
"""The same for requests that ended together: a client that leaves ends all that it has under way. Simulated."""
OTHERS_OF_SEVERAL = 0.6
"""Share of its requests that a client which asks for several things at once sends while another one is under way. Fact of
arithmetic: half with two at a time, two thirds with three."""
ELSEWHERE = 0.2
"""How much less likely a client asks again at another port or address of the server than at the same. Simulated."""
CUT_AGAIN, BROKEN_AGAIN = 0.05, 0.1
"""How many retries are cut off in their turn just when a timer ends the first, or break as it would. Simulated."""
MOST_SHARE = 0.97
"""No learned share is more than that. Choice: some rows are always other than they seem."""
USUAL = 5_000
"""Milliseconds that an ordinary request takes at most; what a timer ends has lasted longer. Fact: no timer of HTTP.sys is
shorter than a sweep (DOMAIN.md 2.3)."""
UNSEEN = 0.15
"""What counts as seen of unrelated requests where there were none. Choice (a gamma prior)."""
DEFAULT_SINGLE = 0.9
"""Chance that an address of which nothing is known is one client's. Simulated."""
LEAVES_AFTER = ((0.6, 20.0), (0.4, 90.0))
"""Shares and means, in seconds, of the time until a client leaves a request that is not answered. Simulated."""
GIVES_UP_EARLY = 0.25
"""Share of clients that give up a stalled body before HTTP.sys does. Simulated; learned."""
LOGGED_TOO: dict[tuple[str, str], dict[str, float]] = {
    ("start", "zombie"): {"broken": 0.06, "gone": 0.004, "unknown": 0.01},
    ("end", "timer_entitybody"): {"gone": 0.3, "broken": 0.05, "ended": 0.03, "unknown": 0.3},
    ("end", "timer_minbytespersecond"): {"gone": 0.4, "broken": 0.05, "ended": 0.02, "unknown": 0.3},
    ("end", "slowresponsiveclient"): {"broken": 0.7, "gone": 0.1, "ended": 0.01, "unknown": 0.3},
    ("end", ""): {"gone": 0.002, "broken": 0.01, "unknown": 0.001},
    ("address", "timer_entitybody"): {"gone": 0.3, "broken": 0.05, "unknown": 0.02},
    ("address", "timer_minbytespersecond"): {"gone": 0.4, "broken": 0.05, "unknown": 0.02},
    ("address", "slowresponsiveclient"): {"broken": 0.7, "gone": 0.1, "unknown": 0.02},
    ("address", ""): {"gone": 0.02, "broken": 0.02, "unknown": 0.001},
}
"""Share of errors of a reason that are in the IIS log too, by how they are looked for and how the request ended there; "" is
any other reason. That it happens is reported (DOMAIN.md 4.1), how often is simulated; learned."""
TRUST = (
    (0.0, 0.0), (0.35, 0.38), (0.45, 0.56), (0.55, 0.66), (0.65, 0.765), (0.75, 0.85), (0.82, 0.91), (0.93, 0.945),
    (1.0, 0.997),
)  # fmt: skip
"""What share of pairs is true at a computed probability: in the middle, more than half-seen clients account for. Simulated."""

LAGS_TRUSTED = 100.0
"""Lags count no more than this many independent ones when a time-out is learned. Choice: no shape fits them quite."""
TAIL, DEFAULT_TAIL = 0.02, 0.05
"""Chance that a time-out lies beyond either end of what is said of it: that of dead connections, and the others, which two minutes
are by default. Choice."""
FEW_LAGS, FEW_DROP_LAGS = 12, 8
"""Fewer lags than this do not speak against the documented default, and tell nothing of dead connections. Choice."""
ROUND_SECONDS = ((30, 0.1), (10, 0.06), (5, 0.04))
ODD_SECONDS = 0.0003
"""How likely an administrator chooses a time-out, by what divides it, against the documented one. Choice: they like round ones."""
UNDOCUMENTED = 0.01
"""How much less likely a time-out is that no document allows: beyond one or two minutes for dead connections (DOMAIN.md 4.2),
another than two minutes for the rest (DOMAIN.md 2.3). Choice."""
WAITS_AT_LEAST = 6
"""Seconds for which a client waits before it leaves. Simulated."""
ASKS_MEANWHILE = 0.5
"""Share of the usual requests that come while it does: others at its address ask for the same. Choice."""
MANY_WAITS = 40
"""From so many waits within a minute on they tell how soon clients ask again. Choice: fewer may all be those of one program."""
WAIT_COSTS = 1 / 3
"""What a second costs, as a logarithm, by which clients would wait before they ask again, where waits are not known. Choice."""
ALIKE = 0.6
"""From this chance that two addresses have the same agent, agents tell nothing. Choice."""
AGENTS = ((0.90, 0.08), (0.06, 0.14), (0.04, 0.78))
"""Chance of one, two, more agents on an address of one client, and on one of several. Simulated."""
SHARED_BELIEF = 0.05
"""Share of addresses with several clients where agents tell nothing. Simulated."""
SHARED_ASKS = (4.0, 6.0)
"""How many times more than the usual address one of several clients asks, where agents tell nothing, and where they do.
Simulated."""
HARDLY_ANY = 0.5
"""Belief that hardly any drop of a server is the application's, as the article takes for granted (KB937692), against any share.
Choice."""
SWEEP_SHARE = 0.3
"""A second counts as one of the sweep when it has this share of the rows of the most frequent one. Choice."""
SURE_WHO = 0.97
"""From this chance on that the client or the application ended a drop, the other is not reckoned with. Choice."""
PACE_BELIEF = 10.0
"""Seconds for which the share that is believed weighs when the pace of a client is measured. Choice."""
