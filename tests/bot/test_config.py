"""config.toml: read once, checked whole, refused in plain words, and silent about secrets."""

import re
import tomllib
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from bot.config import (
    Config,
    ConfigRefused,
    Problem,
    bot_token,
    key_bytes,
    load_config,
    word_problem,
)
from bot.toml_lines import statement_lines

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
LOCALES = Path(__file__).parents[2] / "bot" / "locales"
TOKEN = "123456789:AAFcanaryCANARYcanaryCANARYcanary12"
KEY = "0f" * 32


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems_of(
    folder: Path, text: str, environ: dict[str, str] | None = None
) -> tuple[Problem, ...]:
    path = written(folder, text)
    with pytest.raises(ConfigRefused) as refused:
        load_config(path, environ=environ or {})
    return refused.value.problems


def only(problems: tuple[Problem, ...]) -> Problem:
    assert len(problems) == 1, problems
    return problems[0]


def plain(value: Any) -> Any:
    """A setting as config.toml would write it."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, Path):
        return value.as_posix()
    return list(value) if isinstance(value, tuple) else value


def defaults() -> dict[tuple[str, str], Any]:
    config = Config()
    return {
        (table, key): plain(getattr(getattr(config, table), key))
        for table in Config.model_fields
        for key in type(getattr(config, table)).model_fields
        if (table, key) not in Config.ENVIRONMENT_ONLY
    }


def test_the_example_has_every_key_with_its_default_and_no_other() -> None:
    """config.example.toml and the settings agree key by key, in both directions, and in value."""
    example = tomllib.loads(EXAMPLE.read_text("utf-8"))
    shown = {(table, key): value for table, keys in example.items() for key, value in keys.items()}
    assert shown == defaults()


def test_every_key_of_the_example_is_explained_in_both_languages() -> None:
    """Above each key stands a comment in Chinese and in English."""
    comment = ""
    for line in EXAMPLE.read_text("utf-8").splitlines():
        if line.startswith("#"):
            comment += line
        elif "=" in line:
            assert re.search(r"[\u4e00-\u9fff]", comment), line
            assert re.search(r"[a-z]{4,}", comment), line
            comment = ""
        elif not line.strip() or line.startswith("["):
            comment = ""


def test_the_example_loads_and_equals_no_file(tmp_path: Path) -> None:
    """The copied example means the same as an empty file."""
    copied = load_config(written(tmp_path, EXAMPLE.read_text("utf-8")), environ={})
    assert copied == load_config(written(tmp_path, ""), environ={})


def test_without_a_file_the_defaults_hold() -> None:
    """No file at all is not a mistake when none was named."""
    config = load_config(None, environ={})
    assert config.daily_lesson.time == time(10, 0)
    assert config.calendar.working_weekdays == (1, 2, 3, 4, 5)


def test_the_environment_wins(tmp_path: Path) -> None:
    """A value of the environment replaces the file's, and nothing beside it."""
    path = written(tmp_path, '[telegram]\nmessages_per_second = 5\nproxy_url = "http://p:1"\n')
    environ = {
        "WUXUE_TELEGRAM__TOKEN": TOKEN,
        "WUXUE_TELEGRAM__MESSAGES_PER_SECOND": "20",
        "WUXUE_CALENDAR__WORKING_WEEKDAYS": "1,2,3",
        "WUXUE_LANGUAGES__CONTENT": "zh",
        "WUXUE_DAILY_LESSON__ON": "false",
        "WUXUE_DATABASE__URL": "",
        "WUXUE_SECRETS__NOTE_KEY": KEY,
        "PATH": "/bin",
    }
    config = load_config(path, environ=environ)
    assert config.telegram.token.get_secret_value() == TOKEN
    assert config.telegram.messages_per_second == 20
    assert config.telegram.proxy_url.get_secret_value() == "http://p:1"
    assert config.calendar.working_weekdays == (1, 2, 3)
    assert config.languages.content == ("zh",)
    assert config.daily_lesson.on is False
    assert config.database.url.get_secret_value().endswith("data/wuxue.sqlite")
    assert config.secrets.note_key is not None
    assert key_bytes(config.secrets.note_key.get_secret_value()) == bytes([15] * 32)


