"""What the templates of supervision records are filled with, for the rules that measure them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from curriculum.list_words import Sought
from curriculum.records import Period
from curriculum.supervision_actions import ActionView
from curriculum.supervision_counts import Counts
from curriculum.supervision_record_form import FIELDS
from curriculum.supervision_record_lists import RecordLine, RecordsPage, Unwritten
from curriculum.supervision_record_view import (
    ActionLine,
    AdditionLine,
    PersonLine,
    RecordView,
)

DAY = date(2026, 11, 27)
AT = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
LINE = ActionLine(1, "worker", 1, "卓玛", DAY, "写三句开场白", "open")
DRAFT = RecordView(
    record_id=1,
    version=1,
    form="individual",
    number=None,
    state="draft",
    is_one_sided=False,
    pair_id=1,
    occurred_on=DAY,
    minutes=60,
    counted_minutes=60,
    mode="online",
    functions=(),
    texts=dict.fromkeys(("situation", "difficulties", "gaps", "advice"), ""),
    next_on=None,
    case="",
    unread={},
    actions=(),
    people=(PersonLine(1, "卓玛", None, None, "", ""),),
    supervisor="德吉",
    writer="德吉",
    is_writer=True,
    is_worker=False,
    may_confirm=False,
    missing=("advice", "actions"),
    additions=(),
    seals_on=None,
    undo="",
    language="zh",
)
WHOLE = replace(
    DRAFT,
    number=3,
    functions=("administrative", "educational", "supportive"),
    texts={
        "situation": "刚到站三个月。",
        "difficulties": "入户时开不了口。",
        "gaps": "没有提纲。",
        "advice": "先写提纲再去。",
    },
    next_on=DAY,
    case="G-2026-01",
    actions=(LINE, replace(LINE, name="德吉", owner="supervisor", state="done")),
    people=(PersonLine(1, "卓玛", AT, None, "我先听再说。", "时间不对。"),),
    missing=(),
)
VIEWS = [
    DRAFT,
    replace(DRAFT, unread={"minutes": "一会儿"}, missing=("minutes",)),
    WHOLE,
    replace(WHOLE, state="waiting", seals_on=DAY, undo="submit"),
    replace(WHOLE, state="waiting", seals_on=DAY, is_writer=False, is_worker=True),
    replace(
        WHOLE,
        state="sealed",
        is_one_sided=True,
        form="peer",
        supervisor="",
        additions=(AdditionLine(1, "卓玛", True, AT, 75, "时长：75分钟"),),
        undo="add",
    ),
]
ACTION = ActionView(1, 1, 1, "卓玛", True, DAY, "open", "写三句开场白", 1, False)
RECORDS = (
    RecordLine(1, "individual", 3, DAY, 60, "online", "sealed", False, ("德吉",)),
    RecordLine(2, "group", 1, DAY, 90, "offline", "sealed", True, ("德吉", "扎西")),
    RecordLine(3, "peer", None, DAY, 60, "offline", "draft", False, ("扎西",)),
)
FIGURES = (
    Counts(
        55,
        3300,
        {"online": 40, "offline": 15},
        {"individual": 50, "group": 5},
        {"both": 50, "one_sided": 4, "not_yet": 1},
        (("德吉", 30), ("次仁", 25)),
        20,
        (("八一镇社工站", 30), ("鲁朗镇社工站", 25)),
        {"open": 3, "done": 20},
    ),
    Counts(0, 0, {}, {}, {}, (), 0, (), {}),
)
WORD: dict[str, Any] = {
    "record_id": 1,
    "what": "waiting",
    "number": 3,
    "occurred_on": DAY,
    "form": "individual",
    "other": "德吉",
    "has_comment": False,
    "one_sided": False,
    "waited": 60,
}
FACTS: dict[str, list[dict[str, Any]]] = {
    "supervision_record": [
        {"view": view, "erased": erased, "brief": brief}
        for view in VIEWS
        for erased in ("", "yes", "no")
        for brief in (False, True)
    ],
    "supervision_record_drop": [
        {"view": DRAFT, "is_done": False},
        {"view": None, "is_done": True},
    ],
    "supervision_record_text": [{"form": "日期：今天"}],
    "supervision_record_field": [
        {"field": field, "limit": 600, "old": old, "left": left}
        for field in FIELDS
        for old in ("", "先写提纲再去。")
        for left in (0, 3)
    ],
    **{f"supervision_record_{name}": [{}] for name in ("docx", "stopped", "paper")},
    "supervision_record_word": [
        WORD | {"what": what, "one_sided": one_sided}
        for what in ("waiting", "returned", "taken_back", "kept", "sealed")
        for one_sided in (False, True)
    ],
    "supervision_unwritten": [
        {"pair_id": 1, "booking_id": 1, "starts_at": AT, "other": "卓玛"},
        {"group_id": 1, "starts_at": AT, "other": "", "count": 8},
    ],
    "supervision_action_due": [{"action_id": 1, "due_on": DAY}],
    "supervision_reflect": [{"old": old} for old in ("", "我先听再说。")],
    "supervision_return": [{"name": "德吉"}],
    "supervision_add": [{"is_writer": is_writer} for is_writer in (False, True)],
    "supervision_actions": [
        {"found": Sought((), 0, 1, 0, words), "lines": []} for words in ("", "排班")
    ]
    + [
        {"found": Sought((ACTION, ACTION), 0, 2, 8, ""), "lines": [(1, ACTION), (2, ACTION)]},
    ],
    "supervision_action": [
        {"view": replace(ACTION, state=state, may_undo=undo)}
        for state in ("open", "done", "dropped")
        for undo in (False, True)
    ],
    "supervision_action_move": [{"was_on": DAY}],
    "supervision_action_check": [{"was_on": DAY, "due_on": DAY}],
    "supervision_records": [
        {"page": page, "lines": list(enumerate(page.lines, start=1)), "of_pair": of_pair}
        for of_pair in (False, True)
        for page in (
            RecordsPage(RECORDS, 0, 1, 3, ""),
            RecordsPage((), 0, 1, 0, ""),
            RecordsPage((), 0, 1, 0, "12月"),
        )
    ],
    "supervision_records_find": [{}],
    "supervision_unwritten_list": [
        {"found": Sought((), 0, 1, 0, words), "lines": []} for words in ("", "卓玛")
    ]
    + [
        {
            "found": Sought((), 0, 2, 8, ""),
            "lines": [(1, Unwritten(1, 1, AT, "卓玛")), (2, Unwritten(0, 0, AT, "", 1, 8))],
        },
    ],
    **{
        f"supervision_{form}_people": [
            {"names": names, "limit": 12, "at": at} for names in ("", "卓玛") for at in (None, AT)
        ]
        for form in ("group", "peer")
    },
    "supervision_figures": [{"found": found, "period": Period(DAY, DAY)} for found in FIGURES],
}
# Read with care, and as long as what was written.
LONG = {"supervision_record": 4000, "supervision_record_text": 1500, "supervision_records": 300}
LONG |= {"supervision_figures": 400, "supervision_actions": 300, "supervision_action": 200}
REMINDERS: dict[str, dict[str, Any]] = {
    "supervision_unwritten": {"pair_id": 1, "booking_id": 1, "starts_at": AT, "other": "卓玛"},
    "supervision_action_due": {"action_id": 1, "due_on": DAY},
    "supervision_record_word": WORD,
}
