"""Iceberg primitives: catalogue, branches, provenance, changed partitions, content hash, landing storage."""
