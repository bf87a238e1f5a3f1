"""The kinds of values that a filter can have: one class each, with how it is written and which rows it matches."""
