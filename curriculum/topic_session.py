"""A topic's session: its trainer, its date, its text, and the approval that announces it."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from curriculum import gatherings, topics, working_days
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.facts import FOLDABLE
from curriculum.people import Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.topic_errors import PersonNotFound, TopicDatesTooClose, TopicEmpty
from curriculum.topic_history import change_topic, texts_at
from curriculum.topic_page import PARTS
from curriculum.topic_rules import LEAST_APART, require_possible
from curriculum.topic_themes import usable_text
from curriculum.written_times import read_moment
from storage import audit, deliveries, topic_people, topic_pool
from storage import topics as stored
from storage.gatherings import CANCELLED
from storage.questions import GROUPED
from storage.topics import APPROVED, DRAFT, HELD, LAPSED, Standing, Topic

KIND = gatherings.MONTHLY
INTRO = "intro"
# Each is a button of the form.
TRAINERS_SHOWN = 6
PAGE_HOUR = time(10)


def trainers(
    session: Session, speaker: Speaker, topic_id: int, *, now: datetime
) -> list[tuple[int, str]]:
    """Who is offered as trainer, as (id, name); anybody else is named."""
    standing = topics.readable(session, speaker, topic_id)
    on = local_date(now, standing.cohort.zone)
    return topic_people.trainers(session, standing.unit_path, on=on, limit=TRAINERS_SHOWN)


def named(session: Session, speaker: Speaker, topic_id: int, name: str) -> int:
    """The person meant by a name; raises PersonNotFound for none or several."""
    standing = topics.readable(session, speaker, topic_id)
    found = topic_people.by_name(session, standing.unit_path, " ".join(name.split()))
    if len(found) != 1:
        raise PersonNotFound
    return found[0][0]


def set_trainer(
    session: Session,
    speaker: Speaker,
    topic_id: int,
    person_id: int,
    *,
    version: int,
    now: datetime,
) -> None:
    """Let somebody lead the session; raises NotThere, ChangedMeanwhile."""
    standing = topics.to_edit(session, speaker, topic_id, version=version)
    on = local_date(now, standing.cohort.zone)
    offered = dict(topic_people.trainers(session, standing.unit_path, on=on, limit=1_000))
    root = f"/{standing.unit_path.strip('/').split('/')[0]}/"
    if person_id not in offered and person_id not in topic_people.active_under(session, root):
        raise NotThere

    def change(topic: Topic) -> None:
        topic.trainer_id = person_id

    change_topic(session, standing, speaker, "trainer", change, now=now)


def set_date(
    session: Session, speaker: Speaker, topic_id: int, written: str, *, version: int, now: datetime
) -> None:
    """Give the session another date or hour, written like 11月27日 or 11月27日 14:30.

    Raises NotThere, ChangedMeanwhile, DateNotUnderstood, HourNotUnderstood, TopicDatesTooClose.
    """
    standing = topics.to_edit(session, speaker, topic_id, version=version)
    topic, cohort = standing.topic, standing.cohort
    today = local_date(now, cohort.zone)
    day, hour = read_moment(written, today=today)
    old = topic.starts_at.astimezone(ZoneInfo(cohort.zone))
    calendar = working_days.calendar_of(
        session, unit_path=standing.unit_path, working_weekdays=cohort.working_weekdays
    )
    require_possible(day, closes_on=topic.closes_on, today=today, calendar=calendar)
    starts_at = moment_at(day, hour or old.time(), cohort.zone)

    def change(topic: Topic) -> None:
        topic.starts_at = starts_at

    change_topic(session, standing, speaker, "date", change, now=now)


def set_texts(
    session: Session,
    speaker: Speaker,
    topic_id: int,
    texts: Mapping[str, str],
    *,
    version: int,
    now: datetime,
) -> int:
    """Put a coordinator's words in place of ours, by paragraph; returns how many are new.

    They may be made on an earlier version, as long as nobody wrote in the same paragraph since.
    Raises NotThere, ChangedMeanwhile, TopicTextNotUsable.
    """
    standing = topics.to_edit(session, speaker, topic_id, version=None)
    seen = texts_at(session, standing.topic, version)
    if any(seen.get(key) != standing.topic.texts.get(key) for key in texts):
        raise ChangedMeanwhile
    known = {INTRO} | {
        f"{theme.id}.{part}" for theme in stored.themes(session, topic_id) for part in PARTS
    }
    changed = {
        key: usable_text(text)
        for key, text in texts.items()
        if key in known and standing.topic.texts.get(key) != text
    }
    if changed:

        def change(topic: Topic) -> None:
            topic.texts = topic.texts | changed

        change_topic(session, standing, speaker, "text", change, now=now)
    return len(changed)


def approve(
    session: Session, speaker: Speaker, topic_id: int, *, version: int, now: datetime
) -> int:
    """Approve a draft and announce its session; returns how many learn in the cohort.

    What is hidden goes back to the pool. Raises NotThere, ChangedMeanwhile, TopicEmpty, and
    TopicDatesTooClose where the session's hour has passed while the draft waited.
    """
    standing = topics.to_edit(session, speaker, topic_id, version=version)
    topic = standing.topic
    themes = stored.themes(session, topic_id)
    if all(theme.is_hidden for theme in themes):
        raise TopicEmpty
    if topic.starts_at <= now:
        raise TopicDatesTooClose(least=LEAST_APART)
    hidden = {theme.id for theme in themes if theme.is_hidden}
    back = [row.question_id for row in stored.places(session, topic_id) if row.theme_id in hidden]
    for theme in themes:
        theme.is_gone = theme.is_hidden
        session.add(theme)
    topic.state, topic.version = APPROVED, topic.version + 1
    topic.approved_at, topic.approved_by = now, speaker.person_id
    topic.gathering_id = _announce(session, speaker, standing, now=now)
    session.add(topic)
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action="approve_topic",
        object_kind="topic",
        object_id=topic.id,
        version=topic.version,
        gathering=topic.gathering_id,
        returned=len(back),
    )
    topic_pool.give_back(session, back, states=(GROUPED,))
    return len(topic_people.members(session, topic.cohort_id))


def _announce(session: Session, speaker: Speaker, standing: Standing, *, now: datetime) -> int:
    topic = standing.topic
    shown = stored.themes(session, topic.id or 0)
    title = next(theme.title for theme in shown if not theme.is_hidden)
    return gatherings.announce(
        session,
        speaker,
        kind=KIND,
        cohort_id=topic.cohort_id,
        title=title,
        starts_at=topic.starts_at,
        minutes=topic.minutes,
        place="",
        facilitator_id=topic.trainer_id,
        now=now,
    )


def end(session: Session, *, bot: int, now: datetime) -> int:
    """Note which sessions are over; returns how many. From then on their answers are waited for."""
    _lapse(session, bot=bot, now=now)
    _reopen(session, bot=bot, now=now)
    over = [
        one
        for one in stored.in_states(session, (APPROVED,), bot=bot)
        if starts_at(session, one.topic) + timedelta(minutes=one.topic.minutes) <= now
    ]
    for one in over:
        one.topic.state = HELD
        session.add(one.topic)
        session.flush()
        _owe_page(session, one, now=now)
    return len(over)


def _lapse(session: Session, *, bot: int, now: datetime) -> None:
    """A draft that nobody approved in time is let go, and its questions wait for the next one."""
    for one in stored.in_states(session, (DRAFT,), bot=bot):
        if one.topic.starts_at <= now:
            one.topic.state, one.topic.version = LAPSED, one.topic.version + 1
            session.add(one.topic)
            places = stored.places(session, one.topic.id or 0)
            ids = [place.question_id for place in places]
            topic_pool.give_back(session, ids, states=(GROUPED,))
            _write_down(session, "lapse_topic", one.topic, now=now)


def _reopen(session: Session, *, bot: int, now: datetime) -> None:
    """A topic whose session was cancelled needs another date, so it is a draft again."""
    for one in stored.in_states(session, (APPROVED,), bot=bot):
        if one.topic.gathering_id is None or one.topic.starts_at <= now:
            continue
        session_of = gatherings.read(session, one.topic.gathering_id, bot=bot)
        if session_of.state == CANCELLED:
            one.topic.state, one.topic.version = DRAFT, one.topic.version + 1
            one.topic.gathering_id = None
            session.add(one.topic)
            _write_down(session, "reopen_topic", one.topic, now=now)


def _write_down(session: Session, action: str, topic: Topic, *, now: datetime) -> None:
    audit.add(
        session,
        at=now,
        actor_id=None,
        action=action,
        object_kind="topic",
        object_id=topic.id,
        version=topic.version,
    )


def _owe_page(session: Session, one: Standing, *, now: datetime) -> None:
    """The page for the cohort the next morning; whoever was there by then does not get it."""
    zone = one.cohort.zone
    due_at = moment_at(local_date(now, zone) + timedelta(days=1), PAGE_HOUR, zone)
    for person_id in topic_people.members(session, one.topic.cohort_id):
        deliveries.add(
            session,
            bot=one.topic.bot,
            kind=KIND,
            occasion=f"topic:{one.topic.id}",
            recipient=person_id,
            person_id=person_id,
            cohort_id=one.topic.cohort_id,
            subject_id=one.topic.id,
            urgency=FOLDABLE,
            due_at=due_at,
            created_at=now,
        )


def starts_at(session: Session, topic: Topic) -> datetime:
    """When the session begins by now: its gathering may have been moved since."""
    if topic.gathering_id is None:
        return topic.starts_at
    return gatherings.read(session, topic.gathering_id, bot=topic.bot).starts_at


def people_told(session: Session, speaker: Speaker, topic_id: int) -> int:
    """How many learn in the cohort and will be told of an approval; raises NotThere."""
    standing = topics.readable(session, speaker, topic_id)
    return len(topic_people.members(session, standing.topic.cohort_id))
