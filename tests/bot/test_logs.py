"""Logs: ids and places only, never a secret, a name or a text, whichever way a line comes."""

import asyncio
import io
import json
import logging
import sqlite3
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import structlog
import yarl
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from bot.config import ConfigRefused, Problem
from bot.logs import HIDDEN, Redactor, configure_logging, trace
from curriculum.errors import NotThere

TOKEN = "123456789:AAFcanaryCANARYcanaryCANARYcanary12"
OTHER_TOKEN = "987654321:BBBcanaryCANARYcanaryCANARYcanary12"
PASSWORD = 'pa"ss\\wörd钥匙'
SECRETS = (TOKEN, PASSWORD)
NAME = "卓玛的canary故事"


@dataclass(frozen=True)
class Person:
    name: str


class Mood(Enum):
    CALM = "the value is not shown"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _logging_restored() -> Iterator[None]:
    names = [None, *logging.root.manager.loggerDict]
    levels = {name: logging.getLogger(name).level for name in names}
    handlers, hooks = logging.root.handlers[:], (sys.excepthook, threading.excepthook)
    yield
    for name in [None, *logging.root.manager.loggerDict]:
        logging.getLogger(name).setLevel(levels.get(name, logging.NOTSET))
    logging.root.handlers[:] = handlers
    sys.excepthook, threading.excepthook = hooks
    structlog.reset_defaults()


@pytest.fixture
def out() -> io.StringIO:
    stream = io.StringIO()
    configure_logging("DEBUG", secrets=SECRETS, stream=stream)
    return stream


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def clean(shown: str) -> bool:
    """No canary, no name and no piece of the password, also not as JSON or a URL would spell it."""
    forms = (PASSWORD, json.dumps(PASSWORD)[1:-1], quote(PASSWORD), repr(PASSWORD)[1:-1])
    return not any(piece in shown for piece in ("canary", "CANARY", "卓玛", *forms))


def test_both_ways_of_logging_give_one_json_line_per_event(out: io.StringIO) -> None:
    """structlog and the standard library end in the same shape."""
    structlog.get_logger("bot.here").info("sent", delivery=7, at=datetime(2026, 1, 2, tzinfo=UTC))
    logging.getLogger("scheduler.there").warning("late by %d s, %s", 3, {"ids": (1, 2)})
    first, second = lines(out)
    assert first["event"] == "sent"
    assert (first["delivery"], first["at"]) == (7, "2026-01-02 00:00:00+00:00")
    assert (first["level"], first["logger"]) == ("info", "bot.here")
    assert second["event"] == "late by 3 s, {'ids': [1, 2]}"
    assert (second["level"], second["logger"]) == ("warning", "scheduler.there")
    assert first["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    "value",
    [
        TOKEN,
        OTHER_TOKEN,
        TOKEN.partition(":")[2],
        PASSWORD,
        f"https://api.telegram.org/bot{TOKEN}/sendMessage",
        f"https://api.telegram.org/bot{quote(TOKEN, safe='')}/sendMessage",
        "https://api.telegram.org/bot123:canary/sendMessage",
        httpx.URL(f"https://api.telegram.org/bot{TOKEN}/getMe"),
        yarl.URL(f"https://api.telegram.org/bot{OTHER_TOKEN}/getMe"),
        {"deep": [{TOKEN: (PASSWORD, {"more": OTHER_TOKEN})}]},
        {Person(NAME): 1},
        Person(NAME),
        [Person(NAME)],
        NAME.encode(),
        ValueError(NAME),
        {ValueError(NAME)},
        Mood.CALM,
    ],
    ids=lambda value: type(value).__name__,
)
def test_no_kind_of_value_carries_a_secret_or_a_person(out: io.StringIO, value: Any) -> None:
    """As an argument, a keyword, a bound value or a part of the text, by either way of logging."""
    structlog.get_logger("bot").debug("event", value=value)
    structlog.get_logger("bot").bind(value=value).debug("event %s", value)
    logging.getLogger("bot").debug("event %s %r", value, value)
    logging.getLogger("elsewhere").warning("event %(value)s", {"value": value})
    if isinstance(value, str):
        logging.getLogger("bot").debug(f"event {value}")
    assert len(lines(out)) >= 4
    assert clean(out.getvalue())
    assert "not shown" not in out.getvalue()


