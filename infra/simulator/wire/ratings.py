"""Ratings that were changed: what somebody gave before the stars that count."""


def another_rating(rating: int) -> int:
    """The next lower number of stars; for one star two."""
    return rating - 1 if rating > 1 else rating + 1
