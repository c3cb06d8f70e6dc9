"""外出: who stands in with which rights, who says yes to it, what is told, how it ends."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from curriculum import (
    away_of_others,
    deputies,
    deputy_choice,
    deputy_pages,
    deputy_proposals,
    deputy_words,
    directory,
    duty,
    leaving,
    staffing,
    units,
)
from curriculum.deputy_errors import AwayNotClear, AwayUndoOver, DeputyNotFound, NobodyToAgree
from curriculum.deputy_pages import Away
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.facts import Facts
from curriculum.people import COORDINATOR, SUPERVISOR, Speaker, who
from storage.audit import AuditEntry
from storage.deliveries import Delivery
from storage.deputies import Deputy
from storage.engine import Database
from storage.people import RoleGrant, Unit
from tests.county import BOT, join
from tests.curriculum.centre import Centre, at_once, audited, found
from tests.curriculum.outbox import Outbox

# Wednesday at noon, outside the quiet hours.
NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
# From Thursday to Sunday; back on Monday.
SINCE, BACK = date(2026, 11, 26), date(2026, 11, 30)


@dataclass(eq=False)
class Office:
    """A centre, and what its people do at a moment; each is asked for anew, as at every tap."""

    database: Database
    centre: Centre

    def at(self, person: Speaker, now: datetime) -> Speaker:
        """Somebody with the rights she has at a moment."""
        speaker = self.database.read_now(who, bot=BOT, chat_id=person.chat_id, now=now)
        assert speaker is not None
        return speaker

    def do(self, act: Callable[..., Any], person: Speaker, *args: Any, **wishes: Any) -> Any:
        """Something somebody does, whose rights are asked in the same transaction."""

        def run(session: Session) -> Any:
            speaker = who(session, bot=BOT, chat_id=person.chat_id, now=wishes["now"])
            assert speaker is not None
            return act(session, speaker, *args, **wishes)

        return self.database.write_now(run)

    def away(
        self, person: Speaker, deputy: Speaker | None, *, now: datetime = NOON, **days: Any
    ) -> int:
        """Let somebody be away from Thursday to Sunday."""
        wished = {"since": SINCE, "back": BACK} | days
        deputy_id = deputy.person_id if deputy is not None else None
        row: int = self.do(deputies.set_away, person, deputy_id=deputy_id, now=now, **wished)
        return row

    def own(self, person: Speaker, now: datetime = NOON) -> Away | None:
        """Her absence as she sees it."""
        own: Away | None = self.do(deputy_pages.page, person, now=now).own
        return own

    def told(self, now: datetime) -> list[tuple[int, str, str, bool]]:
        """What goes out by a moment: to which chat, as what, in which state, whether over."""
        words = []
        for one in Outbox(self.database).ask(now, kinds=[deputy_words.KIND]):
            if isinstance(one, Facts):
                values = one.values
                words.append((one.chat_id, values["to"], values["state"], values["is_over"]))
        return words


@pytest.fixture
def office(database: Database, tmp_path: Path, start: datetime) -> Office:
    """A centre with everybody in it."""
    return Office(database, database.write_now(found, tmp_path, now=start))


def test_a_deputy_has_the_same_rights_while_it_lasts_and_no_day_longer(office: Office) -> None:
    """From the first day to the last; then it has ended by itself, with nothing to be done."""
    centre = office.centre
    top, station = centre.county.top.path, centre.county.station.path
    office.away(centre.coordinator, centre.of_station)
    for now, is_in in (
        (NOON, False),
        (NOON + DAY, True),
        (NOON + 4 * DAY, True),
        (NOON + 5 * DAY, False),
    ):
        speaker = office.at(centre.of_station, now)
        assert speaker.may("manage_people", unit_path=top) is is_in, now
        assert speaker.stands_in_for() == ((centre.coordinator.person_id,) if is_in else ())
        assert speaker.may("manage_people", unit_path=station)
        assert office.at(centre.coordinator, now).may("manage_people", unit_path=top)


def test_never_more_than_the_other_has_nor_passed_on(office: Office) -> None:
    """Her role ends, and so does the deputy's; a deputy's deputy has none of it."""
    centre = office.centre
    top, now = centre.county.top.path, NOON + DAY
    office.away(centre.supervisor, centre.colleague)
    assert "supervisor" not in {g.role for g in office.at(centre.colleague, NOON).grants}
    assert "supervisor" in {g.role for g in office.at(centre.colleague, now).grants}
    office.away(centre.colleague, centre.of_station)
    held = office.at(centre.of_station, now)
    assert held.stands_in_for() == (centre.colleague.person_id,)
    assert {g.role for g in held.grants} == {COORDINATOR}
    assert held.may("manage_people", unit_path=top)

    def end(session: Session) -> None:
        grant = session.exec(
            select(RoleGrant).where(RoleGrant.person_id == centre.supervisor.person_id)
        ).one()
        grant.until = SINCE
        session.add(grant)

    office.database.write_now(end)
    assert office.at(centre.colleague, now).stands_in_for() == ()


def test_an_administrators_role_is_never_taken_over(office: Office) -> None:
    """Somebody who is both leaves her deputy the coordinator's role alone."""
    centre = office.centre

    def also_administrator(session: Session) -> None:
        session.add(
            RoleGrant(
                person_id=centre.coordinator.person_id,
                unit_id=centre.top,
                role="administrator",
                since=date(2026, 11, 1),
            )
        )

    office.database.write_now(also_administrator)
    office.away(centre.coordinator, centre.of_station)
    deputed = office.at(centre.of_station, NOON + DAY)
    assert {g.role for g in deputed.grants} == {COORDINATOR}
    with pytest.raises(NotThere):
        office.away(centre.administrator, centre.coordinator)


