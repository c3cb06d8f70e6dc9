"""What people think of a training: asked once it is over, kept without a name, shown from five up.

Nobody learns who said what: answers carry no person and no time, and their figures are shown only
when no more can come, since two looks at them would give away whoever answered in between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from curriculum.annual_training import brief, looked_up
from curriculum.clean_text import clean
from curriculum.errors import NotThere, TextTooLong
from curriculum.event_words import said, verdicts
from curriculum.facts import FOLDABLE, NotWanted, Verdict
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.training_errors import FeedbackClosed, FeedbackGiven
from curriculum.training_events import PRESENT, to_arrange
from storage import owing, training_attendance, trainings
from storage import training_feedback as stored
from storage.addressees import Addressee
from storage.deliveries import Claimed
from storage.trainings import PUBLISHED, TrainingEvent

KIND = "training_feedback"
ASPECTS = ("content", "organisation", "trainer", "usefulness")
SCORES = (5, 4, 3, 2, 1)
TEXT_LIMIT = 300
# Asked half an hour after the end; whatever ends later than this is asked about next morning.
REST, EVENING, MORNING = timedelta(minutes=30), time(20, 30), time(9)
# For so many days it can be answered.
OPEN_DAYS = 7
# Below this a figure could tell who it was (EXPERIENCE section 9).
SHOWN_FROM = 5
PAGE = 5


@dataclass(frozen=True, slots=True)
class Results:
    """What whoever arranges sees; `means` None while it is open, or where too few answered.

    `texts` is one page of the sentences, in an order that says nothing.
    """

    event_id: int
    title: str
    there: int
    answered: int
    closes_on: date
    is_open: bool
    means: Mapping[str, float] | None
    texts: tuple[str, ...]
    page: int
    pages: int


def asked_at(event: TrainingEvent) -> datetime:
    """When it is asked: the evening of the last day, or the next morning."""
    at = event.ends_at + REST
    day = local_date(event.ends_at, ZONE)
    if at <= moment_at(day, EVENING, ZONE):
        return at
    return moment_at(day + timedelta(days=1), MORNING, ZONE)


def closes_at(event: TrainingEvent) -> datetime:
    """The local midnight after which nothing is taken any more."""
    day = local_date(event.ends_at, ZONE) + timedelta(days=OPEN_DAYS + 1)
    return moment_at(day, time(), ZONE)


def owe_after(session: Session, *, bot: int, now: datetime) -> int:
    """Owe the question to everybody who was there; gives how many rows were added.

    Again on each of the days it is open, for who is entered from paper after the day.
    """
    added, today = 0, local_date(now, ZONE)
    since = now - timedelta(days=OPEN_DAYS + 2)
    for found in trainings.recent(session, bot=bot, since=since):
        is_time = asked_at(found) <= now < closes_at(found)
        if found.state != PUBLISHED or not is_time or found.feedback_on == today:
            continue
        event = trainings.event(session, found.id or 0, bot=bot, lock=True)
        if event is None or event.state != PUBLISHED:
            continue
        event.feedback_on = today
        session.add(event)
        session.flush()
        added += owing.owe_people(
            session,
            event,
            training_attendance.was_in(event.id or 0, PRESENT),
            kind=KIND,
            occasion=str(event.id),
            urgency=FOLDABLE,
            due_at=now,
            not_after=closes_at(event),
            now=now,
        )
    return added


def next_asked(session: Session, *, bot: int, now: datetime) -> datetime | None:
    """When feedback on any training is asked for next."""
    since = now - timedelta(days=1)
    ahead = [
        asked_at(event)
        for event in trainings.recent(session, bot=bot, since=since)
        if event.state == PUBLISHED and asked_at(event) > now
    ]
    return min(ahead, default=None)


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """What each claimed question says; whoever has answered is not asked."""
    to, events = looked_up(session, claimed)
    answered = {event_id: stored.given(session, event_id) for event_id in events}

    def judge(row: Claimed, one: Addressee, event: TrainingEvent) -> Verdict:
        del row
        if event.state != PUBLISHED or now >= closes_at(event):
            return NotWanted("training_closed")
        if one.person_id in answered[event.id or 0]:
            return NotWanted("not_wanted")
        return said(KIND, one, f"{event.id}/{event.version}", event=brief(event))

    return verdicts(claimed, to, events, judge)


def readable(written: str) -> str:
    """A sentence as it is kept; raises TextTooLong."""
    words = " ".join(clean(written).split())
    if len(words) > TEXT_LIMIT:
        raise TextTooLong(limit=TEXT_LIMIT, length=len(words))
    return words


def title_to_answer(session: Session, speaker: Speaker, event_id: int, *, now: datetime) -> str:
    """The title of a training she may say something of; NotThere, FeedbackGiven, FeedbackClosed."""
    return _to_answer(session, speaker, event_id, lock=False, now=now).title


def _to_answer(
    session: Session, speaker: Speaker, event_id: int, *, lock: bool, now: datetime
) -> TrainingEvent:
    event = trainings.event(session, event_id, bot=speaker.bot, lock=lock)
    if event is None or event.state != PUBLISHED or event.ends_at > now:
        raise NotThere
    states = training_attendance.states_of(session, event_id, speaker.person_id)
    if not set(states.values()) & set(PRESENT):
        raise NotThere
    if stored.is_given(session, event_id, speaker.person_id):
        raise FeedbackGiven
    if now >= closes_at(event):
        raise FeedbackClosed
    return event


def answer(
    session: Session,
    speaker: Speaker,
    event_id: int,
    scores: Mapping[str, int],
    text: str,
    *,
    now: datetime,
) -> None:
    """Keep what she thinks, 1 to 5 for each of ASPECTS, without her; raises as `title_to_answer`.

    Nothing is written into the audit trail: its times would say whose it was.
    """
    event = _to_answer(session, speaker, event_id, lock=True, now=now)
    if set(scores) != set(ASPECTS) or not set(scores.values()) <= set(SCORES):
        raise NotThere
    stored.add(session, event.id or 0, speaker.person_id, {**scores, "text": readable(text)})


def results(
    session: Session, speaker: Speaker, event_id: int, *, page: int = 0, now: datetime
) -> Results:
    """What people think, for whoever arranges it; raises NotThere."""
    event = to_arrange(session, speaker, event_id, lock=False)
    if event.state != PUBLISHED or event.ends_at > now:
        raise NotThere
    return results_of(session, event, page=page, now=now)


def results_of(
    session: Session, event: TrainingEvent, *, page: int | None, now: datetime
) -> Results:
    """`results` of a training at hand; with no `page` all sentences are on one."""
    event_id = event.id or 0
    is_open = now < closes_at(event)
    rows = [] if is_open else stored.of_event(session, event_id)
    is_shown = len(rows) >= SHOWN_FROM
    texts = [row.text for row in rows if row.text] if is_shown else []
    size = PAGE if page is not None else max(1, len(texts))
    pages = max(1, -(-len(texts) // size))
    page = min(page or 0, pages - 1)
    means = {name: sum(getattr(row, name) for row in rows) / len(rows) for name in ASPECTS if rows}
    return Results(
        event_id=event_id,
        title=event.title,
        there=len(training_attendance.minutes_of(session, event_id, PRESENT)),
        answered=stored.count(session, event_id),
        closes_on=local_date(closes_at(event), ZONE) - timedelta(days=1),
        is_open=is_open,
        means=means if is_shown else None,
        texts=tuple(texts[page * size : (page + 1) * size]),
        page=page,
        pages=pages,
    )
