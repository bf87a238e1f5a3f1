"""Questions asked of a log set segment by segment: a partial each, merged into an answer."""