def test_the_process_environment_is_never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the environment that is passed counts."""
    monkeypatch.setenv("WUXUE_TELEGRAM__MESSAGES_PER_SECOND", "77")
    assert load_config(None, environ={}).telegram.messages_per_second == 30
    assert Config().telegram.messages_per_second == 30


def test_relative_paths_count_from_the_files_folder(tmp_path: Path) -> None:
    """Where the command was started does not matter; absolute and in-memory places stay."""
    config = load_config(written(tmp_path, ""), environ={})
    assert config.database.url.get_secret_value() == f"sqlite:///{tmp_path}/data/wuxue.sqlite"
    assert config.secrets.note_key_file == tmp_path / "data/note.key"
    text = '[database]\nurl = "sqlite:////srv/w.sqlite"\n[secrets]\nnote_key_file = "/srv/k"\n'
    config = load_config(written(tmp_path, text), environ={})
    assert config.database.url.get_secret_value() == "sqlite:////srv/w.sqlite"
    assert config.secrets.note_key_file == Path("/srv/k")
    for url in ("sqlite:///:memory:", "postgresql+psycopg://u:p@h/wuxue"):
        config = load_config(written(tmp_path, f'[database]\nurl = "{url}"\n'), environ={})
        assert config.database.url.get_secret_value() == url


def test_settings_are_frozen() -> None:
    """Nobody changes a setting at run time."""
    config = Config()
    with pytest.raises(ValidationError):
        config.telegram.messages_per_second = 1  # type: ignore[misc]
    with pytest.raises(ValidationError):
        config.telegram = config.telegram  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "line", "code", "facts"),
    [
        ("\n[telegram]\n\ntokn = 'x'\n", 4, "unknown_key", {"key": "tokn", "nearest": "token"}),
        ("[telegramm]\n", 1, "unknown_table", {"table": "telegramm", "nearest": "telegram"}),
        ("zone = 'x'\n", 1, "unknown_table", {"table": "zone"}),
        ("telegram = 3\n", 1, "table_needed", {"table": "telegram"}),
        ("[[telegram]]\n", 1, "table_needed", {"table": "telegram"}),
        ("[daily_lesson]\nlate = 'merg'\n", 2, "not_one_of", {"nearest": "merge"}),
        ("[daily_lesson]\nlate = 3\n", 2, "not_one_of", {"allowed": "send, merge, skip"}),
        ("[daily_lesson]\non = 'perhaps'\n", 2, "yes_or_no", {}),
        ("[daily_lesson]\ntime = '24:00'\n", 2, "clock_time", {}),
        ("[daily_lesson]\ntime = 10\n", 2, "clock_time", {}),
        ("[telegram]\nmessages_per_second = 0\n", 2, "whole_number", {"low": "1", "high": "1000"}),
        ("[telegram]\nmessages_per_second = true\n", 2, "whole_number", {}),
        ("[telegram]\nmessages_per_second = 1.5\n", 2, "whole_number", {}),
        ("[telegram]\ntoken = 5\n", 2, "text_needed", {}),
        ("[telegram]\ntoken = 'abc'\n", 2, "token_form", {}),
        ("[telegram]\napi_base_url = 'https://api.telegram.org/bot/'\n", 2, "api_base_url", {}),
        ("[telegram]\napi_base_url = 'api.telegram.org'\n", 2, "api_base_url", {}),
        ("[telegram]\nproxy_url = 'socks5://h:1'\n", 2, "proxy_url", {}),
        ("[operations]\nlisten = '9100'\n", 2, "listen", {}),
        ("[operations]\nlisten = '127.0.0.1:70000'\n", 2, "listen", {}),
        ("[operations]\nlisten = 'http://h:1'\n", 2, "listen", {}),
        ("[operations]\nheartbeat_url = 'hc-ping.com/x'\n", 2, "heartbeat_url", {}),
        ("[operations]\nheartbeat_url = 'http://['\n", 2, "heartbeat_url", {}),
        (f"[operations]\nheartbeat_url = 'https://h/{TOKEN}'\n", 2, "heartbeat_url", {}),
        ("[database]\nurl = 'mysql://h/w'\n", 2, "database_url", {}),
        ("[database]\nurl = 'postgresql+psycopg://h'\n", 2, "database_url", {}),
        ("[webhook]\nurl = 'http://example.org/x'\n", 2, "webhook_url", {}),
        (
            "[webhook]\nurl = 'https://example.org/x'\n",
            2,
            "webhook_secret_missing",
            {"needed": "WUXUE_WEBHOOK__SECRET"},
        ),
        (
            "[webhook]\nsecret = 'x'\n",
            2,
            "environment_only_secret",
            {"needed": "WUXUE_WEBHOOK__SECRET"},
        ),
        ("[webhook]\npath = 'telegram'\n", 2, "webhook_path", {}),
        ("[webhook]\nlisten = ''\n", 2, "host_needed", {}),
        ("[webhook]\nport = 0\n", 2, "whole_number", {"low": "1"}),
        ("[secrets]\nnote_key_file = ''\n", 2, "file_name_needed", {}),
        (
            "[secrets]\nnote_key = 'x'\n",
            2,
            "environment_only",
            {"needed": "WUXUE_SECRETS__NOTE_KEY"},
        ),
        ("[calendar]\nzone = 'Asia/Shanghi'\n", 2, "zone_unknown", {"nearest": "Asia/Shanghai"}),
        ("[calendar]\nworking_weekdays = [\n 1,\n 8]\n", 2, "whole_number", {"high": "7"}),
        ("[calendar]\nworking_weekdays = []\n", 2, "list_distinct", {}),
        ("[calendar]\nworking_weekdays = [1, 1]\n", 2, "list_distinct", {}),
        ("[calendar]\nworking_weekdays = 5\n", 2, "list_needed", {}),
        ("[monthly_topic]\npool_closes_working_days = 4\n", 2, "whole_number", {"low": "5"}),
        ("[supervision]\nconfirm_days = 0\n", 2, "whole_number", {"low": "1", "high": "60"}),
        ("[supervision]\nconfirm_day = 7\n", 2, "unknown_key", {"nearest": "confirm_days"}),
        ("[languages]\ninterface = ['en']\n", 1, "default_language", {"key": "default"}),
        ("[languages]\ninterface = ['bo']\n", 2, "not_one_of", {"allowed": "zh, en"}),
        ("[daily_lesson]\ntime = '22:00'\n", 2, "lesson_in_quiet_hours", {"start": "21:30"}),
        ("[telegram]\ntoken\n", 2, "toml_syntax", {"column": "6"}),
        ("[telegram]\ntoken = “x”\n", 2, "full_width", {"column": "9", "sign": "“"}),
        ("a = '''\n\n", 3, "toml_syntax", {}),
        ("[telegram]\n[telegram]\n", 2, "toml_syntax", {}),
    ],
)
def test_a_mistake_is_named_with_its_line(
    tmp_path: Path, text: str, line: int, code: str, facts: dict[str, str]
) -> None:
    """Each mistake has its line, its code and what is allowed, and a sentence in both languages."""
    problem = only(problems_of(tmp_path, text))
    assert (problem.path, problem.line, problem.code) == (str(tmp_path / "config.toml"), line, code)
    assert facts.items() <= dict(problem.facts).items()
    for language in ("zh", "en"):
        sentence = word_problem(problem, language)
        assert sentence.startswith(f"{tmp_path}/config.toml:{line}")
        assert all(
            problem.facts[name] in sentence for name in ("nearest", "allowed") if name in facts
        )


def test_all_mistakes_are_shown_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    """Whoever mends a file sees everything that is wrong in one go."""
    text = (
        "[telegram]\nmessages_per_second = 0\n\n[calendar]\nquiet_to = '11:00'\n"
        "[weekly_study]\nweekday = 'fri'\n[database]\nurl = 'mysql://x/y'\n"
    )
    found = [(one.line, one.code) for one in problems_of(tmp_path, text)]
    assert found == [
        (2, "whole_number"),
        (5, "lesson_in_quiet_hours"),
        (7, "not_one_of"),
        (9, "database_url"),
    ]


def test_a_mistake_in_the_environment_names_the_variable(tmp_path: Path) -> None:
    """The file is not blamed for what the environment said, nor the other way round."""
    environ = {
        "WUXUE_TELEGRAM__TOKN": "x",
        "WUXUE_TELEGRAM__MESSAGES_PER_SECOND": "many",
        "WUXUE_TELEGRAMM__TOKEN": "x",
        "WUXUE_CALENDAR": "nonsense",
        "WUXUE_SECRETS__NOTE_KEY": "short",
        "WUXUE_WEBHOOK__SECRET": "short",
        "WUXUE_CALENDAR__WORKING_WEEKDAYS": "",
    }
    problems = problems_of(tmp_path, "[telegram]\nproxy_url = 3\n", environ)
    found = {(one.place.removeprefix(f"{tmp_path}/"), one.code) for one in problems}
    assert found == {
        ("config.toml:2", "text_needed"),
        ("WUXUE_TELEGRAM__TOKN", "unknown_key"),
        ("WUXUE_TELEGRAM__MESSAGES_PER_SECOND", "whole_number"),
        ("WUXUE_TELEGRAMM", "unknown_table"),
        ("WUXUE_CALENDAR", "table_needed"),
        ("WUXUE_SECRETS__NOTE_KEY", "note_key_form"),
        ("WUXUE_WEBHOOK__SECRET", "webhook_secret_form"),
    }


def test_a_key_in_the_file_is_refused_even_when_the_environment_has_it(tmp_path: Path) -> None:
    """The note key must leave the file, whatever else is given."""
    environ = {"WUXUE_SECRETS__NOTE_KEY": KEY}
    problem = only(problems_of(tmp_path, f"[secrets]\nnote_key = '{KEY}'\n", environ))
    assert (problem.code, problem.line) == ("environment_only", 2)


def test_odd_files_are_refused_like_any_other(tmp_path: Path) -> None:
    """Brackets without end are no crash, and a key cannot steer the terminal it is shown on."""
    assert only(problems_of(tmp_path, "x = " + "[" * 50_000)).code == "toml_syntax"
    problem = only(problems_of(tmp_path, '[telegram]\n"a\\u001b[31m" = 1\n'))
    assert word_problem(problem, "en").isprintable()


@pytest.mark.parametrize(
    ("start", "end", "lesson", "quiet"),
    [
        ("21:30", "09:00", "09:00", False),
        ("21:30", "09:00", "08:59", True),
        ("21:30", "09:00", "21:29", False),
        ("21:30", "09:00", "00:00", True),
        ("12:00", "14:00", "13:00", True),
        ("12:00", "14:00", "14:00", False),
        ("00:00", "00:00", "00:00", False),
    ],
)
def test_the_daily_lesson_keeps_out_of_quiet_hours(
    tmp_path: Path, start: str, end: str, lesson: str, quiet: bool
) -> None:
    """Quiet hours may cross midnight; their end is no longer quiet."""
    text = f"[calendar]\nquiet_from='{start}'\nquiet_to='{end}'\n[daily_lesson]\ntime='{lesson}'\n"
    if quiet:
        assert only(problems_of(tmp_path, text)).code == "lesson_in_quiet_hours"
    else:
        assert load_config(written(tmp_path, text), environ={}).daily_lesson.on


def test_a_missing_file_says_to_run_init(tmp_path: Path) -> None:
    """Who has no settings yet is told how to make them."""
    with pytest.raises(ConfigRefused) as refused:
        load_config(tmp_path / "absent.toml", environ={})
    problem = only(refused.value.problems)
    assert problem.code == "missing_file"
    assert all("wuxue init" in word_problem(problem, language) for language in ("zh", "en"))
    with pytest.raises(ConfigRefused, match="unreadable_file"):
        load_config(tmp_path, environ={})


def test_files_saved_by_windows_editors_are_read(tmp_path: Path) -> None:
    """A byte order mark and CRLF are no mistake; another encoding is named with its line."""
    path = tmp_path / "config.toml"
    path.write_bytes("\ufeff# 时区\r\n[calendar]\r\nzone = 'UTC'\r\n".encode())
    assert load_config(path, environ={}).calendar.zone == "UTC"
    path.write_bytes("[calendar]\n# 时区\n".encode("gbk"))
    with pytest.raises(ConfigRefused) as refused:
        load_config(path, environ={})
    assert (only(refused.value.problems).line, refused.value.problems[0].code) == (2, "not_utf8")


def test_secrets_never_show(tmp_path: Path) -> None:
    """No secret is in a repr, an error, its sentence or its chain, wherever it was typed."""
    database = "postgresql+psycopg://u:canarypassword@h/w"
    text = f"[telegram]\ntoken = '{TOKEN}'\nproxy_url = 'http://u:canaryproxy@h:1'\n"
    environ = {"WUXUE_SECRETS__NOTE_KEY": KEY, "WUXUE_DATABASE__URL": database}
    config = load_config(written(tmp_path, text), environ=environ)
    shown = f"{config!r} {config} {config.model_dump()}"
    assert not any(secret in shown for secret in (TOKEN, KEY, "canary"))
    wrong = (
        f"[telegram]\ntokn = '{TOKEN}'\ntoken = 'x{TOKEN}'\napi_base_url = 'ftp://{TOKEN}'\n"
        f"proxy_url = '{TOKEN}'\nmessages_per_second = '{TOKEN}'\n"
        f"[database]\nurl = 'my{database}'\n"
        f"[calendar]\nzone = '{TOKEN}'\nnational = '{TOKEN}'\n[secrets]\nnote_key = '{KEY}'\n"
    )
    path = written(tmp_path, wrong)
    with pytest.raises(ConfigRefused) as refused:
        load_config(path, environ={"WUXUE_SECRETS__NOTE_KEY": f"{KEY}0"})
    error = refused.value
    shown = f"{error!r} {error} {error.__cause__!r} {error.__context__!r} {error.problems!r}"
    shown += "".join(word_problem(one, lang) for one in error.problems for lang in ("zh", "en"))
    assert len(error.problems) == 10
    assert not any(secret in shown for secret in (TOKEN, KEY, "canary"))


def test_every_form_of_a_secret_is_known_to_the_log(tmp_path: Path) -> None:
    """What a log must hide: token, passwords raw and percent-coded, the key as hex and base64."""
    environ = {
        "WUXUE_TELEGRAM__TOKEN": TOKEN,
        "WUXUE_SECRETS__NOTE_KEY": KEY,
        "WUXUE_DATABASE__URL": "postgresql+psycopg://u:p%40ss@h/w",
        "WUXUE_TELEGRAM__PROXY_URL": "http://u:proxypass@h:1",
        "WUXUE_WEBHOOK__SECRET": "hooksecret_hooksecret",
    }
    found = load_config(None, environ=environ).secret_texts()
    base64 = "Dw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8="
    assert {TOKEN, KEY, "p%40ss", "p@ss", "proxypass", base64, "hooksecret_hooksecret"} <= set(
        found
    )
    assert load_config(None, environ={}).secret_texts() == ()


def test_a_missing_token_is_asked_for_only_where_it_is_needed(tmp_path: Path) -> None:
    """Rehearsing needs no token; running does, and the sentence says where to put it."""
    path = written(tmp_path, "")
    config = load_config(path, environ={})
    with pytest.raises(ConfigRefused) as refused:
        bot_token(config, path)
    assert "WUXUE_TELEGRAM__TOKEN" in word_problem(refused.value.problems[0], "zh")
    config = load_config(path, environ={"WUXUE_TELEGRAM__TOKEN": TOKEN})
    assert bot_token(config, path) == TOKEN


@pytest.mark.parametrize("text", [KEY, KEY.upper(), "Dw8P" * 10 + "Dw8=", " " + "__8" * 14 + "_"])
def test_a_key_may_be_hex_or_base64(text: str) -> None:
    """32 bytes in the usual spellings."""
    assert len(key_bytes(text)) == 32


@pytest.mark.parametrize("text", ["", "0f", KEY + "00", "Dw8P" * 11, "钥匙"])
def test_anything_else_is_no_key(text: str) -> None:
    """A key of another length is refused without showing it."""
    with pytest.raises(ValueError, match="32 bytes"):
        key_bytes(text)


def test_lines_are_those_of_the_statement_however_it_is_written() -> None:
    """Tables, dotted and quoted keys, inline tables and values over many lines keep their line."""
    text = '''# [not.a.table]
top = """
[fake]
key = 1
"""
dotted.inner = [ # a comment with ]
  1, "]",
  2,
]
[a.b] # header
x = { y = 1, z = { w = 2 } }
"quo ted" = \'\'\'
x = 5
\'\'\'
[a]
late = 1
[[many]]
m = 1
[[many]]
m = 2
'''
    lines = statement_lines(text)
    assert lines == {
        ("top",): 2,
        ("dotted",): 6,
        ("dotted", "inner"): 6,
        ("a",): 15,
        ("a", "b"): 10,
        ("a", "b", "x"): 11,
        ("a", "b", "x", "y"): 11,
        ("a", "b", "x", "z"): 11,
        ("a", "b", "x", "z", "w"): 11,
        ("a", "b", "quo ted"): 12,
        ("a", "late"): 16,
        ("many",): 19,
        ("many", "m"): 18,
    }


def test_both_languages_word_the_same_problems() -> None:
    """Every code has a sentence in Chinese and English with the same facts in it."""
    worded = [
        tomllib.loads((LOCALES / language / "config_problems.toml").read_text("utf-8"))
        for language in ("zh", "en")
    ]

    def facts(words: dict[str, dict[str, str]]) -> dict[tuple[str, str], list[str]]:
        return {
            (table, code): sorted(re.findall(r"\{(\w+)\}", sentence))
            for table, sentences in words.items()
            for code, sentence in sentences.items()
        }

    assert facts(worded[0]) == facts(worded[1])
