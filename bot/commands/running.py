"""Running the bot, and rehearsing it without Telegram."""

import asyncio
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from filelock import FileLock, Timeout
from rich.table import Table
from telegram.error import InvalidToken, TelegramError

from bot.app import Wuxue
from bot.commands import ground
from bot.commands.ground import HERE, ConfigPath, both, console, errors, fail
from bot.config import Config, load_config
from bot.inbox import PollingEnded
from bot.logs import configure_logging
from curriculum.lesson_pack import LessonPack, PackRefused, read_pack
from scheduler import planner
from scheduler.clock import SystemClock
from storage import schema
from storage.engine import Database, is_sqlite, sqlite_path

DEFAULT_PORT = 8765


def run(config_path: ConfigPath = HERE) -> None:
    """Run the bot until Ctrl-C. A SQLite schema is upgraded first, after a copy beside it.

    Example: wuxue run --config /etc/wuxue/config.toml
    """
    config = ground.read_config(config_path)
    token = ground.read_token(config, config_path)
    ground.set_up_logging(config)
    url = config.database.url.get_secret_value()
    if not is_sqlite(url):
        with ground.opened(config) as database:
            asyncio.run(_serve(config, token, database))
        return
    path = sqlite_path(url)
    if not path.exists():
        fail(both("还没有数据库，请先运行 wuxue init。", "There is no database; run `wuxue init` first."))
    lock = FileLock(f"{path}.lock", timeout=0)
    try:
        with lock, ground.opened(config, upgrade=_upgrade_with_copy(config, path)) as database:
            asyncio.run(_serve(config, token, database))
    except Timeout:
        fail(
            both(
                "同一个数据库已经有一个 wuxue run 在运行。",
                "Another `wuxue run` is using this database already.",
            )
        )


def _upgrade_with_copy(config: Config, path: Path) -> bool:
    """Copy a database of an older release beside itself; says that it is to be upgraded."""
    database = Database(config.database.url.get_secret_value())
    try:
        is_old = schema.current(database.engine) not in (schema.head(), None)
    finally:
        database.close()
    if is_old:
        copy = schema.copy_beside(
            path, now=SystemClock().now(), keep=config.operations.backup_keep
        )
        console.print(both(f"升级前先留了一份：{copy}", f"Kept a copy before upgrading: {copy}"))
    return is_old


async def _serve(config: Config, token: str, database: Database) -> None:
    wuxue = Wuxue(
        token=token,
        api_base_url=config.telegram.api_base_url,
        database=database,
        clock=SystemClock(),
        note_key=ground.read_note_key(config),
        zone=config.calendar.zone,
        messages_per_second=config.telegram.messages_per_second,
        temporary_folder=_temporary_folder(config),
        default_language=config.languages.default,
        proxy_url=config.telegram.proxy_url.get_secret_value() or None,
    )
    stopping = stop_signal()
    try:
        await wuxue.start()
        console.print(both(f"@{wuxue.bot.username} 已开始工作，按 Ctrl-C 停止。", f"@{wuxue.bot.username} is at work; Ctrl-C stops it."))
        working = asyncio.create_task(wuxue.wait())
        waiting = asyncio.create_task(stopping.wait())
        await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if working.done():
            working.result()
    except InvalidToken:
        fail(both("Telegram 不认这个令牌，请检查 [telegram] token。", "Telegram refuses this token; check [telegram] token."))
    except PollingEnded as error:
        fail(
            both(
                f"收不到消息（{error}）：令牌失效，或另一个程序在用同一个令牌。",
                f"Nothing can be received ({error}): the token is void, or another program uses it.",
            )
        )
    except TelegramError as error:
        fail(both(f"连不上 Telegram（{type(error).__name__}），请检查网络和 api_base_url。", f"Telegram cannot be reached ({type(error).__name__}); check network and api_base_url."))
    finally:
        await wuxue.stop()


