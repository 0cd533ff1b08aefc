"""Features keyed by entity and day, right as of the end of that day."""