def test_the_rest_of_a_line_survives(out: io.StringIO) -> None:
    """Only the secret is hidden, so that the line still tells what happened."""
    logging.getLogger("bot").info("POST /bot%s/sendMessage -> %d", TOKEN, 429)
    assert lines(out)[0]["event"] == f"POST /bot{HIDDEN}/sendMessage -> 429"


def test_an_exception_is_reduced_to_places_and_classes(out: io.StringIO) -> None:
    """Frames and classes stay, the whole chain of them; messages and local variables go."""

    def inner(secret: str) -> None:
        private = f"{secret} {NAME}"
        raise ValueError(private)

    try:
        try:
            inner(TOKEN)
        except ValueError as error:
            raise RuntimeError(NAME) from error
    except RuntimeError as error:
        structlog.get_logger("bot").exception("broke", reason=str(error))
        logging.getLogger("bot").exception("broke")
        logging.getLogger("bot").log(logging.ERROR, "broke: %s", error, exc_info=error)
        logging.getLogger("bot").error(f"broke: {error}", exc_info=True)
    found = lines(out)
    assert len(found) == 4
    for line in found:
        shown = line["exception"].splitlines()
        assert shown[1].startswith("  tests/bot/test_logs.py:")
        assert shown[1].endswith("inner")
        assert shown[2:4] == ["ValueError", "which caused:"]
        assert shown[-1] == "RuntimeError"
    assert found[0]["reason"] == "RuntimeError"
    assert found[2]["event"] == found[3]["event"] == "broke: RuntimeError"
    assert clean(out.getvalue())


def test_a_database_error_keeps_its_code_and_loses_its_parameters(out: io.StringIO) -> None:
    """SQLAlchemy's message quotes the statement's parameters: names and texts."""
    engine = create_engine("sqlite://", echo=False)
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE t (name TEXT UNIQUE)"))
        insert = text("INSERT INTO t VALUES (:name)")
        connection.execute(insert, {"name": NAME})
        with pytest.raises(IntegrityError) as caught:
            connection.execute(insert, {"name": NAME})
    engine.dispose()
    assert NAME in str(caught.value)
    logging.getLogger("sqlalchemy.pool").error("failed %s", caught.value, exc_info=caught.value)
    shown = out.getvalue()
    assert clean(shown)
    assert "IntegrityError (SQLITE_CONSTRAINT_UNIQUE)" in shown


def test_statements_are_not_logged_at_debug(out: io.StringIO) -> None:
    """Other libraries stay at WARNING, since their finer lines hold parameters and updates."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        connection.execute(text("SELECT :name"), {"name": NAME})
    engine.dispose()
    for name in ("httpx", "httpcore.http11", "aiohttp.access", "apscheduler", "telegram.Bot", "x"):
        logging.getLogger(name).info("HTTP Request: %s", NAME)
    assert out.getvalue() == ""
    logging.getLogger("bot.deep.inside").debug("shown")
    assert lines(out)[0]["event"] == "shown"


def test_our_level_is_the_one_chosen() -> None:
    """At WARNING our own finer lines are dropped as well."""
    out = io.StringIO()
    configure_logging("WARNING", secrets=(), stream=out)
    structlog.get_logger("bot").info("fine")
    logging.getLogger("scheduler").info("fine")
    structlog.get_logger("bot").warning("coarse")
    assert [line["event"] for line in lines(out)] == ["coarse"]


@pytest.mark.asyncio
async def test_a_task_nobody_awaited_does_not_spill_its_exception(out: io.StringIO) -> None:
    """asyncio prints the exception's repr below its first line; only that line is kept."""
    asyncio.get_running_loop().call_exception_handler(
        {"message": "Task exception was never retrieved", "exception": ValueError(NAME)}
    )
    asyncio.get_running_loop().call_exception_handler({"message": "odd", "task": Person(NAME)})
    assert [line["event"] for line in lines(out)] == ["Task exception was never retrieved", "odd"]
    assert clean(out.getvalue())


