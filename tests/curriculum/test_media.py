"""Media of lessons: stored once, offered by language, opened only by who may read the lesson."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, update
from sqlmodel import Session, col, select

from curriculum import daily_lesson, lessons, media
from curriculum.errors import NotThere
from curriculum.lesson_pack import LessonPack, read_pack
from curriculum.media import Offer, Opened
from curriculum.people import Speaker
from storage import lessons as stored_lessons
from storage.deliveries import Delivery
from storage.engine import Database
from storage.lessons import Lesson, LessonContent, LessonVersion
from storage.media import LessonMedia, Media, MediaFile
from tests.county import BOT, County, build, read_once, write_pack
from tests.media_files import opus, picture

BOTH = """pictures:
  - file: a.png
    caption: 都看
  - file: b.png
    caption: 看藏文的人看
    language: bo
voice:
  - file: c.ogg
    caption: 都听
    language: bo
"""
ONE_PICTURE = "pictures:\n  - file: a.png\n    caption: 都看\n"


def pack_with(folder: Path, shown: dict[str, str], count: int = 2) -> LessonPack:
    """Short lessons; `shown` gives a lesson's media by its code."""
    write_pack(folder, count)
    files = {"a.png": picture(), "b.png": picture(200, 100), "c.ogg": opus()}
    for name, data in files.items():
        if any(name in each for each in shown.values()):
            (folder / name).write_bytes(data)
    for code, lines in shown.items():
        path = folder / f"{code}.zh.md"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("question:", f"{lines}question:"), encoding="utf-8")
    return read_once(folder)


@pytest.fixture
def county(database: Database, tmp_path: Path, start: datetime) -> County:
    """Two lessons, the first with two pictures and a reading, the second with one of them."""
    pack = pack_with(tmp_path / "pack", {"001": BOTH, "002": ONE_PICTURE})
    return database.write_now(build, pack, now=start)


def attached(session: Session, code: str) -> list[int]:
    """The ids of a lesson's media, in order, in its current version."""
    return list(
        session.exec(
            select(col(LessonMedia.id))
            .join(Lesson, col(Lesson.current_version_id) == LessonMedia.version_id)
            .where(Lesson.code == code)
            .order_by(col(LessonMedia.position))
        )
    )


def content(session: Session, code: str) -> LessonContent:
    """A lesson as it is taught now."""
    version = session.exec(select(Lesson).where(Lesson.code == code)).one().current_version_id or 0
    return stored_lessons.contents(session, {version})[version, "zh"]


def open_(database: Database, who: Speaker, attached_id: int, now: datetime) -> Opened:
    return database.read_now(media.open_, who, attached_id=attached_id, now=now)


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    """The statements a session sends."""
    statements: list[str] = []

    def note(*facts: object) -> None:
        statements.append(str(facts[2]))

    engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_file_is_stored_once_however_many_lessons_show_it(
    database: Database, county: County
) -> None:
    """Four places, three files; what is stored is what will be sent."""
    places, files = database.read_now(
        lambda session: (
            session.exec(select(LessonMedia)).all(),
            {row.sha256: row for row in session.exec(select(Media))},
        )
    )
    assert len(places) == 4
    assert sorted((row.kind, row.mime) for row in files.values()) == [
        ("picture", "image/jpeg"),
        ("picture", "image/jpeg"),
        ("voice", "audio/ogg"),
    ]
    assert all(row.size == len(row.content) for row in files.values())


def test_the_same_pack_again_stores_nothing(
    database: Database, county: County, tmp_path: Path, start: datetime
) -> None:
    """A picture is part of the content hash: equal files change nothing."""
    again = read_pack(tmp_path / "pack")
    result = database.write_now(lessons.import_pack, again, now=start + timedelta(days=1))
    assert (result.changed, result.unchanged) == ((), 2)
    assert len(database.read_now(lambda session: session.exec(select(LessonMedia)).all())) == 4


def test_another_picture_or_caption_is_a_new_version(
    database: Database, county: County, tmp_path: Path, start: datetime
) -> None:
    """What a learner sees has changed; the old version keeps what it showed."""
    for number, (name, shown) in enumerate(
        [("caption", ONE_PICTURE.replace("都看", "都看看")), ("file", ONE_PICTURE)]
    ):
        folder = tmp_path / name
        changed = pack_with(folder, {"001": BOTH, "002": shown})
        if name == "file":
            (folder / "a.png").write_bytes(picture(500, 500))
            changed = read_pack(folder)
        result = database.write_now(lessons.import_pack, changed, now=start)
        # Lesson 001 shows the same file, so it changes with it.
        assert result.changed == (("002",), ("001", "002"))[number]
    versions = database.read_now(
        lambda session: session.exec(
            select(LessonMedia.version_id).where(col(LessonMedia.caption).like("都看%"))
        ).all()
    )
    assert len(set(versions)) == 5


