"""What is known about the fields, reasons, statuses and win32 codes, as data with its source."""
