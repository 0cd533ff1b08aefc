"""The command that lets the simulated platforms answer over HTTP, with the faults it is told."""

import logging
import signal
import threading
from pathlib import Path
from typing import Annotated, Any

import typer

from infra.app.cli import render
from infra.app.cli.main import cli
from infra.lake.errors import GuanxiError
from infra.lake.settings import Settings

platforms_cli = typer.Typer(no_args_is_help=True, help="The simulated platforms.")
cli.add_typer(platforms_cli, name="platforms")


def _share(text: str) -> Any:  # noqa: ANN401 - as typer.Option
    return typer.Option(min=0, max=1, metavar="SHARE", help=text)


@platforms_cli.callback()
def platforms() -> None:
    """Keep `serve` a command of its own while it is the only one."""


@platforms_cli.command()
def serve(
    folder: Annotated[Path, typer.Option("--dir", help="Folder that `guanxi simulate` has written.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine; 0 takes a free one.")] = 8750,
    through: Annotated[
        str | None, typer.Option(metavar="DAY", help="Last day that is released (YYYY-MM-DD); all if left out.")
    ] = None,
    requests_a_minute: Annotated[
        float | None, typer.Option(min=0.001, help="Requests allowed to each platform; no limit if left out.")
    ] = None,
    burst: Annotated[int | None, typer.Option(min=1, help="Requests allowed at once; else a minute's.")] = None,
    longest_wait_seconds: Annotated[
        float, typer.Option(min=1, help="Cap on the wait of a client that does not wait.")
    ] = 300,
    server_errors: Annotated[float, _share("Share answered 500, 502 or 503.")] = 0,
    resets: Annotated[float, _share("Share whose connection is reset, half of them mid-answer.")] = 0,
    slow: Annotated[float, _share("Share answered slowly.")] = 0,
    slow_seconds: Annotated[float, typer.Option(min=0, max=3600, help="How slowly.")] = 5,
    seed: Annotated[int, typer.Option(help="The same seed lets the same requests fail.")] = 7,
) -> None:
    """Answer as the platforms' interfaces do, on this machine only, until ended by Ctrl-C or SIGTERM."""
    from infra.simulator.platforms.dial import dial_of
    from infra.simulator.platforms.errors import PlatformsError, Refused
    from infra.simulator.platforms.server import serving, token_file
    from infra.simulator.platforms.stream import as_day

    settings = {
        "requests_a_minute": requests_a_minute, "burst": burst, "longest_wait_seconds": longest_wait_seconds,
        "server_errors": server_errors, "resets": resets, "slow": slow, "slow_seconds": slow_seconds, "seed": seed,
    }  # fmt: skip
    try:
        released = as_day(through) if through is not None else None
    except ValueError as error:
        raise GuanxiError(
            f"--through {through}: not a day. Write it as YYYY-MM-DD, for instance 2026-03-02."
        ) from error
    secret = Settings().platforms_token
    token = secret.get_secret_value() if secret else None
    try:
        with serving(folder, port=port, through=released, dial=dial_of(settings), token=token) as server:
            ended = _told_to_end()
            _log_to_terminal()
            for source in server.platforms.sources:
                typer.echo(f"{source}: {server.address}/{source}/activities")
            typer.echo(f"control: {server.address}/control")
            typer.echo("token: GUANXI_PLATFORMS_TOKEN" if token else f"token: in {token_file(folder)}")
            ended.wait()
    except (PlatformsError, Refused) as error:
        raise GuanxiError(str(error)) from error
    render.err.print("ended", style="dim")


def _told_to_end() -> threading.Event:
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    return ended


def _log_to_terminal() -> None:
    log = logging.getLogger("infra.simulator.platforms")
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
