"""The terminal application: command line and explorer."""
