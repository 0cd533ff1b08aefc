"""With the product's guard taken away, the oracle of its fault fails: so it would be seen if the guard were lost."""

import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from expectations import gate
from infra.app import pull, withheld
from infra.lake.landing import Landing
from spark_jobs.functions import json_line, object_bytes
from tests.expectations.conftest import quality_engine  # noqa: F401 - a fixture
from tests.faults import test_publication as publication
from tests.faults.guards import (
    Lenient,
    Patch,
    Place,
    believe,
    changed_byte,
    door,
    engine_crashes,
    fates,
    forget_case,
    nothing_came,
    open_after_a_crash,
    publish_the_tip,
    published,
    reads,
    reads_half,
    swap_without_compare,
    take_all_for_good,
    tells,
)

CASES = [
    pytest.param(
        reads(b'{"id":"1"}{"id":"2"}', "trailing_data"),
        lambda patch: patch.setattr(json_line, "BLANKS", Lenient),
        id="trailing data",
        marks=pytest.mark.fault(1, how="without the check of what is behind an object the oracle fails", part=True),
    ),
    pytest.param(
        reads(b'{"id":"1","id":"2"}', "duplicate_key"),
        lambda patch: patch.setattr(json_line.LineParser, "_as_object", lambda _, pairs: dict(pairs)),
        id="duplicate key",
        marks=pytest.mark.fault(2, how="without the check for keys that stand twice the oracle fails", part=True),
    ),
    pytest.param(
        reads(b'{"ID":"1"}', "wrong_case_key"),
        forget_case,
        id="case of keys",
        marks=pytest.mark.fault(3, how="without the check for keys in another case the oracle fails", part=True),
    ),
    pytest.param(
        reads_half,
        lambda patch: patch.setattr(object_bytes, "_gunzip", lambda data: zlib.decompressobj(31).decompress(data)),
        id="end of gzip",
        marks=pytest.mark.fault(7, how="without the check for the end of a gzip file the oracle fails", part=True),
    ),
    pytest.param(
        reads(b'{"id":"\xc7\xe0\xbb\xa8"}', "invalid_utf8"),
        lambda patch: patch.setattr(json_line, "_decoded", lambda line: line.decode("utf-8", "replace")),
        id="encoding",
        marks=pytest.mark.fault(8, how="without strict decoding the oracle fails", part=True),
    ),
    pytest.param(
        nothing_came,
        lambda patch: patch.setattr(gate, "_needs_rows", lambda _: False),
        id="volume",
        marks=pytest.mark.fault(13, how="without the volume gate the oracle fails", part=True),
    ),
    pytest.param(
        fates,
        take_all_for_good,
        id="fates",
        marks=pytest.mark.fault(16, 17, 18, how="without the comparison of deliveries the oracle fails", part=True),
    ),
    pytest.param(
        door("a.jsonl", "0" * 64),
        believe,
        id="manifest",
        marks=pytest.mark.fault(21, how="without the comparison with the manifest the oracle fails", part=True),
    ),
    pytest.param(
        door("a.jsonl.part", None),
        lambda patch: patch.setattr(pull, "is_complete", lambda _: True),
        id="unfinished",
        marks=pytest.mark.fault(21, how="without the check of unfinished names the oracle fails", part=True),
    ),
    pytest.param(
        published(publication.publish_after_another),
        swap_without_compare,
        id="compare and swap",
        marks=pytest.mark.fault(29, 31, how="without compare-and-swap the oracle fails", part=True),
    ),
    pytest.param(
        published(publication.publish_beside_a_zombie),
        publish_the_tip,
        id="seal",
        marks=pytest.mark.fault(
            29, how="if a branch's tip were published and not its seal, the oracle fails", part=True
        ),
    ),
    pytest.param(
        engine_crashes,
        open_after_a_crash,
        id="fail closed",
        marks=pytest.mark.fault(37, how="if a crash left the gate open, the oracle fails", part=True),
    ),
    pytest.param(
        changed_byte,
        lambda patch: patch.setattr(Landing, "_refuse_damaged", lambda *_: None),
        id="content hash",
        marks=pytest.mark.fault(43, how="without the comparison of content hashes the oracle fails", part=True),
    ),
    pytest.param(
        tells,
        lambda patch: patch.setattr(withheld, "without_quotes", str),
        id="quotes",
        marks=pytest.mark.fault(45, how="if an engine's quotes of the data were kept, the oracle fails", part=True),
    ),
]


@pytest.mark.usefixtures("quality_engine")
@pytest.mark.parametrize(("oracle", "take_away"), CASES)
def test_without_its_guard_the_oracle_of_a_fault_fails(
    oracle: Callable[[Place], None],
    take_away: Callable[[Patch], None],
    tmp_path: Path,
    monkeypatch: Patch,
    request: pytest.FixtureRequest,
) -> None:
    def place(name: str) -> Place:
        folder = tmp_path / name
        folder.mkdir()
        return Place(folder, lambda: request.getfixturevalue("spark"), monkeypatch)

    oracle(place("guarded"))

    take_away(monkeypatch)

    with pytest.raises(AssertionError):
        oracle(place("unguarded"))
