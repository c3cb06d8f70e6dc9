"""What the templates of offline trainings are worded with, for the test of every message."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from curriculum.annual_training import Brief
from curriculum.certificate_notes import Brief as CertificateBrief
from curriculum.certificates import Checked, Statement
from curriculum.certificates_seen import STATES, Held, Overview
from curriculum.certificates_seen import Line as CertificateLine
from curriculum.list_words import Sought
from curriculum.todo_items import Item
from curriculum.training_attendance import Roll, SignedIn
from curriculum.training_coverage import Coverage, UnitLine
from curriculum.training_events import EventView, PeriodView
from curriculum.training_feedback import ASPECTS, Results
from curriculum.training_halves import HalfPlan
from curriculum.training_list import Half
from curriculum.training_overview import Line
from curriculum.training_programme import HalfChange
from curriculum.training_search import Match, Matches
from curriculum.training_seats import REASONS, ListPage
from curriculum.training_test_plans import Chosen
from curriculum.training_test_plans import Plan as PlannedTest
from curriculum.training_tests import Asked
from curriculum.training_words import PeriodPlan
from storage.training_attendance import Expected
from storage.training_seats import Seated

AT = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
DAY = date(2026, 11, 27)
PERIODS = tuple(
    PeriodView(number, AT, 180, topic, trainer, 3, is_mine=False, state=state)
    for number, topic, trainer, state in (
        (1, "接案与预估", "扎西老师", "signed_in"),
        (2, "小组工作", "", "to_confirm"),
        (3, "个案会谈", "扎西老师", None),
        (4, "资源链接", "", None),
    )
)
EVENT = EventView(
    event_id=1,
    title="2027年春季社工实务培训",
    place="林芝市民政局三楼会议室",
    latitude=29.6,
    longitude=94.4,
    organiser="林芝市社工指导中心",
    places=40,
    taken=40,
    waiting=6,
    declined=3,
    deadline=DAY,
    starts_at=AT,
    ends_at=AT,
    periods=PERIODS,
    state="published",
    reason="",
    version=1,
    moves=0,
    documents=2,
    invited=("林芝市", "2026年第一期"),
    roles=("learner", "supervisor"),
    phase="open",
    seat=None,
    seat_reason="",
    ahead=0,
    is_arranger=True,
    is_invited=True,
    can_take_back=False,
    can_undo=False,
)
CANCELLED = replace(EVENT, state="cancelled", reason="大雪封路")
VIEWS = (
    EVENT,
    replace(EVENT, taken=3, waiting=0),
    replace(EVENT, state="draft"),
    CANCELLED,
    replace(EVENT, seat="registered"),
    replace(EVENT, seat="waiting", ahead=2),
    replace(EVENT, seat="declined", seat_reason="unsaid"),
    *(replace(EVENT, seat="declined", seat_reason=reason) for reason in (*REASONS, "removed")),
)
BRIEF = Brief(1, EVENT.title, EVENT.place, EVENT.organiser, 40, DAY, AT, AT, "published", "", 1)
CHANGES = (
    ("when", AT, AT),
    ("programme", (), ()),
    ("place", "三楼", "五楼"),
    ("title", "春训", "春季培训"),
    ("deadline", DAY, DAY),
)
SEATED = tuple(
    Seated(number, "卓玛", "八一镇社工站", "declined", reason, number)
    for number, reason in enumerate(("", *REASONS, "removed"), start=1)
)
LISTS = tuple(
    ListPage(1, "春季培训", name, SEATED, 0, 2, (40, 6, 3), 1, can_change=True)
    for name in ("registered", "waiting", "declined")
)
ROLL_LINES = tuple(
    Expected(number, "卓玛", "八一镇社工站", None, None, seat, state)
    for number, (seat, state) in enumerate(
        (
            ("registered", None),
            ("registered", "signed_in"),
            ("registered", "roll_call"),
            ("registered", "on_paper"),
            ("registered", "absent"),
            ("walk_in", "to_confirm"),
        ),
        start=1,
    )
)
ROLL = Roll(1, 1, "春季培训", "接案与预估", AT, ROLL_LINES, 0, 7, 3, 1, 40)
HALF = Half(1, 1, "春季培训", "三楼", "接案与预估", "扎西", AT, 180, AT, "t", 3, 1, 40)
OUTCOMES = ("recorded", "before", "early", "over", "not_on", "late", "missed", "unannounced")
STEPS = (
    *("unit", "title", "first", "days", "hours", "topics", "place", "places", "deadline"),
    *("invited", "organiser"),
)
PLANS = [PeriodPlan(AT, 180, "接案与预估", "扎西"), PeriodPlan(AT, 180, "小组", "")]
FIELDS = (
    *("title", "first_day", "hours", "programme", "place", "deadline", "places", "organiser"),
    "invited",
)
MANAGED = (
    EVENT,
    replace(EVENT, state="draft", latitude=None, roles=()),
    CANCELLED,
    replace(EVENT, can_take_back=True),
    replace(EVENT, can_undo=True),
)
LIST_LINES = [
    *(Line(1, "春季社工实务培训", AT, "published", "open", seat) for seat in (None, "registered")),
    *(
        Line(1, "春季社工实务培训", AT, state, "open", "waiting")
        for state in ("draft", "cancelled")
    ),
    Line(1, "春季社工实务培训", AT, "published", "closed", None),
    Line(1, "春季社工实务培训", AT, "published", "over", "declined"),
]
COVERAGE = Coverage(
    1,
    "春季培训",
    (UnitLine("八一镇社工站", 8, 5, 1, 1), UnitLine("", 9, 4, 0, 0)),
    *(0, 1),
    hidden=True,
    units=5,
    covered=4,
    words="",
)

FACTS: dict[str, list[dict[str, Any]]] = {
    "trainings": [
        {"lines": list(enumerate(LIST_LINES, 1)), "words": ""},
        {"lines": [], "words": ""},
        {"lines": [], "words": "个案"},
    ],
    "training_lists": [{"list": LISTS[0]}],
    "training_look": [{"place": place} for place in ("events", "units", "lists")],
    "training": [{"event": event} for event in VIEWS],
    "training_why": [{"event": EVENT}],
    "training_manage": [{"event": event} for event in MANAGED],
    "training_preview": [{"people": 46, "words": "线下培训可以报名"}],
    "annual_training": [{"event": BRIEF}],
    "training_ahead": [{"event": BRIEF, "days": days} for days in (30, 1, 0)],
    "line_training_ahead": [{"starts_at": AT}],
    "training_changed": [
        {"event": BRIEF, "changes": CHANGES, "seat": "registered"},
        {
            "event": replace(BRIEF, state="cancelled", reason="大雪封路"),
            "changes": (("state", "published", "cancelled"),),
            "seat": None,
        },
        {"event": BRIEF, "changes": (("state", "cancelled", "published"),), "seat": None},
    ],
    "training_seat": [
        {"event": BRIEF, "what": what, "seat": seat}
        for what, seat in (
            ("moved_up", "registered"),
            ("added", "registered"),
            ("added", "waiting"),
            ("taken_off", "declined"),
        )
    ],
    "training_list": [
        {
            "list": one,
            "lines": list(enumerate(one.lines, 1)),
            "page": 1,
            "pages": 2,
            "can_change": True,
        }
        for one in LISTS
    ]
    + [{"list": LISTS[0], "lines": [], "page": 1, "pages": 1, "can_change": False}],
    "training_coverage": [{"found": COVERAGE}],
    "training_off_ask": [{"name": "卓玛", "unit": "八一镇社工站", "title": "春季培训"}],
    "training_ask": [{"asked": step, "wanted": 4, "day": DAY} for step in STEPS],
    "training_check": [
        {
            "title": EVENT.title,
            "place": EVENT.place,
            "organiser": EVENT.organiser,
            "places": "40",
            "deadline": DAY,
            "names": "全体社工",
            "periods": PLANS,
        }
    ],
    "training_field": [{"title": EVENT.title}],
    "training_value": [{"field": field, "was": "三楼", "wanted": 4} for field in FIELDS],
    "training_sure": [
        {"field": field, "value": "五楼", "told": told, "title": "春季培训"}
        for field in ("cancel", *FIELDS)
        for told in (0, 46)
    ],
    "training_cancel": [{"title": EVENT.title}],
    "training_papers": [
        {"lines": lines, "is_adding": is_adding, "limit": 6}
        for lines in ([], [(1, "通知.docx")])
        for is_adding in (True, False)
    ],
    "training_pin": [{"title": EVENT.title}],
    "training_find": [{}],
    "training_found": [{"words": "卓玛", "count": count, "shown": 6} for count in (1, 12)],
    "training_added": [{"name": "卓玛", "is_here": is_here} for is_here in (True, False)],
    "training_here": [
        {"found": SignedIn(outcome, 1, "春季培训", "接案与预估", AT, 180, AT)}
        for outcome in OUTCOMES
    ],
    "training_rolls": [{"title": EVENT.title, "lines": list(enumerate(PERIODS, 1))}],
    "training_half": [{"half": HALF}, {"half": replace(HALF, to_confirm=0, trainer="")}],
    "training_call": [
        {
            "roll": roll,
            "lines": list(enumerate(roll.lines, 1)),
            "is_paper": is_paper,
            "page": 1,
            "pages": pages,
        }
        for roll, is_paper, pages in (
            (ROLL, True, 7),
            (replace(ROLL, lines=(), to_confirm=0), False, 1),
        )
    ],
    "training_blank": [{}],
    "training_faults": [
        {"count": 17, "shown": ["第5行“报名截止”：没看懂日期。"] * 3, "more": 14},
        {"count": 1, "shown": ["“名额”：没有写，请补上。"], "more": 0},
    ],
    "training_marks": [{}],
    "training_marks_check": [
        {"title": EVENT.title, "entries": [{"starts_at": AT, "topic": "接案", "count": 38}]}
    ],
    "training_marks_same": [{}],
    "training_marks_done": [{"count": 38}],
    "training_entered": [{"named": 38, "entered": 36}],
}
TODO = (
    Item("announce_training", "training_manage", "1", 1, "2027年春季社工实务培训", DAY),
    Item("confirm_training", "training_half", "1", 0, "2027年春季社工实务培训", DAY, 2),
    Item("mark_training", "training_half", "1", 0, "2027年春季社工实务培训", DAY, 38),
    Item("issue_certificates", "certificates", "1:0", 1, "2027年春季社工实务培训", DAY),
)
STATEMENT = Statement(
    serial="2026-000012",
    code="ABCDE23456",
    name="卓玛",
    unit="八一镇社工站",
    title="2027年春季社工实务培训",
    starts_on=DAY,
    ends_on=date(2026, 11, 28),
    minutes=540,
    issuer="林芝市社工指导中心",
    issued_on=DAY,
)
HELD = Held(
    *(1, 1, 1, "卓玛", "2026-000012", "ABCDE23456", STATEMENT, "s", 24_000, AT, None, ""),
    is_mine=False,
    can_revoke=True,
    may_restore=False,
)
GONE = replace(HELD, statement=None, revoked_at=AT)
HELD_BACK = replace(HELD, revoked_at=AT, reason="登记错了人")
CERTIFIED = Overview(
    *(1, "2027年春季社工实务培训", DAY, DAY, "林芝市社工指导中心", 720, 66, 476),
    lines=tuple(
        CertificateLine(number, "卓玛", "八一镇社工站", 540, state, 1)
        for number, state in enumerate(STATES)
    ),
    page=0,
    pages=2,
    counts={"earned": 38, "held": 1, "taken_back": 1, "short": 2},
    to_confirm=2,
    can_undo=True,
)
FACTS |= {
    "certificates": [
        {"found": one, "lines": list(enumerate(one.lines, 1)), "counts": one.counts}
        for one in (
            CERTIFIED,
            replace(CERTIFIED, lines=(), pages=1, to_confirm=0, can_undo=False),
        )
    ],
    "certificates_preview": [
        {"people": 38, "s": STATEMENT, "to_confirm": count} for count in (0, 2)
    ],
    "certificate": [
        {"held": one, "can_undo": can_undo}
        for one, can_undo in ((HELD, False), (GONE, False), (HELD_BACK, True))
    ],
    "certificate_why": [{"name": "卓玛", "serial": "2026-000012"}],
    "certificate_sure": [{"name": "卓玛", "serial": "2026-000012", "reason": "登记错了人"}],
    "own_certificates": [
        {
            "found": Sought((), 0, 1, 3, words),
            "lines": list(enumerate((HELD, HELD_BACK, GONE)[:count], 1)),
        }
        for count, words in ((3, ""), (0, ""), (0, "2026"))
    ],
    "training_certificate": [
        {
            "certificate": CertificateBrief(
                1, what, STATEMENT.title, DAY, "2026-000012", 24_000, "登记错了人"
            )
        }
        for what in ("there", "undone", "revoked", "restored")
    ],
    "certificate_checked": [
        {"found": found, "is_file": is_file}
        for is_file in (False, True)
        for found in (
            Checked("valid", STATEMENT, "2026-000012"),
            Checked("revoked", STATEMENT, "2026-000012", AT),
            Checked("revoked", None, "2026-000012", AT),
            Checked("unknown"),
            Checked("changed"),
        )
    ],
    "certificate_how": [{}],
    "preparing_file": [{"done": done, "total": 62} for done in (0, 30)],
    "training_archive": [
        {
            "title": STATEMENT.title,
            "files": 62,
            "certificates": 38,
            "missing": missing,
            "part": part,
            "parts": parts,
        }
        for part, parts, missing in ((1, 1, 0), (1, 2, 2), (2, 2, 2))
    ],
}
RESULTS = Results(
    *(1, "2027年春季社工实务培训", 38, 30, DAY),
    is_open=False,
    means={"content": 4.5},
    texts=("多些演练",),
    page=0,
    pages=2,
)
FACTS |= {
    "training_feedback": [{"event": BRIEF}],
    "feedback_aspect": [
        {"title": "春季培训", "aspect": name, "place": 1, "places": 5} for name in ASPECTS
    ],
    "feedback_text": [{}],
    "feedback_kept": [{}],
    "feedback_results": [
        {"found": RESULTS, "means": dict.fromkeys(ASPECTS, "4.5")},
        {"found": replace(RESULTS, texts=(), pages=1), "means": {}},
        {"found": replace(RESULTS, is_open=True, texts=()), "means": {}},
    ],
}
QUESTION = {"text": "先做什么？", "options": ["问好", "记录"], "lettered": [("A", "问好")]}
ASKED = Asked(1, "before", "春季培训", 1, QUESTION, 1, 5, 3, None)
PLANNED = PlannedTest(
    *(1, "春季培训", (Chosen(1, "保密原则", "先做什么？"),)),
    can_change=True,
    is_open=True,
    took_both=0,
    before=None,
    after=None,
)
CLOSED_TEST = replace(PLANNED, can_change=False, is_open=False)
FACTS |= {
    "training_test": [{"event": BRIEF, "part": part, "count": 5} for part in ("before", "after")],
    "test_question": [{"found": ASKED, "question": QUESTION}],
    "test_done": [
        {"found": replace(ASKED, question=None, part=part, before=before)}
        for part, before in (("before", None), ("after", 2), ("after", None))
    ],
    "training_test_plan": [
        {"found": found, "lines": list(enumerate(found.questions, 1)), "means": means}
        for found, means in (
            (PLANNED, {}),
            (replace(PLANNED, questions=()), {}),
            (replace(PLANNED, can_change=False), {}),
            (CLOSED_TEST, {}),
            (replace(CLOSED_TEST, took_both=12), {"before": "2.5", "after": "4.1"}),
        )
    ],
    "test_find": [{}],
    "test_found": [{"words": "保密", "count": count} for count in (0, 3)],
}
FACTS |= {
    "training_use": [{"event": BRIEF, "days": 30}],
    "training_use_noted": [{"said": said} for said in ("none", "used", "sentence")],
}
# What is read at leisure.
LONG = {
    "training_test_plan": 500,
    "feedback_results": 300,
    "certificates": 400,
    "certificates_preview": 250,
    "own_certificates": 250,
    "certificate_checked": 200,
    "trainings": 300,
    "training": 400,
    "training_manage": 200,
    "training_preview": 200,
    "annual_training": 200,
    "training_changed": 200,
    "training_list": 400,
    "training_coverage": 200,
    "training_check": 300,
    "training_call": 300,
    "training_half": 150,
    "training_rolls": 250,
    "training_halves": 300,
    "training_half_plan": 150,
    "training_sought": 300,
}
CHANGED_HALVES = tuple(
    HalfChange(what, AT, 180, "案例讨论") for what in ("added", "dropped", "moved", "reworded")
)
HALF_PLAN = HalfPlan(
    *(1, 1, "2027年春季社工实务培训", AT, 180, "案例讨论", "德吉", 0, 45, 1), can_change=True
)
HALF_FORM = {
    "title": "2027年春季社工实务培训",
    "was": "案例讨论",
    "reads": "11月27日(周五)15:00-18:00",
    "told": 45,
}
FACTS |= {
    "training_halves": [{"title": "2027年春季社工实务培训", "lines": list(enumerate(PERIODS, 1))}],
    "training_half_plan": [
        {"half": one}
        for one in (
            HALF_PLAN,
            replace(HALF_PLAN, signed=38, trainer=""),
            replace(HALF_PLAN, can_change=False),
        )
    ],
    "training_half_time": [HALF_FORM],
    "training_half_line": [HALF_FORM],
    "training_half_value": [
        HALF_FORM | {"field": field, "was": was}
        for field in ("time", "topic", "trainer")
        for was in ("", "德吉")
    ],
    "training_half_sure": [
        HALF_FORM | {"field": field, "told": told}
        for field in ("add", "drop", "time", "trainer")
        for told in (0, 45)
    ],
}
NOTES = {
    "lists": ("registered", "waiting", "declined", "walk_in"),
    "roll": ("none", "signed_in", "absent", "to_confirm"),
    "cert": ("earned", "held", "taken_back", "short"),
}
FACTS["training_sought"] = [
    {"found": found, "lines": list(enumerate(found.lines, 1)), "place": place, "can_turn": can_turn}
    for place, notes in NOTES.items()
    for can_turn in (True, False)
    for found in (
        Matches(
            *(1, "2027年春季社工实务培训"),
            lines=tuple(
                Match(n, "卓玛", "八一镇社工站", note, n, 0) for n, note in enumerate(notes)
            ),
            words="卓玛",
            count=8,
            page=0,
            pages=2,
            can_change=True,
        ),
        Matches(1, "2027年春季社工实务培训", (), "卓玛", 0, 0, 1, can_change=True),
    )
]
FACTS["training_changed"] += [
    {"event": BRIEF, "changes": (("programme", (), changes),), "seat": "registered"}
    for changes in (CHANGED_HALVES, CHANGED_HALVES[3:], ())
]
REMINDERS = {
    "training_ahead": {"event": BRIEF, "days": 7},
    "training_seat": {"event": BRIEF, "what": "moved_up", "seat": "registered"},
}
