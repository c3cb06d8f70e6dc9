"""An alert of danger: unit and time to the next on duty, until somebody says 我来处理.

Never a text; the name goes along only where the asker pressed 请联系我. It is no reporting channel.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from curriculum.duty_errors import AlertTaken
from curriculum.errors import NotThere
from curriculum.facts import URGENT, Facts, NotWanted, Verdict
from curriculum.people import COORDINATOR, SUPERVISOR, ZONE, Speaker
from curriculum.rhythm import local_date
from storage import audit, deliveries, deputies, duty, responders
from storage.deliveries import Claimed
from storage.duty import DangerAlert
from storage.people import Person, Unit

KIND = "danger_alert"
MOVES_ON = timedelta(minutes=15)
# How often the whole list is told before it ends; by then the asker has long called.
ROUNDS = 3
TAKEN, NOBODY = "taken", "nobody"


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert as its asker sees it; `is_told` is False where nobody on duty can be reached."""

    alert_id: int
    is_told: bool
    call_me: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """An alert as whoever takes it sees it; name and phone only where she asked to be called."""

    unit_name: str
    raised_at: datetime
    name: str
    phone: str


def raise_alert(session: Session, speaker: Speaker, *, now: datetime) -> Raised:
    """正在发生: tell the first on duty at once; pressed twice it is one alert."""
    speaker.require("ask")
    standing = duty.recent_alert(session, speaker.person_id, since=now - MOVES_ON)
    if standing is not None:
        return Raised(standing.id or 0, standing.told > 0, standing.call_me)
    alert = DangerAlert(
        bot=speaker.bot,
        unit_id=speaker.unit_id,
        person_id=speaker.person_id,
        raised_at=now,
        next_at=now,
    )
    session.add(alert)
    session.flush()
    _write_down(session, alert, "raise_alert", speaker.person_id, now=now)
    _tell_next(session, alert, now=now)
    return Raised(alert.id or 0, alert.told > 0, call_me=False)


def call_me(session: Session, speaker: Speaker, alert_id: int, *, now: datetime) -> Raised:
    """请联系我: her name goes to everybody told so far, and to those who follow; or NotThere."""
    alert = duty.locked_alert(session, alert_id)
    if alert is None or alert.person_id != speaker.person_id:
        raise NotThere
    if not alert.call_me:
        alert.call_me = True
        session.add(alert)
        session.flush()
        _write_down(session, alert, "call_me", speaker.person_id, now=now)
        for number, person_id in enumerate(dict.fromkeys(_told(session, alert))):
            _owe(session, alert, person_id, f"name:{number}", now=now)
    return Raised(alert_id, alert.told > 0, call_me=True)


def take(session: Session, speaker: Speaker, alert_id: int, *, now: datetime) -> Taken:
    """我来处理: it stops moving on, and the asker hears that somebody has it.

    Raises NotThere for whoever was not told of it, AlertTaken when somebody else has it.
    """
    alert = duty.locked_alert(session, alert_id)
    if alert is None or speaker.person_id not in _told(session, alert):
        raise NotThere
    if alert.taken_by is not None and alert.taken_by != speaker.person_id:
        raise AlertTaken(name=session.get_one(Person, alert.taken_by).name)
    if alert.taken_by is None:
        alert.taken_by, alert.taken_at, alert.next_at = speaker.person_id, now, None
        session.add(alert)
        session.flush()
        _write_down(session, alert, "take_alert", speaker.person_id, now=now)
        _owe(session, alert, alert.person_id, TAKEN, now=now)
    seen = _seen(session, alert)
    return Taken(seen["unit"], alert.raised_at, seen["name"], seen["phone"])


def move_on(session: Session, *, bot: int, now: datetime) -> int:
    """Tell the next on duty of every alert nobody took in a quarter of an hour; how many."""
    alerts = duty.to_move_on(session, bot=bot, now=now)
    for alert in alerts:
        _tell_next(session, alert, now=now)
    return len(alerts)


