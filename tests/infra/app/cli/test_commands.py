"""What the commands print, for people and for programs, and how they refuse."""

import sys

import pytest

from infra.app.app import App
from infra.app.cli.main import main
from infra.app.kinds.landing_objects import LandingObjects
from infra.app.show import dataset_hash
from infra.lake.settings import Settings
from tests.infra.app.cli.conftest import Shop
from tests.support.terminal import Terminal


def test_land_says_what_was_landed_under_which_hash(shop: Shop) -> None:
    assert shop.landed.startswith("landed first.csv.gz ")
    assert shop.landed.endswith(" bytes")


def test_landing_the_same_file_again_is_known_already(empty: Terminal) -> None:
    file = empty.export("first.csv.gz", "500001")
    first = empty.data("land", "--source", "retail_export", file)

    assert empty.text("land", "--source", "retail_export", file).startswith("known already first.csv.gz ")
    assert first[0]["is_new"]


def test_the_same_name_with_other_bytes_is_landed_with_a_warning(empty: Terminal) -> None:
    empty.run("land", "--source", "retail_export", empty.export("first.csv.gz", "500001"))

    said = empty.text("land", "--source", "retail_export", empty.export("first.csv.gz", "500002"))

    assert "warning: first.csv.gz was delivered before with other bytes" in said
    assert "--supersedes" in said


def test_a_name_in_brackets_is_printed_as_it_is(empty: Terminal) -> None:
    said = empty.text("land", "--source", "retail_export", empty.export("orders[final].csv.gz", "500001"))

    assert "orders[final].csv.gz" in said


def test_an_unknown_source_names_the_known_ones_and_the_remedy(empty: Terminal) -> None:
    refusal = empty.refusal("land", "--source", "market", empty.export("first.csv.gz", "500001"))

    assert "There are: payment_sdk, " in refusal
    assert "expectations/contracts/raw/market.odcs.yaml" in refusal


def test_plan_says_what_is_due_and_why_before_a_run(shop: Shop) -> None:
    assert "raw.objects 1 to build" in shop.plan_text
    assert "second.csv.gz" in shop.plan_text
    assert "not built yet" in shop.plan_text
    assert shop.plan["raw.objects"]["causes"][0]["count"] == 1
    assert shop.plan["raw.retail_export"]["after"] == ["raw.objects"]
    assert not shop.plan["marts.growth_daily"]["level"]


def test_plan_finds_everything_level_after_a_run(shop: Shop) -> None:
    count = len(shop.results)

    assert shop.text("plan") == f"{count} of {count} datasets are level."
    assert all(forecast["level"] and not forecast["build"] for forecast in shop.data("plan"))


def test_plan_of_one_dataset_is_about_all_it_reads(shop: Shop) -> None:
    assert [forecast["dataset"] for forecast in shop.data("plan", "events.order_line")] == [
        "raw.objects",
        "raw.retail_export",
        "raw.shop_plugin",
        "raw.social_b",
        "events.order_line",
    ]


def test_run_says_what_was_published(shop: Shop) -> None:
    assert "raw.objects published 1 changed of 1" in shop.first_run
    assert shop.results["marts.growth_daily"]["outcome"] == "published"
    assert shop.results["events.order_line"]["committed"] == ["2026-03-02"]


