"""What the templates of exchange visits are worded with, for the test of every message."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

from curriculum.exchange_visit import Brief
from curriculum.rich_text import plain
from curriculum.todo_items import Item
from curriculum.visit_answers import LISTS, REASONS, Card, ListPage
from curriculum.visit_changes import CHANGEABLE
from curriculum.visit_list import Line
from curriculum.visit_pages import VisitView
from curriculum.visit_plans import Preview
from curriculum.visit_words import Official, StopPlan
from storage.visit_people import Listed

AT = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
DAY, NEXT = date(2026, 11, 27), date(2026, 11, 28)
STOPS = (
    StopPlan("城关区社工站", DAY, time(10), "座谈、看台账", "扎西主任", "0891-6322222"),
    StopPlan("山南市养老院", NEXT, None, "", "", ""),
)
PACKING = ("身份证", "保暖衣服", "抗高原反应的药", "笔记本")
VISIT = VisitView(
    visit_id=1,
    number=2,
    title="赴拉萨山南社工站交流",
    aims="看站点怎么排班，学个案怎么记",
    organiser="林芝市社工指导中心",
    starts_on=DAY,
    ends_on=NEXT,
    starts_at=AT,
    ends_at=AT,
    stops=STOPS,
    packing=PACKING,
    state="approved",
    reason="",
    version=1,
    moves=0,
    documents=2,
    coming=15,
    not_coming=2,
    unanswered=4,
    phase="ahead",
    mine=None,
    my_reason="",
    unconfirmed=0,
    is_announced=True,
    is_arranger=True,
    can_approve=False,
    can_take_back=False,
    can_undo=False,
)
CANCELLED = replace(VISIT, state="cancelled", reason="大雪封路")
DRAFT = replace(VISIT, state="draft", number=None)
VIEWS = (
    VISIT,
    DRAFT,
    replace(VISIT, state="proposed"),
    CANCELLED,
    replace(VISIT, stops=STOPS * 5, ends_on=DAY),
    replace(VISIT, mine="coming"),
    replace(VISIT, mine="invited"),
    *(replace(VISIT, mine="not_coming", my_reason=reason) for reason in (*REASONS, "")),
)
BRIEF = Brief(
    1, VISIT.title, VISIT.aims, DAY, NEXT, AT, ("城关区社工站", "山南市养老院"), "approved", "", 1
)
OFF = replace(BRIEF, state="cancelled", reason="大雪封路")
CHANGES = (
    ("when", (DAY, NEXT), (NEXT, NEXT)),
    ("destinations", "甲", "城关区社工站、山南市养老院"),
    ("programme", "was", "is"),
    ("title", "交流", "山南交流"),
)
LINE = Listed(1, 1, "卓玛", "", "八一镇社工站", "13988887777", "invited", "", 0, is_told=True)
LINES = (
    LINE,
    replace(LINE, person_id=None, name="索朗", post="副局长", phone="", is_told=False),
    replace(LINE, name="", state="coming"),
    *(replace(LINE, state="not_coming", reason=reason) for reason in REASONS),
)
COUNTS = dict(zip(LISTS, (21, 4, 15, 2, 3), strict=True))
LISTED = tuple(
    ListPage(1, VISIT.title, name, LINES, 0, 2, COUNTS, "approved", can_change=True)
    for name in LISTS
)
CARDS = tuple(
    Card(1, VISIT.title, line, is_approved=True, is_waited_for=waits, can_change=True)
    for line in LINES
    for waits in (True, False)
)
STATES = (
    *(Line(n, VISIT.title, DAY, state, "ahead", None) for n, state in enumerate(("draft",))),
    Line(2, VISIT.title, DAY, "proposed", "ahead", None),
    Line(3, VISIT.title, DAY, "cancelled", "ahead", None),
    *(Line(4, VISIT.title, DAY, "approved", phase, None) for phase in ("over", "begun", "ahead")),
    *(
        Line(5, VISIT.title, DAY, "approved", "ahead", mine)
        for mine in ("coming", "not_coming", "invited")
    ),
)
OFFICIAL = Official("索朗", "副局长", "林芝市民政局", "13900001111")
STEPS = ("unit", "title", "aims", "first", "days", "stops", "organiser", "packing")
TODO = (
    Item("propose_visit", "visit_manage", "1", 1, VISIT.title, DAY),
    Item("approve_visit", "visit_manage", "1", 0, VISIT.title, DAY),
    Item("hear_visit", "visit_open", "1", 1, VISIT.title, DAY, 4),
    Item("call_visit", "visit_unconfirmed", "1", 0, VISIT.title, DAY, 3, instead_of="扎西"),
)
EVE: dict[str, Any] = {"visit": BRIEF, "days": 1, "day": DAY, "places": list(STOPS[:1])}
FACTS: dict[str, list[dict[str, Any]]] = {
    "visits": [
        {"lines": list(enumerate(STATES[:6], 1)), "words": ""},
        {"lines": list(enumerate(STATES[6:], 1)), "words": "拉萨"},
        {"lines": [], "words": ""},
        {"lines": [], "words": "日喀则"},
    ],
    "visit": [{"visit": one, "most": 8} for one in VIEWS],
    "visit_manage": [
        {"visit": one}
        for one in (
            *VIEWS,
            replace(DRAFT, coming=0, not_coming=0, unanswered=0),
            replace(DRAFT, reason="和年终检查撞了", can_undo=True),
            replace(VISIT, state="proposed", can_approve=True),
            replace(VISIT, unconfirmed=3, can_undo=True),
            replace(VISIT, can_take_back=True),
        )
    ],
    "visit_ask": [
        {"asked": step, "first_day": DAY, "last_day": NEXT, "usual": list(PACKING)}
        for step in STEPS
    ],
    "visit_packing": [{}],
    "visit_check": [
        {
            "title": VISIT.title,
            "aims": VISIT.aims,
            "organiser": VISIT.organiser,
            "first_day": DAY,
            "last_day": NEXT,
            "places": list(STOPS),
            "packing": list(PACKING),
            "people": people,
            "officials": 3,
        }
        for people in (0, 18)
    ],
    "visit_preview": [
        {"found": Preview(VISIT, 16, untold), "words": plain("请您参加参观交流")}
        for untold in (0, 5)
    ],
    "exchange_visit": [
        {"visit": BRIEF},
        {"visit": replace(BRIEF, ends_on=DAY, destinations=tuple("甲乙丙丁戊"))},
    ],
    "visit_ahead": [{"visit": BRIEF, "days": 7}],
    "line_visit_ahead": [{"starts_at": AT}],
    "visit_day": [
        EVE | {"packing": list(PACKING)},
        EVE | {"days": 0, "packing": []},
        EVE | {"days": -1, "packing": [], "places": []},
        EVE | {"days": 0, "packing": [], "places": list(STOPS * 5)},
    ],
    "visit_changed": [
        {"visit": BRIEF, "changes": CHANGES, "is_urgent": False},
        {"visit": OFF, "changes": (("state", "approved", "cancelled"),), "is_urgent": True},
        {"visit": BRIEF, "changes": (("state", "cancelled", "approved"),), "is_urgent": True},
    ],
    "visit_place": [{"visit": BRIEF, "what": what} for what in ("added", "taken_off")],
    "visit_verdict": [
        {"visit": replace(BRIEF, reason="和年终检查撞了"), "what": what}
        for what in ("approved", "refused", "reopened")
    ],
    "visit_why": [{"visit": VISIT}],
    "visit_search": [{}],
    "visit_lists": [
        {"found": LISTED[0]},
        {"found": replace(LISTED[0], counts=COUNTS | {"unconfirmed": 0}, can_change=False)},
    ],
    "visit_list": [
        {"found": found, "lines": list(enumerate(found.lines[:6], 1)), "page": 1, "pages": pages}
        for found in (*LISTED, replace(LISTED[1], lines=()))
        for pages in (1, 3)
    ],
    "visit_line": [{"found": card, "line": card.line} for card in CARDS],
    "visit_off_ask": [{"found": card, "line": card.line} for card in CARDS[:4]],
    "visit_off": [{"line": LINES[n], "is_told": told} for n in (0, 1) for told in (True, False)],
    "visit_add": [{"found": LISTED[0]}],
    "visit_find": [{}],
    "visit_found": [{"words": "卓玛", "count": 9, "shown": shown} for shown in (6, 9)],
    "visit_paste": [{}],
    "visit_pasted": [
        {"named": 18, "unknown": unknown, "away": away, "is_told": is_told}
        for unknown, away, is_told in (([], [], True), (["旺堆"], ["学员2"], False))
    ],
    "visit_officials": [{}],
    "visit_officials_check": [
        {"officials": [OFFICIAL] * 3},
        {"officials": [OFFICIAL] * 14},
    ],
    "visit_added": [
        {"count": count, "is_told": is_told}
        for count, is_told in ((18, True), (3, False), (0, False))
    ],
    "visit_field": [{"title": VISIT.title}],
    "visit_value": [{"field": field, "was": "赴拉萨交流"} for field in CHANGEABLE],
    "visit_sure": [
        {
            "field": field,
            "value": "大雪封路",
            "title": VISIT.title,
            "told": told,
            "is_urgent": is_urgent,
        }
        for field in (*CHANGEABLE, "cancel")
        for told, is_urgent in ((0, False), (18, False), (18, True))
    ],
    "visit_cancel": [{"title": VISIT.title}],
    "visit_refuse": [{"title": VISIT.title}],
    "visit_papers": [
        {"lines": lines, "is_adding": is_adding, "limit": 6}
        for lines in ([(1, "邀请函.docx"), (2, "名单.xlsx")], [])
        for is_adding in (True, False)
    ],
    "visit_print": [{"visit": VISIT}],
    "visit_faults": [
        {"count": 2, "shown": ["第5行“出发日期”：要在今天以后。"], "more": more} for more in (0, 1)
    ],
    "visit_blank": [{}],
}
# What is read at leisure.
LONG = {
    "visits": 300,
    "visit": 600,
    "visit_manage": 200,
    "visit_ask": 130,
    "visit_check": 400,
    "visit_preview": 200,
    "exchange_visit": 200,
    # The places of a day, and what to pack, are what it is for.
    "visit_day": 500,
    "visit_changed": 250,
    "visit_list": 400,
    "visit_officials_check": 600,
}
REMINDERS = {
    "visit_ahead": {"visit": BRIEF, "days": 7},
    "visit_place": {"visit": BRIEF, "what": "added"},
}
