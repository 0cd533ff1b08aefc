"""What is known of real platforms, as samples that can be held against the world's; by the name of the pair.

Every function reads one public data set of `../shared/datasets` and says the same words as `realism_world`.
"""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd

from tests.bench.realism_rules import Samples, cascades, days_between, ring_samples, share, to_mean, to_median


def twitch(folder: Path) -> Samples:
    """Friends of each broadcaster in three countries."""
    found = {}
    for country in ("DE", "ENGB", "ES"):
        edges = pd.read_csv(folder / f"{country}_edges.csv.gz").to_numpy()
        found[f"follow degree, {country}"] = to_mean(np.bincount(edges.ravel()))
    return found


def weibo_cascades(folder: Path) -> Samples:
    """Reposts of topical posts; comments are left out."""
    posts, edges = pd.read_csv(folder / "posts.csv.gz"), pd.read_csv(folder / "edges.csv.gz")
    edges = edges[edges["kind"] == "repost"]
    number = {identity: index for index, identity in enumerate(posts["post_id"].unique())}
    columns = [edges[name].map(number).to_numpy(np.int64) for name in ("root_id", "dst_post_id", "src_post_id")]
    size, depth = cascades(*columns, columns[0])
    return {"cascade size": size, "cascade depth": depth}


def beibei_groupbuy(folder: Path) -> Samples:
    """Groups that were filled, with their members, and groups that were not."""
    with gzip.open(folder / "successful_groups.tsv.gz", "rt") as lines:
        sizes = np.array([len(line.split("\t")) - 1 for line in lines])
    with gzip.open(folder / "failed_groups.tsv.gz", "rt") as lines:
        failed = sum(1 for _ in lines)
    return {"group is filled": np.repeat([1, 0], [len(sizes), failed]), "size of filled group": sizes}


def ciao(folder: Path) -> Samples:
    """Ratings of products (zeros are none), and whom each trusts."""
    ratings = pd.read_csv(folder / "ratings.csv.gz")["rating"].to_numpy()
    trust = pd.read_csv(folder / "trust_edges.csv.gz")
    return {"rating": ratings[ratings > 0], "trust out-degree": to_mean(np.bincount(trust["truster_id"]))}


def online_retail(folder: Path) -> Samples:
    """Invoices of known customers; an invoice that begins with C takes lines back."""
    lines = pd.concat([pd.read_csv(file) for file in sorted(folder.glob("*.csv.gz"))], ignore_index=True)
    lines = lines[lines["CustomerID"].notna()]
    back = lines["InvoiceNo"].astype(str).str.startswith("C")
    sold = lines[~back & (lines["Quantity"] > 0) & (lines["UnitPrice"] > 0)]
    sold = sold.assign(value=sold["Quantity"] * sold["UnitPrice"], at=pd.to_datetime(sold["InvoiceDate"]))
    baskets = sold.groupby("InvoiceNo").agg(
        value=("value", "sum"), lines=("value", "size"), person=("CustomerID", "first"), at=("at", "min")
    )
    taken_back = lines[back]
    of_lines = len(taken_back) / len(sold)
    of_baskets = taken_back["InvoiceNo"].nunique() / len(baskets)
    day = (baskets["at"].dt.normalize() - pd.Timestamp("1970-01-01")).dt.days
    return {
        "basket value": to_median(baskets["value"]),
        "lines per basket": baskets["lines"].to_numpy(),
        "line is returned": share(of_lines, len(sold)),
        "basket has a return": share(of_baskets, len(baskets)),
        "days between purchases": days_between(baskets["person"].to_numpy(np.int64), day.to_numpy(np.int64)),
    }


def completejourney(folder: Path) -> Samples:
    """Lines drawn from a panel's baskets: a line's value and a household's days are whole, its baskets are not."""
    lines = pd.read_csv(folder / "transactions_sample.csv.gz")
    lines = lines[lines["sales_value"] >= 0.01]
    at = pd.to_datetime(lines["transaction_timestamp"]).dt.tz_localize(None)
    day = (at.dt.normalize() - pd.Timestamp("1970-01-01")).dt.days.to_numpy(np.int64)
    return {
        "value of a line": to_median(lines["sales_value"]),
        "days between purchases": days_between(lines["household_id"].to_numpy(np.int64), day),
    }


def review_spam(folder: Path) -> Samples:
    """Pairs of reviewers of the same products, and who of them was found to be hired."""
    labels = pd.read_csv(folder / "UserLabel.txt.gz", sep=" ")
    edges = np.loadtxt(folder / "J01Network.txt.gz", dtype=np.int64)
    edges = edges[edges[:, 0] < edges[:, 1]]
    hired = labels.loc[labels["label"] == 1, "user_no"].to_numpy(np.int64)
    honest = labels.loc[labels["label"] == 0, "user_no"].to_numpy(np.int64)
    return ring_samples(edges, hired, honest)


def real(folder: Path) -> dict[str, Samples]:
    """Samples by data set, as far as the data sets are there."""
    kinds = (twitch, weibo_cascades, beibei_groupbuy, ciao, online_retail, completejourney, review_spam)
    return {kind.__name__: kind(folder / kind.__name__) for kind in kinds if (folder / kind.__name__).is_dir()}
