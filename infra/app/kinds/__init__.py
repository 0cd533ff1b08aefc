"""The kinds of datasets: how landed objects, raw sources, days computed by Spark and marts are planned and built."""