def test_our_own_refusals_keep_their_words(out: io.StringIO) -> None:
    """A refusal says a code, a refused configuration says places: both safe, both needed."""
    refused = ConfigRefused([Problem("config.toml", 4, "unknown_key", {"key": "tokn"})])
    logging.getLogger("bot").error("stopped", exc_info=refused)
    logging.getLogger("bot").error("stopped", exc_info=NotThere(name=NAME))
    first, second = (line["exception"] for line in lines(out))
    assert first == "bot.config.ConfigRefused: config.toml:4 unknown_key"
    assert second == "curriculum.errors.NotThere: not_there"


def test_groups_loops_and_deep_recursion_have_an_end() -> None:
    """An exception group shows each member; a chain that bites its tail and a deep one stop."""

    def deep(levels: int) -> None:
        if levels == 0:
            raise KeyError(NAME)
        deep(levels - 1)

    with pytest.raises(KeyError) as caught:
        deep(300)
    caught.value.__cause__ = OSError(28, NAME, NAME)
    caught.value.__cause__.__cause__ = caught.value
    shown = trace(ExceptionGroup(NAME, [caught.value, sqlite3.OperationalError(NAME)]))
    assert "  1| OSError (ENOSPC)" in shown
    assert "  1| KeyError" in shown
    assert "  2| sqlite3.OperationalError" in shown
    assert "frames left out" in shown
    assert len(shown.splitlines()) < 60
    assert clean(shown)


def test_a_line_that_cannot_be_written_says_only_where(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The standard library would print the arguments of a malformed line to stderr."""
    out = io.StringIO()
    configure_logging("INFO", secrets=(), stream=out)
    logging.getLogger("bot").error("%d people", NAME)
    assert "tests/bot/test_logs.py" in out.getvalue()
    assert clean(out.getvalue() + "".join(capsys.readouterr()))


def test_uncaught_exceptions_go_the_same_way(
    out: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever ends the process or a thread is logged, without its message."""

    def fail() -> None:
        raise ValueError(NAME)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    sys.excepthook(ValueError, ValueError(NAME), None)
    assert [line["event"] for line in lines(out)] == ["uncaught exception"] * 2
    assert "fail" in lines(out)[0]["exception"]
    assert clean(out.getvalue() + "".join(capsys.readouterr()))


def test_a_terminal_gets_readable_lines() -> None:
    """The same event, coloured and without JSON, just as silent about secrets."""
    out = Terminal()
    configure_logging("INFO", secrets=SECRETS, stream=out)
    try:
        int(NAME)
    except ValueError:
        structlog.get_logger("bot").exception("broke", url=f"/bot{TOKEN}/x", key=PASSWORD, n=3)
    shown = out.getvalue()
    assert not shown.startswith("{")
    assert "broke" in shown
    assert "ValueError" in shown
    assert "test_logs.py" in shown
    assert clean(shown)


def test_configuring_twice_writes_once(out: io.StringIO) -> None:
    """A second call replaces the first, also its stream."""
    again = io.StringIO()
    configure_logging("INFO", secrets=SECRETS, stream=again)
    logging.getLogger("bot").info("once")
    assert out.getvalue() == ""
    assert len(lines(again)) == 1


@given(st.text(), st.text(), st.text(min_size=1))
def test_no_text_around_a_secret_lets_it_through(before: str, after: str, secret: str) -> None:
    """Whatever stands beside it, a known secret does not come out again."""
    shown = Redactor([f"{secret}#"]).text(f"{before}{secret}#{after}")
    rest = (before + after).replace(f"{secret}#", "")
    assert f"{secret}#" not in shown or f"{secret}#" in rest + HIDDEN


def test_an_empty_secret_hides_nothing() -> None:
    """A setting that was not given is no secret."""
    assert Redactor([""]).text("plain") == "plain"
