"""Lessons are read by the sentence model once for each version, whichever process needs it."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlmodel import Session, select

from curriculum import lesson_index, lesson_vectors, lessons
from curriculum.lesson_match import match
from curriculum.likeness import SECOND_WIDTH
from storage import lesson_vectors as stored
from storage import topic_pool
from storage.engine import Database
from storage.lesson_vectors import LessonVector
from storage.topic_pool import Taught
from tests.county import build, write_pack

ROW = bytes(2 * SECOND_WIDTH)


def _kept(session: Session) -> set[int]:
    return set(session.exec(select(LessonVector.text_id)))


def test_rows_are_kept_once_and_go_with_their_version(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """A changed lesson's row goes, the others stay; building the index anew drops them all."""
    folder = tmp_path / "pack"
    county = database.write_now(build, write_pack(folder, 3), now=start)
    taught = database.read_now(topic_pool.taught, county.pack_id)
    made = {one.text_id: ROW for one in taught}
    assert [one.vector for one in taught] == [None] * 3
    for _ in range(2):
        database.write_now(stored.keep, made)
    taught = database.read_now(topic_pool.taught, county.pack_id)
    assert [one.vector for one in taught] == [ROW] * 3
    changed = write_pack(folder, 3, changed={"001": "帐篷漏雨。"})
    database.write_now(lessons.import_pack, changed, now=start)
    assert database.read_now(_kept) == {one.text_id for one in taught if one.code != "001"}
    database.write_now(lesson_index.refresh, anew=True)
    assert database.read_now(_kept) == set()


def _taught(number: int, title: str, body: str, vector: bytes | None = None) -> Taught:
    return Taught(number, f"{number:03}", title, "", body, "zh", number, vector)


def test_what_was_kept_is_not_read_again_and_answers_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second draft loads no lesson into the model, and finds what the first one found."""
    texts = [("谁能申请低保", "低保按家庭人均收入算。"), ("入户前看狗", "狗没有拴好就不进门。")]
    fresh = tuple(_taught(n, *text) for n, text in enumerate(texts, 1))
    first = lesson_vectors.ready(fresh)
    assert first is not None
    assert set(first.made) == {1, 2}

    def refuse(texts: list[str]) -> None:
        raise AssertionError(texts)

    monkeypatch.setattr("curriculum.lesson_vectors.passages", refuse)
    kept = tuple(_taught(n, *text, first.made[n]) for n, text in enumerate(texts, 1))
    second = lesson_vectors.ready(kept)
    assert second is not None
    assert second.made == {}
    asked = "家里的狗很凶还要进去吗"
    assert match(asked, second.index) == match(asked, first.index)


def test_a_row_of_another_width_is_made_again() -> None:
    """What another model left behind is no row of this one."""
    ready = lesson_vectors.ready((_taught(1, "低保", "按收入算。", b"short"),))
    assert ready is not None
    assert len(ready.made[1]) == 2 * SECOND_WIDTH


def test_no_lessons_are_nothing_to_match() -> None:
    """A cohort without lessons has a topic all the same."""
    assert lesson_vectors.ready(()) is None
