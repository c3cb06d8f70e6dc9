"""`wuxue rehearse`: everything without Telegram, on this machine."""

import asyncio
import errno
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from filelock import FileLock, Timeout

from bot.commands.ground import FAILED, errors, fail, say, show
from bot.commands.lesson_packs import read_checked
from bot.commands.stopping import stop_signal, unless_stopped
from bot.config import Config, load_config
from bot.logs import configure_logging
from curriculum.lesson_pack import LessonPack
from scheduler.clock import SystemClock

if TYPE_CHECKING:
    from bot.rehearsal.rehearse import Rehearsal

DEFAULT_PORT = 8765
HOST = "127.0.0.1"
FOLDER = Path("data") / "rehearsal"
Port = Annotated[int, typer.Option(min=0, max=65535, help="The page's port; 0 takes a free one.")]


def rehearse(
    *,
    port: Port = DEFAULT_PORT,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin again with a new sample county.")
    ] = False,
    pack: Annotated[
        Path | None, typer.Option(help="A lesson pack of your own, a folder or zip.", exists=True)
    ] = None,
    questions: Annotated[
        Path | None,
        typer.Option(help="Questions that colleagues ask as the clock moves.", exists=True),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=400, help="With --headless: how many days.")] = 90,
    headless: Annotated[
        bool, typer.Option("--headless", help="Play a season without a page, print a summary.")
    ] = False,
    learners: Annotated[
        int, typer.Option(min=1, max=2000, help="With --headless: how many.")
    ] = 100,
    seed: Annotated[
        int, typer.Option(help="With --headless: the same seed plays the same season.")
    ] = 1,
) -> None:
    """不连 Telegram，把一切先试一遍。 Try everything without Telegram.

    真的机器人，一台替身服务器，一页手机。
    The real bot, a stand-in server, a page of phones.

    [bold]wuxue rehearse[/bold]
    [bold]wuxue rehearse --pack my_lessons/[/bold]
    [bold]wuxue rehearse --days 90 --headless[/bold]
    """
    config = load_config(None, environ={})
    own_pack = read_checked(pack) if pack is not None else None
    configure_logging("WARNING", secrets=())
    if headless:
        from bot.rehearsal.season import play_and_print

        season = play_and_print(config, own_pack, days=days, learners=learners, seed=seed)
        raise typer.Exit(0 if asyncio.run(season) else FAILED)
    # Before anything is touched: the phones of an earlier rehearsal must survive a taken port.
    _check_port(port)
    FOLDER.parent.mkdir(exist_ok=True, mode=0o700)
    try:
        with FileLock(f"{FOLDER}.lock", timeout=0, mode=0o600):
            _prepare_folder(fresh=fresh or own_pack is not None)
            asyncio.run(_rehearse(_with_every_study(config), own_pack, port, questions))
    except Timeout:
        fail("rehearsal_running", folder=FOLDER)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        fail("port_taken", port=port)
    say("stopped", to=errors)


def _with_every_study(config: Config) -> Config:
    """What a new cohort begins with: in the page everything there is can be played."""
    names = ("weekly_study", "monthly_topic", "quarterly_share")
    studies = {name: getattr(config, name).model_copy(update={"on": True}) for name in names}
    return config.model_copy(update=studies)


def _check_port(port: int) -> None:
    """End with a sentence when the page could not be served there."""
    with socket.socket() as probe:
        # As asyncio's own servers do: a port just let go counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EACCES:
                fail("port_forbidden", port=port)
            fail("port_taken", port=port)


def _prepare_folder(*, fresh: bool) -> None:
    """Where the sample county is kept between rehearsals."""
    if fresh and FOLDER.exists():
        shutil.rmtree(FOLDER)
    FOLDER.mkdir(exist_ok=True, mode=0o700)


async def _rehearse(
    config: Config, pack: LessonPack | None, port: int, questions: Path | None
) -> None:
    from bot.rehearsal.rehearse import let_colleagues_ask, rehearsal

    stopping = stop_signal()
    start = SystemClock().now()
    async with rehearsal(FOLDER, config, start=start, pack=pack, port=port) as running:
        if questions is not None:
            await let_colleagues_ask(running, questions, folder=FOLDER)
        if await unless_stopped(_set_stage(running), stopping):
            say("rehearsal_on")
            show(f"  {running.server.page_url}", style="bold")
            say("rehearsal_goes_on")
            await stopping.wait()


async def _set_stage(running: "Rehearsal") -> None:
    """Everybody but the first worker joins, and some of every study is there to be looked at."""
    from bot.rehearsal.rehearse import enrol_phones
    from bot.rehearsal.samples import set_samples

    await enrol_phones(running)
    await set_samples(running)
