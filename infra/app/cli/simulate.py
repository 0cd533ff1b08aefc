"""The command that lets a made-up world write its platforms' deliveries, with the truth beside them."""

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from infra.app.cli import render
from infra.app.cli.main import cli
from infra.lake.errors import GuanxiError


class Preset(StrEnum):
    """How large a world, and for how long."""

    SMALL = "small"
    DEMO = "demo"
    LARGE = "large"


PEOPLE_AND_DAYS = {Preset.SMALL: (1_000, 3), Preset.DEMO: (3_000, 4), Preset.LARGE: (100_000, 30)}
IN_WORDS = "; ".join(f"{name} {people:,} and {days}" for name, (people, days) in PEOPLE_AND_DAYS.items())


class DirtLevel(StrEnum):
    """How much goes wrong on the way."""

    NONE = "none"
    NORMAL = "normal"
    HEAVY = "heavy"


@cli.command()
def simulate(
    out: Annotated[Path, typer.Option(help="Folder to write to; it must not hold anything yet.")],
    preset: Annotated[Preset, typer.Option(help=f"People and days: {IN_WORDS}.")] = Preset.SMALL,
    users: Annotated[int | None, typer.Option(min=200, help="People in the world, whatever the preset.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Days to write, whatever the preset.")] = None,
    start: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day.")] = datetime(2026, 3, 2),
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 7,
    dirt: Annotated[DirtLevel, typer.Option(help="How much goes wrong on the way.")] = DirtLevel.NORMAL,
) -> None:
    """Write days of a made-up world: what its platforms deliver, and the truth that no pipeline reads."""
    from infra.simulator.simulate import simulate as write_days
    from infra.simulator.wire.dirt import LEVELS
    from infra.simulator.wire.times import FIRST_DAY
    from infra.simulator.world.world import Setting

    if out.exists() and not out.is_dir():
        raise GuanxiError(f"{out}: there is a file of this name. Name a folder that is empty or new.")
    if out.exists() and any(out.iterdir()):
        raise GuanxiError(f"{out}: there is something in this folder already. Name an empty or a new one.")
    people, how_long = PEOPLE_AND_DAYS[preset]
    setting, level = Setting(users or people, _day(start), seed), LEVELS[dirt.value]
    if setting.start < FIRST_DAY:
        raise GuanxiError(f"--start {setting.start}: the market's clock had summer time. Name {FIRST_DAY} or later.")
    write_days(setting, days or how_long, level, out, lambda day, count: render.out.print(f"{day.date}  {count:,}"))
    render.out.print(f"deliveries in {out / 'deliveries'} and {out / 'api'}, truth in {out / 'truth'}")


def _day(moment: datetime) -> date:
    return moment.date()
