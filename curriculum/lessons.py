"""Lessons in the database: importing a checked pack as versions, choosing a language."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlmodel import Session

from curriculum import lesson_index, media, pack_modules, story_lessons
from curriculum.lesson_pack import Lesson as PackLesson
from curriculum.lesson_pack import LessonPack as CheckedPack
from curriculum.lesson_pack import PackMedia
from curriculum.rich_text import RichText, concat, plain
from curriculum.story_lessons import Imported
from storage import audit, lessons
from storage.lessons import Lesson, LessonContent, LessonPack, LessonText, LessonVersion

WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import changed, by lesson code; all empty when the pack was already here."""

    pack_id: int
    added: tuple[str, ...]
    changed: tuple[str, ...]
    withdrawn: tuple[str, ...]
    unchanged: int


def import_pack(
    session: Session, pack: CheckedPack, *, now: datetime, actor_id: int | None = None
) -> ImportResult:
    """Store a checked pack: new content becomes a new version, equal content changes nothing.

    A lesson that is no longer in the pack, or marked withdrawn, loses its place and is not sent
    any more; its versions, answers and records stay.
    """
    row = _pack_row(session, pack, now=now)
    known = lessons.lessons_of(session, row.id or 0)
    old_places = {code: lesson.position for code, lesson in known.items()}
    added, changed, withdrawn = [], [], []
    shown: dict[int, tuple[PackMedia, ...]] = {}
    told: list[Imported] = []
    for lesson in pack.lessons:
        stored = known.pop(lesson.code, None)
        if stored is None:
            stored = Lesson(pack_id=row.id or 0, code=lesson.code, position=lesson.position)
            session.add(stored)
            added.append(lesson.code)
            shown[_add_version(session, stored, lesson, now=now)] = lesson.media
        elif _hash_of(session, stored) != lesson.content_hash:
            changed.append(lesson.code)
            shown[_add_version(session, stored, lesson, now=now)] = lesson.media
        else:
            _refresh_review(session, stored, lesson)
        if lesson.status == WITHDRAWN and not stored.is_withdrawn and lesson.code not in added:
            withdrawn.append(lesson.code)
        stored.position, stored.is_withdrawn = lesson.position, lesson.status == WITHDRAWN
        stored.valid_from, stored.valid_to = lesson.valid_from, lesson.valid_to
        stored.is_essential = lesson.is_essential
        if lesson.story is not None:
            told.append(Imported(stored, lesson.story, lesson.status))
    withdrawn += _leave_out(pack, known, old_places)
    session.flush()
    story_lessons.link(session, told, now=now)
    lesson_index.refresh(session)
    media.attach(session, shown, now=now)
    counts = {"added": len(added), "changed": len(changed), "withdrawn": len(withdrawn)}
    if any(counts.values()):
        audit.add(
            session,
            at=now,
            actor_id=actor_id,
            action="import_lessons",
            object_kind="lesson_pack",
            object_id=row.id,
            **counts,
        )
    unchanged = len(pack.lessons) - len(added) - len(changed)
    return ImportResult(
        row.id or 0, tuple(added), tuple(changed), tuple(sorted(withdrawn)), unchanged
    )


def _pack_row(session: Session, pack: CheckedPack, *, now: datetime) -> LessonPack:
    """The pack's own row, new or brought up to date; untouched when nothing about it changed."""
    row = lessons.pack_by_code(session, pack.code)
    if row is None:
        row = LessonPack(code=pack.code, title=pack.title, version=pack.version, imported_at=now)
        session.add(row)
    told = (pack.title, pack.title_en, pack.version, pack_modules.as_document(pack.modules))
    if (row.title, row.title_en, row.version, row.modules) != told:
        row.title, row.title_en, row.version, row.modules = told
        row.imported_at = now
    session.flush()
    return row


