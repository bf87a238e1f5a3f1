"""What is drawn: each widget renders what is visible and computes nothing."""
