"""The commands: each module has one function for each of its commands, which returns the exit status."""
