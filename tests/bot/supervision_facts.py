"""What the templates of supervision's private text say, for the test of every message."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from curriculum.list_words import Sought
from curriculum.supervision_agenda import Agenda
from curriculum.supervision_brief import Action, Brief
from curriculum.supervision_notes import Note, NotesPage
from curriculum.supervision_notices import View
from curriculum.supervision_readers import Earlier

AT = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
DAY = date(2026, 11, 27)
VIEW = View(
    booking_id=1,
    pair_id=1,
    starts_at=AT,
    minutes=60,
    mode="online",
    place="",
    state="booked",
    what="made",
    was_at=None,
    other="德吉",
    accompanies=False,
    has_begun=False,
    version=1,
    change=1,
    changed_at=AT,
)
NOTE = Note(
    note_id=1,
    pair_id=1,
    kind="shared",
    text="先听她说完，再一起想下一步。",
    is_own=True,
    author="卓玛",
    written_at=AT,
    edited_at=None,
    version=1,
    may_share=False,
    may_undo=False,
)
NOTES = (
    NOTE,
    replace(NOTE, kind="worker", may_share=True),
    replace(NOTE, kind="supervisor", edited_at=AT),
    replace(NOTE, may_undo=True),
)
PAGE = NotesPage(
    pair_id=1,
    reader="worker",
    other="德吉",
    is_over=False,
    lines=NOTES,
    page=0,
    pages=2,
    count=6,
    consent=None,
    asks=False,
    has_earlier=True,
)
PAGES = (
    PAGE,
    replace(PAGE, lines=(), pages=1, count=0),
    replace(PAGE, reader="successor", is_over=True),
    *(replace(PAGE, is_over=True, asks=True, consent=said) for said in (None, True, False)),
)
BRIEF = Brief(
    pair_id=1,
    accompanies=True,
    worker="扎西",
    since=DAY,
    starts_at=AT,
    lessons=12,
    modules=("入户探访", "个案工作"),
    fading=("怎样写记录",),
    asked=2,
    questions=("老人不愿意出门怎么办？", "怎么和家里人谈？"),
    actions=(
        Action("约村医一起去看一次", "worker", DAY, "open"),
        Action("找一篇案例", "supervisor", DAY, "done"),
    ),
    sentences=("上门前先打了电话，她很安心。",),
    agenda=Agenda("想聊怎么开口。", has_voice=False),
    may_write=False,
)
BRIEFS = (
    BRIEF,
    replace(BRIEF, starts_at=None, agenda=Agenda("", has_voice=True), actions=(), sentences=()),
    replace(
        BRIEF,
        lessons=0,
        modules=(),
        fading=(),
        asked=0,
        questions=(),
        agenda=Agenda("", has_voice=False),
    ),
)
FACTS: dict[str, list[dict[str, Any]]] = {
    "supervision_notes": [
        {"page": page, "lines": list(enumerate(page.lines, start=1))} for page in PAGES
    ],
    "supervision_note": [{"note": note} for note in NOTES],
    "supervision_note_kind": [{}],
    "supervision_note_write": [{}],
    "supervision_note_change": [{"before": NOTE.text}],
    "supervision_note_kept": [
        {"is_shared": is_shared, "erased": erased}
        for is_shared in (True, False)
        for erased in ("", "yes", "no")
    ],
    "supervision_note_dropped": [{}],
    "supervision_old_notes": [
        {"found": Sought((), 0, 1, 0, words), "lines": lines}
        for words, lines in (
            ("", []),
            ("卓玛", []),
            ("", [(1, Earlier(1, "德吉", False, 3)), (2, Earlier(2, "扎西", True, 1))]),
        )
    ],
    "supervision_brief": [{"brief": brief} for brief in BRIEFS],
    "supervision_agenda": [{"view": VIEW}],
    "line_supervision_agenda": [{"view": VIEW}],
    "supervision_agenda_ask": [
        {"before": before, "had_voice": spoken}
        for before, spoken in (("", False), ("想聊怎么开口。", False), ("", True))
    ],
    "supervision_agenda_kept": [
        {"said": said, "erased": erased} for said in ("text", "voice", "") for erased in ("", "yes")
    ],
}
# They show whole texts, or a page of them.
LONG = {
    "supervision_notes": 300,
    "supervision_note": 1100,
    "supervision_note_change": 1100,
    "supervision_brief": 1000,
    "supervision_agenda_ask": 600,
}
REMINDERS = {"supervision_agenda": {"view": VIEW}}
