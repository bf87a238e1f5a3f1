"""The views of the main screen, a folder each. A new view is a folder, its entry in the key table, and a line of the screen."""