def test_nobody_gives_herself_what_she_only_stands_in_for(office: Office) -> None:
    """A colleague she can still look after, as the one who is away could."""
    centre, now = office.centre, NOON + DAY
    office.away(centre.coordinator, centre.of_station)
    own = centre.of_station
    given = office.do(staffing.scopes, own, own.person_id, SUPERVISOR, now=now)
    assert [one.unit_id for one in given] == [centre.station]
    with pytest.raises(NotThere):
        office.do(
            staffing.grant_role, own, own.person_id, role=COORDINATOR, unit_id=centre.top, now=now
        )
    learner = centre.county.learners[2].person_id
    office.do(
        staffing.grant_role, own, learner, role=SUPERVISOR, unit_id=centre.other_station, now=now
    )


def test_who_fits_can_be_named_and_nobody_else(office: Office) -> None:
    """By role and unit, the nearest first; learners, observers and administrators never."""
    centre = office.centre

    def fitting(person: Speaker) -> list[int]:
        rows = office.do(deputy_choice.fitting, person, since=SINCE, back=BACK, now=NOON)
        return [person_id for person_id, _ in rows]

    assert fitting(centre.coordinator) == [
        centre.colleague.person_id,
        centre.of_station.person_id,
    ]
    assert fitting(centre.of_station) == [
        centre.coordinator.person_id,
        centre.colleague.person_id,
    ]
    assert fitting(centre.supervisor) == [
        centre.coordinator.person_id,
        centre.colleague.person_id,
    ]
    for person in (centre.observer, centre.administrator, centre.county.learners[0]):
        with pytest.raises(NotThere):
            fitting(person)
        with pytest.raises(NotThere):
            office.away(centre.coordinator, person)
        with pytest.raises(NotThere):
            office.do(deputy_pages.page, person, now=NOON)
    office.away(centre.colleague, None)
    assert fitting(centre.of_station) == [centre.coordinator.person_id]


