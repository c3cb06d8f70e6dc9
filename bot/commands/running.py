"""`wuxue run`: the bot at work until it is told to stop."""

import asyncio
import gc
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from telegram.error import Conflict, Forbidden, InvalidToken, TelegramError

from bot.app import Wuxue
from bot.commands import ground
from bot.commands.database import locked, opened, upgrade_old
from bot.commands.ground import HERE, ConfigPath, errors, fail, say
from bot.commands.stopping import stop_signal, unless_stopped
from bot.config import Config
from bot.context import bot_id
from bot.operations.listener import CannotListen
from bot.polling import PollingEnded
from bot.webhook import PortTaken, WebhookRefused
from scheduler.clock import SystemClock
from storage import key_files, resealing
from storage.engine import Database, is_sqlite, sqlite_path
from storage.sealed import NoteKey

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
# Stopping takes 5 s at most, also when a call hangs: what was claimed is leased and sent later.
STOP_SECONDS = 3.0
LAST_SECONDS = 0.5


class Role(StrEnum):
    """What a process does of the bot's work."""

    ALL = "all"
    RECEIVE = "receive"
    DELIVER = "deliver"


RoleOption = Annotated[
    Role,
    typer.Option(
        help="all 全部；receive 只接收和回答；deliver 只按时发送。"
        " all: everything; receive: take and answer messages; deliver: send what is due."
    ),
]
LostKey = Annotated[
    bool,
    typer.Option(
        "--lost-key",
        help="密钥找不回来了，旧的私密文字不要了。"
        " The key is lost for good; start without the texts it sealed.",
    ),
]


def run(
    config_path: ConfigPath = HERE, role: RoleOption = Role.ALL, *, lost_key: LostKey = False
) -> None:
    """运行机器人，按 Ctrl-C 停止。 Run the bot until Ctrl-C.

    SQLite 数据库若是旧版写的，先在旁边留一份再升级。网络不通时会自己再试。
    A SQLite database of an older release is copied beside itself and upgraded. Without a
    network it keeps trying.

    用 PostgreSQL 时可以分开运行：发送的进程几个都行；用 webhook 时接收的也是，
    不用 webhook 时只能有一个进程接收。
    On PostgreSQL the work can be split: any number of processes deliver, and with a webhook any
    number receive; without one, only one process may receive.

    [bold]wuxue run[/bold]
    [bold]wuxue run --role deliver[/bold]
    [bold]wuxue run --config /etc/wuxue/config.toml[/bold]
    """
    config = ground.read_config(config_path)
    token = ground.read_token(config, config_path)
    ground.set_up_logging(config)
    if role is not Role.ALL and is_sqlite(config.database.url.get_secret_value()):
        fail("role_needs_postgresql", role=role.value)
    with locked(config):
        if is_sqlite(config.database.url.get_secret_value()):
            upgrade_old(config)
        with opened(config) as database:
            note_key = ground.read_note_key(config)
            if not lost_key:
                refuse_strange_key(config, note_key, database)
            asyncio.run(_serve(config, token, database, role, note_key))
    say("stopped")


def refuse_strange_key(config: Config, note_key: NoteKey, database: Database) -> None:
    """End with a sentence where private text lies in the database that no key here opens.

    What came next would be sealed with a key that the rest of the installation does not have. A
    database without such text is as good with any key.
    """
    keys = (note_key, *note_key.former)
    if count := database.read_now(resealing.count_of_others, keys):
        file = config.secrets.note_key_file
        fail("note_key_strange", count=count, old=key_files.old_of(file))


def settle() -> None:
    """Let the garbage collector pass over what stays for as long as the process lives.

    Else it looks through every module and table now and then, and all answers wait 0.15 s for it.
    """
    gc.freeze()


async def _serve(
    config: Config, token: str, database: Database, role: Role, note_key: NoteKey
) -> None:
    clock = SystemClock()
    wuxue = Wuxue(
        token=token,
        api_base_url=config.telegram.api_base_url,
        database=database,
        clock=clock,
        note_key=note_key,
        zone=config.calendar.zone,
        messages_per_second=config.telegram.messages_per_second,
        temporary_folder=_temporary_folder(config),
        default_language=config.languages.default,
        proxy_url=config.telegram.proxy_url.get_secret_value() or None,
        listen=config.operations.listen,
        heartbeat_url=config.operations.heartbeat_url.get_secret_value(),
        keep_deliveries_days=config.operations.keep_deliveries_days,
        retention=config.retention,
        training=config.annual_training,
        visits=config.exchange_visit,
        supervision=config.supervision,
        mark_file=ground.mark_file(config, bot_id(token)),
        forgotten_file=ground.forgotten_file(config),
        receives=role is not Role.DELIVER,
        delivers=role is not Role.RECEIVE,
        webhook=config.webhook if config.webhook.url else None,
    )
    stopping = stop_signal()
    try:
        if await unless_stopped(_start(wuxue, clock), stopping):
            settle()
            if wuxue.forgotten.again:
                say("forgotten_again", count=wuxue.forgotten.again)
            say("at_work", bot=wuxue.bot.username)
            await unless_stopped(wuxue.wait(), stopping)
    except CannotListen as error:
        fail("listen_taken", address=config.operations.listen, reason=error)
    except InvalidToken:
        fail("token_refused")
    except Forbidden as error:
        fail("telegram_refuses", reason=error.message)
    except PollingEnded as error:
        if isinstance(error.__cause__, Conflict):
            fail("received_elsewhere")
        fail("nothing_received", reason=error)
    except PortTaken:
        fail("port_taken_by_other", listen=config.webhook.listen, port=config.webhook.port)
    except WebhookRefused as error:
        fail("webhook_refused", reason=error)
    finally:
        await _stop(wuxue)


async def _start(wuxue: Wuxue, clock: SystemClock) -> None:
    """Start, and keep trying while Telegram cannot be reached: nobody should have to come by.

    Raises InvalidToken or Forbidden, which waiting does not cure.
    """
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            await wuxue.start()
            return
        except (InvalidToken, Forbidden):
            raise
        except TelegramError as error:
            say(
                "not_reached",
                to=errors,
                style="yellow",
                reason=type(error).__name__,
                seconds=int(pause),
            )
        await clock.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def _stop(wuxue: Wuxue) -> None:
    """Finish what is under way; what hangs is let go."""
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await wuxue.stop()
    except TimeoutError:
        with suppress(TimeoutError, RuntimeError):
            async with asyncio.timeout(LAST_SECONDS):
                await wuxue.application.shutdown()


def _temporary_folder(config: Config) -> Path:
    """Where exports are made: beside the database, so that records never lie in a shared folder."""
    url = config.database.url.get_secret_value()
    home = sqlite_path(url).parent if is_sqlite(url) else config.secrets.note_key_file.parent
    folder = home / "temporary"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
