"""From the inbox to the landing store: complete objects are landed, others wait, wrong ones are set aside."""

from pathlib import Path

import pytest

from infra.app.app import App
from infra.app.doorbell import arrivals
from infra.app.pull import is_delivered, pull
from infra.lake.errors import GuanxiError
from infra.lake.settings import Settings
from tests.support.inbox import announce, drop

WITH_MANIFEST = "shop_plugin"
WITHOUT = "retail_export"


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(Settings(home=tmp_path / "home"))


def test_a_complete_object_moves_from_the_inbox_to_the_landing_store(app: App) -> None:
    file = drop(app, WITHOUT, "a.csv")

    pulled = pull(app, WITHOUT)

    assert [landed.object.name for landed in pulled.landed] == ["a.csv"]
    assert Path(pulled.landed[0].object.path).read_bytes() == b"content"
    assert not file.exists()


@pytest.mark.parametrize("name", [".a.csv", "a.csv.part"])
@pytest.mark.fault(21, how="names of what is still being written", part=True)
def test_what_is_still_being_written_stays(app: App, name: str) -> None:
    file = drop(app, WITHOUT, name)

    assert pull(app, WITHOUT).landed == ()
    assert file.exists()


@pytest.mark.parametrize(
    ("source", "name", "delivered"),
    [(WITHOUT, "a.csv", True), (WITHOUT, "a.csv.part", False), (WITH_MANIFEST, "a.jsonl", False)],
)
def test_what_is_not_complete_does_not_count_as_delivered(app: App, source: str, name: str, delivered: bool) -> None:
    file = drop(app, source, name)
    alone = is_delivered(app, source)
    announce(file)

    assert alone is delivered
    assert is_delivered(app, source) is not name.endswith(".part")


def test_an_object_waits_for_its_manifest(app: App) -> None:
    file = drop(app, WITH_MANIFEST, "a.jsonl")

    waiting = pull(app, WITH_MANIFEST)
    announce(file)
    landed = pull(app, WITH_MANIFEST)

    assert waiting.waiting == ("a.jsonl",)
    assert [one.object.name for one in landed.landed] == ["a.jsonl"]
    assert list((app.settings.inbox_dir / WITH_MANIFEST).iterdir()) == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"sha256": "0" * 64}, "its manifest says 000"),
        ({"sha256": "no hash"}, "sha256: String should match"),
        ({"object": "b.jsonl"}, "its manifest says b.jsonl"),
        ({"lines": 2}, "its manifest says 2"),
        ({"lines": -1}, "lines: Input should be"),
    ],
)
@pytest.mark.fault(21, how="a wrong name, count or SHA-256", part=True)
def test_an_object_that_is_not_what_its_manifest_says_is_set_aside_whole(
    app: App, said: dict[str, object], words: str
) -> None:
    announce(drop(app, WITH_MANIFEST, "a.jsonl"), **said)
    announce(drop(app, WITH_MANIFEST, "good.jsonl"))

    pulled = pull(app, WITH_MANIFEST)

    aside = app.settings.refused_dir / WITH_MANIFEST
    assert words in pulled.refused[0]
    assert {file.name for file in aside.iterdir()} == {"a.jsonl", "a.jsonl.manifest.json", "a.jsonl.reason.txt"}
    assert [one.object.name for one in pulled.landed] == ["good.jsonl"]


MONEY = "payment_sdk"
AMOUNTS = b"""NO,AMOUNT_YUAN
T1,0.10
T2,0.20
T3,-9007199254740993.01
T4,1O.00
T5,5.00,too many fields
T6,"7.00"
"""