def test_another_is_proposed_to_the_coordinators_whose_first_word_counts(office: Office) -> None:
    """No right before the yes; the one who decides is neither of the two; all three hear of it."""
    centre, now = office.centre, NOON + DAY
    top = centre.county.top.path
    row = office.away(centre.coordinator, centre.supervisor)
    assert office.told(NOON) == [(centre.colleague.chat_id, "coordinator", "proposed", False)]
    assert office.at(centre.supervisor, now).stands_in_for() == ()
    for person in (centre.coordinator, centre.supervisor, centre.of_station, centre.administrator):
        with pytest.raises(NotThere):
            office.do(deputies.decide, person, row, yes=True, now=NOON)
    office.do(deputies.decide, centre.colleague, row, yes=True, now=NOON)
    assert office.told(NOON + MINUTE) == [
        (centre.coordinator.chat_id, "absent", "named", False),
        (centre.supervisor.chat_id, "deputy", "named", False),
    ]
    assert office.at(centre.supervisor, now).may("manage_people", unit_path=top)
    with pytest.raises(ChangedMeanwhile):
        office.do(deputies.decide, centre.colleague, row, yes=False, now=NOON)


def test_a_proposal_nobody_answers_goes_up_and_then_back(office: Office) -> None:
    """Two working days each: the next station's coordinator, those above, then she who goes."""
    centre = office.centre

    def second(session: Session) -> Speaker:
        county = centre.county
        there = session.get_one(Unit, county.station.id)
        return join(
            session, county, chat_id=950, name="副站长", role=COORDINATOR, unit=there, now=NOON
        )

    beside = office.database.write_now(second)
    since, back = date(2026, 12, 7), date(2026, 12, 11)
    row = office.away(centre.of_station, centre.supervisor, since=since, back=back)
    outbox = Outbox(office.database)
    outbox.send(NOON)

    def told(days: int) -> list[tuple[int, str, bool]]:
        now = NOON + days * DAY
        for _ in range(2):
            office.database.write_now(deputy_proposals.move_on, bot=BOT, now=now)
        words = [
            (one.chat_id, one.values["to"], one.values["is_unanswered"])
            for one in outbox.ask(now, kinds=[deputy_words.KIND])
            if isinstance(one, Facts)
        ]
        outbox.send(now + 2 * MINUTE)
        return sorted(words)

    # Asked on Wednesday: Thursday and Friday pass; the weekend does not count.
    assert told(1) == []
    assert told(2) == [
        (centre.coordinator.chat_id, "coordinator", False),
        (centre.colleague.chat_id, "coordinator", False),
    ]
    assert audited(office.database, 1)[0].action == "pass_on_deputy"
    assert told(5) == []
    assert told(6) == [(centre.of_station.chat_id, "absent", True)]
    assert audited(office.database, 1)[0].action == "hand_back_deputy"
    assert told(9) == []
    # The first who was asked can say yes still.
    office.do(deputies.decide, beside, row, yes=True, now=NOON + 9 * DAY)
    assert office.at(centre.supervisor, NOON + 12 * DAY).stands_in_for() == (
        centre.of_station.person_id,
    )


def test_a_refused_deputy_has_no_rights_and_another_can_be_named(office: Office) -> None:
    """The one who goes hears it and chooses somebody else; the refusal is in the trail."""
    centre, now = office.centre, NOON + DAY
    row = office.away(centre.coordinator, centre.supervisor)
    office.do(deputies.decide, centre.colleague, row, yes=False, now=NOON)
    assert (centre.coordinator.chat_id, "absent", "refused", False) in office.told(NOON + MINUTE)
    assert audited(office.database, 1)[0].action == "refuse_deputy"
    assert office.at(centre.supervisor, now).stands_in_for() == ()
    office.do(
        deputies.change_deputy,
        centre.coordinator,
        row,
        deputy_id=centre.of_station.person_id,
        now=NOON + MINUTE,
    )
    assert office.at(centre.of_station, now).stands_in_for() == (centre.coordinator.person_id,)


def test_of_two_coordinators_who_decide_at_once_one_does(office: Office) -> None:
    """Never named and refused together."""
    centre = office.centre

    def third(session: Session) -> Speaker:
        county = centre.county
        return join(
            session, county, chat_id=950, name="三", role=COORDINATOR, unit=county.top, now=NOON
        )

    other = office.database.write_now(third)
    row = office.away(centre.coordinator, centre.supervisor)
    acts = [
        lambda by=by, yes=yes: office.do(deputies.decide, by, row, yes=yes, now=NOON)
        for by, yes in ((centre.colleague, True), (other, False))
    ]
    assert at_once(*acts) == ["changed_meanwhile", "done"]


