"""Whole screens: the main one, and the modal ones over it."""
