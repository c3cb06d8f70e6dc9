"""During and after an exchange visit: logs, what was brought home, the roll, figures, summary."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from curriculum import (
    stories,
    story_nominations,
    story_sources,
    todo,
    visit_asks,
    visit_counts,
    visit_followup,
    visit_log,
    visit_log_changes,
    visit_log_data,
    visit_return,
    visit_roll,
    visit_roll_list,
    visit_summary,
)
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.facts import Facts, NotWanted, Verdict
from curriculum.people import Speaker
from curriculum.records import Period
from curriculum.story_errors import StoryProposed
from curriculum.visit_log import FELLOWS, NAMED, NO, OWN, UNNAMED, Words
from curriculum.visit_log_errors import (
    VisitFileTooLarge,
    VisitMinutesNotUsable,
    VisitNotBegun,
    VisitNotOver,
    VisitSummaryStale,
    VisitTooManyPictures,
    VisitUndoTooLate,
    VisitWordsNotUsable,
)
from scheduler import asking
from storage import visits as stored_visits
from storage.engine import Database
from storage.sealed import NoteKey
from tests.county import BOT, County, build, write_pack
from tests.curriculum.outbox import claim
from tests.curriculum.visited import FIRST, LAST, travelling

# Nine in the evening of the first day, noon of the last, half past nine of the Monday after.
NIGHT = datetime.fromisoformat("2026-11-25T13:00:00+00:00")
NOON = datetime.fromisoformat("2026-11-27T04:00:00+00:00")
HOME = datetime.fromisoformat("2026-11-30T01:30:00+00:00")
CHECK = datetime.fromisoformat("2026-12-27T01:30:00+00:00")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def _county(database: Database, folder: Path, now: datetime, learners: int = 3) -> County:
    return database.write_now(build, write_pack(folder / "pack", 1), now=now, learners=learners)


def _chief(county: County) -> Speaker:
    assert county.coordinator is not None
    return county.coordinator


def _visit(database: Database, county: County, now: datetime, **wished: Any) -> int:
    found: int = database.write_now(
        lambda session: travelling(session, county, now=now, **wished).id or 0
    )
    return found


def _verdicts(database: Database, now: datetime) -> list[Verdict]:
    """What the questions that are due say, those that are asked first."""

    def ask(session: Session) -> list[Verdict]:
        rows = [row for row in claim(session, now) if row.kind.startswith("visit_")]
        found = asking.ask(session, rows, now=now).verdicts
        return sorted(found.values(), key=lambda one: isinstance(one, NotWanted))

    return database.write_now(ask)


def _rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    return database.read_now(
        lambda session: [tuple(row) for row in session.connection().execute(text(query))]
    )


def test_a_log_is_its_authors_and_read_by_whom_she_says(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Fellows and whoever arranges it read what she shares; what she takes back is gone for all."""
    county = _county(database, tmp_path, start)
    visit_id, chief = _visit(database, county, start, without_chat=1), _chief(county)
    author, fellow, outsider = county.learners

    def write(speaker: Speaker, words: Words, day: date = FIRST, **more: Any) -> Any:
        at = {"now": NIGHT} | more
        return database.write_now(visit_log.write, speaker, visit_id, day, words, **at)

    def seen(speaker: Speaker) -> list[str]:
        page = database.read_now(visit_log.listed, speaker, visit_id, page=0, now=NIGHT)
        return [line.text for line in page.lines]

    def change(act: Any, speaker: Speaker, *more: Any, now: datetime = NIGHT) -> Any:
        return database.write_now(act, speaker, entry.entry_id, *more, now=now)

    entry = write(author, Words("text", "站点的展板按月更新"))
    photo = write(author, Words("picture", "展板", ("FILE", "MORE"), 90_000))
    assert (entry.sharing, entry.summary, photo.files) == (FELLOWS, NO, ("FILE", "MORE"))
    assert seen(fellow) == seen(chief) == ["展板", "站点的展板按月更新"]
    for refused, error in (
        (lambda: write(outsider, Words("text", "我也去")), NotThere),
        (lambda: write(author, Words("text", "明天的"), FIRST + DAY), NotThere),
        (lambda: write(author, Words("text", " ")), VisitWordsNotUsable),
        (lambda: write(author, Words("picture", "展" * 201, ("F",), 1)), VisitWordsNotUsable),
        (lambda: write(author, Words("voice", "录音", ("F",), 20_000_000)), VisitFileTooLarge),
        (lambda: write(author, Words("picture", "多", ("F",) * 11, 9)), VisitTooManyPictures),
        (lambda: write(author, Words("text", "早了"), now=start), NotThere),
        (lambda: change(visit_log_changes.move, author, FIRST + DAY), NotThere),
        (lambda: change(visit_log_changes.move, fellow, FIRST), NotThere),
        (lambda: seen(outsider), NotThere),
        (lambda: change(visit_log_changes.change, fellow, "改"), NotThere),
        (lambda: change(visit_log_changes.undo, author), VisitUndoTooLate),
    ):
        with pytest.raises(error):
            refused()
    with pytest.raises(VisitNotBegun):
        database.read_now(visit_log.days_to_write, author, visit_id, now=start)
    # On the wrong day: to the day before, and back.
    for day in (FIRST + DAY, FIRST):
        assert change(visit_log_changes.move, author, day, now=NIGHT + DAY).day == day
    # Written afterwards, of any day of the journey.
    late = database.read_now(visit_log.days_to_write, author, visit_id, now=HOME)
    assert late == [LAST, FIRST + DAY, FIRST]

    assert change(visit_log_changes.change, author, "展板每周更新").text == "展板每周更新"
    assert change(visit_log_changes.undo, author).text == "站点的展板按月更新"
    assert change(visit_log_changes.allow, author, NAMED).summary == NAMED
    kept = change(visit_log_changes.share, author, OWN)
    assert (kept.sharing, kept.summary) == (OWN, NO)
    assert seen(fellow) == seen(chief) == ["展板"]
    assert seen(author) == ["展板", "站点的展板按月更新"]
    with pytest.raises(NotThere):
        database.read_now(visit_log.read, chief, entry.entry_id, now=NIGHT)
    change(visit_log_changes.drop, author)
    assert seen(author) == ["展板"]
    with pytest.raises(VisitUndoTooLate):
        change(visit_log_changes.undo, author, now=NIGHT + 10 * MINUTE)
    change(visit_log_changes.undo, author, now=NIGHT + 9 * MINUTE)
    change(visit_log_changes.drop, author)
    database.write_now(visit_log_data.drop_undone, before=NIGHT + DAY, limit=50)
    assert _rows(database, "SELECT text FROM visit_log") == [("展板",)]

    # For somebody without a chat, an official too; never for who can write herself.
    found = database.read_now(visit_log.without_chat, chief, visit_id)
    waiting = [(one.id, one.name) for one in found.lines]
    assert [name for _, name in waiting] == ["扎西0", "干部1"]
    for line_id, name in waiting:
        entered = write(chief, Words("text", f"{name}说的"), line_id=line_id)
        assert (entered.author, entered.is_mine, entered.is_entered) == (name, True, True)
    hers = _rows(database, "SELECT id FROM visit_person WHERE person_id IS NOT NULL LIMIT 1")[0][0]
    for speaker, line in ((chief, hers), (fellow, waiting[0][0])):
        with pytest.raises(NotThere):
            write(speaker, Words("text", "替她写"), line_id=line)
    acts = _rows(database, "SELECT facts FROM audit_entry WHERE object_kind = 'visit'")
    assert acts
    assert "展板" not in str(acts)


