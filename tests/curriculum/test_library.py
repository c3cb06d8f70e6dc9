"""The library: who may read which lessons, what she has learned, where she left off."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from curriculum import cohorts, lessons, library, records
from curriculum.cohorts import BeatDefaults
from curriculum.errors import NotThere
from curriculum.lesson_pack import Module, read_pack
from curriculum.people import ADMINISTRATOR, COORDINATOR, OBSERVER, SUPERVISOR, Speaker
from storage.cohorts import Cohort, CohortMember
from storage.deliveries import Delivery
from storage.engine import Database
from storage.lesson_terms import LessonTerm
from storage.lessons import Lesson, LessonPack, LessonText, LessonVersion
from storage.people import add_unit
from tests.county import BOT, HOURS, County, build, join, read_once, write_pack

STARTER = Path(__file__).parents[2] / "curriculum" / "packs" / "starter_zh"
HOUR = timedelta(hours=1)


@pytest.fixture
def county(database: Database, start: datetime) -> County:
    """Two learners of the starter pack, a coordinator."""
    return database.write_now(build, read_once(STARTER), now=start, learners=2)


def _lesson(session: Session, code: str) -> Lesson:
    return session.exec(select(Lesson).where(Lesson.code == code)).one()


def _learn(
    session: Session, speaker: Speaker, code: str, *, now: datetime, evidence: str = "answered"
) -> None:
    lesson = _lesson(session, code)
    records.write_down(
        session,
        person_id=speaker.person_id,
        unit_id=speaker.unit_id,
        study=library.STUDY,
        occasion=f"1:{code}",
        occurred_on=now.date(),
        title=code,
        source_id=lesson.current_version_id,
        minutes=5,
        mode=records.ONLINE,
        evidence=evidence,
        recorded_by=None,
        now=now,
    )


def _open(session: Session, speaker: Speaker, code: str, *, now: datetime) -> None:
    session.add(
        Delivery(
            bot=BOT,
            kind=library.ASKED_KIND,
            occasion=f"asked:{code}",
            recipient=speaker.person_id,
            person_id=speaker.person_id,
            subject_id=_lesson(session, code).id,
            urgency="timed",
            due_at=now,
            created_at=now,
        )
    )


def _resume(database: Database, county: County, speaker: Speaker, now: datetime) -> str | None:
    found = database.read_now(library.shelf, speaker, county.pack_id, now=now).resume
    return found.number if found else None


def test_modules_stand_as_their_pack_orders_them_with_their_own_names(
    database: Database, county: County, start: datetime
) -> None:
    """Sixty lessons in ten modules; nothing learned yet, nothing to resume."""
    opened = database.read_now(library.shelf, county.learners[0], county.pack_id, now=start)
    assert [line.code for line in opened.modules] == [f"M{number}" for number in range(1, 11)]
    assert opened.modules[0].title == "认识社会工作"
    assert sum(line.count for line in opened.modules) == opened.count == 60
    assert (opened.learned, opened.resume, opened.has_others) == (0, None, False)


def test_modules_of_a_pack_of_ones_own_have_their_names_too(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """In the order, with the titles and with what comes before as its pack.toml says."""
    modules = (
        Module("M0", "没有课的模块", None, ()),
        Module("M1", "本地经验", "Local know-how", ("M0",)),
    )
    pack = replace(write_pack(tmp_path / "pack", 2), modules=modules)
    county = database.write_now(build, pack, now=start)
    learner = county.learners[0]
    for reader, title in (
        (learner, "本地经验"),
        (replace(learner, language="en"), "Local know-how"),
    ):
        opened = database.read_now(library.shelf, reader, county.pack_id, now=start)
        assert [line.title for line in opened.modules] == [title]
        found = database.read_now(library.find, reader, "题目", now=start)
        assert {line.module for line in found.lessons} == {title}


@pytest.mark.parametrize(("code", "title"), [("starter_zh", "认识社会工作"), ("own", "M1")])
def test_a_pack_imported_before_modules_were_kept_reads_as_before(
    database: Database, county: County, start: datetime, code: str, title: str
) -> None:
    """One that ships with the product has its names all the same, any other its codes."""

    def as_it_was(session: Session) -> None:
        pack = session.get_one(LessonPack, county.pack_id)
        pack.code, pack.modules = code, None

    database.write_now(as_it_was)
    opened = database.read_now(library.shelf, county.learners[0], county.pack_id, now=start)
    assert opened.modules[0].title == title


def test_what_she_learned_is_counted_for_her_alone(
    database: Database, county: County, start: datetime
) -> None:
    """已学 2/6 for her; her colleague and the coordinator see their own nothing."""
    first, second = county.learners
    for code in ("001", "002"):
        database.write_now(_learn, first, code, now=start)
    # A lesson that was only sent is not learned.
    database.write_now(_learn, first, "003", now=start, evidence="delivered")
    opened = database.read_now(library.shelf, first, county.pack_id, now=start)
    assert (opened.modules[0].learned, opened.learned) == (2, 2)
    lines = database.read_now(library.module_shelf, first, county.pack_id, "M1", now=start).lessons
    assert [line.number for line in lines if line.is_learned] == ["1", "2"]
    assert county.coordinator is not None
    for other in (second, county.coordinator):
        shelf = database.read_now(library.shelf, other, county.pack_id, now=start)
        assert shelf.learned == 0


def test_a_new_version_of_a_learned_lesson_is_still_learned(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Mending a lesson takes nothing from who learned it before."""
    county = database.write_now(build, write_pack(tmp_path / "pack", 3), now=start)
    database.write_now(_learn, county.learners[0], "002", now=start)
    pack = write_pack(tmp_path / "pack", 3, changed={"002": "改过的正文。"})
    database.write_now(lessons.import_pack, pack, now=start)
    shelf = database.read_now(library.shelf, county.learners[0], county.pack_id, now=start)
    assert shelf.learned == 1


