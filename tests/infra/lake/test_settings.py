"""Where the landing store is: credentials have no place in it."""

import pytest
from pydantic import ValidationError

from infra.lake.settings import Settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("landing_url", "s3://key:canary@bucket/landing"),
        ("landing_url", "s3://bucket/landing?secret=canary"),
        ("landing_url", "https://bucket/canary"),
        ("landing_endpoint", "http://key:canary@127.0.0.1:8333"),
        ("landing_queue_url", "https://sqs.example.org/1/q?secret=canary"),
    ],
)
def test_an_address_with_anything_secret_in_it_is_refused_and_not_shown(name: str, value: str) -> None:
    with pytest.raises(ValidationError, match="credentials are found by boto3 itself") as raised:
        Settings.model_validate({name: value})

    assert "canary" not in str(raised.value)


def test_an_address_is_the_same_with_a_slash_at_its_end_and_without() -> None:
    settings = Settings(landing_url="s3://bucket/a/", landing_endpoint="http://127.0.0.1:8333/")

    assert (settings.landing_url, settings.landing_endpoint) == ("s3://bucket/a", "http://127.0.0.1:8333")
