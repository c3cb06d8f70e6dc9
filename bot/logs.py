"""Log lines that a stranger may read: ids and places in the code, never secrets, names or texts."""

import copy
import errno
import logging
import re
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from types import TracebackType
from typing import Any, TextIO
from urllib.parse import ParseResult, SplitResult
from uuid import UUID

import structlog
from structlog.typing import EventDict

from bot.config import ConfigRefused
from curriculum.errors import Refusal

HIDDEN = "[hidden]"
# Only our own packages follow the chosen level. Below WARNING other libraries write whole updates
# (telegram.ext), parameters of calls (telegram.Bot), of statements (sqlalchemy) and URLs with the
# token in them (httpx).
OURS = ("bot", "curriculum", "scheduler", "storage", "__main__")
QUIETED = (
    "httpx",
    "httpcore",
    "aiohttp.access",
    "apscheduler",
    "telegram",
    "sqlalchemy",
    "asyncio",
    "bm25s",
)
# The message of any other exception may quote a name or a text (a database error carries the
# statement's parameters, a parser the input), so it is dropped; these say codes and places only.
SPEAKING_EXCEPTIONS: tuple[type[BaseException], ...] = (Refusal, ConfigRefused)
FRAMES_SHOWN = 40

_TOKEN = re.compile(r"\d{6,}(?::|%3A)[A-Za-z0-9_-]{30,}", re.IGNORECASE)
_TOKEN_IN_PATH = re.compile(r"/bot\d+(?::|%3A)[^/\s\"'<>]+", re.IGNORECASE)


class Redactor:
    """Replaces secrets in text, and turns any value into something plain and safe to write."""

    def __init__(self, secrets: Sequence[str]) -> None:
        # The half of a token after the colon is the secret half, also when it stands alone.
        halves = [secret.partition(":")[2] for secret in secrets if _TOKEN.fullmatch(secret)]
        # Longest first, so that no secret leaves its tail behind when another is its beginning.
        known = sorted({text for text in (*secrets, *halves) if text}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def text(self, text: str) -> str:
        """The text without any known secret or anything shaped like a bot token."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        return _TOKEN.sub(HIDDEN, _TOKEN_IN_PATH.sub(f"/bot{HIDDEN}", text))

    def plain(self, value: object) -> Any:
        """The value as plain JSON types; what could hold a person's words becomes its class."""
        shown = _plain(value)
        if isinstance(shown, dict):
            return {str(self.plain(key)): self.plain(inner) for key, inner in shown.items()}
        if isinstance(shown, list):
            return [self.plain(inner) for inner in shown]
        if isinstance(shown, bool) or shown is None:
            return shown
        text = self.text(str(shown))
        return shown if text == str(shown) else text

    def __call__(self, _logger: object, _method: str, event: EventDict) -> EventDict:
        """As the last structlog processor before rendering."""
        return {self.text(str(key)): self.plain(value) for key, value in event.items()}


def _is_url(value: object) -> bool:
    # yarl.URL and httpx.URL, without importing a library that may not be installed.
    kind = type(value)
    return kind.__name__ == "URL" and kind.__module__.partition(".")[0] in ("yarl", "httpx")


def _plain(value: object) -> Any:  # noqa: PLR0911  # one line per kind of value reads best
    if isinstance(value, Enum):
        return value.name
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, date | time | timedelta | Decimal | UUID | PurePath):
        return str(value)
    if isinstance(value, ParseResult | SplitResult):
        return value.geturl()
    if _is_url(value):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    if isinstance(value, BaseException):
        return exception_name(value)
    if isinstance(value, type):
        return value.__qualname__
    return f"<{type(value).__qualname__}>"


def exception_name(error: BaseException) -> str:
    """Class and, where it is safe, what kind: the message only of exceptions of our own.

    Machine codes (ENOSPC, SQLITE_CONSTRAINT_UNIQUE, a PostgreSQL SQLSTATE) are kept: they tell an
    operator what to do and cannot hold a person's words.
    """
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    if isinstance(error, SPEAKING_EXCEPTIONS):
        return f"{name}: {error}"
    cause = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    if code is None and isinstance(error, OSError) and error.errno is not None:
        code = errno.errorcode.get(error.errno)
    return f"{name} ({code})" if isinstance(code, str) and re.fullmatch(r"\w+", code) else name


def trace(error: BaseException) -> str:
    """The whole chain as frames (file:line function) and exception_name, oldest cause first."""
    return "\n".join(_chain(error, set()))


