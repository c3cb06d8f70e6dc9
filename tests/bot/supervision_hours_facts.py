"""What the templates of supervision's hours, groups, journeys and handovers are worded with."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from curriculum.days_off import Effects
from curriculum.holiday_notices import NoticeDay
from curriculum.list_words import Sought
from curriculum.supervision_capacity import CapacityPage, Load, Month, UnitLoad
from curriculum.supervision_group_ideas import Idea, Suggested
from curriculum.supervision_group_words import GroupView
from curriculum.supervision_handover import Ending, HandoverPage
from curriculum.supervision_notices import View
from curriculum.supervision_queue import QueuePage, Suggestion, Waiting
from curriculum.supervision_trips import Changed, Journey, TripPage
from curriculum.todo_items import Item
from storage.supervision_pairs import PairRow

AT = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
DAY = date(2026, 11, 27)
MONTHS = (
    Month(date(2026, 11, 1), 60, 240),
    Month(date(2026, 12, 1), 330, 240),
    Month(date(2027, 1, 1), 90, None),
)
TODO = (
    Item("supervision_wish", "sup_queue", "0", 1, "", count=2),
    Item("supervision_short", "sup_need", "0:0", 2, "", count=1),
    Item("supervision_handover", "handovers", "1", 1, "德吉", DAY, 3),
    Item("group_today", "sup_group", "1", 0, "", DAY, 4),
)
LONG = {
    "supervision_need": 500,
    "supervision_load": 200,
    "supervision_queue": 400,
    "supervision_wait": 300,
    "supervision_group_page": 200,
    "supervision_trips": 300,
    "supervision_trip": 300,
    "supervision_handovers": 300,
    "supervision_handover_pick": 200,
    "supervision_group": 200,
    "supervision_group_card": 200,
    "days_off": 300,
    "days_off_check": 300,
}
GROUP = GroupView(
    group_id=1,
    starts_at=AT,
    minutes=60,
    mode="online",
    place="https://meeting.example/1",
    state="planned",
    supervisor="德吉",
    accompanies=False,
    answer="invited",
    invited=3,
    names=(),
    coming=(),
    declined=(),
    has_begun=False,
    version=1,
    changed_at=AT,
)
OF_HERS = replace(
    GROUP,
    accompanies=True,
    answer="",
    names=("卓玛", "扎西", "拉姆"),
    coming=("卓玛",),
    declined=("拉姆",),
    place="",
    mode="in_person",
)
BEGUN = replace(OF_HERS, has_begun=True)
WAS_AT = AT - timedelta(days=9)
MOVED = [
    replace(one, was_at=WAS_AT, version=2, answer=answer)
    for one in (GROUP, replace(GROUP, place="鲁朗镇社工站", mode="in_person"))
    for answer in ("invited", "declined")
]
ANSWERS = ("asked", "waits", "kept", "worked")
GROUPS = [
    OF_HERS,
    BEGUN,
    replace(GROUP, has_begun=True),
    replace(OF_HERS, coming=(), declined=()),
    replace(OF_HERS, state="cancelled"),
    replace(GROUP, state="cancelled"),
    *(replace(GROUP, answer=answer) for answer in ("invited", "coming", "declined")),
]
JOURNEYS = [
    Journey(DAY, DAY + timedelta(days=1), 3, ("鲁朗镇社工站", "米林")),
    Journey(DAY, DAY, 1, ()),
]
CHANGED = (
    Changed("卓玛", AT, seen=True, stands=True),
    Changed("扎西", AT, seen=False, stands=True),
    Changed("拉姆", AT, seen=False, stands=False),
)
SUGGESTIONS = (
    Suggestion(2, "德吉", 3, 540, fits=True),
    Suggestion(3, "央金", 1, None, fits=True),
    Suggestion(4, "次珍", 9, 0, fits=False),
    Suggestion(5, "白玛", 0, None, fits=False),
)
TOLD = (
    None,
    *(Suggested(is_coming, may_undo) for is_coming in (True, False) for may_undo in (True, False)),
)
WAITING = [
    Waiting(n, "卓玛", "八一镇社工站", "/1/", reason, DAY, 1 if reason == "late" else None)
    for n, reason in enumerate(("asked", "new", "waited", "late"))
]
NOTICE = [NoticeDay(DAY, is_worked, name) for is_worked in (True, False) for name in ("", "元旦")]


def _pages(pair: PairRow) -> dict[str, Any]:
    load = Load(2, "德吉", 3, 60, MONTHS, ())
    units = (
        UnitLoad("八一镇社工站", 2, 1, MONTHS),
        UnitLoad("鲁朗镇社工站", 1, 0, MONTHS),
    )
    idea = Idea(2, "德吉", MONTHS[1].first, 90, 60, (pair, replace(pair, worker="扎西")))
    return {
        "supervision_need": [
            {"page": page, "lines": list(enumerate(page.lines, 1))}
            for page in (
                CapacityPage(False, (load, load), MONTHS, 1, 0, 1, 2),
                CapacityPage(False, (), MONTHS, 0, 0, 1, 0),
                CapacityPage(True, units, MONTHS, 0, 0, 1, 2),
                CapacityPage(False, (), MONTHS, 0, 0, 1, 0, "德吉"),
            )
        ],
        "supervision_load": [
            {"load": load, "idea": idea, "named": named, "told": told, "undone": undone}
            for named in ([], ["卓玛", "扎西"])
            for told, undone in (
                *((told, "") for told in TOLD),
                *((None, undone) for undone in ("heard", "unheard")),
            )
        ]
        + [
            {"load": one, "idea": None, "named": [], "told": None, "undone": ""}
            for one in (load, replace(load, months=MONTHS[:1]))
        ],
        "supervision_group_hint": [
            {"idea": idea, "month": idea.month, "is_taken_back": False},
            {"idea": None, "month": idea.month, "is_taken_back": True},
        ],
        "supervision_more": [{"of": of} for of in ("pairs", "accompanied")],
        "supervision_queue": [
            {
                "page": QueuePage(tuple(lines), 0, 1, len(lines), words),
                "lines": list(enumerate(lines, 1)),
            }
            for lines, words in ((WAITING, ""), ([], ""), ([], "卓玛"))
        ],
        "supervision_wait": [{"waiting": one, "suggestions": SUGGESTIONS} for one in WAITING[:3]],
        "supervision_handovers": [
            {"page": page, "lines": list(enumerate(page.endings, 1))}
            for words in ("", "卓玛")
            for page in (
                HandoverPage(
                    2,
                    "德吉",
                    (Ending(pair, DAY, ""), Ending(pair, DAY, "央金", 1, AT)),
                    may_choose,
                    may_undo,
                    Sought((), 0, 1, 2, words),
                )
                for may_choose, may_undo in ((True, False), (True, True), (False, False))
            )
        ],
        "supervision_handover_pick": [{"suggestions": SUGGESTIONS}],
    }


def _words(view: View) -> dict[str, Any]:
    told = {
        "handover_id": 1,
        "on_day": DAY,
        "last_day": DAY,
        "worker": "卓玛",
        "gives": "德吉",
        "takes": "央金",
    }
    return {
        "supervision_handover": [
            told | {"part": part, "stands": stands, "shares": shares}
            for part in ("worker", "gives", "takes")
            for stands in (True, False)
            for shares in (None, True)
        ],
        "supervision_handover_notes": [{"agrees": agrees} for agrees in (True, False)],
        "supervision_handover_due": [
            {
                "supervisor_id": 2,
                "supervisor": "德吉",
                "is_own": is_own,
                "last_day": DAY,
                "count": 3,
            }
            for is_own in (True, False)
        ],
        "supervision_holiday": [{"holiday_id": 1, "what": what, "view": view} for what in ANSWERS],
        "supervision_group_holiday": [
            {"what": what, "view": OF_HERS} for what in ("asked", "open", "kept", "worked")
        ],
        "supervision_holiday_open": [
            {"supervisor_keeps": mine, "worker_keeps": theirs, "view": view}
            for mine, theirs in ((True, False), (False, True), (False, False))
        ],
    }


def facts(pair: PairRow, view: View) -> dict[str, Any]:
    """The facts of each template, with a pair and a session as the other tests have them."""
    form = {"language": "zh", "mode": "online"}
    return {
        **_pages(pair),
        **_words(view),
        "supervision_groups": [
            {"lines": list(enumerate(lines, 1))} for lines in ([OF_HERS, BEGUN], [])
        ],
        "supervision_group_page": [
            {"view": one, "may_undo": may_undo} for one in GROUPS for may_undo in (False, True)
        ],
        "supervision_group": [
            {"view": one}
            for one in (*GROUPS, *MOVED, replace(MOVED[0], state="cancelled"))
            if not one.accompanies
        ],
        "supervision_group_old": [{"was_at": WAS_AT, "message_ids": (1, 2)}],
        "supervision_group_when": [
            form | {"was": AT, "has_free": has_free} for has_free in (True, False)
        ],
        "supervision_group_move": [
            form | {"was": AT, "at": WAS_AT, "names": ["卓玛", "扎西", "拉姆"]}
        ],
        "supervision_group_card": [{"view": one} for one in (GROUP, OF_HERS)],
        "supervision_group_answer": [
            {"name": "卓玛", "comes": comes, "view": OF_HERS} for comes in (True, False)
        ],
        "supervision_together": [form],
        "supervision_together_when": [form],
        "supervision_together_check": [form | {"at": AT, "names": ["卓玛", "扎西", "拉姆"]}],
        "supervision_trips": [
            {"found": Sought((), 0, 1, len(lines), words), "lines": list(enumerate(lines, 1))}
            for lines, words in ((JOURNEYS, ""), ([], ""), ([], "米林"))
        ],
        "supervision_trip": [
            {
                "page": TripPage(1, DAY, last, place, is_undone, CHANGED, AT),
                "may_undo": may_undo and not is_undone,
            }
            for last in (DAY, DAY + timedelta(days=1))
            for place in ("", "https://meeting.example/1")
            for is_undone in (False, True)
            for may_undo in (False, True)
        ],
        "supervision_link": [form],
        "days_off": [
            {"days": days, "more": more}
            for days in ([], [(one.day, one.is_worked, one.name) for one in NOTICE])
            for more in (0, 3)
        ],
        "days_off_notice": [form],
        "days_off_check": [
            {"days": NOTICE, "effects": Effects(3, 1, others), "bookings": 2, "groups": together}
            for others in (0, 1)
            for together in (0, 1)
        ],
        "days_off_saved": [
            {"days": 3, "moved": 1, "asked": 2, "groups": together, "is_undone": is_undone}
            for is_undone in (False, True)
            for together in (0, 1)
        ],
    }
