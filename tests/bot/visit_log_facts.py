"""What the templates of a visit's log, roll and summary are worded with."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from curriculum.list_words import Sought
from curriculum.records import EVER, Period
from curriculum.todo_items import Item
from curriculum.visit_counts import CountsPage, VisitCounts
from curriculum.visit_followup import STEPS, Followed
from curriculum.visit_hub import Hub
from curriculum.visit_log import EntryView, LogPage
from curriculum.visit_return import PARTS, ReturnsPage, ReturnView
from curriculum.visit_roll import LineDays, RollLine, RollPage
from curriculum.visit_roll_list import Entered
from curriculum.visit_summary import SummaryPage

AT = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
FIRST, LAST = date(2026, 11, 25), date(2026, 11, 27)
TITLE = "赴拉萨市城关区社工站参观交流"
WORDS = "站里的展板每个月换一次，居民自己来写，写完贴上去，社工只管留出地方。"
HUB = Hub(
    *(1, TITLE, FIRST, LAST, 3, 12),
    travels=True,
    is_arranger=False,
    has_begun=True,
    is_home=True,
    is_over=True,
    is_roll_confirmed=False,
    is_published=False,
)
ENTRY = EntryView(
    *(1, 1, FIRST, "text", WORDS, (), 0, 0, "卓玛", "fellows", "no"),
    is_mine=True,
    is_entered=False,
    is_dropped=False,
    can_undo=False,
)
PICTURE = replace(ENTRY, kind="picture", text="站点的展板", files=("F", "G"), size=90_000)
VOICE = replace(ENTRY, kind="voice", text="站长说值班", files=("V",), size=45_000, seconds=12)
BROUGHT = ReturnView(
    return_id=1,
    visit_id=1,
    title=TITLE,
    author="卓玛",
    parts=dict.fromkeys(PARTS, WORDS),
    missing=(),
    sharing="fellows",
    summary="no",
    version=3,
    is_mine=True,
    story_id=0,
)
NOTHING = replace(BROUGHT, parts={}, missing=PARTS)
FOLLOWED = Followed(1, TITLE, "卓玛", "先排一周的班", "done", "两人一班", is_shared=False)
ROLL = RollPage(
    visit_id=1,
    title=TITLE,
    days=((FIRST, 360), (LAST, 240)),
    by_programme=frozenset((LAST,)),
    lines=(RollLine(1, "卓玛", "八一镇社工站", False, 3, 3, "coming"),),
    there=21,
    officials=3,
    everybody=23,
    unanswered=2,
    confirmed_at=None,
    evidence="",
    can_confirm=True,
    can_undo=False,
    page=0,
    pages=4,
)
PAGE = SummaryPage(
    *(1, TITLE, 12, 9),
    is_confirmed=True,
    is_edited=False,
    is_stale=False,
    people=18,
    version=0,
    published_at=None,
    can_take_back=False,
    can_undo=False,
)
COUNTS = VisitCounts(2, 36, 7, 43, 5, 1)
ASK = {"visit_id": 1, "title": TITLE}
TODO = [
    Item("visit_roll", "visit_roll", "1:0", 0, TITLE, LAST),
    Item("visit_summary", "visit_summary", "1", 1, TITLE, LAST, instead_of="扎西"),
]
SUMMARIES = ("no", "unnamed", "named")
WRITE: dict[str, Any] = {"kind": "text", "files": 0, "day": FIRST, "name": "", "limit": 1000}
SENT = WRITE | {"seconds": 0, "limit": 200}
PART: dict[str, Any] = {"old": "", "limit": 600, "left": 2, "guided": True, "erased": ""}
FACTS: dict[str, list[dict[str, Any]]] = {
    "visit_hub": [
        {"hub": hub}
        for hub in (
            HUB,
            replace(HUB, travels=False, is_arranger=True),
            replace(HUB, has_begun=False, mine=0, lines=0),
            replace(HUB, ends_on=FIRST),
        )
    ],
    "visit_logs": [
        {"found": LogPage(1, TITLE, (), 0, 1), "lines": []},
        {
            "found": LogPage(1, TITLE, (ENTRY, PICTURE, VOICE), 1, 2),
            "lines": [(1, ENTRY), (2, PICTURE), (3, VOICE)],
        },
        {"found": LogPage(1, TITLE, (), 0, 1, 0, "11-25"), "lines": []},
    ],
    "visit_entry": [
        {"entry": entry, "is_new": is_new, "erased": erased}
        for entry, is_new, erased in (
            (ENTRY, True, "yes"),
            *((replace(PICTURE, summary=summary), False, "") for summary in SUMMARIES),
            (VOICE, False, ""),
            (replace(ENTRY, sharing="own"), False, ""),
            (replace(ENTRY, is_mine=False), False, ""),
            (replace(ENTRY, is_dropped=True), False, ""),
        )
    ],
    "visit_write": [
        WRITE,
        WRITE | {"name": "扎西"},
        SENT | {"kind": "voice", "files": 1, "seconds": 75},
        *(SENT | {"kind": "picture", "files": files, "name": "扎西"} for files in (1, 10)),
    ],
    "visit_write_day": [{}],
    "visit_log_maybe": [{"title": TITLE, "day": FIRST, "files": 3}],
    "visit_entry_day": [{}],
    "visit_entry_change": [{"old": WORDS, "limit": 1000}],
    "visit_for": [
        {"found": Sought((), 0, 1, count, words)}
        for count, words in ((0, ""), (3, ""), (2, "卓玛"))
    ],
    "visit_log_ask": [ASK | {"day": FIRST}],
    "visit_return_ask": [ASK],
    "visit_check_ask": [ASK | {"step": step} for step in ("", "先排一周的班")],
    "visit_return": [
        {"found": found, "erased": erased}
        for found, erased in (
            (NOTHING, ""),
            (BROUGHT, "yes"),
            *((replace(BROUGHT, summary=summary), "") for summary in SUMMARIES),
            (replace(BROUGHT, sharing="own", parts={"saw": WORDS}, missing=PARTS[1:]), ""),
            (replace(BROUGHT, parts={"whole": WORDS}), ""),
        )
    ],
    "visit_return_part": [
        *(PART | {"part": part} for part in PARTS),
        PART | {"part": "whole", "limit": 2000, "guided": False, "old": WORDS},
        PART | {"part": "use", "erased": "yes"},
    ],
    "visit_return_stopped": [{}],
    "visit_return_edit": [{}],
    "visit_returns": [
        {"found": ReturnsPage(1, TITLE, (), 0, 1), "lines": []},
        {
            "found": ReturnsPage(1, TITLE, ((1, "卓玛", WORDS),), 0, 2),
            "lines": [(1, (1, "卓玛", WORDS))],
        },
        {"found": ReturnsPage(1, TITLE, (), 0, 1, 0, "值班"), "lines": []},
    ],
    "visit_brought": [{"found": BROUGHT}],
    "visit_step_sentence": [{"step": step} for step in STEPS],
    "visit_step_noted": [
        {"found": FOLLOWED},
        {"found": replace(FOLLOWED, is_shared=True, text="", step="otherwise")},
    ],
    "visit_steps": [
        {"found": Sought((), 0, 1, 0, "")},
        {"found": Sought((FOLLOWED, replace(FOLLOWED, text="")), 1, 2, 8, "值班")},
    ],
    "visit_roll": [
        {"roll": roll, "what": what}
        for roll, what in (
            (ROLL, ""),
            (replace(ROLL, unanswered=0, days=((FIRST, 360),)), ""),
            (ROLL, "visit_names"),
            (replace(ROLL, words="卓玛", count=1), "visit_by_day"),
            (replace(ROLL, confirmed_at=AT, evidence="on_paper", days=((FIRST, 360),)), ""),
            (replace(ROLL, confirmed_at=AT, evidence="roll_call"), ""),
        )
    ],
    "visit_roll_line": [{"found": LineDays(1, 1, "卓玛", ((FIRST, True), (LAST, False)))}],
    "visit_minutes_day": [{"usual": 360}],
    "visit_minutes": [
        {"day": FIRST, "minutes": 360, "least": 30, "most": 720, "is_planned": is_planned}
        for is_planned in (False, True)
    ],
    "visit_roll_paste_day": [{}],
    "visit_roll_check": [
        {"named": 18, "absent": 0, "away": [], "unknown": [], "others": [], "more": 0, "on": None},
        {
            "named": 18,
            "absent": 1,
            "away": ["德吉", "尼玛"],
            "unknown": ["索南"],
            "others": ["卓玛", "扎西", "央金"],
            "more": 2,
            "on": FIRST,
        },
    ],
    "visit_roll_entered": [
        {"entered": Entered(day, 18, absent), "named": 18}
        for day, absent in ((None, 3), (FIRST, 0))
    ],
    "visit_summary": [
        {"found": found}
        for found in (
            PAGE,
            replace(PAGE, is_confirmed=False),
            replace(PAGE, is_edited=True, published_at=AT),
            replace(PAGE, is_edited=True, is_stale=True),
        )
    ],
    "visit_summary_preview": [{"found": PAGE}],
    "visit_summary_back": [{"title": TITLE}],
    "visit_summary_told": [ASK],
    "visit_pdf_caption": [{"left_out": 3}],
    "visit_counts": [
        {"found": CountsPage(Period(FIRST, LAST), COUNTS, COUNTS, ())},
        {"found": CountsPage(Period(EVER, LAST), COUNTS, COUNTS, ())},
        {"found": CountsPage(Period(FIRST, LAST), replace(COUNTS, waiting=0), COUNTS, ())},
    ],
}
# What is read at leisure, and holds what people wrote.
LONG = {
    "visit_logs": 300,
    "visit_entry": 1100,
    "visit_return": 2000,
    "visit_brought": 2000,
    "visit_returns": 300,
    "visit_steps": 300,
    "visit_roll": 160,
    "visit_roll_check": 160,
    "visit_summary": 160,
    "visit_counts": 160,
}
REMINDERS = {
    "visit_log_ask": ASK | {"day": FIRST},
    "visit_return_ask": ASK,
    "visit_check_ask": ASK | {"step": "先排一周的班"},
    "visit_summary_told": ASK,
}
