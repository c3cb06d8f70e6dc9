"""What waits for somebody who is away goes to whoever stands in, else up the tree: never lost."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from curriculum import (
    answering,
    danger_alerts,
    deputies,
    duty,
    facilitators,
    handovers,
    questions,
    todo,
    topic_session,
    topic_todo,
    urgent_questions,
)
from curriculum.facts import Facts
from curriculum.gathering_words import FALLBACK, KIT
from curriculum.people import COORDINATOR, SUPERVISOR, Speaker, who
from storage import audit
from storage.audit import AuditEntry
from storage.deliveries import Delivery
from storage.engine import Database
from storage.people import Unit
from storage.questions import Question
from tests.county import BOT, join
from tests.curriculum.centre import Centre, found
from tests.curriculum.outbox import Outbox
from tests.curriculum.test_monthly_topic import AFTER_CLOSING, START, Month, _drafted
from tests.curriculum.test_weekly_study import DAY, FRIDAY, HOUR, TUESDAY, Weekly

# Half past two at night on Thursday in Shanghai, and that day's noon.
NIGHT = datetime(2026, 11, 25, 18, 30, tzinfo=UTC)
NOON = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SINCE, BACK = date(2026, 11, 26), date(2026, 11, 30)


def _do(database: Database, act: Callable[..., Any], person: Speaker, *args: Any, **w: Any) -> Any:
    """Something somebody does with the rights she has at that moment."""

    def run(session: Session) -> Any:
        speaker = who(session, bot=BOT, chat_id=person.chat_id, now=w["now"])
        assert speaker is not None
        return act(session, speaker, *args, **w)

    return database.write_now(run)


def _away(
    database: Database,
    person: Speaker,
    deputy: Speaker | None,
    *,
    since: date = SINCE,
    back: date = BACK,
    now: datetime = TUESDAY,
) -> int:
    deputy_id = deputy.person_id if deputy is not None else None
    days = {"since": since, "back": back}
    row: int = _do(database, deputies.set_away, person, deputy_id=deputy_id, now=now, **days)
    return row


@pytest.fixture
def centre(database: Database, tmp_path: Path) -> Centre:
    """A centre with everybody in it."""
    return database.write_now(found, tmp_path, now=TUESDAY)


@dataclass(eq=False)
class Draft:
    """A drafted topic of a station, with its coordinator, a neighbour's, and the one above."""

    month: Month
    own: Speaker
    neighbour: Speaker

    def away(self, deputy: Speaker | None, since: date) -> int:
        """The station's coordinator is away for some days; the one above agrees."""
        database, now = self.month.database, AFTER_CLOSING
        row = _away(database, self.own, deputy, since=since, back=date(2026, 12, 5), now=now)
        if deputy is not None:
            _do(database, deputies.decide, self.month.coordinator, row, yes=True, now=now)
        return row

    def asked(self, person: Speaker, day: date) -> list[str]:
        """For whom she is asked to approve it on a day; "" is her own turn."""
        now = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)
        items = _do(self.month.database, todo.of, person, now=now).items
        return [one.instead_of for one in items if one.kind == topic_todo.APPROVE]


def _draft(database: Database, tmp_path: Path) -> Draft:
    """Made on Wednesday the 18th in a station of its own."""
    month = Month(database, *database.write_now(_drafted, tmp_path / "pack"))

    def people(session: Session) -> tuple[Speaker, Speaker]:
        cohort = session.get_one(type(month.county.cohort), month.county.cohort.id)
        cohort.unit_id = month.county.station.id or 0
        session.add(cohort)
        session.flush()
        joined = []
        for chat_id, name, unit in (
            (902, "站长", month.county.station),
            (904, "邻站", month.county.other_station),
        ):
            there = session.get_one(Unit, unit.id)
            wished = {"chat_id": chat_id, "name": name, "role": COORDINATOR, "unit": there}
            joined.append(join(session, month.county, now=START, **wished))  # type: ignore[arg-type]
        return joined[0], joined[1]

    return Draft(month, *database.write_now(people))


