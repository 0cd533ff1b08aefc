"""Another Python process beside the test's."""

import subprocess
import sys
import textwrap


def child(code: str) -> "subprocess.Popen[str]":
    """Another Python process; it says `ready` before it waits."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    return process


def holding_open(file: object) -> "subprocess.Popen[str]":
    """A process that has a DuckDB file open to write to it, until it is killed."""
    return child(
        f"""
        import duckdb
        connection = duckdb.connect({str(file)!r})
        connection.execute("create table mine as select 1")
        print("ready", flush=True)
        input()
        """
    )
