"""Knows a restored database: its mark is compared with the one kept in a file outside of it."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlmodel import Session

from curriculum import holds
from scheduler.clock import Clock
from scheduler.planner import STUDIES
from storage import marks
from storage.engine import Database
from storage.marks import InstallationMark

log = structlog.get_logger(__name__)
MARK_EVERY = timedelta(minutes=1)
# On PostgreSQL a process on a machine that has no file yet joins others at work: theirs is as new.
AT_WORK = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far an installation has come: `number` grows by one with every mark."""

    incarnation: str
    number: int
    marked_at: datetime


def is_restored(
    stored: Mark | None, filed: Mark | None, *, has_rows: bool, is_shared: bool, now: datetime
) -> bool:
    """Whether a database is older than what this installation has seen of it.

    `stored` is the database's mark, `filed` the file's. Without a file it came from elsewhere,
    unless it is `is_shared` (PostgreSQL) and others are at work on it. Without a mark of its own
    it is from before marks were kept, and was restored when there is a file and it `has_rows`.
    """
    if stored is None:
        return filed is not None and has_rows
    if filed is None:
        return not (is_shared and now - stored.marked_at < AT_WORK)
    return stored.incarnation != filed.incarnation or stored.number < filed.number


class Marks:
    """Writes the mark to both places, at most once a minute; the database first.

    After a crash between the two the database is ahead, which is no restore.
    """

    def __init__(self, database: Database, clock: Clock, file: Path, *, bot: int) -> None:
        self._database = database
        self._clock = clock
        self._file = file
        self._bot = bot
        self._marked_at: datetime | None = None

    async def begin(self) -> bool:
        """Look once, before anything is planned; True when nothing may go out for now."""
        is_held, mark = await self._database.write(
            _look,
            self._read(),
            is_kept=_can_be_written(self._file.parent),
            bot=self._bot,
            is_shared=not self._database.is_sqlite,
            now=self._clock.now(),
        )
        if is_held:
            log.warning("on_hold_after_restore", bot=self._bot)
        self._keep(mark)
        return is_held

    async def beat(self) -> None:
        """Mark anew when a minute has passed (machine time)."""
        real = self._clock.real()
        if self._marked_at is None or real - self._marked_at >= MARK_EVERY:
            self._keep(await self._database.write(_mark, bot=self._bot, now=self._clock.now()))

    def _keep(self, mark: Mark) -> None:
        self._marked_at = self._clock.real()
        written = asdict(mark) | {"marked_at": mark.marked_at.isoformat()}
        try:
            write_private(self._file, json.dumps(written))
        except OSError as error:
            # The bot works all the same; only a restored copy would not be known for one.
            log.warning("mark_not_written", error=type(error).__name__)

    def _read(self) -> Mark | None:
        """The file's mark; one that cannot be read counts as none."""
        try:
            written: Mapping[str, Any] = json.loads(self._file.read_text(encoding="ascii"))
            return Mark(
                str(written["incarnation"]),
                int(written["number"]),
                datetime.fromisoformat(written["marked_at"]),
            )
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("mark_not_read", error=type(error).__name__)
            return None


def write_private(file: Path, text: str) -> None:
    """Replace a file whole, readable by its owner only; raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)


def last_seen(session: Session, *, bot: int) -> datetime | None:
    """Until when a database knows what was sent (business time); None where nothing ever was."""
    row = marks.of(session, bot=bot)
    return row.marked_at if row else marks.last_sign(session, bot=bot)


def _can_be_written(folder: Path) -> bool:
    """Whether a file can be kept in a folder, which is made where it is missing."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK)


def _look(
    session: Session,
    filed: Mark | None,
    *,
    is_kept: bool,
    bot: int,
    is_shared: bool,
    now: datetime,
) -> tuple[bool, Mark]:
    """Begin a hold where the database was restored, and mark it; whether a hold stands.

    Where no file can be kept, that there is none says nothing.
    """
    row = marks.of(session, bot=bot)
    stored = Mark(row.incarnation, row.number, row.marked_at) if row else None
    last_sign = last_seen(session, bot=bot)
    is_new_life = (filed is not None or is_kept) and is_restored(
        stored, filed, has_rows=last_sign is not None, is_shared=is_shared, now=now
    )
    if is_new_life:
        holds.begin(session, STUDIES, bot=bot, last_seen_at=last_sign or now, now=now)
    number = max(row.number if row else 0, filed.number if filed else 0)
    mark = _mark(session, bot=bot, now=now, at_least=number, is_new_life=is_new_life)
    return holds.is_held(session, bot=bot), mark


def _mark(
    session: Session,
    *,
    bot: int,
    now: datetime,
    at_least: int = 0,
    is_new_life: bool = False,
) -> Mark:
    row = marks.of(session, bot=bot)
    if row is None:
        row = InstallationMark(bot=bot, incarnation="", number=0, marked_at=now)
        is_new_life = True
    if is_new_life:
        row.incarnation = secrets.token_hex(16)
    row.number = max(row.number, at_least) + 1
    row.marked_at = now
    session.add(row)
    session.flush()
    return Mark(row.incarnation, row.number, row.marked_at)