def _on_duty(session: Session, alert: DangerAlert, *, now: datetime) -> list[int]:
    """Who is told, in order; a list that reaches nobody is made up for by who looks after her.

    Whoever raised it needs no alert. In the place of who is away stands her deputy; she herself
    is called last, so that no alert is lost by somebody's being away.
    """
    unit = session.get(Unit, alert.unit_id) if alert.unit_id else None
    if unit is None:
        return []
    on = local_date(now, ZONE)
    listed = duty.duty(session, unit.path)
    away = deputies.away_among(session, listed, on=on)
    in_place = [*deputies.who_acts(session, listed, on=on), *(who for who in listed if who in away)]
    listed = [who for who in dict.fromkeys(in_place) if who != alert.person_id]
    reached = {one.person_id for one in responders.reachable(session, listed, bot=alert.bot)}
    found = [person_id for person_id in listed if person_id in reached]
    if sum(person_id not in away for person_id in found) < 2:
        others = responders.of_unit(
            session,
            unit.path,
            roles=[SUPERVISOR, COORDINATOR],
            bot=alert.bot,
            on=on,
        )
        made_up = [one.person_id for one in others if one.person_id != alert.person_id]
        there = [person_id for person_id in found if person_id not in away]
        found = [*there, *made_up, *found]
    return list(dict.fromkeys(found))


def _tell_next(session: Session, alert: DangerAlert, *, now: datetime) -> None:
    people = _on_duty(session, alert, now=now)
    if alert.told and alert.told == len(people):
        # Everybody was told once and nobody took it: she must not go on waiting.
        _owe(session, alert, alert.person_id, NOBODY, now=now)
    if not people or alert.told >= ROUNDS * len(people):
        alert.next_at = None
    else:
        _owe(session, alert, people[alert.told % len(people)], str(alert.told), now=now)
        alert.told += 1
        alert.next_at = now + MOVES_ON
    session.add(alert)
    session.flush()


def _owe(session: Session, alert: DangerAlert, person_id: int, mark: str, *, now: datetime) -> None:
    deliveries.add(
        session,
        bot=alert.bot,
        kind=KIND,
        occasion=f"{alert.id}:{mark}",
        recipient=person_id,
        person_id=person_id,
        subject_id=alert.id,
        urgency=URGENT,
        due_at=now,
        created_at=now,
    )


def _told(session: Session, alert: DangerAlert) -> list[int]:
    """Everybody an alert was sent to, whether it has arrived or not."""
    return deliveries.owed_about(session, kind=KIND, subject_id=alert.id or 0, but=alert.person_id)


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """What each of the few claimed ones says; an alert that somebody took is not said any more."""
    del now
    return {row.id: _verdict(session, row) for row in claimed}


def _verdict(session: Session, row: Claimed) -> Verdict:
    alert = session.get(DangerAlert, row.subject_id)
    mark = row.occasion.partition(":")[2]
    if alert is None or (alert.taken_by is not None and mark != TAKEN):
        return NotWanted("not_wanted")
    to = responders.reachable(session, [row.person_id or 0], bot=row.bot)
    if not to:
        return NotWanted("unreachable")
    is_word = mark in (TAKEN, NOBODY)
    values = {"what": mark} if is_word else {"what": "alert", **_seen(session, alert)}
    return Facts(
        KIND,
        to[0].chat_id,
        to[0].language,
        f"{KIND}/{row.occasion}/{alert.call_me}",
        None,
        values,
    )


def _seen(session: Session, alert: DangerAlert) -> Mapping[str, Any]:
    """What may be shown of an alert: where and when, and whom to call if she wishes it."""
    unit = session.get(Unit, alert.unit_id) if alert.unit_id else None
    asker = session.get_one(Person, alert.person_id) if alert.call_me else None
    return {
        "alert_id": alert.id,
        "unit": unit.name_zh if unit else "",
        "at": alert.raised_at,
        "name": asker.name if asker else "",
        "phone": (asker.phone or "") if asker else "",
    }


def _write_down(
    session: Session, alert: DangerAlert, action: str, actor_id: int, *, now: datetime
) -> None:
    audit.add(
        session,
        at=now,
        actor_id=actor_id,
        action=action,
        object_kind="danger_alert",
        object_id=alert.id,
    )
