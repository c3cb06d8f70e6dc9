"""A month's questions for the rehearsal: asked by the colleagues, day by day as the clock moves."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from sqlmodel import Session

from bot.guarding import look
from bot.rehearsal.county import COLLEAGUES, colleague_id
from curriculum import danger, people, questions
from curriculum.rhythm import moment_at
from storage.engine import Database

PROGRESS = "asked_month.json"
# The working day in which they come, spread evenly.
FROM, HOURS = time(9, 30), 8


@dataclass(frozen=True, slots=True)
class Coming:
    """One question of the file, and the moment at which it is asked."""

    number: int
    at: datetime
    asker: int
    text: str
    context: str
    is_anonymous: bool
    is_urgent: bool


def read(file: Path, *, first_day: date, zone: str) -> list[Coming]:
    """The questions of a file, one JSON object a line, in the order in which they are asked.

    What reads like danger is left out: nobody should be alerted by a rehearsal's data. Raises
    OSError, ValueError and KeyError for a file that is no such list.
    """
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]
    by_day: dict[int, int] = {}
    for row in rows:
        by_day[row["day"]] = by_day.get(row["day"], 0) + 1
    return sorted(_coming(rows, by_day, first_day, zone), key=lambda one: (one.at, one.number))


def _coming(
    rows: Sequence[dict[str, object]], by_day: dict[int, int], first_day: date, zone: str
) -> Iterator[Coming]:
    place: dict[int, int] = {}
    for row in rows:
        day = int(str(row["day"]))
        place[day] = place.get(day, 0) + 1
        text = str(row["text"])
        if danger.danger(text):
            continue
        start = moment_at(first_day + timedelta(days=day - 1), FROM, zone)
        yield Coming(
            number=int(str(row["id"])),
            at=start + timedelta(hours=HOURS) * place[day] / (by_day[day] + 1),
            asker=int(str(row["asker"])) % len(COLLEAGUES),
            # As their askers would have kept them.
            text=look(text).masked,
            context=look(str(row["context"] or "")).masked,
            is_anonymous=bool(row["anonymous"]),
            is_urgent=bool(row["urgent"]),
        )


class AskedMonth:
    """Asks what is due, once; what was asked is remembered in the rehearsal's folder."""

    def __init__(self, database: Database, coming: Sequence[Coming], *, bot: int, folder: Path):
        self._database = database
        self._coming = coming
        self._bot = bot
        self._progress = folder / PROGRESS
        kept = self._progress.exists()
        self._asked = int(json.loads(self._progress.read_text("ascii"))) if kept else 0

    async def ask_until(self, now: datetime) -> int:
        """Ask everything whose moment has come; returns how many that were."""
        due = [one for one in self._coming[self._asked :] if one.at <= now]
        if not due:
            return 0
        await self._database.write(_ask, due, bot=self._bot)
        self._asked += len(due)
        self._progress.write_text(json.dumps(self._asked), "ascii")
        return len(due)


def _ask(session: Session, due: Sequence[Coming], *, bot: int) -> None:
    for one in due:
        speaker = people.who(session, bot=bot, chat_id=colleague_id(one.asker), now=one.at)
        if speaker is None:
            continue
        asked = questions.add(session, speaker, one.text, is_anonymous=one.is_anonymous, now=one.at)
        if one.context:
            questions.set_context(session, speaker, asked.question_id, one.context, now=one.at)
        if one.is_urgent:
            questions.set_urgent(session, speaker, asked.question_id, is_urgent=True, now=one.at)
