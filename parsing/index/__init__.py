"""The index: dictionaries, segments, manifest, reading what is new."""