def test_resuming_goes_on_behind_what_she_last_learned_or_opened(
    database: Database, county: County, start: datetime
) -> None:
    """The next lesson she has not learned, in teaching order, round the end of the pack."""
    learner = county.learners[0]
    assert _resume(database, county, learner, start) is None
    database.write_now(_learn, learner, "002", now=start)
    assert _resume(database, county, learner, start) == "3"
    # 053 follows 019 in the order of the pack.
    database.write_now(_open, learner, "019", now=start + HOUR)
    assert _resume(database, county, learner, start) == "53"
    database.write_now(_learn, learner, "004", now=start + 2 * HOUR)
    database.write_now(_learn, learner, "005", now=start + HOUR)
    assert _resume(database, county, learner, start) == "6"
    database.write_now(_learn, learner, "060", now=start + 3 * HOUR)
    assert _resume(database, county, learner, start) == "1"
    assert _resume(database, county, county.learners[1], start) is None


def test_after_the_last_lesson_there_is_nothing_to_resume(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """All learned: no button that leads nowhere."""
    county = database.write_now(build, write_pack(tmp_path / "pack", 2), now=start)
    for code in ("001", "002"):
        database.write_now(_learn, county.learners[0], code, now=start)
    assert _resume(database, county, county.learners[0], start) is None


def test_what_comes_first_is_suggested_until_it_is_learned(
    database: Database, county: County, start: datetime
) -> None:
    """Modules by their pack, lessons by their own prerequisites; nothing is locked."""
    learner = county.learners[0]
    ethics = database.read_now(library.module_shelf, learner, county.pack_id, "M2", now=start)
    assert ethics.before == ("认识社会工作",)

    def first_with_prerequisites(session: Session) -> tuple[int, list[str]]:
        version = next(
            version
            for version in session.exec(select(LessonVersion).order_by(col(LessonVersion.id)))
            if version.prerequisites
        )
        return version.lesson_id, version.prerequisites

    lesson_id, needed = database.read_now(first_with_prerequisites)
    page = database.read_now(library.lesson_page, learner, lesson_id, now=start)
    assert [line.number.zfill(3) for line in page.before] == needed
    for code in ("001", "002", "003", "004", "005", "006", *needed):
        database.write_now(_learn, learner, code, now=start)
    page = database.read_now(library.lesson_page, learner, lesson_id, now=start)
    assert page.before == ()
    ethics = database.read_now(library.module_shelf, learner, county.pack_id, "M2", now=start)
    assert ethics.before == ()


def test_a_page_shows_the_point_in_the_language_she_reads_lessons_in(
    database: Database, county: County, start: datetime
) -> None:
    """Tibetan where there is one, else Chinese."""
    learner = county.learners[0]
    ids = database.read_now(lambda s: (_lesson(s, "007").id, _lesson(s, "008").id))
    chinese = database.read_now(library.lesson_page, learner, ids[0], now=start).key_point

    def read_tibetan(session: Session) -> None:
        from storage.people import Person

        session.get_one(Person, learner.person_id).content_language = "bo"

    database.write_now(read_tibetan)
    tibetan = database.read_now(library.lesson_page, learner, ids[0], now=start).key_point
    assert tibetan != chinese
    assert "\u0f0b" in tibetan
    other = database.read_now(library.lesson_page, learner, ids[1], now=start).key_point
    assert "\u0f0b" not in other


def _second_pack(session: Session, folder: Path, county: County, now: datetime) -> int:
    """A cohort with a pack of its own, in a county beside the first."""
    pack_id = lessons.import_pack(session, write_pack(folder, 2), now=now).pack_id
    beside = add_unit(session, name_zh="墨脱县", level="county_centre", parent=county.top)
    cohorts.create(
        session,
        unit=beside,
        bot=BOT,
        name="二期",
        pace=cohorts.TOGETHER,
        pack_id=pack_id,
        hours=HOURS,
        beats=(BeatDefaults("daily_lesson", True, time(10, 0), "merge", 10),),
        start_on=date(2026, 11, 25),
        now=now,
    )
    return pack_id


def test_who_reads_which_pack(
    database: Database, county: County, tmp_path: Path, start: datetime
) -> None:
    """Learners their cohorts' packs, staff those of cohorts under, at or above their unit."""
    other = database.write_now(_second_pack, tmp_path / "pack", county, start)

    def packs(role: str, unit: object, chat_id: int) -> set[int]:
        speaker = database.write_now(
            join, county, chat_id=chat_id, name="某人", now=start, role=role, unit=unit
        )
        found = database.read_now(library.readable_packs, speaker)
        return {pack.pack_id for pack in found}

    both = {county.pack_id, other}
    assert packs(COORDINATOR, county.top, 501) == both
    assert packs(SUPERVISOR, county.top, 502) == both
    assert packs(SUPERVISOR, county.station, 503) == {county.pack_id}
    for learner in county.learners:
        found = database.read_now(library.readable_packs, learner)
        assert [pack.pack_id for pack in found] == [county.pack_id]
    for role, chat_id in ((ADMINISTRATOR, 504), (OBSERVER, 505)):
        with pytest.raises(NotThere):
            packs(role, county.top, chat_id)


def test_a_pack_that_is_not_hers_looks_like_none(
    database: Database, county: County, tmp_path: Path, start: datetime
) -> None:
    """Its shelf, module and lessons are not there, and no search finds them."""
    learner = county.learners[0]
    other = database.write_now(_second_pack, tmp_path / "pack", county, start)

    def last_id(session: Session) -> int:
        ids = session.exec(select(Lesson.id).where(Lesson.pack_id == other)).all()
        return ids[-1] or 0

    for call, arguments in (
        (library.shelf, (other,)),
        (library.shelf, (other + 9,)),
        (library.module_shelf, (other, "M1")),
        (library.module_shelf, (county.pack_id, "M99")),
        (library.lesson_page, (database.read_now(last_id),)),
        (library.lesson_page, (10**12,)),
    ):
        with pytest.raises(NotThere):
            database.read_now(call, learner, *arguments, now=start)  # type: ignore[arg-type]
    assert not database.read_now(library.find, learner, "第002课的题目", now=start).is_found
    assert county.coordinator is not None
    assert database.read_now(library.find, county.coordinator, "第002课的题目", now=start).is_found


def test_who_left_the_cohort_reads_it_no_more(
    database: Database, county: County, start: datetime
) -> None:
    """And who learns with another bot's cohort does not either."""
    first, second = county.learners

    def leave(session: Session) -> None:
        member = session.exec(
            select(CohortMember).where(CohortMember.person_id == first.person_id)
        ).one()
        member.until = start.date()

    database.write_now(leave)
    assert database.read_now(library.readable_packs, first) == ()
    assert database.read_now(library.find, first, "低保", now=start).lessons == ()

    def move(session: Session) -> None:
        session.exec(select(Cohort)).one().bot = BOT + 1

    database.write_now(move)
    assert database.read_now(library.readable_packs, second) == ()


def test_a_withdrawn_lesson_is_neither_on_the_shelf_nor_found_until_it_comes_back(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Withdrawn by leaving it out, brought back unchanged: the index needs no new version."""
    folder = tmp_path / "pack"
    pack = write_pack(folder, 3, changed={"002": "牦牛走失。"})
    county = database.write_now(build, pack, now=start)
    learner = county.learners[0]

    def found() -> list[str]:
        hits = database.read_now(library.find, learner, "牦牛走失", now=start)
        return [line.number for line in hits.lessons]

    assert found() == ["2"]
    (folder / "002.zh.md").unlink()
    database.write_now(lessons.import_pack, read_pack(folder), now=start)
    assert found() == []
    lesson_id = database.read_now(lambda session: _lesson(session, "002").id)
    with pytest.raises(NotThere):
        database.read_now(library.lesson_page, learner, lesson_id, now=start)
    assert database.read_now(library.shelf, learner, county.pack_id, now=start).count == 2
    write_pack(folder, 3, changed={"002": "牦牛走失。"})
    database.write_now(lessons.import_pack, read_pack(folder), now=start)
    assert found() == ["2"]


def _indexed(session: Session) -> dict[int, int]:
    terms = session.exec(select(LessonTerm.text_id)).all()
    return {text_id: terms.count(text_id) for text_id in set(terms)}


def test_the_index_follows_the_current_version(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """A changed lesson is found by its new words only; the same pack again changes nothing."""
    folder = tmp_path / "pack"
    county = database.write_now(
        build, write_pack(folder, 3, changed={"001": "牦牛走失。"}), now=start
    )
    learner = county.learners[0]
    before = database.read_now(_indexed)
    database.write_now(lessons.import_pack, read_pack(folder), now=start)
    assert database.read_now(_indexed) == before
    database.write_now(
        lessons.import_pack, write_pack(folder, 3, changed={"001": "帐篷漏雨。"}), now=start
    )
    assert database.read_now(library.find, learner, "帐篷漏雨", now=start).is_found
    assert not database.read_now(library.find, learner, "牦牛走失", now=start).is_found
    current = database.read_now(
        lambda session: set(
            session.exec(
                select(LessonText.id).join(
                    Lesson, col(Lesson.current_version_id) == LessonText.version_id
                )
            )
        )
    )
    assert set(database.read_now(_indexed)) == current


def test_a_result_says_where_it_belongs_and_whether_it_is_learned(
    database: Database, county: County, start: datetime
) -> None:
    """At most six results; three where they are only near."""
    learner = county.learners[0]
    database.write_now(_learn, learner, "041", now=start)
    found = database.read_now(library.find, learner, "低保", now=start)
    assert found.is_found
    assert len(found.lessons) == library.RESULTS
    first = found.lessons[0]
    assert (first.number, first.module, first.is_learned) == ("41", "社会救助政策", True)
    assert not found.lessons[1].is_learned
    near = database.read_now(library.find, learner, "怎么申请护照", now=start)
    assert not near.is_found
    assert 1 <= len(near.lessons) <= library.NEAREST