def test_a_typed_name_means_one_person_whom_somebody_can_agree_to(office: Office) -> None:
    """None or several are asked for again; where nobody can agree she is told at once."""
    centre = office.centre
    days = {"since": SINCE, "back": BACK, "now": NOON}
    assert office.do(deputy_choice.named, centre.coordinator, " 督导 ", **days) == (
        centre.supervisor.person_id
    )
    for name in ("没有这人", "学员1", "协调员", "管理员"):
        with pytest.raises(DeputyNotFound):
            office.do(deputy_choice.named, centre.coordinator, name, **days)
    for person in (centre.coordinator, centre.colleague):
        office.away(person, None, since=date(2026, 11, 25))

    def second(session: Session) -> Speaker:
        county = centre.county
        return join(
            session, county, chat_id=951, name="二", role=SUPERVISOR, unit=county.station, now=NOON
        )

    office.database.write_now(second)
    with pytest.raises(NobodyToAgree):
        office.do(deputy_choice.named, centre.supervisor, "二", **days)


def test_a_deputy_for_two_units_is_agreed_to_by_who_coordinates_both(office: Office) -> None:
    """Whoever is asked can say yes to all of it."""
    centre = office.centre

    def also_there(session: Session) -> None:
        session.add(
            RoleGrant(
                person_id=centre.of_station.person_id,
                unit_id=centre.other_station,
                role=SUPERVISOR,
                since=date(2026, 11, 1),
            )
        )

    office.database.write_now(also_there)
    row = office.away(centre.of_station, centre.supervisor)
    asked = {chat for chat, *_ in office.told(NOON)}
    assert asked == {centre.coordinator.chat_id, centre.colleague.chat_id}
    office.do(deputies.decide, centre.coordinator, row, yes=True, now=NOON)
    held = office.at(centre.supervisor, NOON + DAY)
    taken_over = {g.unit_id for g in held.grants if g.instead_of is not None}
    assert taken_over == {centre.station, centre.other_station}


@pytest.mark.parametrize(
    ("since", "back"),
    [
        (date(2026, 11, 24), BACK),
        (SINCE, SINCE),
        (SINCE, SINCE + 200 * DAY),
        (SINCE + 200 * DAY, SINCE + 201 * DAY),
    ],
)
def test_dates_that_cannot_be_are_refused(office: Office, since: date, back: date) -> None:
    """Past, in the wrong order, or further than half a year; nothing is stored, nobody told."""
    centre = office.centre
    with pytest.raises(AwayNotClear):
        office.away(centre.coordinator, centre.colleague, since=since, back=back)
    assert office.own(centre.coordinator) is None
    assert office.told(NOON) == []


def test_a_second_absence_is_not_set_beside_the_first(office: Office) -> None:
    """It is changed instead, so that nobody has two deputies."""
    centre = office.centre
    office.away(centre.coordinator, centre.colleague)
    with pytest.raises(ChangedMeanwhile):
        office.away(centre.coordinator, centre.of_station, since=BACK, back=BACK + 3 * DAY)


def test_a_deputy_hears_of_it_and_may_say_no_on_any_day(office: Office) -> None:
    """Yes is told, no is told and ends the rights at once; only she can say either."""
    centre, now = office.centre, NOON + DAY
    row = office.away(centre.coordinator, centre.of_station)
    assert office.told(NOON) == [(centre.of_station.chat_id, "deputy", "named", False)]
    for person in (centre.coordinator, centre.colleague, centre.administrator):
        with pytest.raises(NotThere):
            office.do(deputies.answer, person, row, yes=False, now=NOON)
    office.do(deputies.answer, centre.of_station, row, yes=True, now=NOON)
    assert office.told(NOON + MINUTE) == [(centre.coordinator.chat_id, "absent", "agreed", False)]
    office.do(deputies.answer, centre.of_station, row, yes=False, now=now)
    assert office.told(now + MINUTE) == [(centre.coordinator.chat_id, "absent", "declined", False)]
    assert office.at(centre.of_station, now).stands_in_for() == ()
    with pytest.raises(ChangedMeanwhile):
        office.do(deputies.answer, centre.of_station, row, yes=True, now=now)


