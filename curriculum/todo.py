"""今日待办: what waits for somebody today, gathered from every study, the most urgent first.

One message each working morning, and at any time when asked for; a day without items sends none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from sqlmodel import Session

from curriculum import (
    people,
    question_todo,
    story_todo,
    supervision_todo,
    topic_todo,
    training_todo,
    visit_report_todo,
    visit_todo,
    weekly_todo,
    working_days,
)
from curriculum.facts import FOLDABLE, Facts, NotWanted, Verdict
from curriculum.people import COORDINATOR, SUPERVISOR, ZONE, Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.todo_items import Item
from storage import deliveries, deputies, responders, todo_looks, topic_people
from storage import people as stored_people
from storage.deliveries import Claimed

KIND = "todo"
HOUR, LAST_HOUR = time(9), time(18)
MOST = 7
# Every study that has something to say here, in one place.
SOURCES: tuple[Callable[..., list[Item]], ...] = (
    topic_todo.items,
    story_todo.items,
    weekly_todo.items,
    supervision_todo.items,
    question_todo.items,
    training_todo.items,
    visit_todo.items,
    visit_report_todo.items,
)


@dataclass(frozen=True, slots=True)
class Todo:
    """What waits: the first seven, and how many more there are."""

    items: tuple[Item, ...]
    more: int


def of(session: Session, speaker: Speaker, *, now: datetime) -> Todo:
    """What waits for somebody, and for those she stands in for, which says whose it is."""
    found = all_of(session, speaker, now=now)
    return Todo(tuple(found[:MOST]), max(0, len(found) - MOST))


def all_of(session: Session, speaker: Speaker, *, now: datetime) -> list[Item]:
    """Every item of `of`, the most urgent first; what is hers as well is hers."""
    found = {_key(item): item for item in _items(session, speaker.herself(), now=now)}
    absent = speaker.stands_in_for()
    names = responders.names(session, absent) if absent else {}
    for person_id in absent:
        in_place = speaker.in_place_of(person_id, names.get(person_id, ""))
        for item in _items(session, in_place, now=now):
            found.setdefault(_key(item), replace(item, instead_of=in_place.name))
    return sorted(
        found.values(),
        key=lambda item: (item.rank, item.due_on or date.max, item.kind, item.object_id),
    )


def _items(session: Session, speaker: Speaker, *, now: datetime) -> list[Item]:
    return [item for source in SOURCES for item in source(session, speaker, now=now)]


def _key(item: Item) -> tuple[object, ...]:
    """What makes two items one: a line that counts more, or is due sooner, is another."""
    return item.kind, item.verb, item.object_id, item.rank, item.due_on, item.count


def owe(session: Session, *, bot: int, now: datetime) -> int:
    """Owe the morning's message on a working day, once; returns how many rows were added.

    Cheap on every other minute of the day: what comes up later is in the next morning's.
    """
    today = local_date(now, ZONE)
    first, last = moment_at(today, HOUR, ZONE), moment_at(today, LAST_HOUR, ZONE)
    if not first <= now <= last or todo_looks.is_done(session, bot=bot, day=today):
        return 0
    calendar = working_days.calendar_of(session, unit_path="/", working_weekdays=[1, 2, 3, 4, 5])
    if not calendar.is_working(today):
        return 0
    todo_looks.note(session, bot=bot, day=today)
    weekly_todo.offer_rooms(session, bot=bot, now=now)
    concerned = {
        person_id
        for role in (COORDINATOR, SUPERVISOR)
        for person_id in topic_people.with_role(session, role, bot=bot, on=today)
    } | topic_todo.trainers(session, bot=bot)
    standing = deputies.standing(session, bot=bot, since=today, until=today)
    concerned |= {one.deputy_id for one in standing if one.deputy_id is not None}
    concerned -= deputies.away_among(session, concerned, on=today).keys()
    return sum(
        deliveries.add(
            session,
            bot=bot,
            kind=KIND,
            occasion=today.isoformat(),
            recipient=person_id,
            person_id=person_id,
            urgency=FOLDABLE,
            due_at=now,
            not_after=last,
            created_at=now,
        )
        for person_id in sorted(concerned)
        if _has_any(session, person_id, bot=bot, now=now)
    )


def _has_any(session: Session, person_id: int, *, bot: int, now: datetime) -> bool:
    speaker = _speaker(session, person_id, bot=bot, now=now)
    return speaker is not None and bool(of(session, speaker, now=now).items)


def _speaker(session: Session, person_id: int, *, bot: int, now: datetime) -> Speaker | None:
    account = stored_people.account_of(session, bot=bot, person_id=person_id)
    if account is None or not account.reachable:
        return None
    return people.who(session, bot=bot, chat_id=account.chat_id, now=now)


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """What waits at the moment of sending, for the few who look after others."""
    verdicts: dict[int, Verdict] = {}
    for row in claimed:
        speaker = _speaker(session, row.person_id or 0, bot=row.bot, now=now)
        found = of(session, speaker, now=now) if speaker is not None else None
        if speaker is None or found is None or not found.items:
            verdicts[row.id] = NotWanted("unreachable" if speaker is None else "not_wanted")
            continue
        verdicts[row.id] = Facts(
            KIND,
            speaker.chat_id,
            speaker.language,
            f"{KIND}/{row.id}/{now.isoformat()}",
            None,
            {"todo": found},
        )
    return verdicts
