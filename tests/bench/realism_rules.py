"""Rules by which real and made-up samples are made comparable: the same for both sides."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, triu

Sample = NDArray[Any]
Samples = Mapping[str, Sample]
WINDOW_DAYS = 250
"""How long purchases are looked at: as long as the shorter of the real data sets."""
HONEST_PER_HIRED = 7.5


def to_mean(values: Any) -> Sample:
    """Those above zero, relative to their mean."""
    above = np.asarray(values, float)
    above = above[above > 0]
    return above / above.mean()


def to_median(values: Any) -> Sample:
    """Those above zero, relative to their median."""
    above = np.asarray(values, float)
    above = above[above > 0]
    return above / np.median(above)


def share(part: float, count: int) -> Sample:
    """A share as a sample of yes and no."""
    return np.arange(count) < part * count


def days_between(person: Sample, day: Sample) -> Sample:
    """Days from one day with a purchase to the same person's next, relative to the median.

    Several purchases on a day are one; all within a window of `WINDOW_DAYS` from the first day on.
    """
    within = day < day.min() + WINDOW_DAYS
    bought = np.unique(np.column_stack([person[within], day[within]]).astype(np.int64), axis=0)
    same = bought[1:, 0] == bought[:-1, 0]
    return to_median((bought[1:, 1] - bought[:-1, 1])[same])


def cascades(post: Sample, person: Sample, parent: Sample, author: Sample) -> tuple[Sample, Sample]:
    """Size (the post and its reposts) and depth (the longest way from it) of every post with a repost.

    A repost a row: of which post, by whom, from whom, and who wrote the post. Where it came from somebody of whom no
    repost is known, it counts as one of the post itself.
    """
    posts, of_post = np.unique(post, return_inverse=True)
    _, numbers = np.unique(np.concatenate([person, parent]), return_inverse=True)
    keys, wanted = (of_post * (numbers.max() + 1) + part for part in np.split(numbers, 2))
    order = np.argsort(keys)
    at = order[np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)]
    depth = np.where((parent == author) | (keys[at] != wanted), 1, 0)
    while (depth == 0).any():
        before = depth
        depth = np.where(before > 0, before, np.where(before[at] > 0, before[at] + 1, 0))
        if (before == depth).all():
            raise ValueError("reposts that go round in a circle")
    deepest = np.zeros(len(posts), np.int64)
    np.maximum.at(deepest, of_post, depth)
    return np.bincount(of_post) + 1, deepest


def co_reviewers(reviewer: Sample, product: Sample, common: int) -> Sample:
    """Unordered pairs of people who reviewed at least `common` same products, as rows of two."""
    reviewed = np.unique(np.column_stack([reviewer, product]).astype(np.int64), axis=0)
    people, row, counts = np.unique(reviewed[:, 0], return_inverse=True, return_counts=True)
    # Whoever reviewed fewer shares no more.
    kept = counts[row] >= common
    matrix = csr_array((np.ones(int(kept.sum()), np.int32), (row[kept], reviewed[kept, 1])))
    shared = triu(matrix @ matrix.T, k=1).tocoo()
    enough = shared.data >= common
    return people[np.column_stack([shared.row[enough], shared.col[enough]])]


def ring_samples(pairs: Sample, hired: Sample, honest: Sample) -> Samples:
    """Of pairs of co-reviewers: with which share of the others hired each is in a pair, and how many of each are hired.

    Pairs with somebody whose label is not known are left out, and of the honest all but `HONEST_PER_HIRED` for each
    hired one, as many as the data set has: one that is all of a platform's reviewers has many more.
    """
    wanted = min(len(honest), int(HONEST_PER_HIRED * len(hired)))
    honest = np.sort(honest)[np.linspace(0, len(honest) - 1, wanted).astype(np.int64)]
    known = np.isin(pairs, np.concatenate([hired, honest])).all(axis=1)
    is_hired = np.isin(pairs[known], hired)
    both = pairs[known][is_hired.all(axis=1)]
    places = np.searchsorted(np.sort(hired), both.ravel())
    partners = np.bincount(places, minlength=len(hired)) / (len(hired) - 1)
    return {"ring density": partners, "hired of a pair": is_hired.sum(axis=1)}