def test_what_was_set_is_taken_back_for_ten_minutes(office: Office) -> None:
    """Whoever heard of it hears that it is off; whoever did not yet, hears nothing at all."""
    centre, top = office.centre, office.centre.county.top.path
    row = office.away(centre.coordinator, centre.of_station)
    office.do(deputies.undo, centre.coordinator, row, now=NOON + MINUTE)
    assert office.own(centre.coordinator) is None
    assert office.told(NOON + MINUTE) == []
    row = office.away(centre.coordinator, centre.of_station)
    Outbox(office.database).send(NOON + 2 * MINUTE)
    office.do(deputies.undo, centre.coordinator, row, now=NOON + 10 * MINUTE)
    assert office.told(NOON + 11 * MINUTE) == [
        (centre.of_station.chat_id, "deputy", "taken_back", True)
    ]
    assert not office.at(centre.of_station, NOON + DAY).may("manage_people", unit_path=top)
    row = office.away(centre.coordinator, centre.of_station)
    with pytest.raises(AwayUndoOver):
        office.do(deputies.undo, centre.coordinator, row, now=NOON + 11 * MINUTE)
    for person in (centre.of_station, centre.colleague):
        with pytest.raises(AwayUndoOver):
            office.do(deputies.undo, person, row, now=NOON)
    with pytest.raises(NotThere):
        office.do(deputies.undo, centre.county.learners[0], row, now=NOON)


def test_an_answer_is_taken_back_too_and_the_other_is_told(office: Office) -> None:
    """A slip of the thumb on 不方便 costs nothing; what came after it stands."""
    centre, now = office.centre, NOON + DAY
    row = office.away(centre.coordinator, centre.of_station)
    office.do(deputies.answer, centre.of_station, row, yes=False, now=now)
    office.do(deputies.undo, centre.of_station, row, now=now + MINUTE)
    assert office.at(centre.of_station, now).stands_in_for() == (centre.coordinator.person_id,)
    assert (centre.coordinator.chat_id, "absent", "named", False) in office.told(now + 2 * MINUTE)
    with pytest.raises(AwayUndoOver):
        office.do(deputies.undo, centre.of_station, row, now=now + 2 * MINUTE)


def test_coming_back_early_ends_it_at_once_and_can_be_taken_back(office: Office) -> None:
    """The deputy's rights are gone the same day and she hears of it."""
    centre, now = office.centre, NOON + 2 * DAY
    row = office.away(centre.coordinator, centre.of_station)
    Outbox(office.database).send(NOON)
    with pytest.raises(NotThere):
        office.do(deputies.come_back, centre.of_station, row, now=now)
    office.do(deputies.come_back, centre.coordinator, row, now=now)
    assert office.at(centre.of_station, now).stands_in_for() == ()
    assert (centre.of_station.chat_id, "deputy", "named", True) in office.told(now)
    with pytest.raises(ChangedMeanwhile):
        office.do(deputies.come_back, centre.coordinator, row, now=now)
    office.do(deputies.undo, centre.coordinator, row, now=now + MINUTE)
    assert office.at(centre.of_station, now).stands_in_for() == (centre.coordinator.person_id,)


def test_one_that_has_not_begun_is_cancelled(office: Office) -> None:
    """No day of it is left, and a new one can be set."""
    centre = office.centre
    row = office.away(centre.coordinator, centre.of_station)
    office.do(deputies.come_back, centre.coordinator, row, now=NOON)
    assert office.own(centre.coordinator) is None
    assert office.at(centre.of_station, NOON + DAY).stands_in_for() == ()
    office.away(centre.coordinator, centre.colleague)


