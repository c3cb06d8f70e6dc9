"""课程, the library: which lessons a person may read, where she left off, finding one by words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import lesson_search
from curriculum.errors import NotThere
from curriculum.lesson_pack import Module
from curriculum.pack_modules import modules_of
from curriculum.people import LEARNER, RIGHTS, ZONE, Speaker
from curriculum.rhythm import local_date
from storage import cohorts, library
from storage.lessons import Lesson
from storage.library import ShelfLesson, ShelfPack
from storage.people import Person

# What a lesson learned from the library is recorded as, and the delivery that brings one.
STUDY, ASKED_KIND = "daily_lesson", "asked_lesson"
DELIVERED = "delivered"
RESULTS, NEAREST = 6, 3


@dataclass(frozen=True, slots=True)
class LessonLine:
    """A lesson in a list; `number` is its code without leading zeros."""

    lesson_id: int
    number: str
    title: str
    module: str
    is_learned: bool


@dataclass(frozen=True, slots=True)
class ModuleLine:
    """A module in a list, with how many of its lessons she has learned."""

    code: str
    title: str
    count: int
    learned: int


@dataclass(frozen=True, slots=True)
class PackLine:
    """A pack she may choose."""

    pack_id: int
    title: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """A pack opened. `resume` is the lesson after the last one she learned or opened.

    `has_others`: she may read further packs. `learned` is for her own eyes only.
    """

    pack: PackLine
    has_others: bool
    count: int
    learned: int
    modules: tuple[ModuleLine, ...]
    resume: LessonLine | None


@dataclass(frozen=True, slots=True)
class ModuleShelf:
    """A module opened; `before` are modules worth learning first that she has not finished."""

    pack_id: int
    module: ModuleLine
    before: tuple[str, ...]
    lessons: tuple[LessonLine, ...]


@dataclass(frozen=True, slots=True)
class LessonPage:
    """A lesson before it is read; `before` are the lessons worth learning first.

    `place` counts from 0 among the lessons of its module.
    """

    lesson: LessonLine
    pack_id: int
    module_code: str
    place: int
    minutes: int
    key_point: str
    before: tuple[LessonLine, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """At most RESULTS lessons, best first; not `is_found` means that they are only the nearest."""

    lessons: tuple[LessonLine, ...]
    is_found: bool


def readable_packs(session: Session, speaker: Speaker) -> tuple[PackLine, ...]:
    """The packs a person may read: her cohorts' as a learner, her units' cohorts' as staff."""
    return tuple(
        PackLine(pack.pack_id, _named(speaker, pack.title, pack.title_en))
        for pack in library.packs(session, _pack_ids(session, speaker))
    )


def shelf(session: Session, speaker: Speaker, pack_id: int, *, now: datetime) -> Shelf:
    """A pack's modules; raises NotThere for one she may not read."""
    book = _open(session, speaker, pack_id, now=now)
    return Shelf(
        pack=PackLine(pack_id, _named(speaker, book.pack.title, book.pack.title_en)),
        has_others=book.has_others,
        count=len(book.lessons),
        learned=sum(lesson.lesson_id in book.learned for lesson in book.lessons),
        modules=tuple(_module_line(book, code) for code in _module_codes(book)),
        resume=_resume(session, speaker, book),
    )


def module_shelf(
    session: Session, speaker: Speaker, pack_id: int, code: str, *, now: datetime
) -> ModuleShelf:
    """A module's lessons in teaching order; raises NotThere where there are none for her."""
    book = _open(session, speaker, pack_id, now=now)
    lessons = [lesson for lesson in book.lessons if lesson.module == code]
    if not lessons:
        raise NotThere
    module = book.modules.get(code)
    unfinished = [
        line.title
        for line in (_module_line(book, other) for other in (module.after if module else ()))
        if line.learned < line.count
    ]
    return ModuleShelf(
        pack_id=pack_id,
        module=_module_line(book, code),
        before=tuple(unfinished),
        lessons=tuple(_line(book, lesson) for lesson in lessons),
    )


def lesson_page(session: Session, speaker: Speaker, lesson_id: int, *, now: datetime) -> LessonPage:
    """A lesson's page; raises NotThere for one that she may not read, or nobody any more."""
    stored = session.get(Lesson, lesson_id)
    if stored is None:
        raise NotThere
    book = _open(session, speaker, stored.pack_id, now=now)
    lesson = next((one for one in book.lessons if one.lesson_id == lesson_id), None)
    if lesson is None:
        raise NotThere
    person = session.get_one(Person, speaker.person_id)
    texts = library.key_points(session, lesson_id)
    _, key_point = texts.get(person.content_language) or texts["zh"]
    before = [
        _line(book, other)
        for other in book.lessons
        if other.code in lesson.prerequisites and other.lesson_id not in book.learned
    ]
    return LessonPage(
        lesson=_line(book, lesson),
        pack_id=lesson.pack_id,
        module_code=lesson.module,
        place=[one.lesson_id for one in book.lessons if one.module == lesson.module].index(
            lesson_id
        ),
        minutes=lesson.minutes,
        key_point=key_point,
        before=tuple(before),
    )


