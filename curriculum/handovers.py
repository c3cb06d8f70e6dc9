"""交接: what is open when a deputy begins, and what was done and is open when the other is back."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlmodel import Session

from curriculum import deputy_words, people, todo
from curriculum.deputy_words import BEGINS, HANDOVER, MORNING
from curriculum.facts import Facts, NotNow, NotWanted, Verdict
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.todo_items import Item
from storage import audit, gatherings, questions
from storage import deputies as stored
from storage import people as stored_people
from storage import schedule as stored_schedule
from storage.cohorts import Cohort
from storage.deliveries import Claimed
from storage.deputies import STANDS, TAKEN_BACK, Deputy

KIND = HANDOVER
OPEN_QUESTIONS = "answer_questions"
# More would not be read on a phone; the rest is behind the buttons (EXPERIENCE section 2).
ITEMS_SHOWN, SESSIONS_SHOWN = 6, 3
# What an act was done to, as it is summed up; everything else is one line.
SUMMED = ("topic", "question", "gathering", "story", "person")


@dataclass(frozen=True, slots=True)
class Meeting:
    """A session of the days ahead; `is_led` where whoever is away was to lead it."""

    kind: str
    cohort: str
    starts_at: datetime
    is_led: bool


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """What each claimed list says by now; there are few, so each is asked for by itself."""
    return {row.id: _verdict(session, row, now=now) for row in claimed}


def _verdict(session: Session, claimed: Claimed, *, now: datetime) -> Verdict:
    row = session.get(Deputy, claimed.subject_id)
    person_id = claimed.person_id or 0
    account = stored_people.account_of(session, bot=claimed.bot, person_id=person_id)
    if row is None or account is None or not account.reachable:
        return NotWanted("unreachable")
    reader = people.who(session, bot=claimed.bot, chat_id=account.chat_id, now=now)
    if reader is None:
        return NotWanted("left")
    begins = claimed.occasion.startswith(f"{BEGINS}:")
    found = (_begins if begins else _ends)(session, row, reader, claimed, now=now)
    if not isinstance(found, dict):
        return found
    return Facts(
        KIND,
        account.chat_id,
        reader.language,
        f"{KIND}/{claimed.id}/{now.isoformat()}",
        None,
        {**deputy_words.values(session, row, today=local_date(now, ZONE)), **found},
    )


def _begins(
    session: Session, row: Deputy, reader: Speaker, claimed: Claimed, *, now: datetime
) -> dict[str, object] | NotNow | NotWanted:
    """What a deputy finds when she begins."""
    today = local_date(now, ZONE)
    if row.state not in STANDS or row.deputy_id != claimed.person_id or row.until <= today:
        return NotWanted("not_wanted")
    if today < row.since:
        return NotNow(moment_at(row.since, MORNING, ZONE))
    absent = deputy_words.name_of(session, row.person_id)
    in_place = reader.in_place_of(row.person_id, absent)
    if not in_place.grants:
        # Her role has ended since: there is nothing to take over.
        return NotWanted("not_wanted")
    meetings = _meetings(session, in_place, now=now, until=row.until)
    return {
        "what": BEGINS,
        **_open(session, in_place, now=now),
        "meetings": tuple(meetings[:SESSIONS_SHOWN]),
        "more_meetings": max(0, len(meetings) - SESSIONS_SHOWN),
        "done": (),
        "others": 0,
    }


def _ends(
    session: Session, row: Deputy, reader: Speaker, claimed: Claimed, *, now: datetime
) -> dict[str, object] | NotNow | NotWanted:
    """What somebody finds who is back: done in her place by whoever stood in, and open still."""
    rows = stored.of_absence(session, row.person_id, away_since=row.away_since)
    rows = [one for one in rows if one.state != TAKEN_BACK]
    back = max((one.until for one in rows), default=None)
    if back is None or claimed.occasion.rpartition(":")[2] != back.isoformat():
        return NotWanted("not_wanted")
    done = _done(session, rows, now=now)
    return {
        "what": "ends",
        **_open(session, reader, now=now),
        "meetings": (),
        "more_meetings": 0,
        "done": tuple((kind, done[kind]) for kind in SUMMED if done[kind]),
        "others": sum(count for kind, count in done.items() if kind not in SUMMED),
    }


def _open(session: Session, speaker: Speaker, *, now: datetime) -> dict[str, object]:
    """What waits for somebody, and how many questions, due soon or not."""
    items: list[Item] = todo.all_of(session, speaker, now=now)
    reach = speaker.reach(OPEN_QUESTIONS)
    return {
        "items": tuple(items[:ITEMS_SHOWN]),
        "more": max(0, len(items) - ITEMS_SHOWN),
        "waiting": questions.count_waiting(session, reach) if reach else 0,
    }


def _meetings(session: Session, speaker: Speaker, *, now: datetime, until: date) -> list[Meeting]:
    """The sessions of these days that she leads, or whose cohort she coordinates."""
    within = stored_schedule.cohorts_under(
        session, list(speaker.reach("schedule")), bot=speaker.bot
    )
    own = {cohort.id for cohort, _, _ in within}
    ahead = gatherings.starting(
        session, bot=speaker.bot, since=now, until=moment_at(until, time(), ZONE)
    )
    found = []
    for one, _ in ahead:
        is_led = one.facilitator_id == speaker.person_id
        if is_led or one.cohort_id in own:
            cohort = session.get_one(Cohort, one.cohort_id)
            found.append(Meeting(one.kind, cohort.name, one.starts_at, is_led))
    found.sort(key=lambda one: (not one.is_led, one.starts_at))
    return found


def _done(session: Session, rows: Sequence[Deputy], *, now: datetime) -> Counter[str]:
    """How many of each kind the deputies dealt with in her place, each counted once."""
    absent = rows[0].person_id
    seen: set[tuple[str, int | None]] = set()
    entries = audit.of_actors(
        session,
        sorted({one.deputy_id for one in rows if one.deputy_id is not None}),
        since=moment_at(rows[0].away_since, time(), ZONE),
        until=now,
    )
    for entry in entries:
        if absent in (entry.facts.get(audit.FOR), entry.facts.get(audit.ALSO_FOR)):
            seen.add((entry.object_kind, entry.object_id))
    return Counter(kind for kind, _ in seen)
