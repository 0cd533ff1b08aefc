"""Why each order came about, from what a day tells: the visit it ended and what made somebody come."""

import numpy as np

from infra.simulator.world.day import Columns, Day

OF_VISITS = ("channel", "because_of", "post", "share", "campaign")


def order_causes(day: Day) -> Columns:
    """A row for each order of a day: its visit, and the group it was bought in, -1 where there is none.

    Of the visit its channel, the person whose post or message made somebody come (`because_of`), the post, the message
    (`share`) and the campaign, each -1 where it is none of them.
    """
    orders, visits = day.tables["order"], day.tables["visit"]
    visit, has_visit = orders["visit"], orders["visit"] >= 0
    row = np.searchsorted(visits["visit"], visit[has_visit])
    found = {"order": orders["order"], "visit": visit}
    for name in OF_VISITS:
        found[name] = np.full(len(visit), -1, visits[name].dtype)
        found[name][has_visit] = visits[name][row]
    return {**found, "group": orders["group"]}
