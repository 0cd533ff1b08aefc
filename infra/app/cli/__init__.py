"""The `guanxi` command line: one file for each group of commands, `render` for what they print."""
