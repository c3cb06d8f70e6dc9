"""Whom a row means, what it changes about her, and who gets a link."""

# ruff: noqa: F811  a fixture is asked for by the name it is imported under

from datetime import time as clock_time
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from curriculum import joining, roster
from curriculum.people import LEARNER, OBSERVER, SUPERVISOR
from storage.cohorts import CohortMember
from storage.people import Invite, Membership, Person, RoleGrant
from tests.county import BOT, County
from tests.curriculum.roster_office import (  # noqa: F401  pytest finds fixtures by their names
    Office,
    county,
    office,
    reach,
    surroundings,
)
from tests.rosters import OTHER, STATION, person


def test_new_people_have_a_number_a_place_a_role_a_cohort_and_an_invite(
    office: Office, county: County
) -> None:
    """What a row says is there afterwards, and the token and the code lead to it."""
    (tashi, dolma) = office.take(
        person("扎西", phone=13812345678.0), person("བསོད་ནམས།", role="督导者、观察员", cohort="")
    ).people
    assert (tashi.number, dolma.number) == ("W-000001", "W-000002")
    assert tashi.unit == f"林芝市/{STATION}"
    assert len(tashi.code) == joining.CODE_LENGTH

    def stored(session: Session) -> tuple[Any, ...]:
        someone = session.exec(select(Person).where(Person.number == "W-000001")).one()
        invite = session.exec(
            select(Invite).where(Invite.token_hash == joining.hash_token(tashi.token))
        ).one()
        other = session.exec(select(Person).where(Person.number == "W-000002")).one()
        return (
            (someone.name, someone.phone),
            (invite.person_id == someone.id, invite.role, invite.cohort_id, invite.uses_left),
            invite.code_hash == joining.hash_token(tashi.code),
            session.exec(
                select(RoleGrant.role)
                .where(RoleGrant.person_id == other.id, col(RoleGrant.until).is_(None))
                .order_by(RoleGrant.role)
            ).all(),
            session.exec(
                select(CohortMember.cohort_id).where(CohortMember.person_id == someone.id)
            ).all(),
        )

    assert office.database.read_now(stored) == (
        ("扎西", "13812345678"),
        (True, LEARNER, county.cohort.id, 1),
        True,
        [OBSERVER, SUPERVISOR],
        [county.cohort.id],
    )


def test_only_what_changed_is_changed_and_said(office: Office, county: County) -> None:
    """Another name, unit, role, cohort, phone: each is done, dated and named; the rest stays."""
    office.database.write_now(surroundings, county, office.now)
    (first,) = office.take(person("扎西")).people
    office.now += timedelta(days=3)

    def now(**cells: Any) -> tuple[str, ...]:
        told = office.take(person(cells.pop("name", "扎西"), number=first.number, **cells))
        return told.people[0].changes

    assert now() == ()
    assert now(name="扎西多吉") == ("name",)
    assert now(name="扎西多吉", cohort="") == ()
    assert now(name="扎西多吉", phone="13900000009") == ("phone",)
    assert now(name="扎西多吉", phone="") == ()
    assert now(name="扎西多吉", unit=OTHER) == ("unit",)
    assert now(name="扎西多吉", unit=OTHER, cohort="二期") == ("cohort",)
    assert now(name="扎西多吉", unit=OTHER, cohort="", role="督导者") == ("role", "cohort")

    def spans(session: Session) -> tuple[Any, ...]:
        person_id = session.exec(select(Person.id).where(Person.number == first.number)).one()
        places = session.exec(
            select(Membership).where(Membership.person_id == person_id).order_by(col(Membership.id))
        )
        held = session.exec(
            select(RoleGrant).where(RoleGrant.person_id == person_id).order_by(col(RoleGrant.id))
        )
        learns = session.exec(select(CohortMember).where(CohortMember.person_id == person_id))
        return (
            [(m.unit_id, m.until is None) for m in places],
            [(g.role, g.unit_id, g.until is None) for g in held],
            [member.until is None for member in learns],
        )

    station, other = county.station.id, county.other_station.id
    assert office.database.read_now(spans) == (
        [(station, False), (other, True)],
        [(LEARNER, station, False), (LEARNER, other, False), (SUPERVISOR, other, True)],
        [False, False],
    )