def _temporary_folder(config: Config) -> Path:
    """Where exports are made: beside the database, so that records never lie in a shared folder."""
    url = config.database.url.get_secret_value()
    folder = sqlite_path(url).parent / "temporary" if is_sqlite(url) else Path("data/temporary")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def stop_signal() -> asyncio.Event:
    """Set on Ctrl-C or SIGTERM."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows has no such handlers; Ctrl-C still raises
            loop.add_signal_handler(number, stopping.set)
    return stopping


def plan(
    days: Annotated[int, typer.Option(min=1, max=60, help="How many days ahead.")] = 7,
    config_path: ConfigPath = HERE,
) -> None:
    """What goes out in the coming days. Example: wuxue plan --days 14"""
    from bot.render import Renderer

    config = ground.read_config(config_path)
    bot = ground.read_bot_id(config, config_path)
    renderer = Renderer(zone=config.calendar.zone, wordings={})
    with ground.opened(config) as database:
        coming = database.read_now(planner.ahead, bot=bot, now=SystemClock().now(), days=days)
    tongue = ground.language()
    table = Table(both("时间", "When"), both("内容", "What"), both("班组", "Cohort"), "")
    for item in coming:
        note = both("节假日未公布，按周一至周五计", "no official calendar yet: Monday to Friday") if item.is_provisional else ""
        table.add_row(renderer.moment(item.due_at, tongue), renderer.label(item.kind, tongue), item.cohort_name, note)
    console.print(table)
    if not coming:
        console.print(both("这些天没有安排。", "Nothing is planned in these days."))


def rehearse(
    port: Annotated[int, typer.Option(help="The page's port; 0 takes a free one.")] = DEFAULT_PORT,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin again with a new sample county.")] = False,
    pack: Annotated[Path | None, typer.Option(help="A lesson pack of your own, a folder or zip.")] = None,
    days: Annotated[int, typer.Option(min=1, max=400, help="With --headless: how many days.")] = 90,
    headless: Annotated[bool, typer.Option("--headless", help="Play a season without a page and print a summary.")] = False,
    learners: Annotated[int, typer.Option(min=1, max=2000, help="With --headless: how many.")] = 100,
    seed: Annotated[int, typer.Option(help="With --headless: the same seed plays the same season.")] = 1,
) -> None:
    """Try everything without Telegram: the real bot, a stand-in server, a page of phones.

    Examples:  wuxue rehearse   wuxue rehearse --pack my_lessons/   wuxue rehearse --days 90 --headless
    """
    config = load_config(None, environ={})
    own_pack = _read_own_pack(pack)
    if headless:
        from bot.rehearsal.season import play_and_print

        configure_logging("WARNING", secrets=())
        raise typer.Exit(0 if asyncio.run(play_and_print(config, own_pack, days=days, learners=learners, seed=seed)) else 1)
    configure_logging("WARNING", secrets=())
    folder = _rehearsal_folder(fresh=fresh or pack is not None)
    try:
        asyncio.run(_rehearse(config, own_pack, folder, port))
    except OSError as error:
        if error.errno not in (48, 98, 10048):  # address in use on macOS, Linux, Windows
            raise
        fail(both(f"端口 {port} 被占用，请用 --port 换一个。", f"Port {port} is taken; choose another with --port."))


def _read_own_pack(path: Path | None) -> LessonPack | None:
    if path is None:
        return None
    from bot.commands.lesson_packs import print_problems

    try:
        return read_pack(path)
    except PackRefused as refused:
        print_problems(refused)
        raise typer.Exit(ground.FAILED) from refused


def _rehearsal_folder(*, fresh: bool) -> Path:
    """Where the sample county is kept between rehearsals."""
    folder = Path("data") / "rehearsal"
    if fresh and folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


async def _rehearse(config: Config, pack: LessonPack | None, folder: Path, port: int) -> None:
    from bot.rehearsal.rehearse import enrol_phones, rehearsal

    stopping = stop_signal()
    async with rehearsal(folder, config, start=SystemClock().now(), pack=pack, port=port) as running:
        await enrol_phones(running)
        console.print(both("五学+ 排练已经开始，请用浏览器打开：", "Wuxue's rehearsal is on; open in your browser:"))
        console.print(f"  {running.server.page_url}", style="bold", highlight=False)
        console.print(both("按 Ctrl-C 停止；下次打开会从这里继续，--fresh 重新开始。", "Ctrl-C stops it; next time it goes on from here, --fresh begins again."))
        sys.stdout.flush()
        await stopping.wait()
    errors.print(both("已停止。", "Stopped."), highlight=False)
