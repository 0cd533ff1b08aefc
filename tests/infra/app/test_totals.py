from pathlib import Path

import pytest

from infra.app.totals import check_totals
from infra.lake.landing import LandingError
from tests.expectations.contract_files import contract, feed


def test_columns_without_names_in_a_header_have_no_totals(tmp_path: Path) -> None:
    shop = contract(tmp_path, feed(format={"type": "csv", "header": False}))

    with pytest.raises(LandingError, match="sums of columns by their names in a header"):
        check_totals(shop, "a.csv", b"1.00\n2.00\n", {"amount": "3.00"})