def test_an_approval_goes_to_the_deputy_and_two_working_days_later_up_the_tree(
    database: Database, tmp_path: Path
) -> None:
    """She has two working days of her own from her first day; the one who is away has none."""
    draft = _draft(database, tmp_path)
    above = draft.month.coordinator
    draft.away(draft.neighbour, date(2026, 11, 19))
    for day, own, deputy, up in (
        (18, [""], [], []),
        (19, [""], ["站长"], []),
        (20, [""], ["站长"], []),
        (23, [""], ["站长"], [""]),
    ):
        on = date(2026, 11, day)
        found = [draft.asked(one, on) for one in (draft.own, draft.neighbour, above)]
        assert found == [own, deputy, up], day
    page = draft.month.page()
    assert page.state == "draft"
    _do(
        draft.month.database,
        topic_session.approve,
        draft.neighbour,
        draft.month.topic_id,
        version=1,
        now=AFTER_CLOSING + 2 * DAY,
    )
    entry = draft.month.database.read_now(
        lambda session: session.exec(
            select(AuditEntry).where(AuditEntry.action == "approve_topic")
        ).one()
    )
    assert entry.actor_id == draft.neighbour.person_id
    assert entry.facts[audit.FOR] == draft.own.person_id


def test_without_a_deputy_it_goes_up_at_once_and_what_is_up_stays(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """From the first day of the absence; a deputy who begins late takes nothing back."""
    draft = _draft(sqlite_database, tmp_path)
    above, database = draft.month.coordinator, sqlite_database
    row = draft.away(None, date(2026, 11, 19))
    assert draft.asked(above, date(2026, 11, 18)) == []
    assert draft.asked(above, date(2026, 11, 19)) == [""]
    assert draft.asked(draft.own, date(2026, 11, 19)) == []
    _do(database, deputies.undo, draft.own, row, now=AFTER_CLOSING)
    assert draft.asked(above, date(2026, 11, 19)) == []
    draft.away(draft.neighbour, date(2026, 11, 23))
    for day, deputy in ((20, []), (23, ["站长"])):
        assert draft.asked(above, date(2026, 11, day)) == [""]
        assert draft.asked(draft.neighbour, date(2026, 11, day)) == deputy


def test_the_mornings_list_goes_to_the_deputy_and_not_to_who_is_away(
    database: Database, centre: Centre, tmp_path: Path
) -> None:
    """Each line says whose it is; what both have is hers."""
    weekly = Weekly(database, centre)
    _away(database, centre.coordinator, centre.of_station)
    _away(database, centre.colleague, None)
    database.write_now(todo.owe, bot=BOT, now=NOON - 3 * HOUR)
    owed = database.read_now(
        lambda session: list(
            session.exec(select(Delivery.person_id).where(Delivery.kind == todo.KIND))
        )
    )
    assert owed == [centre.of_station.person_id]
    (item,) = _do(database, todo.of, centre.of_station, now=NOON).items
    assert (item.kind, item.instead_of) == ("confirm_turn", "协调员")
    assert item.object_id == str(weekly.sessions()[0].id)
    later = NOON + 5 * DAY
    for one in _do(database, todo.of, centre.of_station, now=later).items:
        assert one.instead_of == ""


def test_an_urgent_question_reaches_whoever_stands_in(database: Database, centre: Centre) -> None:
    """One asked while she is away is the deputy's turn; one that was hers waits in his list."""

    def second(session: Session) -> Speaker:
        county = centre.county
        unit = session.get_one(Unit, county.top.id)
        return join(
            session, county, chat_id=950, name="二", role=SUPERVISOR, unit=unit, now=TUESDAY
        )

    other, asker = database.write_now(second), centre.county.learners[0]

    def ask(now: datetime) -> Question:
        asked = database.write_now(questions.add, asker, "怎么开口", now=now)
        database.write_now(questions.set_urgent, asker, asked.question_id, is_urgent=True, now=now)
        return database.read_now(lambda session: session.get_one(Question, asked.question_id))

    before = [ask(TUESDAY + number * MINUTE) for number in range(2)]
    turns = {one.assigned_to for one in before}
    assert turns == {centre.supervisor.person_id, other.person_id}
    _away(database, centre.supervisor, other)
    assert [one.count for one in _do(database, todo.of, other, now=NOON).items] == [2]
    after = [ask(NOON + number * MINUTE) for number in range(2)]
    assert {one.assigned_to for one in after} == {other.person_id}
    _do(
        database,
        answering.answer,
        other,
        next(one.id for one in before if one.assigned_to == centre.supervisor.person_id),
        "先听",
        now=NOON,
    )
    entry = database.read_now(
        lambda session: session.exec(
            select(AuditEntry)
            .where(AuditEntry.object_kind == "question", AuditEntry.actor_id == other.person_id)
            .order_by(col(AuditEntry.id).desc())
        ).first()
    )
    assert entry is not None
    assert entry.facts[audit.ALSO_FOR] == centre.supervisor.person_id
    # Nobody's turn is lost where nobody stands in: it goes on to the next one.
    database.write_now(urgent_questions.move_on, bot=BOT, now=NOON + 5 * DAY)
    moved = database.read_now(
        lambda session: {one.assigned_to for one in session.exec(select(Question))}
    )
    assert None not in moved


def _alerted(database: Database, asker: Speaker, rounds: int) -> list[int]:
    database.write_now(danger_alerts.raise_alert, asker, now=NIGHT)
    for number in range(1, rounds):
        now = NIGHT + number * 15 * MINUTE
        database.write_now(danger_alerts.move_on, bot=BOT, now=now)
    return database.read_now(
        lambda session: [
            row.recipient
            for row in session.exec(
                select(Delivery)
                .where(Delivery.kind == danger_alerts.KIND, Delivery.recipient != asker.person_id)
                .order_by(col(Delivery.id))
            )
        ]
    )


def test_an_alert_of_danger_goes_to_the_deputy_in_her_place(
    database: Database, centre: Centre
) -> None:
    """Then down the list; whoever is away is called last, but she is called."""
    for person in (centre.supervisor, centre.colleague):
        database.write_now(
            duty.put_on, centre.coordinator, centre.top, person.person_id, now=TUESDAY
        )
    _away(database, centre.supervisor, centre.coordinator)
    told = _alerted(database, centre.county.learners[0], 3)
    assert told == [
        centre.coordinator.person_id,
        centre.colleague.person_id,
        centre.supervisor.person_id,
    ]


def test_a_list_that_everybody_is_away_from_is_made_up_for(
    database: Database, centre: Centre
) -> None:
    """By whoever looks after her unit; those on the list are still called, at the end."""
    for person in (centre.supervisor, centre.colleague):
        database.write_now(
            duty.put_on, centre.coordinator, centre.top, person.person_id, now=TUESDAY
        )
        _away(database, person, None)
    told = _alerted(database, centre.county.learners[0], 4)
    assert set(told[:2]) == {centre.of_station.person_id, centre.coordinator.person_id}
    assert set(told[2:]) == {centre.supervisor.person_id, centre.colleague.person_id}


def test_the_kit_goes_to_the_deputy_and_later_to_the_coordinator(
    database: Database, centre: Centre
) -> None:
    """At noon of the day before to her; where she has not said yes by four, to who coordinates."""
    weekly = Weekly(database, centre)
    first = weekly.sessions()[0].id or 0
    weekly.do(facilitators.confirm, centre.coordinator, first, now=TUESDAY)
    # Away on the day itself only: the deputy prepares before she has any other right.
    _away(database, centre.coordinator, centre.of_station, since=date(2026, 11, 27))
    thursday_noon = FRIDAY - DAY - 3 * HOUR
    weekly.pass_by(thursday_noon - MINUTE)
    assert weekly.told(FALLBACK) == []
    weekly.pass_by(thursday_noon)
    assert weekly.told(FALLBACK) == [centre.of_station.person_id]
    weekly.pass_by(thursday_noon + 5 * HOUR)
    assert weekly.told(FALLBACK) == [centre.of_station.person_id], "it is confirmed"
    _do(database, facilitators.confirm, centre.of_station, first, now=thursday_noon + 6 * HOUR)
    assert weekly.sessions()[0].facilitator_id == centre.of_station.person_id
    weekly.pass_by(thursday_noon + 6 * HOUR)
    assert centre.of_station.person_id in weekly.told(KIT)


def test_a_turn_nobody_took_on_goes_to_whoever_stands_in_for_the_coordinator(
    database: Database, centre: Centre
) -> None:
    """Also where she went away after it was owed to her."""
    weekly = Weekly(database, centre)
    weekly.pass_by(TUESDAY + HOUR)
    _away(database, centre.coordinator, centre.of_station)
    _away(database, centre.colleague, None)
    weekly.pass_by(FRIDAY - DAY - 3 * HOUR)
    assert weekly.told(FALLBACK) == [centre.of_station.person_id]


def _handed(database: Database, now: datetime) -> list[Facts]:
    found = Outbox(database).ask(now, kinds=[handovers.KIND])
    return [one for one in found if isinstance(one, Facts)]


def test_lists_are_handed_over_both_ways(database: Database, centre: Centre) -> None:
    """On the first morning what is open and what lies ahead; on the return what was done."""
    weekly = Weekly(database, centre)
    first = weekly.sessions()[0].id or 0
    weekly.do(facilitators.confirm, centre.coordinator, first, now=TUESDAY)
    write, asker = database.write_now, centre.county.learners[2]
    asked = write(questions.add, asker, "怎么开口", now=TUESDAY)
    _away(database, centre.coordinator, centre.of_station)
    assert _handed(database, NIGHT) == []
    (begins,) = _handed(database, NOON)
    assert begins.chat_id == centre.of_station.chat_id
    seen = begins.values
    assert (seen["what"], seen["absent"], seen["waiting"]) == ("begins", "协调员", 1)
    assert [(one.kind, one.is_led) for one in seen["meetings"]] == [("weekly_study", True)]
    _do(database, answering.answer, centre.of_station, asked.question_id, "先听", now=NOON)
    Outbox(database).send(NOON + MINUTE)
    monday = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
    assert _handed(database, monday - HOUR) == []
    (ends,) = _handed(database, monday)
    assert ends.chat_id == centre.coordinator.chat_id
    assert ends.values["done"] == (("question", 1),)
    assert ends.values["waiting"] == 0
    assert [one.kind for one in ends.values["items"]] == ["write_minutes"]


def test_coming_back_early_brings_the_list_at_once_and_only_once(
    database: Database, centre: Centre
) -> None:
    """The one of the planned day is not sent any more."""
    row = _away(database, centre.coordinator, centre.of_station)
    Outbox(database).send(NOON)
    _do(database, deputies.come_back, centre.coordinator, row, now=NOON + DAY)
    (ends,) = _handed(database, NOON + DAY)
    assert (ends.chat_id, ends.values["what"]) == (centre.coordinator.chat_id, "ends")
    Outbox(database).send(NOON + DAY + 2 * MINUTE)
    assert _handed(database, NOON + 6 * DAY) == []


def test_a_deputy_who_said_no_gets_no_list(database: Database, centre: Centre) -> None:
    """Nor one whose turn was taken back, or who was never agreed to."""
    row = _away(database, centre.coordinator, centre.of_station)
    _do(database, deputies.answer, centre.of_station, row, yes=False, now=TUESDAY)
    _away(database, centre.supervisor, centre.of_station)
    assert _handed(database, NOON) == []
