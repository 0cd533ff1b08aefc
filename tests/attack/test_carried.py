"""Names and texts that try to be code are carried through every stage as what they are: text.

Each source gets an object for each name, with one of the texts in it; all of them live in one home.
"""

import gzip
import html
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from infra.app.app import App
from infra.app.cli import render_details
from infra.app.pages import write_run_pages
from infra.app.pull import Pulled, pull
from infra.app.warehouse import query
from spark_jobs.functions.object_bytes import MAX_MEMBERS
from tests.attack.deliveries import CONTENTS, drop
from tests.support.home import open_home

SOURCES = tuple(CONTENTS)
NAMES = (
    "_x.csv",
    "-rf",
    "...",
    "a=b.csv",
    "day=2026-03-02",
    "%2e%2e",
    "%00",
    "C:\\..\\x",
    "s3:x",
    "#x?y&z",
    "[a-z]*?.csv",
    "$(touch canary)",
    "`touch canary`",
    "=cmd|' C'!A0",
    "@SUM(1+1)",
    "'; drop table raw.objects; --",
    '"); drop schema marts cascade; --',
    "{{ 7 * 7 }}",
    "{% raw %}",
    "<img src=x onerror=alert(1)>",
    "[red]x",
    " blanks  ",
    "A.csv",
    "a.csv",
    "\u00e9.csv",
    "e\u0301.csv",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467.csv",
    "\u202evsc.exe",
    "n" * 190,
)
TEXTS = (
    '=HYPERLINK("http://x","y")',
    "+1+cmd|' /C calc'!A0",
    "'; drop table events.order_line; --",
    "') ; copy (select 1) to 'CANARY'; --",
    "{{ run_query(\"copy (select 1) to 'CANARY'\") }}",
    "{% do adapter.drop_schema('marts') %}",
    "{{ config(post_hook='drop') }}",
    "${spark.sql.warehouse.dir} ${env:HOME} ${jndi:ldap://x}",
    "$(touch CANARY)",
    "<script>alert(1)</script>",
    "../../../../etc/passwd",
    "\u202etxt \U0001f469\u200d\U0001f467 \x1b]0;title\x07",
)
TEXT_OF = {
    "retail_export": ("events.order_line", "product_name"),
    "shop_plugin": ("events.order_line", "product_name"),
    "shop_community": ("events.invite", "invite_id"),
    "payment_sdk": ("events.payment", "payer_id"),
    "payment_settlements": ("events.settlement", "merchant_id"),
}
BOMBS = {
    "members without content.csv.gz": gzip.compress(b"", mtime=0) * (MAX_MEMBERS + 1),
    "nested.csv.gz": gzip.compress(gzip.compress(b"a,b\n1,2\n", mtime=0), mtime=0),
    "cut.csv.gz": gzip.compress(b"a,b\n1,2\n" * 100, mtime=0)[:-9],
}


@dataclass
class Attacked:
    """A home that has taken all of it in, what each pull did, and what the folder around it held before."""

    app: App
    folder: Path
    pulled: dict[str, Pulled]
    beside: set[Path]


