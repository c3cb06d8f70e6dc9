"""What every command stands on: the configuration, the key, the database, a clear way to fail."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from sqlalchemy.exc import OperationalError

from bot.config import Config, ConfigRefused, bot_token, load_config, word_problem
from bot.context import bot_id
from bot.logs import configure_logging
from storage import schema
from storage.engine import Database
from storage.sealed import NoteKey, read_secret

console = Console()
errors = Console(stderr=True)
FAILED, WRONG_USE = 1, 2
ConfigPath = Annotated[
    Path, typer.Option("--config", "-c", help="Path of config.toml.", envvar="WUXUE_CONFIG")
]
HERE = Path("config.toml")


def language() -> str:
    """The language of the terminal: Chinese unless its locale says English."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG", "")
    return "en" if locale.startswith("en") else "zh"


def fail(sentence: str, *, code: int = FAILED) -> NoReturn:
    """Say in one line what went wrong and what to do, then end."""
    errors.print(sentence, style="red", highlight=False, markup=False)
    raise typer.Exit(code)


def both(zh: str, en: str) -> str:
    """A short sentence in the terminal's language."""
    return en if language() == "en" else zh


def read_config(path: Path) -> Config:
    """The configuration; every problem of it with file and line, exit code 2."""
    try:
        return load_config(path, environ=os.environ)
    except ConfigRefused as refused:
        for problem in refused.problems:
            errors.print(word_problem(problem, language()), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(WRONG_USE) from refused


def read_token(config: Config, path: Path) -> str:
    """The bot's token, exit code 2 when there is none."""
    try:
        return bot_token(config, path)
    except ConfigRefused as refused:
        for problem in refused.problems:
            errors.print(word_problem(problem, language()), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(WRONG_USE) from refused


def read_bot_id(config: Config, path: Path) -> int:
    """The bot's id from its token."""
    return bot_id(read_token(config, path))


def read_note_key(config: Config) -> NoteKey:
    """The key for private text, from the environment or its file."""
    written = config.secrets.note_key
    try:
        if written is not None:
            return NoteKey(read_secret(written.get_secret_value()))
        return NoteKey(read_secret(config.secrets.note_key_file.read_text(encoding="ascii")))
    except FileNotFoundError:
        fail(both("找不到笔记密钥文件，请先运行 wuxue init。", "There is no note key; run `wuxue init` first."))
    except ValueError:
        fail(both("笔记密钥读不出来，请用备份的密钥文件换回。", "The note key is damaged; put the backed-up key file back."))


def set_up_logging(config: Config) -> None:
    """Logs to stderr, with every secret taken out."""
    configure_logging(config.operations.log_level, secrets=config.secret_texts())


@contextmanager
def opened(config: Config, *, upgrade: bool = False) -> Iterator[Database]:
    """The database, refused when its schema is missing or not this release's."""
    database = Database(config.database.url.get_secret_value())
    try:
        stands_at = schema.current(database.engine)
        if upgrade:
            schema.upgrade(database.engine)
        elif stands_at is None:
            fail(both("数据库还是空的，请先运行 wuxue init。", "The database is empty; run `wuxue init` first."))
        elif stands_at != schema.head():
            fail(
                both(
                    "数据库不是这一版的结构，请先运行 wuxue db upgrade。",
                    "The database has another release's schema; run `wuxue db upgrade` first.",
                )
            )
        yield database
    except schema.SchemaTooNew:
        fail(both("数据库是更新的版本写的，请升级五学+。", "A newer Wuxue wrote this database; please upgrade."))
    except OperationalError:
        fail(both("数据库打不开，请检查地址和权限。", "The database cannot be opened; check its address and rights."))
    finally:
        database.close()


def is_terminal() -> bool:
    """Whether somebody watches."""
    return sys.stdout.isatty()