def _chain(error: BaseException, seen: set[int]) -> list[str]:
    seen.add(id(error))
    lines: list[str] = []
    before = error.__cause__
    if before is None and not error.__suppress_context__:
        before = error.__context__
    if before is not None and id(before) not in seen:
        link = "which caused" if error.__cause__ is not None else "while handling it"
        lines += [*_chain(before, seen), f"{link}:"]
    lines += [*_frames(error.__traceback__), exception_name(error)]
    if isinstance(error, BaseExceptionGroup):
        for number, inner in enumerate(error.exceptions, 1):
            if id(inner) not in seen:
                lines += [f"  {number}| {line}" for line in _chain(inner, seen)]
    return lines


def _frames(traceback: TracebackType | None) -> list[str]:
    lines = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        # Three parts tell the place; the whole path would tell who runs it.
        file = "/".join(PurePath(code.co_filename).parts[-3:])
        lines.append(f"  {file}:{traceback.tb_lineno} {code.co_qualname}")
        traceback = traceback.tb_next
    if len(lines) > FRAMES_SHOWN:
        half = FRAMES_SHOWN // 2
        lines[half:-half] = [f"  ({len(lines) - 2 * half} frames left out)"]
    return lines


def _reduce_exception(_logger: object, _method: str, event: EventDict) -> EventDict:
    error: object = event.pop("exc_info", None)
    event.pop("stack_info", None)  # shows source lines and tells nothing a trace does not
    if error is True or error == 1:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event = {key: _without(value, error) for key, value in event.items()}
        event["exception"] = trace(error)
    return event


def _plain_positional(_logger: object, _method: str, event: EventDict) -> EventDict:
    """structlog's positional arguments, made plain before they become part of the event."""
    if event.get("positional_args"):
        event["positional_args"] = tuple(_argument(one) for one in event["positional_args"])
    return event


def _argument(value: object) -> Any:
    # Numbers stay numbers, because %d would refuse anything else.
    if isinstance(value, int | float):
        return value
    shown = _plain(value)
    if isinstance(shown, dict):
        return {str(_argument(key)): _argument(inner) for key, inner in shown.items()}
    return [_argument(inner) for inner in shown] if isinstance(shown, list) else shown


def _without(value: Any, error: BaseException | None) -> Any:
    """A text without the words of the error and its causes, which some libraries repeat in it."""
    while error is not None and isinstance(value, str):
        if not isinstance(error, SPEAKING_EXCEPTIONS):
            for words in (repr(error), str(error)):
                if len(words) > 2:  # a shorter one would tear other words apart
                    value = value.replace(words, type(error).__name__)
        error = error.__cause__ or error.__context__
    return value


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Also makes the arguments of records of other libraries plain, before they become text."""

    def format(self, record: logging.LogRecord) -> str:
        if not hasattr(record, "_logger"):  # not from structlog
            record = copy.copy(record)
            record.args = _plain_arguments(record.args)
            if record.name.partition(".")[0] not in OURS:
                # asyncio puts repr(exception) on the lines below the first.
                record.msg, record.args = record.getMessage().partition("\n")[0], ()
        return super().format(record)


def _plain_arguments(args: Any) -> Any:
    if isinstance(args, Mapping):
        return {key: _argument(value) for key, value in args.items()}
    return tuple(_argument(value) for value in args or ())


class _Handler(logging.StreamHandler[TextIO]):
    """A record that cannot be written says where it came from, not what it held."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's name
        place = f"{'/'.join(PurePath(record.pathname).parts[-3:])}:{record.lineno}"
        self.stream.write(f"a log record from {place} could not be written\n")


def configure_logging(level: str, *, secrets: Sequence[str], stream: TextIO | None = None) -> None:
    """Send structlog and the standard library's logging to stderr through one safe path.

    A terminal gets readable lines, anything else one JSON object per event. `level` is for our own
    packages; others stay at WARNING. `secrets` never appear, nor does anything shaped like a bot
    token; exceptions are reduced by `trace`. Uncaught exceptions of all threads go the same way.
    """
    target = stream if stream is not None else sys.stderr
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        # The moment of writing, for the operator only; no rule of ours reads it.
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            _plain_positional,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = _Handler(target)
    handler.setFormatter(
        _Formatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _reduce_exception,
                Redactor(secrets),
                _renderer(target),
            ],
        )
    )
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    for name in QUIETED:
        logging.getLogger(name).setLevel(logging.WARNING)
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda args: _log_uncaught(args.exc_type, args.exc_value, None)


def _renderer(target: TextIO) -> Callable[..., str | bytes]:
    if target.isatty():
        return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.JSONRenderer(ensure_ascii=False)


def _log_uncaught(
    kind: type[BaseException], error: BaseException | None, _: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("bot").critical("uncaught exception", exc_info=error)