def test_another_deputy_takes_over_for_the_rest_of_it(office: Office) -> None:
    """The first has rights until then, the second from then on; undone, the first again."""
    centre, now = office.centre, NOON + 2 * DAY
    absent = (centre.coordinator.person_id,)
    row = office.away(centre.coordinator, centre.of_station)
    Outbox(office.database).send(NOON)
    second = office.do(
        deputies.change_deputy,
        centre.coordinator,
        row,
        deputy_id=centre.colleague.person_id,
        now=now,
    )
    assert office.at(centre.of_station, now).stands_in_for() == ()
    assert office.at(centre.colleague, now).stands_in_for() == absent
    own = office.own(centre.coordinator, now)
    assert own is not None
    assert (own.row_id, own.since, own.back) == (second, SINCE, BACK)
    assert set(office.told(now)) == {
        (centre.of_station.chat_id, "deputy", "named", True),
        (centre.colleague.chat_id, "deputy", "named", False),
    }
    office.do(deputies.undo, centre.coordinator, second, now=now + MINUTE)
    assert office.at(centre.of_station, now).stands_in_for() == absent
    assert office.at(centre.colleague, now).stands_in_for() == ()


def test_what_is_read_back_says_where_everything_goes(office: Office) -> None:
    """Duty lists with who else is called; whom approvals go to where nobody stands in."""
    centre = office.centre
    for person in (centre.coordinator, centre.supervisor):
        office.do(duty.put_on, centre.coordinator, centre.top, person.person_id, now=NOON)
    days = {"since": SINCE, "back": BACK, "now": NOON}
    alone = office.do(deputy_choice.plan, centre.coordinator, deputy_id=None, **days)
    assert (alone.deputy, alone.next_up, alone.last) == ("", ("同事",), BACK - DAY)
    assert [(one.unit_name, one.others) for one in alone.duty] == [("林芝市", 1)]
    named = office.do(
        deputy_choice.plan, centre.coordinator, deputy_id=centre.of_station.person_id, **days
    )
    assert (named.deputy, named.asked, named.next_up) == ("站长", (), ())
    proposed = office.do(
        deputy_choice.plan, centre.coordinator, deputy_id=centre.supervisor.person_id, **days
    )
    assert (proposed.deputy, proposed.asked) == ("督导", ("同事",))
    office.away(centre.of_station, centre.coordinator)
    both = office.do(deputy_choice.plan, centre.coordinator, deputy_id=None, **days)
    assert both.also_for == ("站长",)


def test_what_a_deputy_does_is_marked_and_what_is_her_own_is_not(office: Office) -> None:
    """In the trail, by the right that allowed it: hers, or that of the one who is away."""
    centre, now = office.centre, NOON + DAY
    office.away(centre.coordinator, centre.of_station)
    for person, unit_id, name, facts in (
        (centre.of_station, centre.other_station, "新名", {"for": centre.coordinator.person_id}),
        (centre.of_station, centre.station, "站名", {"also_for": centre.coordinator.person_id}),
        (centre.colleague, centre.station, "别名", {}),
    ):
        old = office.database.read_now(_unit_name, unit_id)
        office.do(units.rename, person, unit_id, old=old, new=name, now=now)
        (entry,) = audited(office.database, 1)
        marks = {key: entry.facts[key] for key in ("for", "also_for") if key in entry.facts}
        assert (entry.actor_id, marks) == (person.person_id, facts)
    later = NOON + 5 * DAY
    office.do(units.rename, centre.of_station, centre.station, old="别名", new="末名", now=later)
    assert set(audited(office.database, 1)[0].facts) & {"for", "also_for"} == set()


def _unit_name(session: Session, unit_id: int) -> str:
    return session.get_one(Unit, unit_id).name_zh


