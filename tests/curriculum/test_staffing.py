"""Changing people: by whom, on what was shown, dated, and written down."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from curriculum import cohorts, directory, leaving, records, staffing
from curriculum.cohorts import BeatDefaults
from curriculum.errors import ChangedMeanwhile, NameNotUsable, NotThere
from curriculum.people import (
    ADMINISTRATOR,
    COORDINATOR,
    LEARNER,
    OBSERVER,
    ROLES,
    SUPERVISOR,
    Speaker,
    who,
)
from curriculum.people_errors import LastAdministrator, OwnRole
from storage.cohorts import CohortMember
from storage.engine import Database
from storage.people import Membership, Person, RoleGrant
from tests.county import BOT, HOURS
from tests.curriculum.centre import Centre, at_once, audited, found

NEXT_DAY = timedelta(days=1)


@pytest.fixture
def centre(database: Database, tmp_path: Path, start: datetime) -> Centre:
    """A centre with everybody in it."""
    return database.write_now(found, tmp_path, now=start)


def _grant_of(database: Database, person_id: int, role: str = LEARNER) -> int:
    def read(session: Session) -> int:
        return (
            session.exec(
                select(RoleGrant.id).where(
                    RoleGrant.person_id == person_id,
                    RoleGrant.role == role,
                    col(RoleGrant.until).is_(None),
                )
            ).one()
            or 0
        )

    return database.read_now(read)


def _second_cohort(session: Session, centre: Centre, now: datetime, *, at_top: bool = True) -> int:
    unit = centre.county.top if at_top else centre.county.other_station
    made = cohorts.create(
        session,
        unit=unit,
        bot=BOT,
        name=f"二期{at_top}",
        pace=cohorts.OWN,
        pack_id=centre.county.pack_id,
        hours=HOURS,
        beats=(BeatDefaults("daily_lesson", True, time(10, 0), "merge", 10),),
        start_on=date(2026, 11, 25),
        now=now,
    )
    return made.id or 0


def _acts(database: Database, centre: Centre, now: datetime) -> dict[str, Callable[..., object]]:
    """Every change of a person, aimed at the first learner, for whoever tries it."""
    person_id = centre.learner
    grant = _grant_of(database, person_id)
    place, membership = database.read_now(
        lambda session: (
            staffing.choosable_cohorts(session, centre.coordinator, person_id, now=now)[1],
            staffing.where_from(session, centre.coordinator, person_id, now=now),
        )
    )

    def act(fn: Callable[..., object], **values: Any) -> Callable[[Speaker], object]:
        return lambda speaker: database.write_now(fn, speaker, person_id, now=now, **values)

    return {
        "roles_for": act(staffing.roles_for),
        "scopes": act(staffing.scopes, role=SUPERVISOR),
        "grant_role": act(staffing.grant_role, role=SUPERVISOR, unit_id=centre.station),
        "choosable_cohorts": act(staffing.choosable_cohorts),
        "change_cohort": act(staffing.change_cohort, place_id=place, cohort_id=None),
        "where_from": act(staffing.where_from),
        "end_role": act(staffing.end_role, grant_id=grant),
        "move": act(staffing.move, membership_id=membership, unit_id=centre.other_station),
        "name_of": act(staffing.name_of),
        "rename": act(staffing.rename, old="学员1", new="别名"),
        "invite_again": act(leaving.invite_again),
        "deactivate": act(leaving.deactivate),
    }


@pytest.mark.parametrize("role", ["learner", "supervisor", "observer", "of_other_station"])
def test_whoever_may_not_changes_nothing(
    database: Database, centre: Centre, start: datetime, role: str
) -> None:
    """Roles times acts: each is refused as if the person did not exist."""
    if role == "of_other_station":
        grants = tuple(g for g in centre.of_station.grants if g.unit_id == centre.station)
        moved = grants[0].__class__(
            COORDINATOR, centre.other_station, centre.county.other_station.path
        )
        speaker = Speaker(centre.of_station.person_id, "站长", "zh", BOT, 903, 1, "站", (moved,))
    else:
        speaker = {
            "learner": centre.county.learners[1],
            "supervisor": centre.supervisor,
            "observer": centre.observer,
        }[role]
    before = audited(database, 1)[0].id
    for name, act in _acts(database, centre, start).items():
        with pytest.raises(NotThere):
            act(speaker)
        assert audited(database, 1)[0].id == before, name


@pytest.mark.parametrize("role", ["administrator", "coordinator", "of_station"])
def test_whoever_looks_after_her_may(
    database: Database, centre: Centre, start: datetime, role: str
) -> None:
    """An administrator and the coordinators of her station and above; moving needs both ends."""
    speaker = getattr(centre, role)
    for name, act in _acts(database, centre, start).items():
        if name == "move" and role == "of_station":
            with pytest.raises(NotThere):
                act(speaker)
            continue
        act(speaker)


def test_only_an_administrator_makes_administrators(
    database: Database, centre: Centre, start: datetime
) -> None:
    """Nobody gives more than she may, nor further than she reaches."""
    for speaker, roles, units in (
        (centre.administrator, ROLES[1:], [centre.station, centre.top]),
        (centre.coordinator, (SUPERVISOR, COORDINATOR, OBSERVER), [centre.station, centre.top]),
        (centre.of_station, (SUPERVISOR, COORDINATOR, OBSERVER), [centre.station]),
    ):
        offered = database.read_now(staffing.roles_for, speaker, centre.learner, now=start)
        assert set(offered) == set(roles)
        scopes = database.read_now(staffing.scopes, speaker, centre.learner, COORDINATOR, now=start)
        assert [scope.unit_id for scope in scopes] == units
    for speaker, role, unit_id in (
        (centre.coordinator, ADMINISTRATOR, centre.station),
        (centre.of_station, COORDINATOR, centre.top),
        (centre.coordinator, COORDINATOR, centre.other_station),
        (centre.coordinator, LEARNER, centre.top),
        (centre.coordinator, "king", centre.station),
    ):
        with pytest.raises(NotThere):
            database.write_now(
                staffing.grant_role,
                speaker,
                centre.learner,
                role=role,
                unit_id=unit_id,
                now=start,
            )


def test_a_coordinator_does_not_touch_an_administrator(
    database: Database, centre: Centre, start: datetime
) -> None:
    """Or she could invite herself into the place of whoever stands above her."""
    person_id = centre.administrator.person_id
    for fn in (leaving.deactivate, leaving.invite_again, staffing.name_of):
        with pytest.raises(NotThere):
            database.write_now(fn, centre.coordinator, person_id, now=start)
    with pytest.raises(NotThere):
        database.write_now(
            leaving.invite_again, centre.of_station, centre.colleague.person_id, now=start
        )


def test_a_role_given_works_at_once_and_ends_at_once(
    database: Database, centre: Centre, start: datetime
) -> None:
    """From today, until today."""
    where: dict[str, Any] = {"bot": BOT, "chat_id": centre.county.learners[0].chat_id}
    database.write_now(
        staffing.grant_role,
        centre.coordinator,
        centre.learner,
        role=SUPERVISOR,
        unit_id=centre.top,
        now=start,
    )
    speaker = database.read_now(who, now=start, **where)
    assert speaker is not None
    assert speaker.may("see_workers", unit_path=centre.county.other_station.path)
    grant = _grant_of(database, centre.learner, SUPERVISOR)
    database.write_now(
        staffing.end_role, centre.coordinator, centre.learner, grant_id=grant, now=start
    )
    speaker = database.read_now(who, now=start, **where)
    assert speaker is not None
    assert not speaker.may("see_workers")
    with pytest.raises(ChangedMeanwhile):
        database.write_now(
            staffing.end_role, centre.coordinator, centre.learner, grant_id=grant, now=start
        )


def test_whoever_learns_no_more_is_in_no_cohort(
    database: Database, centre: Centre, start: datetime
) -> None:
    """Ending a learner's role ends her lessons too, and no cohort takes her."""
    grant = _grant_of(database, centre.learner)
    database.write_now(
        staffing.end_role, centre.coordinator, centre.learner, grant_id=grant, now=start
    )
    choice = database.read_now(
        staffing.choosable_cohorts, centre.coordinator, centre.learner, now=start
    )
    assert choice == ([], 0)
    with pytest.raises(NotThere):
        database.write_now(
            staffing.change_cohort,
            centre.coordinator,
            centre.learner,
            place_id=0,
            cohort_id=centre.county.cohort.id,
            now=start,
        )


