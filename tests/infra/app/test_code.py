"""The code hash moves with what a program does, never with how it is written down or explained."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from infra.app import code
from infra.app.code import code_hash

PRICES = '''
    from shop.taxes import with_tax

    RATE = 2

    def price(net: int) -> int:
        """Gross price."""
        return with_tax(net) * RATE
'''
TAXES = """
    from shop.rounding import rounded

    def with_tax(net):
        return rounded(net * 1.2)
"""
ROUNDING = """
    def rounded(value):
        return round(value, 2)
"""
PLAIN = """
    RATE = 2

    def price(net):
        return net * RATE
"""

Write = Callable[[str, str], None]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes modules of a package `shop`, which is the product's own for this test."""

    def path(module: str) -> Path | None:
        file = tmp_path / f"{module}.py"
        return file if file.exists() else None

    def written(module: str, text: str) -> None:
        (tmp_path / f"{module}.py").write_text(dedent(text))

    monkeypatch.setattr(code, "_file", path)
    monkeypatch.setattr(code, "OWN_PACKAGES", ("shop",))
    return written


@pytest.mark.parametrize(
    "same",
    [
        "# The rate.\nRATE = 2\ndef price(net):\n    return net * RATE  # gross\n",
        "RATE = 2\n\n\n\ndef price( net ):\n        return (net\n                * RATE)\n",
        '"""Prices."""\nRATE = 2\ndef price(net):\n    """Gross price."""\n    return net * RATE\n',
        'RATE = 2\n"""What a net price is multiplied by."""\ndef price(net):\n    return net * RATE\n',
        "RATE = 0x2\ndef price(net): return net * RATE\n",
    ],
    ids=["comments", "formatting", "docstrings", "text under a constant", "another notation of a number"],
)
def test_the_hash_stays_when_only_the_writing_changes(write: Write, same: str) -> None:
    write("shop.prices", PLAIN)
    before = code_hash(["shop.prices"])

    write("shop.prices", same)

    assert code_hash(["shop.prices"]) == before


@pytest.mark.parametrize(
    "other",
    [
        "RATE = 3\ndef price(net):\n    return net * RATE\n",
        "RATE = 2\ndef price(net):\n    return net + RATE\n",
        "RATE = 2\ndef price(net, rate=RATE):\n    return net * RATE\n",
        "RATE = 2\n@cache\ndef price(net):\n    return net * RATE\n",
        "RATE = 2\ndef price(net):\n    return net * RATE\ndef more():\n    return 1\n",
        "RATE = '2'\ndef price(net):\n    return net * RATE\n",
    ],
    ids=["constant", "expression", "parameter", "decorator", "function", "type of a constant"],
)
def test_the_hash_moves_with_what_the_program_does(write: Write, other: str) -> None:
    write("shop.prices", PLAIN)
    before = code_hash(["shop.prices"])

    write("shop.prices", other)

    assert code_hash(["shop.prices"]) != before


def test_a_string_that_is_a_value_is_no_docstring(write: Write) -> None:
    write("shop.prices", "def unit():\n    return 'piece'\n")
    before = code_hash(["shop.prices"])

    write("shop.prices", "def unit():\n    return 'pair'\n")

    assert code_hash(["shop.prices"]) != before


@pytest.mark.parametrize(
    ("helper", "text"),
    [("shop.taxes", TAXES.replace("1.2", "1.07")), ("shop.rounding", ROUNDING.replace("2", "0"))],
    ids=["imported", "imported by what is imported"],
)
def test_the_hash_moves_with_a_changed_helper(write: Write, helper: str, text: str) -> None:
    _write_shop(write)
    before = code_hash(["shop.prices"])

    write(helper, text)

    assert code_hash(["shop.prices"]) != before


@pytest.mark.parametrize(
    "how",
    [
        "import shop.taxes",
        "import shop.taxes as t",
        "from shop import taxes",
        "from shop.taxes import with_tax",
        "from . import taxes",
        "from .taxes import with_tax",
        "def late():\n    from shop.taxes import with_tax\n    return with_tax",
    ],
)
def test_a_helper_counts_however_it_is_imported(write: Write, how: str) -> None:
    write("shop.prices", how)
    write("shop.taxes", "RATE = 1")
    before = code_hash(["shop.prices"])

    write("shop.taxes", "RATE = 2")

    assert code_hash(["shop.prices"]) != before


def test_a_helper_that_is_not_imported_does_not_count(write: Write) -> None:
    _write_shop(write)
    before = code_hash(["shop.prices"])

    write("shop.discounts", "HALF = 0.5")

    assert code_hash(["shop.prices"]) == before


def test_other_packages_do_not_count(write: Write) -> None:
    write("shop.prices", "import elsewhere.rates")
    write("elsewhere.rates", "RATE = 1")
    before = code_hash(["shop.prices"])

    write("elsewhere.rates", "RATE = 2")

    assert code_hash(["shop.prices"]) == before


def test_modules_that_import_each_other_have_a_hash(write: Write) -> None:
    write("shop.one", "import shop.two")
    write("shop.two", "import shop.one")

    assert code_hash(["shop.one"]) == code_hash(["shop.two"])


def test_further_texts_count(write: Write) -> None:
    write("shop.prices", PLAIN)

    assert code_hash(["shop.prices"], ["currency GBP"]) != code_hash(["shop.prices"], ["currency EUR"])


def test_the_order_in_which_modules_are_named_does_not_count(write: Write) -> None:
    _write_shop(write)

    assert code_hash(["shop.taxes", "shop.prices"]) == code_hash(["shop.prices", "shop.taxes"])


def test_a_module_that_does_not_exist_is_named(write: Write) -> None:
    with pytest.raises(ModuleNotFoundError, match=r"shop\.absent"):
        code_hash(["shop.absent"])


def test_the_products_own_mapping_depends_on_its_helpers() -> None:
    found = code._closure(["spark_jobs.raw.retail_export"])

    assert "spark_jobs.functions.envelope" in found
    assert {name.split(".")[0] for name in found} == {"spark_jobs"}


def _write_shop(write: Write) -> None:
    write("shop.prices", PRICES)
    write("shop.taxes", TAXES)
    write("shop.rounding", ROUNDING)
