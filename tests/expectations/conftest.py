"""The quality engine, imported once: its own dependencies warn of deprecations while they are imported."""

import warnings

import pytest


@pytest.fixture(scope="session")
def quality_engine() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import datacontract.data_contract  # noqa: F401
        import great_expectations  # noqa: F401
