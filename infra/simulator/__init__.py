"""Made-up platforms: they write the logs that the pipeline reads, and import nothing of it."""
