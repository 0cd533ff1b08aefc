"""Mappings from the delivered form of each source to the typed payload of the events it feeds."""
