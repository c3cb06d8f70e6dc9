"""外出 set or ended for somebody by a coordinator above her: the same rules, and she is told."""

from dataclasses import replace
from datetime import date, datetime

from sqlmodel import Session

from curriculum import deputies, deputy_words
from curriculum.deputy_pages import AGREES
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from storage import deputies as stored
from storage import staffing
from storage.units import ACTIVE


def absent(session: Session, speaker: Speaker, person_id: int, *, now: datetime) -> Speaker:
    """Whoever is to be away, as the rules on deputies ask about her.

    Raises NotThere unless the speaker coordinates every unit that she looks after, and for
    somebody who looks after nobody, left, or is the speaker.
    """
    person = staffing.locked_person(session, person_id)
    roles = stored.roles_taken_over(session, person_id, on=local_date(now, ZONE))
    if person is None or person_id == speaker.person_id or not roles or person.status != ACTIVE:
        raise NotThere
    for _, path in roles:
        speaker.require(AGREES, unit_path=path)
    return replace(speaker, person_id=person_id, name=person.name, grants=(), acting={})


def set_for(
    session: Session,
    speaker: Speaker,
    person_id: int,
    *,
    since: date,
    back: date,
    deputy_id: int | None,
    now: datetime,
) -> int:
    """Let somebody be away from `since` until `back`; gives the id of what was stored.

    Whom the speaker names needs nobody's word besides: she could agree herself. Raises as
    `absent` and `deputies.set_away` do.
    """
    who = absent(session, speaker, person_id, now=now)
    row = deputies.new_absence(session, who, since=since, back=back, now=now)
    row.changed_by = speaker.person_id
    row_id = deputies.begin(session, speaker, row, deputy_id, of=who, action="set_away", now=now)
    deputy_words.tell(session, row, [person_id], now=now)
    return row_id


def end_for(session: Session, speaker: Speaker, row_id: int, *, now: datetime) -> None:
    """Back at once, or not away after all; both are told. NotThere, ChangedMeanwhile."""
    row = stored.locked(session, row_id)
    if row is None:
        raise NotThere
    absent(session, speaker, row.person_id, now=now)
    newest = stored.present_or_coming(session, row.person_id, on=local_date(now, ZONE))
    if newest is None or newest.id != row.id:
        raise ChangedMeanwhile
    deputies.end(session, speaker, row, now=now)
