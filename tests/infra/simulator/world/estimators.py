"""Plain estimators with intervals of 99.9 %: what is planted should lie in them.

Seeds are taken in order, 1 for the first world that a file needs, 2 for the next, and are never chosen by outcome.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import binomtest, chi2, norm, t
from statsmodels.base.model import GenericLikelihoodModel, LikelihoodModelResults
from statsmodels.genmod.families import Binomial, Poisson
from statsmodels.genmod.families.links import CLogLog
from statsmodels.genmod.generalized_linear_model import GLM

from infra.simulator.world.day import Column

LEVEL = 0.999
TAIL = (1 - LEVEL) / 2
Z = float(norm.isf(TAIL))
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """An estimate and the interval around it; a number is `in` it or not."""

    estimate: float
    low: float
    high: float

    def __contains__(self, planted: float) -> bool:
        return self.low <= planted <= self.high

    def mapped(self, function: Callable[[float], float]) -> "Interval":
        """The interval of an increasing function of what was estimated."""
        return Interval(function(self.estimate), function(self.low), function(self.high))

    def of_many(self, count: int) -> "Interval":
        """So wide that all of so many, each about normal, hold at once with 99.9 % (Bonferroni)."""
        wider = float(norm.isf(TAIL / count)) / Z
        ends = (self.estimate + wider * (end - self.estimate) for end in (self.low, self.high))
        return Interval(self.estimate, *ends)


def proportion(hits: Column) -> Interval:
    """The share of trials that came out, by Clopper and Pearson."""
    return share(int(hits.sum()), len(hits))


def share(hits: int, trials: int) -> Interval:
    """The same of numbers."""
    found = binomtest(hits, trials).proportion_ci(LEVEL)
    return Interval(hits / trials, float(found.low), float(found.high))


def poisson_mean(total: int, exposure: float) -> Interval:
    """The mean of Poisson numbers by their sum, exact (Garwood 1936)."""
    low, high = chi2.ppf(TAIL, 2 * total) / 2 if total else 0.0, chi2.isf(TAIL, 2 * total + 2) / 2
    return Interval(total / exposure, float(low / exposure), float(high / exposure))


def normal(estimate: float, deviation: float) -> Interval:
    """An estimate that is about normal, with a standard deviation that is known."""
    return Interval(estimate, estimate - Z * deviation, estimate + Z * deviation)


def mean_ahead(values: Column, others: int) -> Interval:
    """What the mean of `others` earlier draws of the same distribution was, by the mean of these (Student)."""
    deviation = values.std(ddof=1) * np.sqrt(1 / len(values) + 1 / others)
    width = float(t.isf(TAIL, len(values) - 1) * deviation)
    return Interval(float(values.mean()), float(values.mean()) - width, float(values.mean()) + width)


def logit(outcome: Column, terms: Numbers, clusters: Column | None = None) -> list[Interval]:
    """Coefficients of a logistic regression, a term a column; `outcome` true or false, or hits and misses."""
    kind = {} if clusters is None else {"cov_type": "cluster", "cov_kwds": {"groups": clusters}}
    model = GLM(outcome.astype(np.float64), terms, family=Binomial())
    return intervals(model.fit(**kind))


def hazard(outcome: Column, terms: Numbers) -> list[Interval]:
    """Coefficients of the logarithm of the rate in a probability of 1 - exp(-rate): a complementary log-log link."""
    model = GLM(outcome.astype(np.float64), terms, family=Binomial(link=CLogLog()))
    return intervals(model.fit())


def log_rate(outcome: Column, terms: Numbers) -> list[Interval]:
    """Coefficients of the logarithm of a probability, by Poisson regression with robust errors (Zou 2004)."""
    model = GLM(outcome.astype(np.float64), terms, family=Poisson())
    return intervals(model.fit(cov_type="HC0"))


def likelihood_ratio(log_likelihood: Callable[[float], float], low: float, high: float) -> Interval:
    """The single parameter between bounds with the greatest likelihood, and those that are not much less likely."""
    grid = np.linspace(low, high, 401)
    best = grid[int(np.argmax([log_likelihood(float(x)) for x in grid]))]
    worst = log_likelihood(float(best)) - chi2.isf(1 - LEVEL, 1) / 2
    ends = [brentq(lambda x: log_likelihood(x) - worst, *bounds) for bounds in ((low, best), (best, high))]
    return Interval(float(best), *map(float, ends))


def log_normal_wait(waits: Column, seen_within: Column) -> tuple[Interval, Interval]:
    """Median and sigma of log-normal waits, each of which is seen only if it is over within so long: cut off at right.

    What is not over in time is not told, so each counts by its likelihood among those that would be.
    """
    logs, ends = np.log(waits), np.log(seen_within)

    class Waits(GenericLikelihoodModel):  # type: ignore[misc]
        def loglikeobs(self, params: Numbers) -> Numbers:
            median, sigma = params[0], np.exp(params[1])
            return norm.logpdf(self.endog, median, sigma) - norm.logcdf(ends, median, sigma)

    model = Waits(logs, np.ones(len(logs)), extra_params_names=["log_sigma"])
    start = np.array([logs.mean(), np.log(logs.std())])
    median, sigma = intervals(model.fit(start, method="bfgs", disp=0))
    return median.mapped(lambda x: float(np.exp(x))), sigma.mapped(lambda x: float(np.exp(x)))


def exponential_wait(waits: Column, seen_within: Column, longest_mean: float) -> Interval:
    """The mean of exponential waits, each of which is seen only if it is over within so long, as above."""

    def log_likelihood(mean: float) -> float:
        seen = -np.expm1(-seen_within / mean)
        return float((-waits / mean - np.log(mean * seen)).sum())

    return likelihood_ratio(log_likelihood, longest_mean / 1_000, longest_mean)


def one_hot(values: Column, kinds: int) -> Numbers:
    """A column for each of the numbers 0..kinds-1: whether a row has it."""
    return np.eye(kinds)[values]


def stars(ratings: Column, quality: Column) -> list[Interval]:
    """Mean, what quality adds, and noise, of a normal opinion that is told in whole stars from 1 to 5.

    An ordered probit whose thresholds are known, 1.5 to 4.5, so that its scale can be told.
    """
    edges = np.array([-np.inf, 1.5, 2.5, 3.5, 4.5, np.inf])
    low, high = edges[ratings.astype(np.int64) - 1], edges[ratings.astype(np.int64)]

    class Stars(GenericLikelihoodModel):  # type: ignore[misc]
        def loglikeobs(self, params: Numbers) -> Numbers:
            felt, noise = self.exog @ params[:2], np.exp(params[2])
            chance = norm.cdf((high - felt) / noise) - norm.cdf((low - felt) / noise)
            return np.log(np.maximum(chance, 1e-300))

    terms = np.column_stack([np.ones(len(quality)), quality])
    model = Stars(ratings.astype(np.float64), terms, extra_params_names=["log_noise"])
    mean, slope, noise = intervals(model.fit(np.array([4.0, 0.1, 0.0]), method="bfgs", disp=0))
    return [mean, slope, noise.mapped(lambda x: float(np.exp(x)))]


def rows_of(keys: Column, sorted_keys: Column) -> Column:
    """Where each key stands among others that are sorted and hold it."""
    return np.searchsorted(sorted_keys, keys)


def counted(values: Sequence[int] | Column, among: Column) -> Column:
    """How often each of some distinct numbers, sorted, is among others; those that are none of them do not count."""
    found = np.asarray(values)[np.isin(values, among)]
    return np.bincount(np.searchsorted(among, found), minlength=len(among))


def intervals(fitted: LikelihoodModelResults) -> list[Interval]:
    """Each coefficient of a fitted model, in its order."""
    rows = zip(fitted.params, fitted.conf_int(1 - LEVEL), strict=True)
    return [Interval(float(value), float(low), float(high)) for value, (low, high) in rows]
