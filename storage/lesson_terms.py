"""The words lessons are found by: pairs of Chinese characters, Tibetan syllables, other words."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Index, Integer, String, cast, column, delete, func, insert, text, values
from sqlalchemy import select as core_select
from sqlmodel import Field, Session, SQLModel, col

from storage.columns import points_to
from storage.lessons import Lesson, LessonText, LessonVersion
from storage.library import is_readable

# How many times the lessons wanted are looked at first, before asking who may read them.
FIRST_LOOK = 4
# Rows of one INSERT; some thousand keep both drivers busy without much memory.
BATCH = 5_000


class LessonTerm(SQLModel, table=True):
    """One term in one language of one lesson version, and how much it weighs there."""

    __tablename__ = "lesson_term"
    __table_args__ = (Index("ix_lesson_term_text", "text_id"),)

    term: str = Field(primary_key=True)
    text_id: int = points_to("lesson_text.id", primary=True)
    weight: float


TABLE: Any = LessonTerm.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Unindexed:
    """A current text that has no terms yet, with all that it is to be found by."""

    text_id: int
    code: str
    title: str
    title_en: str | None
    key_point: str
    body: str
    language: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A term looked for: the points it brings, and how much of the query it stands for.

    `texts` is how many further texts it may bring, 0 for one that stands only where another does.
    """

    term: str
    points: int
    cover: int
    texts: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A readable lesson in one language that has some of the terms.

    `score` is the sum of its terms' points, `covered` of what they stand for.
    """

    lesson_id: int
    code: str
    position: int
    pack_id: int
    module: str
    language: str
    title: str
    title_en: str | None
    key_point: str
    score: int
    covered: int


CANDIDATE_COLUMNS: tuple[Any, ...] = (
    col(Lesson.id).label("lesson_id"),
    Lesson.code,
    Lesson.position,
    Lesson.pack_id,
    LessonVersion.module,
    LessonText.language,
    LessonText.title,
    LessonVersion.title_en,
    LessonText.key_point,
)


def drop_outdated(session: Session) -> None:
    """Forget the terms of versions that are not current any more."""
    outdated = (
        core_select(col(LessonText.id))
        .join(LessonVersion, col(LessonVersion.id) == LessonText.version_id)
        .join(Lesson, col(Lesson.id) == LessonVersion.lesson_id)
        .where(col(Lesson.current_version_id) != col(LessonVersion.id))
    )
    session.connection().execute(delete(TABLE).where(TABLE.c.text_id.in_(outdated)))


def drop_all(session: Session) -> None:
    """Forget every term, to build them anew."""
    session.connection().execute(delete(TABLE))


def unindexed(session: Session) -> Iterator[Unindexed]:
    """Every text of a current version without terms, a batch at a time."""
    rows = session.connection().execute(
        core_select(
            col(LessonText.id),
            col(Lesson.code),
            col(LessonText.title),
            col(LessonVersion.title_en),
            col(LessonText.key_point),
            col(LessonText.body),
            col(LessonText.language),
        )
        .join(LessonVersion, col(LessonVersion.id) == LessonText.version_id)
        .join(Lesson, col(Lesson.id) == LessonVersion.lesson_id)
        .where(
            col(Lesson.current_version_id) == LessonVersion.id,
            ~core_select(TABLE.c.term).where(TABLE.c.text_id == LessonText.id).exists(),
        )
        .order_by(col(LessonText.id))
    )
    for text_id, code, title, title_en, key_point, body, language in rows:
        yield Unindexed(text_id or 0, code, title, title_en, key_point, body["text"], language)


_STORE = text(
    "INSERT INTO lesson_term (term, text_id, weight) SELECT * FROM unnest("
    "CAST(:term AS varchar[]), CAST(:text_id AS bigint[]), CAST(:weight AS float[]))"
)


def add(session: Session, rows: Iterable[tuple[str, int, int]]) -> None:
    """Store (term, text id, weight) rows that are not there yet."""
    batch: list[dict[str, Any]] = []
    for term, text_id, weight in rows:
        batch.append({"term": term, "text_id": text_id, "weight": weight})
        if len(batch) == BATCH:
            _store(session, batch)
            batch = []
    if batch:
        _store(session, batch)


def _store(session: Session, batch: list[dict[str, Any]]) -> None:
    if session.get_bind().dialect.name == "sqlite":
        session.connection().execute(insert(TABLE), batch)
        return
    # One statement: a message for each of a pack's seven thousand terms took half a second.
    columns = {name: [row[name] for row in batch] for name in ("term", "text_id", "weight")}
    session.connection().execute(_STORE, columns)


def counts(session: Session, terms: Collection[str]) -> dict[str, int]:
    """In how many texts each term stands; one that stands nowhere is left out."""
    rows = session.connection().execute(
        core_select(TABLE.c.term, func.count())
        .where(TABLE.c.term.in_(terms))
        .group_by(TABLE.c.term)
    )
    return {term: int(count) for term, count in rows}


def candidates(
    session: Session, asked: Sequence[Asked], *, pack_ids: Collection[int], on: date, limit: int
) -> list[Candidate]:
    """The readable lessons of these packs that have most of the terms, best first."""
    within = limit * FIRST_LOOK
    found = _among(session, asked, within=within, pack_ids=pack_ids, on=on, limit=limit)
    # Nearly always enough; not where other packs' or past lessons took the first places.
    if len(found) < limit and sum(one.texts for one in asked) > within:
        found = _among(session, asked, within=None, pack_ids=pack_ids, on=on, limit=limit)
    return found


def _among(
    session: Session,
    asked: Sequence[Asked],
    *,
    within: int | None,
    pack_ids: Collection[int],
    on: date,
    limit: int,
) -> list[Candidate]:
    """`candidates` among the `within` texts with most points, or among all.

    Only texts of current versions have terms, so the version is not compared again: that second
    condition made PostgreSQL expect one row and compare every lesson with every text found.
    """
    wanted = (
        values(column("term", String), column("points", Integer), column("cover", Integer))
        .data([(one.term, one.points, one.cover) for one in asked])
        .cte("asked")
    )
    score = func.sum(wanted.c.points)
    # Only the primary key is read, never a row: at 5,000 lessons a term's rows lie far apart.
    found = (
        core_select(
            TABLE.c.text_id,
            cast(score, Integer).label("score"),
            cast(func.sum(wanted.c.cover), Integer).label("covered"),
        )
        .join(wanted, wanted.c.term == TABLE.c.term)
        .group_by(TABLE.c.text_id)
        .order_by(score.desc(), TABLE.c.text_id)
        .limit(within)
        .subquery("found")
    )
    rows = session.connection().execute(
        core_select(*CANDIDATE_COLUMNS, found.c.score, found.c.covered)
        .join(LessonText, col(LessonText.id) == found.c.text_id)
        .join(LessonVersion, col(LessonVersion.id) == LessonText.version_id)
        .join(Lesson, col(Lesson.id) == LessonVersion.lesson_id)
        .where(col(Lesson.pack_id).in_(pack_ids), is_readable(on))
        .order_by(found.c.score.desc(), col(Lesson.position), col(LessonText.id))
        .limit(limit)
    )
    return [Candidate(**row) for row in rows.mappings()]
