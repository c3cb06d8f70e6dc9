"""What every command stands on: its words, the configuration, the token, a clear way to fail."""

import os
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from bot.config import Config, ConfigRefused, Problem, bot_token, key_bytes, load_config
from bot.config import word_problem as word_config_problem
from bot.context import bot_id
from bot.logs import configure_logging
from bot.render import read_toml
from storage import key_files
from storage.sealed import NoteKey

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


@cache
def _sentences(tongue: str) -> Mapping[str, str]:
    return read_toml(tongue, "terminal.toml")


def words(key: str, **facts: object) -> str:
    """The sentence of locales/<lang>/terminal.toml, filled with facts."""
    return _sentences(language())[key].format_map(facts)


def say(key: str, *, to: Console = console, style: str = "", **facts: object) -> None:
    """Print a sentence. A name in it is never markup, and a pipe gets it on one line."""
    show(words(key, **facts), to=to, style=style)


def show(text: str, *, to: Console = console, style: str = "") -> None:
    """Print a text as it is."""
    to.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def fail(key: str, *, code: int = FAILED, **facts: object) -> NoReturn:
    """Say in one line what went wrong and what to do, then end."""
    say(key, to=errors, style="red", **facts)
    raise typer.Exit(code)


def refuse_config(problems: Iterable[Problem]) -> NoReturn:
    """Every mistake of the configuration with file and line; wrong use."""
    for problem in problems:
        show(word_config_problem(problem, language()), to=errors, style="red")
    raise typer.Exit(WRONG_USE)


def read_config(path: Path) -> Config:
    """The configuration; every problem of it with file and line, exit code 2."""
    try:
        return load_config(path, environ=os.environ)
    except ConfigRefused as refused:
        refuse_config(refused.problems)


def read_token(config: Config, path: Path) -> str:
    """The bot's token, exit code 2 when there is none."""
    try:
        return bot_token(config, path)
    except ConfigRefused as refused:
        refuse_config(refused.problems)


def read_bot_id(config: Config, path: Path) -> int:
    """The bot's id from its token."""
    return bot_id(read_token(config, path))


def read_note_key(config: Config) -> NoteKey:
    """The key for private text, from the environment or its file, with the former ones beside."""
    file = config.secrets.note_key_file
    former = [NoteKey(_read_key_file(one)) for one in key_files.former_of(file)]
    try:
        signed_before = key_files.signed_before(file)
    except (OSError, ValueError):
        fail("public_keys_damaged", file=file.with_name(key_files.PUBLIC_KEYS))
    return NoteKey(read_note_secret(config), former=former, signed_before=signed_before)


def read_note_secret(config: Config) -> bytes:
    """The present key's secret; a sentence where there is none."""
    written, file = config.secrets.note_key, config.secrets.note_key_file
    if written is None:
        return _read_key_file(file)
    try:
        return key_bytes(written.get_secret_value())
    except ValueError:
        fail("note_key_damaged", file=file)


def _read_key_file(file: Path) -> bytes:
    try:
        return key_files.read_key(file)
    except FileNotFoundError:
        fail("note_key_missing", file=file)
    except (OSError, ValueError):
        fail("note_key_damaged", file=file)


def mark_file(config: Config, bot: int) -> Path | None:
    """Where the installation's mark is kept: beside the note key, outside the database.

    None where the key comes from the environment and no folder here need outlive the process.
    """
    file = config.secrets.note_key_file
    if config.secrets.note_key is not None and not file.parent.exists():
        return None
    return file.with_name(f"installation-{bot}.mark")


def forgotten_file(config: Config) -> Path | None:
    """Where those who were forgotten are listed: beside the note key, as the mark is."""
    file = config.secrets.note_key_file
    if config.secrets.note_key is not None and not file.parent.exists():
        return None
    return file.with_name("forgotten-people.txt")


def set_up_logging(config: Config) -> None:
    """Logs to stderr, with every secret taken out."""
    configure_logging(config.operations.log_level, secrets=config.secret_texts())