def test_her_own_hour_goes_with_her_into_another_cohort(office: Office, county: County) -> None:
    """Whoever chose an hour for her lessons keeps it."""
    office.database.write_now(surroundings, county, office.now)
    (first,) = office.take(person("扎西")).people
    newest = select(CohortMember).order_by(col(CohortMember.id).desc())

    def choose(session: Session) -> None:
        session.exec(newest.limit(1)).one().own_time = clock_time(7, 30)

    office.database.write_now(choose)
    office.take(person("扎西", number=first.number, cohort="二期"))
    spans = office.database.read_now(lambda session: session.exec(newest.limit(2)).all())
    assert [(s.own_time, s.until is None) for s in spans] == [
        (clock_time(7, 30), True),
        (clock_time(7, 30), False),
    ]


def test_a_running_invite_leads_to_where_she_stands_now(office: Office, county: County) -> None:
    """Moved before she joined: her link from the first sheet takes her to the new station."""
    (first,) = office.take(person("扎西")).people
    office.take(person("扎西", number=first.number, unit=OTHER))
    opened = office.database.read_now(
        joining.open_invite, token=first.token, bot=BOT, chat_id=999, now=office.now
    )
    assert (opened.unit_name, opened.cohort_name) == (OTHER, "一期")


def test_links_go_only_to_whoever_needs_one(office: Office, county: County) -> None:
    """Joined or still invited: none; run out: a new one; asked again: all who have not joined."""
    rows = (person("扎西"), person("学员1", number="同一人"))
    first = office.take(*rows)
    assert [p.invitation for p in first.people] == ["sent", "joined"]
    assert first.people[1].changes == ("number",)
    again = office.take(*rows, resend=True)
    assert [p.invitation for p in again.people] == ["sent", "joined"]
    with pytest.raises(joining.InviteNotValid):
        office.database.read_now(
            joining.open_invite, token=first.people[0].token, bot=BOT, chat_id=999, now=office.now
        )
    office.now += joining.INVITE_LIFETIME
    assert [p.invitation for p in office.take(*rows).people] == ["sent", "joined"]


def test_the_same_name_is_asked_and_never_guessed(office: Office) -> None:
    """Without a number: the same phone is the same person, everything else is asked."""
    (tashi,) = office.take(person("扎西", phone="13900000001")).people
    assert office.found(person("扎西")) == [(2, "number", "same_name")]
    assert office.check(person("扎西", phone="13900000001", role="学员")).counts["unchanged"] == 1
    assert office.found(person("扎西", phone="13900000002")) == [(2, "number", "same_name")]
    assert office.found(person("尼玛", phone="13900000001")) == [(2, "phone", "phone_of_another")]
    assert office.check(person("扎西", unit=OTHER)).counts["new"] == 1
    (second,) = office.take(person("扎西", number="新人")).people
    assert second.number != tashi.number
    (asked,) = office.check(person("扎西", number="同一人")).problems
    assert (asked.code, asked.facts["known"]) == (
        "same_name_several",
        f"{tashi.number} · {second.number}",
    )
    assert office.found(person("学员1", number="LZ-9")) == [(2, "number", "number_for_whom")]


def test_whoever_left_and_comes_back_is_the_same_person(office: Office) -> None:
    """Same number, same record: active again, placed again."""
    (tashi,) = office.take(person("扎西")).people

    def leave(session: Session) -> None:
        gone = session.exec(select(Person).where(Person.number == tashi.number)).one()
        gone.status = "left"
        for table in (Membership, RoleGrant, CohortMember):
            for span in session.exec(select(table).where(table.person_id == gone.id)):
                span.until = office.now.date()

    office.database.write_now(leave)
    (back,) = office.take(person("扎西", number=tashi.number, unit=OTHER)).people
    assert back.changes == ("returned", "unit", "role", "cohort")
    assert office.check(person("扎西", number=tashi.number, unit=OTHER)).counts["unchanged"] == 1


def test_nobody_changes_her_own_role_or_unit_by_a_roster(office: Office, county: County) -> None:
    """A coordinator who lists herself as a learner keeps her rights."""
    row = person("协调员", unit="林芝市", number="同一人", role="学员")
    assert office.found(row) == [(2, "role", "own_row")]
    row = person("协调员", unit="林芝市", number="同一人", role="协调员", cohort="")
    assert office.check(row).counts["changed"] == 1


def test_numbers_go_on_from_the_last(office: Office) -> None:
    """Issued once each, also when somebody else issues some in between."""
    (first,) = office.take(person("扎西")).people
    assert first.number == "W-000001"
    assert office.database.write_now(roster.next_numbers, 3) == ["W-000002", "W-000003", "W-000004"]
    (second,) = office.take(person("尼玛", number="LZ-0017")).people
    assert second.number == "LZ-0017"
    (third,) = office.take(person("达瓦")).people
    assert third.number == "W-000002"
