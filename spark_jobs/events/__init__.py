"""Canonical events, one module per dataset, built from the good records of every source that names it."""