def test_lessons_without_pictures_keep_the_hash_they_had(tmp_path: Path) -> None:
    """A new feature makes no new version of sixty lessons that do not use it."""
    first, _ = write_pack(tmp_path / "pack", 2).lessons
    assert first.content_hash == (
        "8f8d9b013173ee7dbcbe09c48f7981b627685e9200783dfe382b28ef5e4e358e"
    )


def test_offers_are_for_the_reader_of_this_language(database: Database, county: County) -> None:
    """A picture with words only beside those words, a reading beside any; numbered when several."""
    chinese = database.read_now(content, "001")
    first, _, voice = database.read_now(attached, "001")
    sizes = {each.id: each.size for each in chinese.media}
    assert media.offers(chinese) == (
        Offer(first, "picture", sizes[first], None),
        Offer(voice, "voice", sizes[voice], None),
    )
    tibetan = media.offers(replace(chinese, language="bo"))
    assert [(each.kind, each.number) for each in tibetan] == [
        ("picture", 1),
        ("picture", 2),
        ("voice", None),
    ]


def test_a_learner_opens_what_her_cohort_teaches(
    database: Database, county: County, start: datetime
) -> None:
    """The bytes come until Telegram knows the file, then its name, unless asked afresh."""
    (only,) = database.read_now(attached, "002")
    learner = county.learners[0]
    opened = open_(database, learner, only, start)
    assert (opened.kind, opened.caption, opened.file_id) == ("picture", "都看", None)
    assert opened.content is not None
    assert len(opened.content) == opened.size
    for file_id in ("old", "new"):
        database.write_now(media.remember, media_id=opened.media_id, bot=BOT, file_id=file_id)
    known = open_(database, learner, only, start)
    assert (known.file_id, known.content) == ("new", None)
    afresh = database.read_now(media.open_, learner, attached_id=only, afresh=True, now=start)
    assert (afresh.file_id, afresh.content) == (None, opened.content)
    other_bot = open_(database, replace(learner, bot=BOT + 1), only, start)
    assert other_bot.file_id is None, "a name is good for one bot only"
    assert len(database.read_now(lambda s: s.exec(select(MediaFile)).all())) == 1


def test_whoever_learns_in_no_cohort_opens_nothing(
    database: Database, county: County, start: datetime
) -> None:
    """Absent and forbidden are the same."""
    (only,) = database.read_now(attached, "002")
    assert county.coordinator is not None
    for who, attached_id in ((county.coordinator, only), (county.learners[0], 9_999)):
        with pytest.raises(NotThere):
            open_(database, who, attached_id, start)


@pytest.mark.parametrize(
    "change",
    [
        {"is_withdrawn": True},
        {"valid_to": date(2026, 11, 23)},
        {"valid_from": date(2026, 11, 26)},
    ],
    ids=["withdrawn", "over", "not yet"],
)
def test_what_is_not_taught_is_open_only_to_whom_it_was_sent(
    database: Database, county: County, start: datetime, change: dict[str, object]
) -> None:
    """A lesson that left the pack stays hers with its pictures, and is nobody else's."""
    (only,) = database.read_now(attached, "002")
    hers, not_hers = county.learners[:2]
    database.write_now(_send, hers, "002", parts_sent=1, now=start)
    database.write_now(_send, not_hers, "002", parts_sent=0, now=start)
    database.write_now(
        lambda session: session.execute(
            update(Lesson).where(col(Lesson.code) == "002").values(**change)
        )
    )
    assert open_(database, hers, only, start).content
    with pytest.raises(NotThere):
        open_(database, not_hers, only, start)


def _send(session: Session, to: Speaker, code: str, *, parts_sent: int, now: datetime) -> None:
    lesson = session.exec(select(Lesson).where(Lesson.code == code)).one()
    session.add(
        Delivery(
            bot=BOT,
            kind=daily_lesson.KIND,
            occasion="1:2026-11-24",
            recipient=to.person_id,
            person_id=to.person_id,
            subject_id=lesson.id,
            content_version=lesson.current_version_id,
            urgency="foldable",
            due_at=now,
            parts_sent=parts_sent,
            created_at=now,
        )
    )


def test_content_is_read_in_two_queries_and_never_with_the_files(
    database: Database, county: County
) -> None:
    """A whole batch of lessons costs as much as one, and no picture is loaded to word a text."""

    def read(session: Session) -> list[str]:
        versions = set(session.exec(select(LessonVersion.id)).all())
        with counted(session) as statements:
            stored_lessons.contents(session, {each or 0 for each in versions})
        return statements

    statements = database.read_now(read)
    assert len(statements) == 2
    assert not any("media.content" in statement for statement in statements)