def test_each_question_comes_once_to_who_travels(
    database: Database, tmp_path: Path, start: datetime, note_key: NoteKey
) -> None:
    """In the evening, on the first working day, after thirty days; her answers become a story."""
    county = _county(database, tmp_path, start)
    visit_id, chief = _visit(database, county, start), _chief(county)
    author, fellow, outsider = county.learners

    def owe(now: datetime) -> int:
        return database.write_now(visit_asks.owe, bot=BOT, now=now)

    noon = NIGHT - timedelta(hours=9)
    assert [owe(at) for at in (noon - MINUTE, noon, noon + MINUTE)] == [0, 2, 0]
    due = _rows(database, "SELECT DISTINCT kind, occasion FROM delivery WHERE kind = 'visit_log'")
    assert due == [("visit_log", f"{visit_id}:2026-11-25")]
    # Who wrote already is not asked in the evening; the other reads which day it is.
    database.write_now(visit_log.write, author, visit_id, FIRST, Words("text", "展板"), now=noon)
    evening = NIGHT - timedelta(hours=1)
    (facts, other) = _verdicts(database, evening)
    assert isinstance(other, NotWanted)
    assert isinstance(facts, Facts)
    assert (facts.chat_id, facts.values["day"]) == (fellow.chat_id, FIRST)
    assert [owe(at) for at in (HOME - DAY, HOME, HOME + DAY)] == [0, 2, 0]
    assert [owe(at) for at in (CHECK - MINUTE, CHECK, CHECK + DAY)] == [0, 2, 0]

    def save(part: str, words: str, version: int, now: datetime = HOME) -> Any:
        return database.write_now(
            visit_return.save, author, visit_id, part, words, version=version, now=now
        )

    with pytest.raises(VisitNotOver):
        save("saw", "看到了", 0, now=NIGHT)
    first = save("saw", "社区有值班表", 0)
    assert first.missing == ("use", "first_step")
    with pytest.raises(ChangedMeanwhile):
        save("use", "旧的", 0)
    whole = "看到了什么：社区有值班表\n能用什么：值班表\n第一步：先在八一镇排一周"
    found = save("whole", whole, first.version)
    assert found.parts == {
        "saw": "社区有值班表",
        "use": "值班表",
        "first_step": "先在八一镇排一周",
    }
    # What only begins like a heading is a sentence, and nobody's words are cut.
    for plain in ("都挺好，想学值班表", "看到值班表\n能用的是值班表\n第一步先排班"):
        assert visit_return.split(plain) == {"whole": plain}

    # Whoever arranges it may propose it; she alone begins her own story from it, once.
    def propose(who: Speaker) -> Any:
        return database.write_now(
            story_nominations.nominate,
            chief,
            who.person_id,
            "值班表",
            source=(story_sources.VISIT, found.return_id),
            note_key=note_key,
            now=HOME,
        )

    with pytest.raises(NotThere):
        propose(fellow)
    propose(author)
    with pytest.raises(StoryProposed):
        propose(author)
    database.write_now(visit_return.share, author, found.return_id, OWN, now=HOME)
    for reader in (chief, fellow, outsider):
        with pytest.raises(NotThere):
            database.read_now(visit_return.read, reader, found.return_id)
    assert not database.read_now(
        story_sources.may_propose, chief, story_sources.VISIT, found.return_id
    )
    with pytest.raises(NotThere):
        database.write_now(
            story_sources.begin_from_visit, fellow, found.return_id, note_key=note_key, now=HOME
        )
    begun = [
        database.write_now(
            story_sources.begin_from_visit, author, found.return_id, note_key=note_key, now=HOME
        )
        for _ in range(2)
    ]
    assert begun[0] == begun[1]
    story = database.read_now(stories.one, author, begun[0], note_key=note_key)
    assert story.texts == {"whole": "值班表"}  # what was proposed to her is that story

    def said(speaker: Speaker, step: str, words: str = "", now: datetime = CHECK) -> Any:
        return database.write_now(visit_followup.note, speaker, visit_id, step, words, now=now)

    for speaker, step, now in (
        (author, "done", CHECK - DAY),
        (author, "well", CHECK),
        (outsider, "done", CHECK),
        (author, "done", CHECK + 90 * DAY),
    ):
        with pytest.raises(NotThere):
            said(speaker, step, now=now)
    said(author, "not_yet", "人手不够")
    assert said(author, "doing").text == ""
    said(author, "otherwise", "改成两人一班")
    assert said(author, "otherwise").text == "改成两人一班"
    said(fellow, "done")
    assert database.read_now(visit_followup.shared, chief, visit_id).lines == ()
    database.write_now(visit_followup.share, author, visit_id, is_shared=True, now=CHECK)
    (told,) = database.read_now(visit_followup.shared, chief, visit_id).lines
    # What she keeps to herself is not told with it.
    assert (told.step, told.text, told.first_step) == ("otherwise", "改成两人一班", "")
    with pytest.raises(NotThere):
        database.read_now(visit_followup.shared, fellow, visit_id)


