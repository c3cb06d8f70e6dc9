"""At month's end a private note to whoever asked: how many colleagues her question helped."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlmodel import Session

from curriculum import people
from curriculum.facts import FOLDABLE, Facts, NotWanted, Verdict
from curriculum.rhythm import local_date, moment_at
from storage import deliveries, topic_pool, topics
from storage import people as stored_people
from storage.deliveries import Claimed
from storage.topics import ANSWERED, HELD, Topic

KIND = "topic_thanks"
HOUR = time(17)
# Fewer than so many say little, and could be guessed (EXPERIENCE section 10).
FROM = 5
# No month ends sooner, in any zone.
FIRST_LAST_DAY = 27
ANY = ("waiting", "claimed", "sent", "failed", "expired", "skipped")


def owe(session: Session, *, bot: int, now: datetime) -> int:
    """Owe the notes on the last day of a session's month; returns how many rows were added."""
    if now.day < FIRST_LAST_DAY:
        return 0
    added = 0
    for one in topics.in_states(session, (HELD, ANSWERED), bot=bot):
        zone = one.cohort.zone
        today = local_date(now, zone)
        is_last_day = (today + timedelta(days=1)).day == 1
        if not is_last_day or local_date(one.topic.starts_at, zone).month != today.month:
            continue
        if (today - local_date(one.topic.starts_at, zone)).days > 31:
            continue
        name = f"topic:{one.topic.id}"
        if deliveries.has_any(session, kind=KIND, occasion=name, statuses=ANY):
            continue
        for person_id, helped in _helped(session, one.topic).items():
            if helped >= FROM:
                added += deliveries.add(
                    session,
                    bot=bot,
                    kind=KIND,
                    occasion=name,
                    recipient=person_id,
                    person_id=person_id,
                    cohort_id=one.topic.cohort_id,
                    subject_id=one.topic.id,
                    urgency=FOLDABLE,
                    due_at=moment_at(today, HOUR, zone),
                    created_at=now,
                )
    return added


def _helped(session: Session, topic: Topic) -> dict[int, int]:
    """For each asker how many others said that an answer to her theme helped, each once."""
    themes = [theme for theme in topics.themes(session, topic.id or 0) if not theme.is_hidden]
    said: dict[int, set[int]] = {}
    for one in topic_pool.feedback(session, [theme.id or 0 for theme in themes]):
        if one.helped:
            said.setdefault(one.theme_id, set()).add(one.person_id)
    places = topics.places(session, topic.id or 0)
    questions = topic_pool.questions(session, [place.question_id for place in places])
    helped: dict[int, set[int]] = {}
    for place in places:
        asker = questions[place.question_id].asker_id
        helped.setdefault(asker, set()).update(said.get(place.theme_id, set()) - {asker})
    return {asker: len(others) for asker, others in helped.items()}


def line(facts: Facts) -> Mapping[str, Any]:
    """The note as a line of her lesson."""
    return {name: facts.values[name] for name in ("month", "helped")}


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """What each note says by now; once a month, few at a time."""
    counted: dict[int, dict[int, int]] = {}
    verdicts: dict[int, Verdict] = {}
    for row in claimed:
        topic = session.get(Topic, row.subject_id)
        account = stored_people.account_of(session, bot=row.bot, person_id=row.person_id or 0)
        if topic is None or account is None or not account.reachable:
            verdicts[row.id] = NotWanted("unreachable")
            continue
        reader = people.who(session, bot=row.bot, chat_id=account.chat_id, now=now)
        if topic.id not in counted:
            counted[topic.id or 0] = _helped(session, topic)
        helped = counted[topic.id or 0].get(row.person_id or 0, 0)
        if reader is None or helped < FROM:
            verdicts[row.id] = NotWanted("left" if reader is None else "not_wanted")
            continue
        verdicts[row.id] = Facts(
            KIND,
            account.chat_id,
            reader.language,
            f"{KIND}/{row.id}/{helped}",
            None,
            {"month": topic.month.month, "helped": helped},
        )
    return verdicts