@pytest.mark.parametrize("total", ["-9007199254740985.71", "-9007199254740985.710"])
def test_the_sum_of_the_rows_that_have_a_number_is_the_control_total(app: App, total: str) -> None:
    announce(drop(app, MONEY, "a.csv", AMOUNTS), lines=6, totals={"AMOUNT_YUAN": total})

    assert len(pull(app, MONEY).landed) == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"AMOUNT_YUAN": "-9007199254740985.70"}, "AMOUNT_YUAN is -9007199254740985.71, its manifest says -900719925"),
        ({"AMOUNT_YUAN": "0", "FEE": "0.00"}, "a total of AMOUNT_YUAN, and there is no such column"),
        ({"NO": "0"}, "has no total of AMOUNT_YUAN, which payment_sdk.odcs.yaml asks for"),
        ({}, "has no total of AMOUNT_YUAN"),
        ({"AMOUNT_YUAN": "a lot"}, "totals.AMOUNT_YUAN: String should match"),
        ({"AMOUNT_YUAN": 0.3}, "totals.AMOUNT_YUAN: Input should be a valid string"),
    ],
)
def test_an_object_whose_control_total_differs_is_set_aside_whole(
    app: App, said: dict[str, object], words: str
) -> None:
    announce(drop(app, MONEY, "a.csv", AMOUNTS), lines=6, totals=said)

    pulled = pull(app, MONEY)

    assert pulled.landed == ()
    assert words in pulled.refused[0]
    assert (app.settings.refused_dir / MONEY / "a.csv").exists()


def test_a_control_total_of_a_column_that_stands_twice_is_refused(app: App) -> None:
    content = b"AMOUNT_YUAN,AMOUNT_YUAN\n1.00,2.00\n"
    announce(drop(app, MONEY, "a.csv", content), totals={"AMOUNT_YUAN": "0"})

    assert "two of one name" in pull(app, MONEY).refused[0]


def test_a_sum_that_fills_pages_is_not_written_out(app: App) -> None:
    content = b"AMOUNT_YUAN\n" + b"9" * 100_000 + b"\n"
    announce(drop(app, MONEY, "a.csv", content), totals={"AMOUNT_YUAN": "1"})
    (reason,) = pull(app, MONEY).refused

    assert "999... (100000 characters), its manifest says 1" in reason
    assert len(reason) < 300


def test_a_control_total_of_a_form_without_columns_is_refused(app: App) -> None:
    announce(drop(app, WITH_MANIFEST, "a.jsonl"), totals={"amount": "1"})

    assert "its form, jsonlines, has none" in pull(app, WITH_MANIFEST).refused[0]


def test_a_manifest_says_what_its_object_supersedes(app: App) -> None:
    drop(app, WITHOUT, "a.csv", b"wrong")
    wrong = pull(app, WITHOUT).landed[0].object.sha256
    announce(drop(app, WITHOUT, "b.csv", b"right"), lines=0, supersedes=[wrong])

    assert pull(app, WITHOUT).landed[0].object.supersedes == (wrong,)


def test_a_refused_object_that_is_delivered_again_is_landed(app: App) -> None:
    announce(drop(app, WITH_MANIFEST, "a.jsonl"), sha256="0" * 64)
    pull(app, WITH_MANIFEST)

    announce(drop(app, WITH_MANIFEST, "a.jsonl"))

    assert [one.object.name for one in pull(app, WITH_MANIFEST).landed] == ["a.jsonl"]


def test_a_link_out_of_the_inbox_is_not_followed(app: App, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("secret")
    drop(app, WITHOUT, "a.csv").unlink()
    (app.settings.inbox_dir / WITHOUT / "a.csv").symlink_to(tmp_path / "outside")

    assert pull(app, WITHOUT).landed == ()


def test_an_unknown_source_is_refused(app: App) -> None:
    with pytest.raises(GuanxiError, match="no such source"):
        pull(app, "nobody")


def test_a_delivery_is_an_arrival_and_its_landing_is_none(app: App) -> None:
    nothing = arrivals(app.settings, WITHOUT)
    drop(app, WITHOUT, "a.csv")
    delivered = arrivals(app.settings, WITHOUT)
    pull(app, WITHOUT)

    assert nothing == frozenset()
    assert len(delivered) == 1
    assert arrivals(app.settings, WITHOUT) == delivered


def test_saying_later_what_an_object_supersedes_is_an_arrival(app: App, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("content")
    app.land(WITHOUT, file)
    before = arrivals(app.settings, WITHOUT)

    app.land(WITHOUT, file, ["0" * 64])

    assert arrivals(app.settings, WITHOUT) - before


def test_a_manifest_is_an_arrival_as_an_object_may_wait_for_it(app: App) -> None:
    file = drop(app, WITH_MANIFEST, "a.jsonl")
    before = arrivals(app.settings, WITH_MANIFEST)

    announce(file)

    assert arrivals(app.settings, WITH_MANIFEST) - before
