"""What lies next to the logs: Windows events as ``.evtx`` or XML, read into one frame."""
