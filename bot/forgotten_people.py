"""Who was forgotten, listed outside the database too, so that no backup brings anybody back.

A line of the file is a person's number and when her row was made: whoever gets the same number in
a restored database is somebody else. It holds no name and nothing of hers.
"""

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from bot import personal_data
from curriculum import forgetting
from scheduler.clock import Clock
from storage.engine import Database

log = structlog.get_logger(__name__)
# Other machines on the same PostgreSQL forget people too; theirs are listed here so often.
KEEP_EVERY = timedelta(hours=1)
HEAD = (
    "# 已删除资料的人：编号和建档时刻，没有姓名。恢复数据库后按它再删一次。请和笔记密钥放在一起。\n"
    "# People who were forgotten: number and moment, no name. Keep this file with the note key.\n"
)


class ForgottenPeople:
    """The list in a file and the one in the database, each completed from the other.

    Without a `file` (the note key lies in the environment alone) only the database knows them.
    """

    def __init__(self, database: Database, clock: Clock, file: Path | None) -> None:
        self._database = database
        self._clock = clock
        self._file = file
        self._is_begun = False
        self._kept_at: datetime | None = None
        # How many came back with a backup and were forgotten again when this process began.
        self.again = 0

    async def begin(self) -> None:
        """Forget again whoever came back; once, before anything is received or sent."""
        if self._is_begun:
            return
        if listed := self._read():
            self.again = await self._database.write(
                personal_data.forget_again, listed, now=self._clock.now()
            )
        if self.again:
            await self._database.drop_old_pages()
            log.warning("forgotten_again", people=self.again)
        self._is_begun = True
        await self.keep()

    async def run(self) -> None:
        """A chore of the ticker: `keep`, each hour (machine time)."""
        if self._kept_at is None or self._clock.real() - self._kept_at >= KEEP_EVERY:
            await self.keep()

    async def keep(self) -> None:
        """Add to the file whoever was forgotten since; call it when somebody was."""
        self._kept_at = self._clock.real()
        if self._file is None:
            return
        known, listed = await self._database.read(forgetting.forgotten), self._read()
        missing = {who: at for who, at in known.items() if listed.get(who) != at}
        if not missing:
            return
        try:
            self._append(self._file, missing)
        except OSError as error:
            # The database knows them; only a backup of before would not.
            log.warning("forgotten_not_listed", error=type(error).__name__)

    @staticmethod
    def _append(file: Path, missing: Mapping[int, datetime]) -> None:
        """Lines only ever come to it, so that processes of one machine can share it."""
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "r+b") as stream:
            size = stream.seek(0, os.SEEK_END)
            if size:
                stream.seek(-1, os.SEEK_END)
            # A line that was cut off by a crash is no part of the next one.
            start = HEAD if not size else "" if stream.read(1) == b"\n" else "\n"
            lines = (f"{who} {at.isoformat()}\n" for who, at in sorted(missing.items()))
            stream.write((start + "".join(lines)).encode())
            stream.flush()
            os.fsync(stream.fileno())

    def _read(self) -> dict[int, datetime]:
        """The file's list; a line that cannot be read is passed over and reported."""
        if self._file is None:
            return {}
        try:
            lines = self._file.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return {}
        except OSError as error:
            log.warning("forgotten_not_read", error=type(error).__name__)
            return {}
        found: dict[int, datetime] = {}
        unread = 0
        for line in lines:
            who, _, at = line.strip().partition(" ")
            if not who or who.startswith("#"):
                continue
            try:
                found[int(who)] = datetime.fromisoformat(at)
            except ValueError:
                unread += 1
        if unread:
            log.warning("forgotten_lines_not_read", lines=unread)
        return found
