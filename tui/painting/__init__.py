"""What the terminal shows by now, and the few bytes that change it."""