def test_a_grant_of_somebody_else_is_not_there(
    database: Database, centre: Centre, start: datetime
) -> None:
    """A forged pair of person and role ends nothing."""
    grant = _grant_of(database, centre.county.learners[1].person_id)
    for grant_id in (grant, 10**15):
        with pytest.raises(NotThere):
            database.write_now(
                staffing.end_role,
                centre.coordinator,
                centre.learner,
                grant_id=grant_id,
                now=start,
            )


def test_nobody_ends_her_own_last_managing_role(
    database: Database, centre: Centre, start: datetime
) -> None:
    """Not the coordinator, not the administrator; a second one may be ended."""
    for speaker, role in (
        (centre.coordinator, COORDINATOR),
        (centre.administrator, ADMINISTRATOR),
    ):
        grant = _grant_of(database, speaker.person_id, role)
        with pytest.raises(OwnRole):
            database.write_now(
                staffing.end_role, speaker, speaker.person_id, grant_id=grant, now=start
            )
        with pytest.raises(OwnRole):
            database.write_now(leaving.deactivate, speaker, speaker.person_id, now=start)
    database.write_now(
        staffing.grant_role,
        centre.administrator,
        centre.administrator.person_id,
        role=COORDINATOR,
        unit_id=centre.top,
        now=start,
    )
    with pytest.raises(LastAdministrator):
        database.write_now(
            staffing.end_role,
            centre.administrator,
            centre.administrator.person_id,
            grant_id=_grant_of(database, centre.administrator.person_id, ADMINISTRATOR),
            now=start,
        )


