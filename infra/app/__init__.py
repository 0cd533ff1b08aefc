"""Wiring and command line: finds datasets by their files and runs the loop over them."""
