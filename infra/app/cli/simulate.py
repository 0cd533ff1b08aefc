"""The command that lets a made-up world write its platforms' deliveries, with the truth beside them."""

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from infra.app.cli import render
from infra.app.cli.main import cli
from infra.lake.errors import GuanxiError


class DirtLevel(StrEnum):
    """How much goes wrong on the way."""

    NONE = "none"
    NORMAL = "normal"
    HEAVY = "heavy"


@cli.command()
def simulate(
    out: Annotated[Path, typer.Option(help="Folder to write to; it must not hold anything yet.")],
    users: Annotated[int, typer.Option(min=200, help="People in the world.")] = 1_000,
    days: Annotated[int, typer.Option(min=1, help="Days to write.")] = 3,
    start: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day.")] = datetime(2026, 3, 2),
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 7,
    dirt: Annotated[DirtLevel, typer.Option(help="How much goes wrong on the way.")] = DirtLevel.NORMAL,
) -> None:
    """Write days of a made-up world: what its platforms deliver, and the truth that no pipeline reads."""
    from infra.simulator.simulate import simulate as write_days
    from infra.simulator.wire.dirt import LEVELS
    from infra.simulator.world.world import Setting

    if out.exists() and any(out.iterdir()):
        raise GuanxiError(f"{out}: there is something in this folder already. Name an empty or a new one.")
    setting = Setting(users, _day(start), seed)
    write_days(setting, days, LEVELS[dirt.value], out, lambda day, count: render.out.print(f"{day.date}  {count:,}"))
    render.out.print(f"deliveries in {out / 'deliveries'}, truth in {out / 'truth'}")


def _day(moment: datetime) -> date:
    return moment.date()
