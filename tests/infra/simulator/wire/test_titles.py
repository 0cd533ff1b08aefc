"""Names of products are sound text, also those that look like something else."""

import json

import pytest

from infra.simulator.wire.titles import AWKWARD, ONE_IN, title
from spark_jobs.functions.json_decode import decode_object
from spark_jobs.functions.wire_column import WireColumn
from tests.infra.simulator.wire.conftest import told


def test_one_name_in_ten_is_awkward() -> None:
    names = [title("food", number) for number in range(10 * ONE_IN)]

    assert len(set(names)) == len(names)
    assert sum(name.startswith(AWKWARD) for name in names) == len(names) / 10


@pytest.mark.parametrize("place", range(len(AWKWARD)))
def test_an_awkward_name_is_read_as_it_is_written(place: int) -> None:
    line = told()["shop_plugin"].feed.write({"name": title("food", place)})

    (batch,) = decode_object(line + b"\n", [WireColumn("name", "name", "string")])

    assert batch.column("problem").to_pylist() == [None]
    assert batch.column("fields").to_pylist() == [{"name": title("food", place)}]
    assert json.loads(line)["name"].endswith(f"food {place}")


def test_both_shops_have_awkward_names() -> None:
    on_c = {event["data"].get("product_name", "") for event in told()["shop_plugin"].where("specversion", "1.0")}
    on_b = {record.content.get("item", {}).get("name", "") for record in told()["social_b"].records[1]}

    for names in (on_c, on_b):
        assert any(name.startswith(AWKWARD) for name in names)