def find(session: Session, speaker: Speaker, written: str, *, now: datetime) -> Found:
    """Lessons for what she wrote, from all the packs she may read; never an error for odd words."""
    pack_ids = _pack_ids(session, speaker)
    hits, is_found = lesson_search.search(
        session, written, pack_ids=pack_ids, on=local_date(now, ZONE)
    )
    hits = hits[: RESULTS if is_found else NEAREST]
    learned = _learned(session, speaker) if hits else {}
    modules = {
        pack.pack_id: modules_of(pack.code, pack.modules)
        for pack in library.packs(session, pack_ids)
    }
    return Found(
        tuple(
            LessonLine(
                hit.lesson_id,
                _number(hit.code),
                # A lesson found by its Tibetan words is shown by its Tibetan title.
                _named(speaker, hit.title, hit.title_en if hit.language == "zh" else None),
                _module_title(speaker, modules[hit.pack_id], hit.module),
                hit.lesson_id in learned,
            )
            for hit in hits
        ),
        is_found,
    )


@dataclass(frozen=True, slots=True)
class _Book:
    """A pack as one reader sees it."""

    reader: Speaker
    pack: ShelfPack
    has_others: bool
    modules: Mapping[str, Module]
    lessons: Sequence[ShelfLesson]
    learned: Mapping[int, datetime]


def _open(session: Session, speaker: Speaker, pack_id: int, *, now: datetime) -> _Book:
    pack_ids = _pack_ids(session, speaker)
    if pack_id not in pack_ids:
        raise NotThere
    (pack,) = library.packs(session, {pack_id})
    return _Book(
        reader=speaker,
        pack=pack,
        has_others=len(pack_ids) > 1,
        modules=modules_of(pack.code, pack.modules),
        lessons=library.lessons_of(session, pack_id, on=local_date(now, ZONE)),
        learned=_learned(session, speaker),
    )


def _pack_ids(session: Session, speaker: Speaker) -> set[int]:
    speaker.require("read_library")
    found: set[int] = set()
    if any(grant.role == LEARNER for grant in speaker.grants):
        found = {
            cohort.pack_id
            for _, cohort in cohorts.cohorts_of(session, speaker.person_id)
            if cohort.bot == speaker.bot
        }
    paths = {
        grant.unit_path for grant in speaker.grants if grant.role in RIGHTS["read_unit_library"]
    }
    return found | library.packs_around(session, bot=speaker.bot, unit_paths=paths)


def _learned(session: Session, speaker: Speaker) -> dict[int, datetime]:
    return library.learned(
        session, person_id=speaker.person_id, study=STUDY, weaker_than_learned=DELIVERED
    )


def _resume(session: Session, speaker: Speaker, book: _Book) -> LessonLine | None:
    """The next lesson not learned behind the last learned or opened one, else the first such."""
    places = {lesson.lesson_id: place for place, lesson in enumerate(book.lessons)}
    marks = [(at, places[i]) for i, at in book.learned.items() if i in places]
    opened = library.last_opened(
        session, person_id=speaker.person_id, kind=ASKED_KIND, pack_id=book.pack.pack_id
    )
    if opened is not None and opened[0] in places:
        marks.append((opened[1], places[opened[0]]))
    if not marks:
        return None
    _, last = max(marks)
    ahead = (*book.lessons[last + 1 :], *book.lessons[: last + 1])
    following = (lesson for lesson in ahead if lesson.lesson_id not in book.learned)
    return next((_line(book, lesson) for lesson in following), None)


def _module_codes(book: _Book) -> list[str]:
    """As pack.toml orders them; where that is not known, as their first lessons stand."""
    present = dict.fromkeys(lesson.module for lesson in book.lessons)
    known = [code for code in book.modules if code in present]
    return [*known, *(code for code in present if code not in book.modules)]


def _module_line(book: _Book, code: str) -> ModuleLine:
    lessons = [lesson for lesson in book.lessons if lesson.module == code]
    return ModuleLine(
        code,
        _module_title(book.reader, book.modules, code),
        len(lessons),
        sum(lesson.lesson_id in book.learned for lesson in lessons),
    )


def _line(book: _Book, lesson: ShelfLesson) -> LessonLine:
    return LessonLine(
        lesson.lesson_id,
        _number(lesson.code),
        _named(book.reader, lesson.title, lesson.title_en),
        _module_title(book.reader, book.modules, lesson.module),
        lesson.lesson_id in book.learned,
    )


def _module_title(speaker: Speaker, modules: Mapping[str, Module], code: str) -> str:
    module = modules.get(code)
    return _named(speaker, module.title, module.title_en) if module else code


def _named(speaker: Speaker, title: str, title_en: str | None) -> str:
    return title_en if speaker.language == "en" and title_en else title


def _number(code: str) -> str:
    return code.lstrip("0") or code
