"""The set at a glance: a report built from answers, and its renderings."""