@pytest.fixture(scope="module")
def attacked(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    folder = tmp_path_factory.mktemp("attacked")
    app = open_home(folder, spark)
    beside = {*folder.iterdir(), app.settings.root}
    for source in SOURCES:
        for number, name in enumerate(NAMES):
            drop(app, source, name, CONTENTS[source](number, text(number, folder)))
    for name, content in BOMBS.items():
        drop(app, "retail_export", name, content)
    pulled = {source: pull(app, source) for source in SOURCES}
    app.run([*{table for table, _ in TEXT_OF.values()}, "marts.source_balance"])
    return Attacked(app, folder, pulled, beside)


def text(number: int, folder: Path) -> str:
    return TEXTS[number % len(TEXTS)].replace("CANARY", str(folder / "canary"))


def landed(attacked: Attacked, source: str) -> list[str]:
    return sorted(one.object.name for one in attacked.pulled[source].landed)


def test_every_source_of_files_is_attacked(attacked: Attacked) -> None:
    contracts = attacked.app.datasets.sources.values()

    assert {*SOURCES} == {one.short_name for one in contracts if one.source and not one.source.api}


@pytest.mark.parametrize("source", SOURCES)
def test_every_readable_name_lands_as_it_is(attacked: Attacked, source: str) -> None:
    # What begins with a dot is still being written, for its sender.
    told = [name for name in NAMES if not name.startswith(".")]

    assert landed(attacked, source) == sorted([*told, *(BOMBS if source == "retail_export" else ())])
    assert attacked.pulled[source].refused == ()
    assert (attacked.app.settings.inbox_dir / source / "...").exists()


def test_names_that_look_alike_are_objects_of_their_own(attacked: Attacked) -> None:
    names = landed(attacked, "shop_plugin")

    assert len({unicodedata.normalize("NFC", name).lower() for name in names}) == len(names) - 2


@pytest.mark.fault(6, 12, 19, how="29 names and 12 texts that try to be code, gzip that cannot be undone")
@pytest.mark.parametrize("source", SOURCES)
def test_every_object_balances_and_no_record_is_lost(attacked: Attacked, source: str) -> None:
    sql = "select object_name, received, good, quarantined, balanced from marts.source_balance"
    rows = query(attacked.app.settings.warehouse_file, f"{sql} where source = '{source}'")[1]

    assert sorted(row[0] for row in rows) == landed(attacked, source)
    told = {name: (1, 0, 1, True) if name in BOMBS else (1, 1, 0, True) for name in landed(attacked, source)}
    assert {row[0]: row[1:] for row in rows} == told


def test_what_cannot_be_unpacked_is_said_with_its_reason(attacked: Attacked) -> None:
    rows = attacked.app.lake.table("raw.retail_export").scan().to_arrow().to_pylist()
    reasons = {row["object_name"]: row["reason"] for row in rows if row["object_name"] in BOMBS}

    assert reasons["members without content.csv.gz"] == reasons["cut.csv.gz"] == "unreadable_object"
    assert reasons["nested.csv.gz"]


@pytest.mark.parametrize("source", SOURCES)
def test_texts_come_out_as_they_went_in(attacked: Attacked, source: str) -> None:
    table, column = TEXT_OF[source]
    rows = attacked.app.lake.table(table).scan().to_arrow().to_pylist()
    found = {row["object_name"]: row[column] for row in rows if row["source"] == source}

    told = {name: text(number, attacked.folder) for number, name in enumerate(NAMES) if not name.startswith(".")}
    assert found == told


def test_nothing_was_carried_out(attacked: Attacked) -> None:
    assert set(attacked.folder.iterdir()) == attacked.beside
    assert not list(Path().glob("*canary*"))
    assert {"raw.objects", "events.order_line", "marts.source_balance"} <= set(attacked.app.lake.names())
    assert set(attacked.app.lake.names()) <= {*attacked.app.datasets.all, *attacked.app.ops}


def test_no_table_lies_outside_the_lake_and_no_folder_is_called_by_a_text(attacked: Attacked) -> None:
    lake = attacked.app.settings.lake_dir
    files = [str(path.relative_to(lake)) for path in lake.rglob("*.parquet")]

    assert len(files) > 3
    assert [file for file in files if not re.fullmatch(r"[\w./=%-]+", file)] == []


def test_pages_show_them_as_text(attacked: Attacked, tmp_path: Path) -> None:
    write_run_pages(attacked.app, tmp_path / "site")

    pages = {path: path.read_text() for path in (tmp_path / "site").rglob("*.html")}
    assert [path for path, page in pages.items() if "<img src=x" in page or "<script>alert" in page] == []
    assert any(html.escape("<img src=x onerror=alert(1)>") in page for page in pages.values())


def test_what_a_query_finds_does_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    render_details.rows(["name"], [["\x1b]0;title\x07[red]x[/]\x9b"]], as_json=False)

    said = capsys.readouterr().out
    assert r"\x1b]0;title\x07[red]x[/]\u009b" in said
    assert not set("\x1b\x07\x9b") & set(said)