def test_two_administrators_cannot_end_each_other_at_once(
    database: Database, centre: Centre, start: datetime
) -> None:
    """One of them is left, whoever is quicker."""
    first, second = centre.administrator, centre.colleague
    database.write_now(
        staffing.grant_role,
        first,
        second.person_id,
        role=ADMINISTRATOR,
        unit_id=centre.top,
        now=start,
    )
    both = database.read_now(who, bot=BOT, chat_id=902, now=start)
    assert both is not None
    grants = {p: _grant_of(database, p, ADMINISTRATOR) for p in (first.person_id, second.person_id)}
    outcomes = at_once(
        lambda: database.write_now(
            staffing.end_role,
            both,
            first.person_id,
            grant_id=grants[first.person_id],
            now=start,
        ),
        lambda: database.write_now(
            staffing.end_role,
            first,
            second.person_id,
            grant_id=grants[second.person_id],
            now=start,
        ),
    )
    assert outcomes == ["done", "last_administrator"]


def test_a_move_is_dated_and_records_keep_the_old_unit(
    database: Database, centre: Centre, start: datetime
) -> None:
    """Membership closed and opened on the day; the learner's role goes along, others stay."""
    database.write_now(
        records.write_down,
        person_id=centre.learner,
        unit_id=centre.station,
        study="daily_lesson",
        occasion="daily_lesson/1/2026-11-24",
        occurred_on=date(2026, 11, 24),
        title="课",
        source_id=None,
        minutes=5,
        mode=records.ONLINE,
        evidence="answered",
        recorded_by=None,
        now=start,
    )
    database.write_now(
        staffing.grant_role,
        centre.coordinator,
        centre.learner,
        role=SUPERVISOR,
        unit_id=centre.station,
        now=start,
    )
    old = database.read_now(staffing.where_from, centre.coordinator, centre.learner, now=start)
    database.write_now(
        staffing.move,
        centre.coordinator,
        centre.learner,
        membership_id=old,
        unit_id=centre.other_station,
        now=start + NEXT_DAY,
    )

    def spans(session: Session) -> list[tuple[int, date, date | None]]:
        rows = session.exec(
            select(Membership)
            .where(Membership.person_id == centre.learner)
            .order_by(col(Membership.id))
        )
        return [(row.unit_id, row.since, row.until) for row in rows]

    assert database.read_now(spans) == [
        (centre.station, date(2026, 11, 24), date(2026, 11, 25)),
        (centre.other_station, date(2026, 11, 25), None),
    ]
    page = database.read_now(
        directory.person, centre.coordinator, centre.learner, now=start + NEXT_DAY
    )
    assert {(held.role, held.unit_name) for held in page.roles} == {
        ("learner", "鲁朗镇社工站"),
        ("supervisor", "八一镇社工站"),
    }
    assert page.minutes_month == 5
    scope = database.read_now(records.scope_for, centre.coordinator, "八一镇社工站")
    period = records.Period(date(2026, 11, 1), date(2026, 11, 30))
    assert database.read_now(records.count, scope, period) == 1