def test_a_coordinator_above_sets_it_for_somebody_who_is_told(office: Office) -> None:
    """By the same rules, her own word agreeing; undone or ended by her, told again; never beside.

    Not by a station's coordinator for one above, by an administrator, nor for who looks after
    nobody, nor for herself.
    """
    centre, now = office.centre, NOON + DAY
    days = {"since": SINCE, "back": BACK}
    supervisor, station = centre.supervisor, centre.of_station

    def setting(by: Speaker, person: int, deputy: Speaker | None = None, **wishes: Any) -> int:
        deputy_id = deputy.person_id if deputy else None
        row: int = office.do(
            away_of_others.set_for,
            by,
            person,
            deputy_id=deputy_id,
            **(days | {"now": NOON} | wishes),
        )
        return row

    for by, person in (
        (station, supervisor.person_id),
        (centre.administrator, supervisor.person_id),
        (supervisor, station.person_id),
        (centre.coordinator, centre.learner),
        (centre.coordinator, centre.coordinator.person_id),
    ):
        with pytest.raises(NotThere):
            setting(by, person)
    with pytest.raises(AwayNotClear):
        setting(centre.coordinator, station.person_id, since=BACK, back=SINCE)

    # A supervisor does not fit a coordinator's place; the one who sets it could agree herself.
    row = setting(centre.coordinator, station.person_id, supervisor)
    entry = audited(office.database, 1)[0]
    assert (entry.action, entry.actor_id) == ("set_away", centre.coordinator.person_id)
    assert entry.facts["person"] == station.person_id
    assert office.at(supervisor, now).stands_in_for() == (station.person_id,)
    assert sorted(office.told(NOON)) == [
        (station.chat_id, "absent", "named", False),
        (supervisor.chat_id, "deputy", "named", False),
    ]
    with pytest.raises(ChangedMeanwhile):
        setting(centre.coordinator, station.person_id)
    own = office.own(station)
    assert own is not None
    assert own.row_id == row
    Outbox(office.database).send(NOON + 3 * MINUTE)
    office.do(deputies.undo, centre.coordinator, row, now=NOON + 9 * MINUTE)
    assert (station.chat_id, "absent", "taken_back", True) in office.told(NOON + 9 * MINUTE)

    row = setting(centre.coordinator, station.person_id, now=NOON + 10 * MINUTE)
    with pytest.raises(NotThere):
        office.do(away_of_others.end_for, supervisor, row, now=now)
    office.do(away_of_others.end_for, centre.colleague, row, now=now)
    assert office.own(station, now) is None
    with pytest.raises(ChangedMeanwhile):
        office.do(away_of_others.end_for, centre.colleague, row, now=now)


def test_who_was_let_go_by_a_deputy_is_brought_back_by_her(office: Office) -> None:
    """For whom she did it stands beside what it closed, and is no part of that."""
    centre, now = office.centre, NOON + DAY
    office.away(centre.coordinator, centre.colleague)
    for learner in (centre.learner, centre.county.learners[2].person_id):
        office.do(leaving.deactivate, centre.colleague, learner, now=now)
        office.do(leaving.take_back, centre.colleague, learner, now=now)
        page = office.do(directory.person, centre.colleague, learner, now=now)
        assert [held.role for held in page.roles] == ["learner"]


def test_every_change_is_in_the_trail(office: Office) -> None:
    """Who, what, for which days: ids and dates, no names."""
    centre = office.centre
    row = office.away(centre.coordinator, centre.of_station)
    office.do(deputies.answer, centre.of_station, row, yes=True, now=NOON)
    office.do(deputies.come_back, centre.coordinator, row, now=NOON + DAY)
    office.do(deputies.undo, centre.coordinator, row, now=NOON + DAY)
    entries = office.database.read_now(
        lambda session: list(
            session.exec(
                select(AuditEntry)
                .where(AuditEntry.object_kind == "deputy")
                .order_by(col(AuditEntry.id))
            )
        )
    )
    acts = [entry.action for entry in entries]
    assert acts == ["set_away", "agree_deputy", "end_away", "undo_away"]
    assert entries[0].facts["deputy"] == centre.of_station.person_id
    rows = office.database.read_now(lambda session: list(session.exec(select(Deputy))))
    assert [(one.since, one.until) for one in rows] == [(SINCE, BACK)]
    words = office.database.read_now(
        lambda session: list(session.exec(select(Delivery).where(Delivery.kind == "deputy")))
    )
    assert len({(one.occasion, one.recipient) for one in words}) == len(words)