def test_the_roll_writes_the_ledger_and_the_figures_come_of_it(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Two batches with 43 people to three places; who was not there a day has no minutes of it."""
    county = _county(database, tmp_path, start, learners=2)
    chief, author = _chief(county), county.learners[0]
    first = _visit(database, county, start, without_chat=16, officials=3)
    # Nobody goes twice.
    second = _visit(
        database,
        county,
        start,
        learners=0,
        without_chat=18,
        officials=4,
        last=FIRST,
        title="赴日喀则交流",
        places=("拉萨市民政局", "日喀则市社工站"),
    )
    # The other batch's officials are other people.
    database.write_now(
        lambda session: session.connection().execute(
            text("UPDATE visit_person SET post = '主任' WHERE visit_id = :id"), {"id": second}
        )
    )

    def act(rule: Any, *given: Any, now: datetime = NOON, **named: Any) -> Any:
        return database.write_now(rule, chief, *given, **named, now=now)

    with pytest.raises(VisitNotOver):
        act(visit_roll.confirm, first, evidence="roll_call", now=NIGHT)
    with pytest.raises(NotThere):
        database.write_now(visit_roll.confirm, author, first, evidence="roll_call", now=NOON)
    for wrong in ("29", "721", "半天"):
        with pytest.raises(VisitMinutesNotUsable):
            visit_roll.read_minutes(wrong)
    page = database.read_now(visit_roll.roll, chief, first, now=NOON)
    assert (page.there, page.officials, page.everybody, page.pages) == (21, 3, 21, 4)
    mine = page.lines[0].line_id
    act(visit_roll.tick, first, mine, day=FIRST)
    assert act(visit_roll.confirm, first, evidence="roll_call") == 21
    act(visit_roll.set_minutes, first, LAST, visit_roll.read_minutes("240分钟"))
    query = (
        "SELECT occurred_on, title, minutes, mode, evidence FROM learning_record r"
        " JOIN person ON person.id = r.person_id WHERE name = '学员1'"
        " AND evidence <> 'annulled' AND NOT EXISTS"
        " (SELECT 1 FROM learning_record c WHERE c.corrects = r.id) ORDER BY occurred_on"
    )
    rows = [(str(row[0]), *row[1:]) for row in _rows(database, query)]
    assert rows == [
        ("2026-11-26", "赴拉萨交流", 360, "offline", "roll_call"),
        ("2026-11-27", "赴拉萨交流：拉萨市民政局", 240, "offline", "roll_call"),
    ]

    today = Period(FIRST, LAST)

    def counts(period: Period = today) -> Any:
        return database.read_now(visit_counts.counts_for, chief, period, now=HOME)

    found = counts()
    assert (found.counts.batches, found.counts.waiting, found.counts.people) == (1, 1, 21)
    assert act(visit_roll.confirm, second, evidence="on_paper", now=HOME) == 22
    found = counts()
    assert (found.counts.batches, found.counts.learners, found.counts.officials) == (2, 36, 7)
    assert (found.counts.people, found.counts.times, found.counts.destinations) == (43, 43, 3)
    only = counts(Period(LAST, LAST))
    assert (only.counts.people, only.cumulative.people) == (21, 43)
    assert sorted((one.learners, one.officials) for one in found.batches) == [(18, 3), (18, 4)]
    with pytest.raises(NotThere):
        database.read_now(visit_counts.counts_for, author, today, now=HOME)

    # Somebody who was not there after all, on any day; and the whole roll undone.
    act(visit_roll.tick, first, mine)
    assert _rows(database, query) == []
    assert counts().counts.people == 42
    act(visit_roll.undo, second, now=HOME + 9 * MINUTE)
    assert (counts().counts.batches, counts().counts.waiting) == (1, 1)
    with pytest.raises(VisitUndoTooLate):
        act(visit_roll.undo, first, now=HOME)


def test_a_pasted_list_says_who_was_there_and_who_was_not(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Of one day or of all; officials too, and whom it leaves out only where that is said."""
    county = _county(database, tmp_path, start)
    visit_id, chief = _visit(database, county, start, officials=2), _chief(county)
    author, _, outsider = county.learners

    def act(rule: Any, *given: Any, **named: Any) -> Any:
        return database.write_now(rule, chief, visit_id, *given, **named, now=NOON)

    def there() -> list[tuple[str, int]]:
        page = database.read_now(visit_roll.roll, chief, visit_id, now=NOON)
        return [(line.name, line.days) for line in page.lines]

    lines = {
        line.name: line.line_id
        for line in database.read_now(visit_roll.roll, chief, visit_id, now=NOON).lines
    }
    written = "#接龙\n1. 学员1 到\n2. 干部1 科员\n3. 学员2 请假\n4. 干步2\n5. 生人乙丙丁"
    found = act(visit_roll_list.match, written)
    assert found.sure == (lines["学员1"], lines["干部1"])
    assert (found.absent, found.away) == ((lines["学员2"],), ("学员2",))
    assert [one.written for one in found.unsure] == ["干步2"]
    assert found.unknown == ("生人乙丙丁",)
    # Who is there, or not, in one list twice was there.
    assert act(visit_roll_list.match, "1. 学员1 请假\n2. 学员1 后来到了").absent == ()

    known = {*found.sure, *found.absent}
    others = act(visit_roll_list.left_out, known, day=FIRST)
    assert [name for _, name in others] == ["干部2"]
    named = {"absent": found.absent}
    entered = act(visit_roll_list.enter, found.sure, **named, day=FIRST)
    assert (entered.day, entered.there, entered.absent) == (FIRST, 2, 1)
    assert there() == [("学员1", 3), ("学员2", 2), ("干部1", 3), ("干部2", 3)]
    entered = act(visit_roll_list.enter, found.sure, **named, with_others=True)
    assert (entered.day, entered.there, entered.absent) == (None, 2, 2)
    assert there() == [("学员1", 3), ("学员2", 0), ("干部1", 3), ("干部2", 0)]
    # For ten minutes it can be had back, but for what was changed again since.
    act(visit_roll.tick, lines["干部2"], day=FIRST)
    known = {"entered_at": NOON}
    asked = (visit_roll_list.undo, chief, visit_id, entered.changes)
    with pytest.raises(VisitUndoTooLate):
        database.write_now(*asked, **known, now=NOON + 10 * MINUTE)
    assert act(visit_roll_list.undo, entered.changes, **known) == 4
    assert there() == [("学员1", 3), ("学员2", 2), ("干部1", 3), ("干部2", 3)]
    act(visit_roll_list.enter, found.sure, **named, with_others=True)
    # Once it is confirmed the ledger follows what another list says.
    act(visit_roll.confirm, evidence="roll_call")
    act(visit_roll_list.enter, [lines["学员2"]], absent=[lines["学员1"]], day=LAST)
    query = (
        "SELECT name, occurred_on FROM learning_record r JOIN person ON person.id = r.person_id"
        " WHERE evidence <> 'annulled' AND NOT EXISTS"
        " (SELECT 1 FROM learning_record c WHERE c.corrects = r.id) ORDER BY occurred_on, name"
    )
    assert [(name, str(day)[-2:]) for name, day in _rows(database, query)] == [
        ("学员1", "25"),
        ("学员1", "26"),
        ("学员2", "27"),
    ]
    for speaker, ids, day in (
        (author, [lines["学员1"]], None),
        (outsider, [], None),
        (chief, [10_000], None),
        (chief, [lines["学员1"]], LAST + DAY),
    ):
        with pytest.raises(NotThere):
            database.write_now(
                visit_roll_list.enter, speaker, visit_id, ids, day=day, with_others=True, now=NOON
            )


def test_the_roll_says_how_many_are_counted_without_having_answered(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Until one of them is taken out; who said no is not among them."""
    county = _county(database, tmp_path, start)
    visit_id, chief = _visit(database, county, start, officials=2), _chief(county)
    database.write_now(
        lambda session: session.connection().execute(
            text("UPDATE visit_person SET state = 'invited' WHERE person_id IS NULL")
        )
    )
    (hers, *_, last) = database.read_now(visit_roll.roll, chief, visit_id, now=NOON).lines
    database.write_now(
        lambda session: session.connection().execute(
            text("UPDATE visit_person SET state = 'not_coming' WHERE id = :id"),
            {"id": hers.line_id},
        )
    )
    page = database.read_now(visit_roll.roll, chief, visit_id, now=NOON)
    assert (page.everybody, page.there, page.unanswered) == (4, 3, 2)
    database.write_now(visit_roll.tick, chief, visit_id, last.line_id, now=NOON)
    page = database.read_now(visit_roll.roll, chief, visit_id, now=NOON)
    assert (page.there, page.unanswered) == (2, 1)


def test_the_summary_holds_what_was_allowed_and_nothing_longer(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """An edited document gives way when words are taken back; publishing can be undone."""
    county = _county(database, tmp_path, start)
    visit_id, chief = _visit(database, county, start), _chief(county)
    author, fellow, _ = county.learners

    def write(speaker: Speaker, words: str, summary: str) -> int:
        entry = database.write_now(
            visit_log.write, speaker, visit_id, FIRST, Words("text", words), now=NIGHT
        )
        database.write_now(visit_log_changes.allow, speaker, entry.entry_id, summary, now=NIGHT)
        return int(entry.entry_id)

    named = write(author, "展板", NAMED)
    write(fellow, "食堂", UNNAMED)
    write(author, "自己记着", NO)
    brought = database.write_now(
        visit_return.save, author, visit_id, "saw", "值班表", version=0, now=HOME
    )
    database.write_now(visit_return.allow, author, brought.return_id, UNNAMED, now=HOME)

    def act(rule: Any, *given: Any, now: datetime = HOME, **more: Any) -> Any:
        return database.write_now(rule, chief, visit_id, *given, **more, now=now)

    with pytest.raises(VisitNotOver):
        act(visit_summary.fetch, now=NIGHT)
    summary = act(visit_summary.fetch)
    assert [(one.author, one.text) for one in summary.entries] == [
        ("学员1", "展板"),
        ("", "食堂"),
    ]
    assert [one.author for one in summary.brought["saw"]] == [""]
    assert summary.destinations == ("拉萨市城关区社工站", "拉萨市民政局")
    page = act(visit_summary.keep, "EDITED", now=HOME + MINUTE)
    assert (page.entries, page.brought, page.is_edited, page.people) == (2, 1, True, 2)
    for reader in (author, chief):
        with pytest.raises(NotThere):
            database.read_now(visit_summary.paper, reader, visit_id)
    page = act(visit_summary.publish, seen=page.version, now=HOME + MINUTE)
    assert page.can_take_back
    assert database.read_now(visit_summary.paper, fellow, visit_id).file_id == "EDITED"
    owed = _rows(database, "SELECT count(*) FROM delivery WHERE kind = 'visit_summary'")
    assert owed == [(2,)]
    with pytest.raises(ChangedMeanwhile):
        act(visit_summary.publish, seen=page.version, now=HOME + 2 * MINUTE)

    # Her words are taken back: the edited one may hold them, so the built one counts.
    database.write_now(visit_log_changes.allow, author, named, NO, now=HOME + 3 * MINUTE)
    paper = database.read_now(visit_summary.paper, fellow, visit_id)
    assert (paper.file_id, [one.text for one in paper.summary.entries]) == ("", ["食堂"])
    page = act(visit_summary.take_back, now=HOME + 4 * MINUTE)
    assert page.is_stale
    with pytest.raises(VisitUndoTooLate):
        act(visit_summary.take_back, now=HOME + 4 * MINUTE)
    with pytest.raises(VisitSummaryStale):
        act(visit_summary.publish, seen=page.version, now=HOME + 5 * MINUTE)
    with pytest.raises(VisitSummaryStale):
        act(visit_summary.keep, "OLD", now=HOME + 5 * MINUTE)
    act(visit_summary.fetch, now=HOME + 6 * MINUTE)
    page = act(visit_summary.keep, "NEW", now=HOME + 7 * MINUTE)
    assert not page.is_stale

    # Two working days after the journey the roll is asked for, after five the summary.
    def asked(day: int) -> list[str]:
        now = HOME + day * DAY
        found = database.read_now(todo.all_of, chief, now=now)
        return [item.kind for item in found if item.kind.startswith("visit_")]

    assert [asked(day) for day in (0, 1, 3, 4)] == [
        [],
        ["visit_roll"],
        ["visit_roll"],
        ["visit_roll", "visit_summary"],
    ]
    act(visit_roll.confirm, evidence="roll_call", now=HOME + 4 * DAY)
    act(visit_summary.publish, seen=page.version, now=HOME + 4 * DAY)
    assert asked(4) == []

    # Whoever is forgotten leaves her words nowhere, and the edited document goes.
    database.write_now(visit_log_data.erase, fellow.person_id, now=HOME + 5 * DAY)
    paper = database.read_now(visit_summary.paper, author, visit_id)
    assert (paper.file_id, paper.summary.entries) == ("", ())
    database.write_now(lambda session: _cancel(session, visit_id))
    with pytest.raises(NotThere):
        database.read_now(visit_summary.paper, author, visit_id)


def _cancel(session: Session, visit_id: int) -> None:
    visit = stored_visits.visit(session, visit_id, bot=BOT)
    assert visit is not None
    visit.state = stored_visits.CANCELLED
    session.add(visit)
