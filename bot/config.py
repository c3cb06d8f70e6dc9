"""The only reader of config.toml: the file, the environment on top, every mistake at once."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError
from pydantic_settings import EnvSettingsSource
from pydantic_settings.sources.utils import parse_env_vars

from bot.config_problems import (
    Mistake,
    Problem,
    from_error,
    placed,
    syntax_problem,
    variable,
    word_problem,
)
from bot.config_tables import Calendar, Config, DailyLesson
from bot.config_values import key_bytes
from bot.toml_lines import statement_lines

__all__ = [
    "Config",
    "ConfigRefused",
    "Problem",
    "bot_token",
    "key_bytes",
    "load_config",
    "word_problem",
]


class ConfigRefused(Exception):
    """The configuration has mistakes; all of them are in `problems`, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{found.place} {found.code}" for found in self.problems))


class _Environment(EnvSettingsSource):
    """The environment it is given, never the process's own."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        super().__init__(Config)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return parse_env_vars(self._environ, self.case_sensitive, self.env_ignore_empty)


def _read(path: Path) -> tuple[dict[str, Any], dict[tuple[str, ...], int]]:
    """The file's values and lines. Raises ConfigRefused when it is missing or no TOML."""
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")  # Windows editors add a mark and CRs
        return tomllib.loads(text), statement_lines(text)
    except FileNotFoundError:
        problem = Problem(str(path), None, "missing_file", {})
    except OSError:
        problem = Problem(str(path), None, "unreadable_file", {})
    except UnicodeDecodeError as error:
        problem = Problem(str(path), raw[: error.start].count(b"\n") + 1, "not_utf8", {})
    except tomllib.TOMLDecodeError as error:
        problem = syntax_problem(path, text, error)
    except RecursionError:  # brackets in brackets, thousands deep
        problem = Problem(str(path), None, "toml_syntax", {})
    raise ConfigRefused([problem])


def _crossed(given: Mapping[str, Any]) -> list[Mistake]:
    """Rules between tables, checked on the tables that are right in themselves."""
    try:
        calendar = Calendar.model_validate(given.get("calendar", {}))
        lesson = DailyLesson.model_validate(given.get("daily_lesson", {}))
    except ValidationError:
        return []  # their own mistakes are reported already
    if not calendar.is_quiet(lesson.time):
        return []
    facts = {"time": lesson.time, "start": calendar.quiet_from, "end": calendar.quiet_to}
    words = {name: at.strftime("%H:%M") for name, at in facts.items()}
    about = {"table": "daily_lesson", "key": "time", **words}
    # Point at what was written, not at a default nobody sees in the file.
    places = [("daily_lesson", "time"), ("calendar", "quiet_to"), ("calendar", "quiet_from")]
    place = next(one for one in places if one[1] in given.get(one[0], {}))
    return [(place, "lesson_in_quiet_hours", about)]


def load_config(path: Path | None, *, environ: Mapping[str, str]) -> Config:
    """Read `path` (None: no file, defaults and environment only) with `environ` on top.

    WUXUE_<TABLE>__<KEY> in the environment wins over the file; an empty variable counts as absent.
    Relative paths, wherever they were written, count from the file's folder.
    Raises ConfigRefused with every mistake at once.
    """
    from_file, lines = _read(path) if path is not None else ({}, {})
    from_environment = _from_environment(environ)
    found: list[Mistake] = []
    for table, key in Config.ENVIRONMENT_ONLY:
        if isinstance(from_file.get(table), dict) and from_file[table].pop(key, None) is not None:
            code = "environment_only" if table == "secrets" else "environment_only_secret"
            found.append(((table, key), code, {"needed": variable(table, key)}))
    given = dict(from_file)
    for table, values in from_environment.items():
        above = given.get(table, {})
        both = isinstance(values, dict) and isinstance(above, dict)
        given[table] = {**above, **values} if both else values
    try:
        config = Config(**given)
    except ValidationError as error:
        found += [from_error(one) for one in error.errors(include_url=False)]
    found += _crossed(given)
    if found:
        problems = [placed(one, path, lines=lines, environment=from_environment) for one in found]
        raise ConfigRefused(sorted(problems, key=lambda one: (one.line or 0, one.place)))
    return _resolved(config, path.parent if path is not None else Path())


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values = _Environment(environ)()
    for name in environ:  # pydantic-settings passes over a table it does not know
        table = name.upper().removeprefix("WUXUE_").partition("__")[0].lower()
        if name.upper().startswith("WUXUE_") and "__" in name and table not in Config.model_fields:
            values[table] = {}
    return values


def _resolved(config: Config, folder: Path) -> Config:
    scheme, _, file = config.database.url.get_secret_value().partition(":///")
    database = config.database
    if scheme == "sqlite" and file != ":memory:":
        url = f"sqlite:///{folder.absolute() / Path(file).expanduser()}"
        database = database.model_copy(update={"url": SecretStr(url)})
    key_file = folder.absolute() / config.secrets.note_key_file.expanduser()
    secrets = config.secrets.model_copy(update={"note_key_file": key_file})
    return config.model_copy(update={"database": database, "secrets": secrets})


def bot_token(config: Config, path: Path | None) -> str:
    """The bot's token. Raises ConfigRefused when none was given, saying where to put it."""
    token = config.telegram.token.get_secret_value()
    if not token:
        facts = {"table": "telegram", "key": "token", "variable": variable("telegram", "token")}
        raise ConfigRefused([Problem(str(path) if path else None, None, "token_missing", facts)])
    return token
