"""Making invites: links and typed codes, each shown once and kept only as a hash."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, update
from sqlmodel import Session, col

from curriculum.errors import NotThere
from curriculum.people import LEARNER, ROLES, ZONE
from curriculum.rhythm import local_date
from storage import audit, people
from storage import cohorts as stored_cohorts
from storage.people import Invite, Unit

TOKEN_BYTES = 16
INVITE_LIFETIME = timedelta(days=14)
# Without 0 O 1 I L, which look alike in print.
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 8
# SQLite takes 32,766 values in one statement.
INVITED_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class NewInvite:
    """An invite just made; the token is shown once and only its hash is kept."""

    token: str
    role: str
    unit_name: str
    cohort_name: str | None
    expires_at: datetime
    uses: int


@dataclass(frozen=True, slots=True)
class PersonalInvite:
    """One person's own way in: a link's token and a code to type, each shown once."""

    person_id: int
    token: str
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is to be invited, and what her invite leads to."""

    person_id: int
    role: str
    unit_id: int
    cohort_id: int | None


def hash_token(token: str) -> str:
    """What is stored of an invite's token; 128 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_code() -> str:
    """A code to type, always with a letter and a digit, so that no word or number looks like it."""
    while True:
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        if not code.isalpha() and not code.isdecimal():
            return code


def make_invite(
    session: Session,
    *,
    role: str,
    unit: Unit,
    cohort: stored_cohorts.Cohort | None,
    uses: int,
    created_by: int | None,
    now: datetime,
    lifetime: timedelta = INVITE_LIFETIME,
) -> NewInvite:
    """A deep-link token for one role in one unit; ValueError for an unknown role."""
    if role not in ROLES:
        raise ValueError(role)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invite = Invite(
        token_hash=hash_token(token),
        role=role,
        unit_id=unit.id or 0,
        cohort_id=cohort.id if cohort else None,
        uses_left=uses,
        expires_at=now + lifetime,
        created_by=created_by,
        created_at=now,
    )
    session.add(invite)
    session.flush()
    audit.add(
        session,
        at=now,
        actor_id=created_by,
        action="invite",
        object_kind="invite",
        object_id=invite.id,
        role=role,
        unit=unit.id,
    )
    return NewInvite(
        token, role, unit.name_zh, cohort.name if cohort else None, invite.expires_at, uses
    )


def invite_person(
    session: Session,
    *,
    person_id: int,
    role: str,
    unit_id: int,
    cohort_id: int | None,
    created_by: int | None,
    now: datetime,
) -> PersonalInvite:
    """One person's own link and code (14 days); any earlier one of hers ends at once."""
    wanted = Wanted(person_id, role, unit_id, cohort_id)
    return invite_people(session, [wanted], created_by=created_by, now=now)[0]


def invite_people(
    session: Session, wanted: Sequence[Wanted], *, created_by: int | None, now: datetime
) -> list[PersonalInvite]:
    """`invite_person` for a whole roster in a few statements, in the given order."""
    ids = [each.person_id for each in wanted]
    for start in range(0, len(ids), INVITED_AT_ONCE):
        session.execute(
            update(Invite)
            .where(
                col(Invite.person_id).in_(ids[start : start + INVITED_AT_ONCE]),
                col(Invite.revoked_at).is_(None),
            )
            .values(revoked_at=now)
        )
    made = [_new_invite(each.person_id, now) for each in wanted]
    rows = [
        {
            "token_hash": hash_token(invite.token),
            "code_hash": hash_token(invite.code),
            "role": each.role,
            "unit_id": each.unit_id,
            "cohort_id": each.cohort_id,
            "person_id": each.person_id,
            "uses_left": 1,
            "expires_at": invite.expires_at,
            "created_by": created_by,
            "created_at": now,
        }
        for each, invite in zip(wanted, made, strict=True)
    ]
    if rows:
        session.execute(insert(Invite), rows)
    audit.add_many(
        session,
        at=now,
        actor_id=created_by,
        action="invite_person",
        object_kind="person",
        objects=[(each.person_id, {"role": each.role, "unit": each.unit_id}) for each in wanted],
    )
    return made


def _new_invite(person_id: int, now: datetime) -> PersonalInvite:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    return PersonalInvite(person_id, token, new_code(), now + INVITE_LIFETIME)


def invite_again(
    session: Session, *, person_id: int, created_by: int | None, now: datetime
) -> PersonalInvite:
    """A new personal invite into what somebody is, or was before she left.

    Raises NotThere for somebody who never had a role, since nothing says what to invite her to.
    """
    grants = people.grants_ever(session, person_id)
    if not grants:
        raise NotThere
    today = local_date(now, ZONE)
    # What she holds, or what she held on the day she left.
    standing = [grant for grant in grants if grant.until == grants[0].until]
    grant = next((grant for grant in standing if grant.role == LEARNER), standing[0])
    cohort = stored_cohorts.latest_cohort(session, person_id) if grant.role == LEARNER else None
    is_over = cohort is not None and cohort.end_on is not None and cohort.end_on < today
    return invite_person(
        session,
        person_id=person_id,
        role=grant.role,
        unit_id=grant.unit_id,
        cohort_id=cohort.id if cohort is not None and not is_over else None,
        created_by=created_by,
        now=now,
    )
