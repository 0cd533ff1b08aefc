"""The faults and bad inputs that the pipeline must survive; `@pytest.mark.fault` says which of them a test injects.

They have one oracle (`tests.support.oracle`): what came in is good, quarantined, a duplicate, superseded, in
conflict or erased; the ids of the good events are those of the source's own ledger; published tables are those of a run
that nothing disturbed. Where nothing may be published at all, the oracle is that readers see the old version; where a
secret may not be seen, that it is nowhere. A mark with `part=True` is on a test that shows some of it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """One fault, called by what is injected; `missing` is what no test injects, or none compares with the oracle."""

    number: int
    name: str
    missing: str = ""


CASES = {
    case.number: case
    for case in (
        Case(1, "two JSON objects on one line"),
        Case(2, "a JSON key that stands twice"),
        Case(3, "a JSON key in another case"),
        Case(4, "a CSV row with a column too many or too few"),
        Case(5, "a line feed within quotes in CSV"),
        Case(6, "object names that start with _ or ."),
        Case(7, "a gzip file that was cut short"),
        Case(8, "bytes that are no UTF-8, text in GBK"),
        Case(9, "NUL, byte order mark, U+2028, lines that end in CR alone"),
        Case(10, 'whole numbers that overflow, 2.7 or "3" where a whole number is promised'),
        Case(11, "30 February, the hours of summer time, a far future, before the first day"),
        Case(12, "JSON 1,500 levels deep, a line of 100 MB, a gzip bomb"),
        Case(13, "an empty object, blank lines, a header alone"),
        Case(14, "a number, null or a list where an object is promised"),
        Case(15, "a column added, removed, renamed, retyped, or moved in the middle of a file"),
        Case(16, "the same file again, its bytes under another name, other bytes under its name"),
        Case(17, "one event id with two payloads"),
        Case(18, "an event that is late for a published day, updates out of order"),
        Case(19, "formulas, SQL and templates in texts, object names and partition keys"),
        Case(20, "one seller with nine rows in ten"),
        Case(21, "an object that is still being written, a manifest that is wrong"),
        Case(22, "a run killed before, in and after publication"),
        Case(23, "the receiver of events killed between taking and keeping them"),
        Case(24, "a notice whose reader ends before deleting it, a notice that nobody can read"),
        Case(25, "a notice that the queue does not delete"),
        Case(26, "every notice lost"),
        Case(27, "10,000 notices, doubled and in any order, deliveries in any order, 2,000 objects at once"),
        Case(28, "a reader deployed after its input was published"),
        Case(29, "two runs, or a killed one's remains and its retry, on one partition"),
        Case(30, "a commit that succeeds and whose reply is lost"),
        Case(31, "eight publishers at once"),
        Case(32, "storage or a platform that refuses, stalls, resets, or does not know the credentials"),
        Case(33, "a full disk, a task without memory, a JVM that ends"),
        Case(34, "the orchestrator's database or interface away"),
        Case(35, "dbt killed or without disk, the analysts' file killed in writing, locked, or of a newer version"),
        Case(36, "a gate that fails"),
        Case(37, "a quality engine that crashes"),
        Case(38, "three rebuilds, a backfill beside live runs"),
        Case(39, "older code: a contract without a column of its table, an analysts' file of a newer version"),
        Case(40, "a reader in the middle of a query at publication, expiry and compaction"),
        Case(41, "a clock that is an hour off"),
        Case(42, "a key changed during a run, a subject that was erased", "there are no keys and nothing erases yet"),
        Case(43, "one byte changed in a stored file"),
        Case(44, "quarantined records delivered again, mended"),
        Case(45, "a secret in a record that cannot be read, in a token, in an engine's words"),
    )
}