def _leave_out(
    pack: CheckedPack, gone: Mapping[str, Lesson], old_places: Mapping[str, int]
) -> list[str]:
    """Withdraw the lessons that are not in the pack any more; the codes that are news."""
    news = [code for code, lesson in gone.items() if not lesson.is_withdrawn]
    for code, lesson in gone.items():
        lesson.is_withdrawn = True
        # Behind whoever stood before it, so that a cohort that was here goes on with the next.
        lesson.position = max(
            (
                new.position
                for new in pack.lessons
                # One withdrawn earlier shares the place of whoever stood before it.
                if old_places.get(new.code, 1 << 30) <= old_places[code]
            ),
            default=-1,
        )
    return news


def _hash_of(session: Session, lesson: Lesson) -> str | None:
    version = session.get(LessonVersion, lesson.current_version_id or 0)
    return version.content_hash if version else None


def _refresh_review(session: Session, stored: Lesson, lesson: PackLesson) -> None:
    """The same content, but reviewed or published since: no new version, nothing to learn anew."""
    version = session.get_one(LessonVersion, stored.current_version_id)
    version.status, version.reviewed_by = lesson.status, lesson.reviewed_by
    version.module, version.prerequisites = lesson.module, list(lesson.prerequisites)
    session.add(version)


def _add_version(session: Session, stored: Lesson, lesson: PackLesson, *, now: datetime) -> int:
    """Append the next version with all its languages and make it the current one; its id."""
    session.flush()
    previous = session.get(LessonVersion, stored.current_version_id or 0)
    version = LessonVersion(
        lesson_id=stored.id or 0,
        number=(previous.number if previous else 0) + 1,
        content_hash=lesson.content_hash,
        title=lesson.texts["zh"].title,
        title_en=lesson.title_en,
        module=lesson.module,
        minutes=lesson.minutes,
        prerequisites=list(lesson.prerequisites),
        basis=list(lesson.basis),
        valid_from=lesson.valid_from,
        valid_to=lesson.valid_to,
        reviewed_by=lesson.reviewed_by,
        status=lesson.status,
        imported_at=now,
    )
    session.add(version)
    session.flush()
    for words in lesson.texts.values():
        session.add(
            LessonText(
                version_id=version.id or 0,
                language=words.language,
                title=words.title,
                key_point=words.key_point,
                body=words.body.to_json(),
                body_markdown=words.body_markdown,
                question=asdict(words.question) | {"options": list(words.question.options)},
            )
        )
    stored.current_version_id = version.id
    return version.id or 0


def in_language(
    contents: Mapping[tuple[int, str], LessonContent], version_id: int, wished: Sequence[str]
) -> LessonContent | None:
    """A version in the first wished language it has, falling back to Chinese."""
    for language in (*wished, "zh"):
        if (version_id, language) in contents:
            return contents[version_id, language]
    return None


def for_reader(
    contents: Mapping[tuple[int, str], LessonContent], version_id: int, content_language: str
) -> LessonContent | None:
    """A version as a person reads it: zh, bo (zh where there is none), or both, Tibetan first."""
    first = in_language(contents, version_id, () if content_language == "zh" else ("bo",))
    if first is None or content_language != "both" or first.language == "zh":
        return first
    return _both(first, contents[version_id, "zh"])


def _both(first: LessonContent, second: LessonContent) -> LessonContent:
    """Two languages of a lesson one below the other; the question too, so that both can answer."""
    body = concat(RichText.from_json(first.body), plain("\n\n"), RichText.from_json(second.body))
    question = dict(first.question) | {
        "text": f"{first.question['text']}\n{second.question['text']}",
        "options": [
            f"{one}\n{other}"
            for one, other in zip(
                first.question["options"], second.question["options"], strict=True
            )
        ],
        "explanation": f"{first.question['explanation']}\n{second.question['explanation']}",
    }
    return replace(
        first,
        language="both",
        title=f"{first.title}\n{second.title}",
        key_point=f"{first.key_point}\n{second.key_point}",
        body=body.to_json(),
        question=question,
    )
