"""Copies of the dbt project with a change."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from infra.app.dbt_project import DbtProject
from tests.transforms.small_lake import CONTRACTS, TRANSFORMS

MONTHLY = """
-- One row per month: net sales.
select
    cast(date_trunc('month', day) as date) as month,
    sum(net_sales) as net_sales
from {{ ref('growth_daily') }}
group by 1
"""
MONTHLY_YML = """
models:
  - name: growth_monthly
    description: One row per month with its net sales.
    columns:
      - {name: month, data_type: date}
      - {name: net_sales, data_type: "decimal(38,4)"}
    data_tests:
      - unique_rows:
          name: growth_monthly_one_row_per_month
          arguments: {columns: [month]}
"""


def changed_project(folder: Path, change: Callable[[Path], Any]) -> DbtProject:
    """A copy of the project with a change."""
    copy = folder / "transforms"
    shutil.copytree(TRANSFORMS, copy)
    change(copy)
    return DbtProject(copy, folder / "dbt", CONTRACTS)


def add_monthly(copy: Path, text: str = MONTHLY, declared: str = MONTHLY_YML) -> None:
    """Add a mart `growth_monthly` that reads the mart `growth_daily`."""
    (copy / "models/marts/growth/growth_monthly.sql").write_text(text)
    (copy / "models/marts/growth/growth_monthly.yml").write_text(declared)


def replace(copy: Path, file: str, old: str, new: str) -> None:
    """Change the text of one file."""
    path = copy / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
