"""What log bytes mean: formats found by content, and parsed into typed columns."""