def test_a_build_that_fails_ends_with_exit_code_1(
    empty: Terminal, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(LandingObjects, "build", fail)
    empty.run("land", "--source", "retail_export", empty.export("first.csv.gz", "500001"))

    ended = empty.run("run", "raw.objects")

    assert ended.exit_code == 1
    assert "no space left on device" in caplog.text
    (objects, *_) = empty.data("status")
    assert (objects["dataset"], objects["state"]) == ("raw.objects", "failed")
    assert "OSError" in objects["failed"]
    assert "FAILED" in empty.text("status")


def test_status_says_level_and_complete_through(shop: Shop) -> None:
    rows = {row["dataset"]: row for row in shop.data("status")}

    assert {rows[name]["state"] for name in ("raw.retail_export", "marts.growth_daily")} == {"level"}
    assert rows["events.payment"]["state"] == "no input"
    assert rows["events.order_line"]["complete_through"] == "2026-03-01"
    assert "events.order_line level 2026-03-01" in shop.text("status")


def test_show_lists_files_inputs_readers_and_versions(shop: Shop) -> None:
    shown = shop.data("show", "features.purchase_30d")

    assert "spark_jobs/features/purchase_30d.py" in shown["files"]
    assert shown["inputs"] == ["events.order_line [day - 29 .. day + 0]"]
    assert len(shown["versions"]) == 1
    assert "features.purchase_30d" in shop.text("show", "events.order_line")


def test_lineage_goes_down_to_the_landing_store(shop: Shop) -> None:
    events = shop.data("lineage", "events.order_line")

    assert events["version"] == shop.versions("events.order_line")[0]
    assert events["inputs"][0]["inputs"][0]["inputs"][0]["dataset"] == "landing"
    assert f"raw.objects @ {shop.versions('raw.objects')[0]}" in shop.text("lineage", "marts.growth_daily")


def test_hash_is_the_content_hash(shop: Shop) -> None:
    expected = dataset_hash(App(Settings(home=shop.folder / "home")), "events.order_line")

    assert shop.text("hash", "events.order_line") == f"{expected} events.order_line"
    assert shop.data("hash", "events.order_line") == {"dataset": "events.order_line", "hash": expected}


def test_diff_prints_the_rows_that_came_and_the_inputs_that_moved(shop: Shop) -> None:
    newer, older = shop.versions("raw.objects")

    found = shop.data("diff", "raw.objects", older, newer)
    said = shop.text("diff", "raw.objects", older, newer)

    assert (found["left"], found["came"], [row["name"] for row in found["rows"]]) == (0, 1, ["second.csv.gz"])
    assert f"{older} → {newer}: 0 rows left, 1 came" in said
    assert "input landing:" in said


@pytest.mark.parametrize("command", [["diff", "42"], ["lineage", "--version"], ["hash", "--version"]])
def test_an_unknown_version_is_refused_with_those_that_exist(shop: Shop, command: list[str]) -> None:
    refusal = shop.refusal(command[0], "raw.objects", *command[1:], "42")

    assert "raw.objects: there is no version 42" in refusal
    assert shop.versions("raw.objects")[0] in refusal


def test_sql_reads_the_analysts_file(shop: Shop) -> None:
    query = "select day, gross_sales from marts.growth_daily"

    assert shop.text("sql", query).startswith("day gross_sales 2026-03-02 20.")
    assert [row["day"] for row in shop.data("sql", query)] == ["2026-03-02"]


def test_sql_refuses_to_write(shop: Shop) -> None:
    assert "read-only" in shop.refusal("sql", "delete from marts.growth_daily")
    assert shop.data("sql", "select count(*) as days from marts.growth_daily") == [{"days": 1}]


def test_gate_results_prints_the_verdicts(shop: Shop) -> None:
    (verdict,) = shop.data("gate", "results", "features.user_value")

    assert (verdict["verdict"], verdict["partitions"]) == ("passed", ["2026-03-02"])
    assert len(shop.data("gate", "results", "raw.objects", "--last", "1")) == 1
    assert "passed 2026-03-02" in shop.text("gate", "results", "features.user_value")


def test_accepting_where_nothing_is_held_is_refused(shop: Shop) -> None:
    refusal = shop.refusal("gate", "accept", "features.user_value", "--reason", "for fun")

    assert refusal == "features.user_value: the gate holds nothing. See `guanxi status`."


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "2026-3-2"])
def test_what_is_no_day_is_refused_with_an_example(shop: Shop, day: str) -> None:
    assert shop.refusal("run", "--from", day).startswith(f"{day}: not a day. Write it as YYYY-MM-DD")


def test_a_range_that_ends_before_it_begins_is_refused(shop: Shop) -> None:
    refusal = shop.refusal("run", "--from", "2026-03-03", "--to", "2026-03-02")

    assert refusal == "--from 2026-03-03 lies after --to 2026-03-02. Exchange the two."


@pytest.mark.parametrize("command", [["run"], ["show"], ["lineage"], ["hash"], ["gate", "results"]])
def test_an_unknown_dataset_is_refused_with_the_near_ones(shop: Shop, command: list[str]) -> None:
    refusal = shop.refusal(*command, "raw.order_line")

    assert refusal == "raw.order_line: there is no such dataset. There are: events.order_line."


def test_a_dataset_that_was_never_built_is_refused_with_the_remedy(empty: Terminal) -> None:
    assert "guanxi run events.order_line" in empty.refusal("lineage", "events.order_line")


def test_an_error_meant_for_users_ends_with_exit_code_2(
    empty: Terminal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(sys, "argv", ["guanxi", "show", "marts.growth"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert " ".join(printed.err.split()).startswith("error: marts.growth: there is no such dataset.")
    assert printed.out == ""
