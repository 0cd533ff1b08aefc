"""Every order says in the truth what made it come about."""

import numpy as np

from infra.simulator.world.causes import order_causes
from infra.simulator.world.channels import Channel
from tests.infra.simulator.world.conftest import Lived


def test_there_is_a_cause_for_every_order(ordinary: Lived) -> None:
    for day in ordinary.days:
        causes = order_causes(day)

        assert np.array_equal(causes["order"], day.tables["order"]["order"])
        # A visit, or a group that was filled.
        assert np.all((causes["visit"] >= 0) != (causes["group"] >= 0))


def test_a_cause_is_that_of_the_visit_that_the_order_ended(ordinary: Lived) -> None:
    day = ordinary.days[0]
    causes, visits = order_causes(day), day.tables["visit"]
    visit_of = dict(zip(visits["visit"].tolist(), range(len(visits["visit"])), strict=True))
    names = ("channel", "because_of", "post", "share", "campaign")

    for row, visit in enumerate(causes["visit"].tolist()):
        expected = [visits[name][visit_of[visit]] if visit >= 0 else -1 for name in names]
        assert [causes[name][row] for name in names] == expected


def test_channels_of_posts_name_the_post_and_its_author(ordinary: Lived) -> None:
    for day in ordinary.days:
        causes = order_causes(day)
        of_post = np.isin(causes["channel"], (Channel.CREATOR, Channel.COMMUNITY))

        assert np.array_equal(of_post, causes["post"] >= 0)
        assert np.array_equal(causes["channel"] == Channel.ADVERTISING, causes["campaign"] >= 0)
        assert np.all(causes["because_of"][of_post] >= 0)