def test_another_cohort_takes_over_from_today_and_her_own_hour_stays(
    database: Database, centre: Centre, start: datetime
) -> None:
    """The old place ends, the new begins; only running cohorts of her station and above."""
    new = database.write_now(_second_cohort, centre, start)
    elsewhere = database.write_now(_second_cohort, centre, start, at_top=False)
    free, place = database.read_now(
        staffing.choosable_cohorts, centre.coordinator, centre.learner, now=start
    )
    assert free == [(new, "二期True")]

    def own_hour(session: Session) -> None:
        session.get_one(CohortMember, place).own_time = time(8, 0)

    database.write_now(own_hour)
    with pytest.raises(NotThere):
        database.write_now(
            staffing.change_cohort,
            centre.coordinator,
            centre.learner,
            place_id=place,
            cohort_id=elsewhere,
            now=start,
        )
    database.write_now(
        staffing.change_cohort,
        centre.coordinator,
        centre.learner,
        place_id=place,
        cohort_id=new,
        now=start,
    )

    def places(session: Session) -> list[tuple[int, date | None, time | None]]:
        rows = session.exec(
            select(CohortMember)
            .where(CohortMember.person_id == centre.learner)
            .order_by(col(CohortMember.id))
        )
        return [(row.cohort_id, row.until, row.own_time) for row in rows]

    assert database.read_now(places) == [
        (centre.county.cohort.id, date(2026, 11, 24), time(8, 0)),
        (new, None, time(8, 0)),
    ]


def test_of_two_changes_at_once_the_second_hears_of_the_first(
    database: Database, centre: Centre, start: datetime
) -> None:
    """Move, cohort, name, role, leaving: made on the same page, one is done and one is told."""
    new = database.write_now(_second_cohort, centre, start)
    person = centre.learner
    grant = _grant_of(database, person)
    _, place = database.read_now(staffing.choosable_cohorts, centre.coordinator, person, now=start)
    old = database.read_now(staffing.where_from, centre.coordinator, person, now=start)
    pairs: list[tuple[Callable[..., object], dict[str, Any]]] = [
        (staffing.rename, {"old": "学员1", "new": "新名"}),
        (staffing.change_cohort, {"place_id": place, "cohort_id": new}),
        (staffing.move, {"membership_id": old, "unit_id": centre.other_station}),
        (staffing.grant_role, {"role": OBSERVER, "unit_id": centre.top}),
    ]
    for fn, values in pairs:
        outcomes = at_once(
            *(
                lambda speaker=speaker, fn=fn, values=values: database.write_now(
                    fn, speaker, person, now=start, **values
                )
                for speaker in (centre.coordinator, centre.colleague)
            )
        )
        assert outcomes == ["changed_meanwhile", "done"], fn
    with pytest.raises(ChangedMeanwhile):  # the move took the old grant with it
        database.write_now(staffing.end_role, centre.coordinator, person, grant_id=grant, now=start)
    outcomes = at_once(
        *(
            lambda speaker=speaker: database.write_now(
                leaving.deactivate, speaker, person, now=start
            )
            for speaker in (centre.coordinator, centre.colleague)
        )
    )
    assert outcomes == ["changed_meanwhile", "done"]


def test_a_name_is_checked_and_kept_clean(
    database: Database, centre: Centre, start: datetime
) -> None:
    """The rule of enrolment holds here too."""
    change: dict[str, Any] = {"old": "学员1", "now": start}
    with pytest.raises(NameNotUsable):
        database.write_now(staffing.rename, centre.coordinator, centre.learner, new="123", **change)
    database.write_now(
        staffing.rename, centre.coordinator, centre.learner, new=" 次仁\n卓嘎 ", **change
    )
    name = database.read_now(lambda s: s.get_one(Person, centre.learner).name)
    assert name == "次仁 卓嘎"


def test_every_change_is_audited_with_ids_only(
    database: Database, centre: Centre, start: datetime
) -> None:
    """Who did what to whom, and no name."""
    acts = _acts(database, centre, start)
    changes = ["grant_role", "change_cohort", "move", "rename"]
    for name in changes:
        acts[name](centre.coordinator)
    entries = audited(database, len(changes))
    assert [entry.action for entry in entries] == changes
    assert {entry.actor_id for entry in entries} == {centre.coordinator.person_id}
    assert {entry.object_id for entry in entries} == {centre.learner}
    assert "学员" not in str([entry.facts for entry in entries])
    assert "别名" not in str([entry.facts for entry in entries])
