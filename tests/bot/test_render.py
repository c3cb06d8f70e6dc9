"""Words: every template in every language, measured against how people read them."""

import re
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, time, timedelta
from string import Formatter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handlers.home import read_words
from bot.render import LANGUAGES, LOCALES, Renderer, read_toml
from bot.wordings import WORDINGS
from curriculum import errors
from curriculum.absences import Away, Return
from curriculum.answering import Done
from curriculum.arrivals import CohortDay, Counts, Unreachable
from curriculum.asked_lesson import AskedLesson
from curriculum.attendance import Roll
from curriculum.catch_up import CatchUp
from curriculum.danger_alerts import Raised, Taken
from curriculum.deputy_choice import DutyList, Plan
from curriculum.deputy_pages import Away as AwayNow
from curriculum.deputy_pages import AwaySeen, StandingIn
from curriculum.deputy_pages import Page as AwayPage
from curriculum.directory import (
    Contact,
    PeoplePage,
    PersonLine,
    PersonPage,
    RoleHeld,
    WorkerLine,
    WorkersPage,
)
from curriculum.duty import Contact as DutyContact
from curriculum.duty import DutyPage, Lack, OnDuty
from curriculum.errors import Refusal
from curriculum.facilitator_swaps import Turn
from curriculum.facts import Facts
from curriculum.gathering_cards import Card
from curriculum.gathering_roll import Entered
from curriculum.handovers import Meeting
from curriculum.held_rhythms import Line
from curriculum.holds import Overview
from curriculum.joining import PersonalInvite
from curriculum.library import (
    Found,
    LessonLine,
    LessonPage,
    ModuleLine,
    ModuleShelf,
    PackLine,
    Shelf,
)
from curriculum.list_words import Sought
from curriculum.monday_line import Line as MondayLine
from curriculum.newcomers import NewPerson
from curriculum.pauses_seen import PauseSeen
from curriculum.people import RIGHTS, ROLES, Speaker
from curriculum.progress import Progress
from curriculum.questions import Asked, OwnPage, OwnQuestion, OwnView
from curriculum.records import EVER, Period, Scope
from curriculum.restored_span import Span
from curriculum.rich_text import Entity, RichText, plain
from curriculum.schedule import DayOff, Entry
from curriculum.seat_moves import Moved, Seated
from curriculum.sending_again import Again
from curriculum.share_call import CallView
from curriculum.share_dates import ShareDates
from curriculum.share_digest import Digest, Shared
from curriculum.share_programme import Programme, Slot
from curriculum.share_speakers import Place
from curriculum.similar_questions import Offer, OffersPage
from curriculum.story_library import Line as StoryLine
from curriculum.story_library import Rated
from curriculum.story_library import Shelf as StoryShelf
from curriculum.story_reviews import Queue as ReviewQueue
from curriculum.story_reviews import Waiting
from curriculum.story_sources import Lines
from curriculum.story_texts import PARTS, WRITTEN, FileLine, StoryView
from curriculum.supervision_lists import PairsPage
from curriculum.supervision_notices import View
from curriculum.supervision_pages import PairPage
from curriculum.supervision_proposals import Proposed
from curriculum.supervision_times import Span as FreeSpan
from curriculum.supervision_times import Terms, TimesPage
from curriculum.todays_lesson import Today
from curriculum.todo import MOST as MOST_LINES
from curriculum.todo_items import Item
from curriculum.topic_answers import Told
from curriculum.topic_page import LessonLine as LessonLineOfTopic
from curriculum.topic_page import ThemePage, TopicPage
from curriculum.topic_quarter import Asked as AskedAbout
from curriculum.topic_quarter import Quarter
from curriculum.topic_settings import Settings as TopicSettings
from curriculum.topics import TopicLine
from curriculum.units import UnitLine, UnitPage, UnitsPage
from curriculum.waiting_questions import Line as WaitingLine
from curriculum.waiting_questions import Page as WaitingPage
from curriculum.waiting_questions import View as WaitingView
from curriculum.weekly_series import Line as SessionLine
from curriculum.weekly_series import Overview as SeriesOverview
from curriculum.weekly_study import Series
from curriculum.work_groups import LinkedGroup, Proposal
from scheduler.planner import KINDS
from storage.arrivals import UnreachableGroup, UnreachablePerson
from storage.gathering_people import Expected
from storage.lesson_requests import Owed
from storage.machine import Disk, Machine
from storage.people import Grant
from storage.queue import Queue
from storage.restored_spans import SpanLesson
from storage.supervision_pairs import PairRow
from tests.bot import (
    supervision_facts,
    supervision_hours_facts,
    supervision_record_facts,
    training_facts,
    visit_facts,
    visit_log_facts,
)

AT = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
SPEAKER = Speaker(1, "卓玛", "zh", 1, 1, 1, "八一镇社工站", (Grant("learner", 1, "/1/"),))
DAY = date(2026, 11, 27)
HELD_LINES = (
    Line("daily_lesson", 1, "2026年第一期", "/1/", 3, 0, DAY, DAY),
    Line("daily_lesson", 2, "2026年第二期", "/1/", 1, 24, DAY, DAY),
    Line("notices", None, "", "", 0, 3),
)
SPAN_LESSONS = (SpanLesson(1, DAY, "1:2026-11-27", 3, "003", "保密", 4, 5),)
QUESTION = {
    "text": "怎么办？",
    "options": ["甲", "乙"],
    "answer": 1,
    "explanation": "因为。",
    "lettered": [("A", "甲"), ("B", "乙")],
}
LESSON = {
    "key": 1,
    "number": "3",
    "title": "题目",
    "body": plain("正文"),
    "minutes": 5,
    "is_draft": True,
    "is_group": False,
    "is_asked": False,
    "is_must": False,
    "is_review": False,
    "occasion": "1:2026-11-27",
    "footers": (),
    "question": QUESTION,
}
TODAYS = [
    Today(state, at=AT, name=name)
    for state, name in (
        ("coming", None),
        ("off", "国庆节"),
        ("off", None),
        ("none_today", None),
        ("on_its_way", None),
        ("here", None),
        ("no_cohort", None),
        ("paused", None),
    )
]
ENROL = {
    "unit": "八一镇社工站",
    "name": "卓玛",
    "role": "learner",
    "language": "zh",
    "token": "x",
    "lesson": "",
}
BACKS = [
    asdict(Return(chosen, 4, place, 60)) | {"chosen": chosen}
    for chosen in ((), (Owed(1, "001", "助人自助", True, False),))
    for place in (None, 12)
]
MACHINES = [
    Machine(is_sqlite=True, disk=Disk(45_000_000_000, 100_000_000_000), last_backup=AT),
    Machine(is_sqlite=True, disk=Disk(45_000_000, 100_000_000_000), last_backup=None),
    Machine(is_sqlite=False, disk=None, last_backup=None),
]
AWAYS = [
    Away(date(2026, 11, 27), date(2026, 12, 3), date(2026, 12, 4)),
    Away(date(2026, 11, 27), None, None),
]
LINE = LessonLine(41, "41", "谁能申请低保", "社会救助政策", False)
LINE_LEARNED = LessonLine(41, "41", "谁能申请低保", "社会救助政策", True)
FOUND = Found((LINE, LINE_LEARNED), is_found=True)
CONTACTS = [
    Contact("reachable"),
    Contact("not_joined"),
    Contact("unreachable", AT),
    Contact("left"),
]
LINES = tuple(PersonLine(1, "卓玛", "八一镇社工站", ("learner",), contact) for contact in CONTACTS)
WORKERS = tuple(WorkerLine("卓玛", "八一镇社工站", contact, 25, 300) for contact in CONTACTS[:3])
PEOPLE = [
    PeoplePage(LINES, 0, 1, 4, ""),
    PeoplePage(LINES, 1, 3, 16, "卓玛"),
    PeoplePage((), 0, 1, 0, "卓玛"),
    PeoplePage(LINES, 0, 1, 4, "", 7, "八一镇社工站"),
]
PAUSES = [
    None,
    PauseSeen(date(2026, 11, 27), None, True, "1.20261127.open"),
    PauseSeen(date(2026, 11, 27), date(2026, 12, 3), True, "1.20261127.20261204"),
    PauseSeen(date(2026, 11, 27), date(2026, 12, 3), False, "1.20261127.20261204"),
]
AWAYS_SEEN = (
    None,
    AwaySeen(1, date(2026, 11, 27), date(2026, 12, 3), "扎西", has_begun=True),
    AwaySeen(1, date(2026, 11, 27), date(2026, 12, 3), "", has_begun=False),
    None,
)
PERSONS = [
    PersonPage(
        person_id=1,
        name="卓玛",
        number="W-000012",
        unit_id=1,
        unit_name="八一镇社工站",
        roles=(RoleHeld(1, "learner", "八一镇社工站"),) * held,
        cohorts=("2026年第一期",) * held,
        since=date(2026, 11, 27),
        contact=contact,
        minutes_month=25,
        minutes_year=300,
        attended=held,
        is_changeable=bool(held),
        pause=pause,
        away=away,
    )
    for held, contact, pause, away in zip((1, 0, 2, 1), CONTACTS, PAUSES, AWAYS_SEEN, strict=True)
]
UNIT = UnitLine(7, "八一镇社工站", "township_station", 12, 9)
UNITS = [
    UnitsPage(UNIT, 1, (UNIT, UNIT), 0, 2),
    UnitsPage(UNIT, None, (), 0, 1),
    UnitsPage(None, None, (UNIT,), 0, 1),
]
UNIT_PAGES = [UnitPage(UNIT, 1, 2, minutes, may_close=False) for minutes in (None, 300)]
ADDED = {
    "name": "卓玛",
    "role": {"role": "learner", "unit": "八一镇社工站", "namesakes": []},
    "cohort": {"id": 1, "name": "2026年第一期"},
}
ENTRY = Entry(
    name="1:2026-11-27",
    kind="daily_lesson",
    cohort_name="2026年第一期",
    day=AT.date(),
    due_at=AT,
    mark="usual",
    people=8,
    groups=1,
    is_provisional=True,
    is_together=True,
)
ASKED = Asked(1, 2, date(2026, 12, 31), False, False, False, False)
ASKEDS = [
    ASKED,
    replace(ASKED, is_next_month=True, is_anonymous=True),
    replace(ASKED, is_urgent=True, has_context=True),
]
OWN_PAGES = [
    OwnPage(
        (OwnQuestion("怎么办？", "new", AT, 1), OwnQuestion("怎么开口？", "answered", AT, 2)),
        0,
        2,
        6,
    ),
    OwnPage((), 0, 1, 0),
]
OWN_VIEW = OwnView(
    1, "怎么办？", "new", AT, "独居老人", True, True, date(2026, 12, 31), "", "", 0, True
)
OWN_VIEWS = [
    OWN_VIEW,
    replace(OWN_VIEW, state="answered", answer="先问好。", is_changeable=False),
    replace(OWN_VIEW, state="declined", reason="请问民政。", is_changeable=False),
    replace(OWN_VIEW, state="to_supervision", context="", is_changeable=False),
]
WAITING_LINE = WaitingLine(
    1, "怎么办？", "独居老人", "new", "八一镇社工站", "卓玛", False, True, AT, DAY, 7, True
)
WAITING_LINES = (
    WAITING_LINE,
    replace(WAITING_LINE, unit_name="", asker_name="", is_anonymous=True, votes=None),
    replace(WAITING_LINE, is_urgent=False, context="", answer_by=None, has_votes=False, votes=None),
)
OFFERS = (
    Offer(1, "怎么办？", "先问好。", False),
    Offer(2, "怎么办？", "", True),
    Offer(3, "怎么办？", "", False),
)
CONTACT_LIST = (DutyContact("派出所", "0894-5822110"), DutyContact("县妇联", "0894-5822000"))
DUTY_PAGE = DutyPage(1, "八一镇社工站", (), (), lacks_contacts=True, lacks_duty=True)
DUTY_PAGES = [
    DUTY_PAGE,
    replace(DUTY_PAGE, lacks_contacts=False, lacks_duty=False),
    replace(
        DUTY_PAGE,
        contacts=CONTACT_LIST,
        on_duty=(
            OnDuty(1, "卓玛", True),
            OnDuty(2, "扎西", False),
            OnDuty(3, "拉姆", True, "德吉"),
        ),
        lacks_contacts=False,
    ),
]
NEWS = {"question": "怎么办？", "answer": "先问好。", "reason": "请问民政。"}
DAY_LINE = CohortDay(
    name="1:2026-11-27",
    kind="daily_lesson",
    cohort_name="2026年第一期",
    at=AT,
    outcome="planned",
    people=Counts(planned=8, sent=3, waiting=1, failed=2, expired=1, skipped=1),
    groups=Counts(planned=1, sent=1),
    reasons=(("blocked", 2), ("held", 1)),
)
SETTLED = [
    replace(DAY_LINE, outcome=outcome, people=Counts(), groups=Counts(), reasons=())
    for outcome in ("held", "merged", "skipped")
]
AGAIN = Again(
    name="1:2026-11-27",
    cohort_name="2026年第一期",
    at=AT,
    people=23,
    groups=1,
    due_at=AT,
    is_night=False,
    waits=True,
    is_together=True,
    values={},
    entry_id=7,
)
AGAINS = [
    AGAIN,
    replace(AGAIN, is_night=True),
    replace(AGAIN, waits=False, groups=0),
    replace(AGAIN, is_together=False, values=None),
    replace(AGAIN, people=0, groups=0),
]
LINKED = [
    LinkedGroup(1, "一期群", "2026年第一期", AT, is_reachable=here, since=since, reason="removed")
    for here, since in ((True, None), (False, AT), (False, None))
]
STORY = StoryView(
    story_id=1,
    version=1,
    state="draft",
    author="卓玛",
    unit="八一镇社工站",
    texts={"title": "先听后说", "transfer": "先听他说完，再说您要办的事。"},
    files=(FileLine("f", "picture", 9),),
    scope="county",
    may_become_lesson=True,
    is_mine=True,
    is_sorted=False,
    closes_on=DAY,
    comments=("怎么开口的，再写细一点",),
    missing=("background",),
    tags=("探访",),
)
STORIES = [
    replace(STORY, state=state, is_sorted=is_sorted, missing=missing, closes_on=closes_on)
    for state, is_sorted, missing, closes_on in (
        ("draft", False, ("background", "result"), DAY),
        ("draft", False, (), None),
        ("nominated", False, WRITTEN, DAY),
        ("submitted", False, (), DAY),
        ("returned", True, (), DAY),
        ("approved", False, (), None),
        ("withdrawn", False, (), None),
    )
]
STORY_WRITTEN = [(f"story_{part}", "他说了怎么办。") for part in PARTS]
CALL = CallView(
    cohort_id=1,
    cohort="2026年第一期",
    call_id=1,
    mark=1,
    dates=ShareDates(DAY, DAY, DAY, DAY),
    starts_at=AT,
    minutes=120,
    is_on=True,
    handed_in=2,
    approved=3,
    people=12,
    is_over=False,
    has_digest=False,
    collected=12,
    shared=9,
)
SLOTS = tuple(Slot(1, "先听后说", "卓玛", "八一镇社工站", place, 15, 1) for place in (1, None))
DIGEST = Digest(
    "2026年第一期",
    AT,
    120,
    9,
    3,
    (Shared(1, "先听后说", "卓玛", "八一镇社工站", {"transfer": "先听他说完。"}, ("探访",)),),
)
WORD = {
    "story_id": 1,
    "call_id": 1,
    "position": 2,
    "minutes": 15,
    "closes_on": DAY,
    "starts_at": AT,
    "place": "",
    "cohort": "2026年第一期",
    "cohort_id": 1,
    "title": "先听后说",
    "scope": "county",
    "asker": "央金",
    "number": "73",
}
REVIEWED = ("approved", "one_more", "returned", "sorted", "unsorted", "undone")
STORY_WHATS = (
    "nominated",
    "returned",
    "sorted",
    "unsorted",
    "approved",
    "closing",
    "speaker",
    "eve",
    "unable",
    "able",
    "lesson_asked",
    "lesson_agreed",
    "lesson",
    "dates",
    "digest",
)
STORY_LINES = (StoryLine(1, "先听后说", "卓玛"),)
STORY_SHELVES = [
    StoryShelf(STORY_LINES, 0, 2, 9, "探访", is_writing=True),
    StoryShelf((), 0, 1, 0, "探访", is_writing=False),
    StoryShelf((), 0, 1, 0, "", is_writing=False),
]
ERASED = ("", "yes", "no")
THEMES = tuple(
    ThemePage(
        theme_id=n,
        number=n,
        title="低保、收入、申请",
        is_hidden=hidden,
        askers=askers,
        voters=askers - 2,
        units=3,
        questions=(
            "挖虫草的钱算不算收入",
            "低保材料交上去一个多月了没有消息，正常吗，还要不要再问一次",
        ),
        others=2,
        count=9,
        lessons=lessons,
        gaps=("低保一个月多少钱",),
        case=None,
        goes_with=None,
        answer=answer,
    )
    for n, (hidden, askers, lessons, answer) in enumerate(
        (
            (False, 12, (LessonLineOfTopic(41, "41", "谁能申请低保", "先听难处"),), "按家庭算"),
            (True, 2, (), None),
        ),
        1,
    )
)
TOPIC = TopicPage(
    topic_id=1,
    version=3,
    state="draft",
    month=date(2026, 11, 1),
    cohort_id=1,
    cohort="2026年第一期",
    starts_at=AT,
    minutes=90,
    due_on=DAY,
    trainer="德吉",
    questions=40,
    askers=14,
    units=3,
    themes=THEMES,
    texts={},
)
TOPICS = [
    TOPIC,
    replace(TOPIC, state="held", trainer=None, is_taught=True),
    replace(TOPIC, themes=()),
]
TOPIC_RULE = TopicSettings(1, "2026年第一期", True, "thursday", time(15), 90, 7, 3)
QUARTER = Quarter(
    (date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)),
    (AskedAbout("谁能申请低保", (12, 3, 0)),),
    ("谁能申请低保", "低保办理流程", "结案与跟进"),
)
OTHERS = {"old": "低保、收入、申请", "lines": [[1, "入户安全"], [2, "保密"]]}
TOLD = Told(1, "低保、收入、申请", "按家庭人均算，挖虫草的收入要算进去。", ("怎么算虫草钱",))
SAID = [
    {"told": told, "said": said}
    for told in (TOLD, replace(TOLD, own=()))
    for said in ("", "helped", "not_yet")
]
TODO_ITEMS = (
    Item("approve_topic", "topic", "1:0", 0, "2026年第一期", due_on=DAY),
    Item("answer_topic", "topic", "1:0", 0, "2026年第一期", count=3),
    Item("review_stories", "story_reviews", "0", 1, "", due_on=DAY, count=2),
    Item("review_stories", "story_reviews", "0", 2, "", count=2),
    Item("send_digest", "share_of", "1", 1, "2026年第一期"),
    *(Item("write_minutes", "session", "1", 1, "一期", DAY, count) for count in (1, 2)),
    *(Item("confirm_turn", "session", "1", 0, "一期", DAY, count) for count in (1, 2)),
    Item("split_rooms", "session", "1", 2, "一期", count=32),
    Item("split_rooms", "session", "1", 2, "一期", DAY, 32),
    Item("late_supervision", "pairs", "0:", 2, "", count=3),
    Item("other_supervisor", "pairs", "0:", 1, "", count=1),
    Item("supervision_today", "own_pair", "1", 0, "卓玛", DAY),
    Item("supervision_unwritten", "sup_unwritten", "0", 1, "", count=2),
    *(Item("waiting_questions", "open", "x", 0, "", day, 3) for day in (DAY, None)),
    Item("approve_topic", "topic", "1:0", 0, "2026年第一期", due_on=DAY, instead_of="扎西"),
)
BACK = date(2026, 11, 30)
PLAN = Plan(DAY, BACK, BACK, "卓玛", (), (), (DutyList("八一镇社工站", 2),), ("拉姆",))
OWN_AWAY = AwayNow(1, DAY, BACK, BACK, "卓玛", "named", True, AT, (DutyList("八一镇社工站", 0),))
STANDING_IN = StandingIn(1, "扎西", DAY, BACK, has_agreed=False)
DEPUTY_FACTS: dict[str, Any] = {
    "row_id": 1,
    "absent": "扎西",
    "deputy": "卓玛",
    "roles": (("coordinator", "林芝市"), ("supervisor", "八一镇社工站")),
    "since": DAY,
    "last": BACK,
    "back": BACK,
    "can_undo": False,
}
AWAY_STATES = ("alone", "proposed", "named", "agreed", "declined", "refused", "taken_back")
POINTS = (
    (1, "point", "先听，再问一个开放的问题"),
    (2, "decision", "下周起两人一起走访"),
    (3, "question", "老人不愿搬怎么办"),
)
CARD = Card(
    gathering_id=1,
    kind="weekly_study",
    room=0,
    change="",
    title="每周共学",
    starts_at=AT,
    minutes=60,
    place="",
    facilitator="卓玛",
    state="coming",
    reason="",
    is_moved=False,
    minutes_recorded=0,
    is_facilitator=False,
    is_confirmed=True,
    phase="near",
    learns=True,
    may_make_up=False,
    points=(),
    speakers=(),
)
CARDS = [
    replace(CARD, state=state, is_moved=moved, reason=reason, minutes_recorded=60)
    for state in (
        *("coming", "closed", "recorded", "to_confirm", "apology", "absent", "made_up"),
        *("cancelled", "replaced", "moved"),
    )
    for moved, reason in ((False, ""), (True, "weather"))
]
CARDS += [replace(CARD, room=2), replace(CARD, state="moved", change="together")]
CARDS.append(replace(CARD, kind="quarterly_share", title="一次走访的经验"))
CARDS += [
    replace(CARD, kind="quarterly_share", title="每季度线上经验分享学", speakers=speakers)
    for speakers in (((1, "扎西", 15),), tuple((n, "达瓦卓玛", 20) for n in range(1, 8)))
]
CARDS.append(replace(CARD, state="closed", may_make_up=True, points=POINTS))
CARDS += [
    replace(CARD, state=state, is_facilitator=True) for state in ("closed", "to_confirm", "absent")
]
SESSION = SessionLine(
    gathering_id=1,
    room=0,
    rooms=0,
    may_split=False,
    in_series=False,
    kind="weekly_study",
    cohort_id=1,
    starts_at=AT,
    minutes=60,
    place="",
    state="planned",
    reason="",
    facilitator="卓玛",
    is_confirmed=True,
    version=1,
    people=8,
    here=5,
    has_begun=False,
    has_minutes=False,
    minutes_missing=False,
)
SESSIONS = [
    SESSION,
    replace(SESSION, is_confirmed=False, may_split=True),
    replace(SESSION, rooms=2, is_confirmed=False),
    replace(SESSION, facilitator="", is_confirmed=False, kind="monthly_topic"),
    replace(SESSION, has_begun=True, minutes_missing=True),
    replace(SESSION, has_begun=True, has_minutes=True),
    *(replace(SESSION, state=s, reason="weather") for s in ("cancelled", "replaced", "skipped")),
]
SERIES = {
    "name": "一期",
    "people": 8,
    "weekday": "friday",
    "hour": "15:00",
    "minutes": "60",
    "place": "",
    "holidays": "move",
}
KIT = {
    "agenda": [("review", 10), ("lesson", 20), ("case", 20), ("wrap_up", 10)],
    "lessons": [("41", "谁能申请低保"), ("42", "低保办理流程")],
    "hard": [("41", "谁能申请低保")],
    "used": ["先问了老人自己想怎么办"],
    "questions": ["老人不愿搬怎么办"],
}
BARE_KIT = KIT | {"lessons": [], "hard": [], "used": [], "questions": []}
AHEAD = {"gathering_id": 1, "kind": "weekly_study", "starts_at": AT, "room": 0}
SEATED = Seated(1, 1, AT, 16, ((1, "卓玛"), (2, "扎西")), 0, 1, ((2, 2),))
MOVED_SEAT = Moved(7, 2, "卓玛", 1, 2)
MOVED_TOLD = {
    "name": "卓玛",
    "kind": "weekly_study",
    "old": 1,
    "new": 2,
    "starts_at": AT,
    "place": "https://meeting.example/2",
}
IN_ROOM = AHEAD | {"room": 2}
ROOM = replace(SESSION, room=2, people=17)
ROOMS = [
    ROOM,
    replace(ROOM, is_confirmed=False),
    replace(ROOM, facilitator=""),
    replace(ROOM, has_begun=True, has_minutes=True),
    replace(ROOM, has_begun=True, minutes_missing=True),
]
SEATING = {"people": 84, "fewest": 3, "rooms": "3", "told": 80, "scope": "alone"}
ROLL = Roll(
    1,
    "weekly_study",
    2,
    "每周共学",
    AT,
    tuple(
        Expected(1, "卓玛", "八一镇社工站", state, reason, away)
        for state, reason, away in (
            ("signed_in", "", False),
            ("to_confirm", "", False),
            ("apology", "field_visit", False),
            ("apology", "unsaid", False),
            (None, "", True),
            (None, "", False),
        )
    ),
    is_arranger=True,
)
LATE_ROLL = replace(ROLL, late=frozenset({1}))
# Facts for every template; a new template without facts here fails the tests.
OWN_WORDS = [
    ("您的提问", 12),
    ("您写的答复", 3),
    ("您写的纪要", 8),
    ("用上了哪一课", 5),
    ("您的经验", 2),
    ("您写进专题的话", 4),
    ("您写的专题答复", 1),
]
FACTS: dict[str, list[dict[str, Any]]] = {
    "topics": [
        {"lines": [(1, TopicLine(1, DAY, "2026年第一期", state, AT))], "coming": ()}
        for state in ("draft", "approved", "held", "answered")
    ]
    + [{"lines": [], "coming": coming} for coming in ((), (("2026年第一期", DAY),))],
    "topic": [
        {
            "page": page,
            "title": "11月专题",
            "themes": list(enumerate(page.themes, 1)),
            "is_draft": page.state == "draft",
        }
        for page in TOPICS
    ],
    "topic_theme": [{"theme": theme, "number": 1} for theme in THEMES],
    "topic_questions": [{"lines": [(1, "挖虫草的钱算不算收入"), (2, "怎么算")]}],
    "topic_plan": [
        {"page": page, "asks": asks, "people": people}
        for page in TOPICS[:2]
        for asks, people in ((True, 23), (True, 41), (False, 23))
    ],
    "topic_reply": [{}],
    "mydata_caption": [{"count": 412}],
    "forget_ask": [{"words": words} for words in (OWN_WORDS, [])],
    "forget_done": [{"words": words} for words in (OWN_WORDS, [])],
    "forget_for_ask": [{"person": PERSONS[0]}],
    "forget_for_done": [{"number": 12}],
    "forget_kept": [{}],
    "topic_which": [{}],
    "topic_settings": [{"found": replace(TOPIC_RULE, is_on=on)} for on in (True, False)],
    "topic_rule_weekday": [{}],
    "topic_rule_hour": [{"hour_now": "15:00"}],
    "topic_rule_closes": [{"closes_now": 7}],
    "topic_rule_due": [{"due_now": 3}],
    "topic_quarter": [{"found": QUARTER}]
    + [
        {"found": replace(QUARTER, subjects=subjects, again=())}
        for subjects in ((), QUARTER.subjects)
    ],
    "topic_silent": [{"units": units} for units in ((), ("八一镇社工站", "鲁朗镇社工站"))],
    "topic_file": [{"is_draft": draft} for draft in (True, False)],
    "topic_file_taken": [{"count": count} for count in (0, 3)],
    "lesson_draft": [{}],
    "topic_text": [{}],
    "topic_text_kept": [
        {"erased": erased, "goes_on": goes_on}
        for erased in ("", "yes", "no")
        for goes_on in (False, True)
    ],
    "topic_trainer": [{}],
    "topic_date": [{"now": "11月27日(周五)15:00"}],
    "topic_page": [{"title": "11月专题", "page": replace(TOPIC, themes=THEMES[:1])}],
    "topic_answer": SAID,
    "topic_thanks": [{"month": 11, "helped": 6}],
    "line_topic_thanks": [{"month": 11, "helped": 6}],
    "theme_rename": [OTHERS],
    "theme_merge": [OTHERS],
    "theme_split": [
        {"questions": [[1, "挖虫草的钱算不算收入"]], "count": count} for count in (1, 40)
    ],
    "theme_split_into": [OTHERS],
    "theme_split_title": [{}],
    "theme_answer_ask": [{"title": "低保、收入、申请"}],
    "theme_answer_kept": [
        {"told": told, "erased": erased} for told in (2, 14) for erased in ("", "yes", "no")
    ],
    # As many lines as ever stand in it.
    "todo": [
        {"lines": list(enumerate(TODO_ITEMS[first : first + MOST_LINES], 1)), "more": more}
        for first in range(0, len(TODO_ITEMS), MOST_LINES)
        for more in (0, 2)
    ]
    + [{"lines": [], "more": 0}],
    "todo_item": [{"n": 1, "item": item} for item in (*TODO_ITEMS, *supervision_hours_facts.TODO)],
    "away": [
        {"page": AwayPage(own, others)}
        for own in (None, *(replace(OWN_AWAY, state=state) for state in AWAY_STATES[:-1]))
        for others in ((), (STANDING_IN,))
        if own is not None or others
    ],
    **{name: [{}, {"name": "卓玛"}] for name in ("away_since", "away_back", "away_deputy")},
    "away_check": [
        {"plan": PLAN},
        {"plan": replace(PLAN, asked=("站长", "同事"), duty=(DutyList("八一镇社工站", 0),))},
        {"plan": replace(PLAN, deputy="", next_up=("站长",), also_for=())},
        {"plan": replace(PLAN, deputy="", duty=())},
        {"plan": replace(PLAN, of="卓玛", duty=())},
        {"plan": replace(PLAN, of="卓玛", deputy="", duty=(), also_for=())},
    ],
    "deputy": [
        DEPUTY_FACTS
        | {"to": to, "state": state, "is_over": is_over, "set_by": set_by}
        | {"is_unanswered": False}
        for to, set_by in (("deputy", ""), ("absent", ""), ("absent", "央金"), ("coordinator", ""))
        for state in AWAY_STATES
        for is_over in (False, True)
    ]
    + [
        DEPUTY_FACTS
        | {"to": to, "state": "alone", "is_over": False, "deputy": "", "set_by": set_by}
        | {"is_unanswered": False}
        for to, set_by in (("absent", "央金"), ("coordinator", ""))
    ]
    + [
        DEPUTY_FACTS
        | {"to": "absent", "state": "proposed", "is_over": False, "set_by": ""}
        | {"is_unanswered": True}
    ],
    "handover": [
        DEPUTY_FACTS
        | {"what": what, "lines": lines, "more": more, "waiting": waiting, "others": more}
        | {"meetings": meetings, "more_meetings": more, "done": done}
        for what in ("begins", "ends")
        for lines, more, waiting, meetings, done in (
            ([], 0, 0, (), ()),
            (
                list(enumerate(TODO_ITEMS[:2], 1)),
                2,
                3,
                (
                    Meeting("weekly_study", "2026年第一期", AT, is_led=True),
                    Meeting("monthly_topic", "2026年第一期", AT, is_led=False),
                ),
                (("topic", 1), ("question", 3)),
            ),
        )
    ],
    "account_moved": [{}],
    "arrival": [
        {"line": line, "missed": missed} for line in (DAY_LINE, *SETTLED) for missed in (0, 3)
    ],
    "arrivals": [
        {"day": AT.date(), "lines": list(enumerate((DAY_LINE, *SETTLED), 1))},
        {"day": AT.date(), "lines": []},
    ],
    "bug": [{}],
    "catch_up": [
        {"found": CatchUp(lesson, behind)}
        for lesson, behind in ((None, 0), (AskedLesson("on_its_way"), 0), (AskedLesson("x"), 3))
    ],
    "consent_again": [{}],
    "consent_given": [{}],
    "consent_kept": [{}],
    "consent_withdraw": [{}],
    "consent_withdrawn": [{}],
    "daily_lesson": [
        LESSON
        | {"recorded": r, "is_draft": d, "is_group": g}
        | {"is_asked": a, "is_must": d, "is_review": g}
        for r in (None, 5)
        for d in (True, False)
        for g in (True, False)
        for a in (True, False)
    ]
    + [LESSON | {"recorded": None, "footers": (plain("还有10课学完：一期"), plain("又一行"))}],
    "daily_question": [{"question": QUESTION, "chosen": chosen} for chosen in (None, 0, 1)],
    "enrol_check": [ENROL],
    "enrol_language": [ENROL],
    "enrol_move": [ENROL],
    "enrol_name": [ENROL],
    "enrol_privacy": [ENROL],
    "enrol_who": [ENROL],
    "enrolled": [
        ENROL | {"role": role, "today": TODAYS[0]}
        for role in ("learner", "coordinator", "supervisor")
    ],
    "enrolment_done": [ENROL],
    "enter_code": [{}],
    "form_cancelled": [{}],
    "help": [
        {"can": {right for right, roles in RIGHTS.items() if role in roles}} for role in ROLES
    ],
    "group_linked": [{}],
    "link_choose": [
        {"title": "一期群", "cohorts": [(1, "2026年第一期"), (2, "二期")], "linked_to": linked}
        for linked in (None, "二期")
    ]
    + [{"title": "一期群", "cohorts": [], "linked_to": None}],
    "link_confirm": [
        {"title": "一期群", "proposal": Proposal(1, "2026年第一期", 0, moved)}
        for moved in (None, "二期")
    ],
    "link_done": [
        {"title": "一期群", "cohort": "2026年第一期", "is_heard": heard} for heard in (True, False)
    ],
    "link_not_yours": [{}],
    "work_group": [
        {"group": group, "is_ended": ended} for group in LINKED for ended in (True, False)
    ],
    "work_groups": [{"groups": list(enumerate(LINKED, 1))}, {"groups": []}],
    "hour_choose": [{"now": "10:00", "is_own": own} for own in (True, False)],
    "hour_set": [{"hour": "12:30"}],
    "language_choose": [{}],
    "language_set": [{"content": content} for content in ("zh", "bo", "both")],
    "facilitator_ask": [
        where | {"until": until} for until in (AT, None) for where in (AHEAD, IN_ROOM)
    ],
    "facilitator_kit": [
        AHEAD | {"kit": KIT},
        IN_ROOM | {"kit": BARE_KIT},
        IN_ROOM | {"kit": KIT, "kind": "monthly_topic"},
    ],
    "facilitator_missing": [
        {"instead_of": name, "can_change": can_change} | where
        for name, can_change in (("", True), ("扎西", True), ("扎西", False))
        for where in (AHEAD | {"kit": KIT}, IN_ROOM | {"kit": BARE_KIT})
    ],
    "facilitator_swap": [
        {"state": state, "asker": "卓玛", "asked": "扎西", "hers": AT, "yours": AT}
        for state in ("asked", "accepted", "declined")
    ],
    "gathering": [{"card": asdict(card)} for card in CARDS],
    "gathering_ahead": [AHEAD, IN_ROOM],
    "gathering_apology": [{"card": CARD}],
    "gathering_changed": [
        {"card": replace(CARD, state=state, reason=reason)}
        for state in ("coming", "cancelled", "replaced")
        for reason in ("", "urgent_work")
    ]
    + [
        {"card": replace(CARD, room=room, reason=change, change=change)}
        for room, change in ((2, "rooms"), (0, "together"), (0, "stands"))
    ],
    "gathering_question": [{"card": CARD, "points": list(enumerate(POINTS, 1))}],
    "gathering_roll": [
        {"roll": roll, "lines": list(enumerate(ROLL.lines, 1)), "here": 1}
        | {"to_confirm": waiting, "page": 1, "pages": pages}
        for roll, waiting, pages in ((ROLL, 0, 1), (LATE_ROLL, 1, 3))
    ],
    "leader_choose": [{"has_choice": has_choice} for has_choice in (True, False)],
    "line_gathering_ahead": [AHEAD, IN_ROOM],
    "line_gathering_changed": [
        IN_ROOM | {"state": s, "change": change}
        for s, change in (
            *(("coming", ""), ("cancelled", ""), ("replaced", "")),
            *(("coming", "rooms"), ("coming", "together"), ("coming", "stands")),
        )
    ],
    "minutes_check": [{"lines": {"point": ["先听"], "decision": ["两人"], "question": ["如何"]}}],
    "minutes_decisions": [{}],
    "minutes_due": [AHEAD, IN_ROOM],
    "minutes_points": [{}],
    "minutes_questions": [{}],
    "minutes_taken_back": [
        {"lines": {"point": ["先听"], "decision": [], "question": ["如何"]}},
    ],
    "minutes_written": [
        {"people": 8, "questions": questions, "erased": erased}
        for questions in (0, 2)
        for erased in ("", "yes", "no")
    ],
    "roll_check": [
        {"named": 23, "unknown": unknown, "away": away}
        for unknown, away in (([], []), (["甲", "乙"], ["丙"]))
    ],
    "roll_entered": [{"entered": Entered(23, 20, 30)}],
    "roll_paste": [{}],
    "roll_unsure": [{"sure": 23, "left": 2, "written": "卓码"}],
    "study_call_off": [{"line": SESSION}],
    "study_check": [
        SERIES,
        SERIES | {"place": "https://meeting.example/1", "holidays": "skip"},
    ],
    "study_choose": [{"count": count} for count in (0, 3)],
    "study_day": [{"was": AT}],
    "study_end": [SERIES],
    "study_holidays": [SERIES],
    "study_hour": [SERIES],
    "study_minutes": [SERIES],
    "study_move_check": [
        {"new_day": DAY, "hour": "15:00", "scope": scope, "people": 8}
        for scope in ("alone", "following")
    ],
    "study_none": [{}],
    "study_place": [SERIES],
    "study_reason": [SERIES],
    "study_rooms": [
        {"line": SESSION, "rooms": ROOMS, "is_fresh": is_fresh} for is_fresh in (True, False)
    ],
    "study_room": [{"room": room} for room in ROOMS],
    "study_seats": [{"seated": one} for one in (SEATED, replace(SEATED, pages=3))],
    "study_seat": [{"name": "卓玛", "room": 1}],
    "study_seat_moved": [
        {"moved": MOVED_SEAT, "is_undone": is_undone} for is_undone in (True, False)
    ],
    "seat_moved": [MOVED_TOLD | {"is_own": is_own} for is_own in (True, False)],
    "study_split": [SEATING],
    "study_room_links": [SEATING],
    "study_split_check": [
        SEATING | {"shown": [(28, 4)] * 3, "scope": scope} for scope in ("alone", "following")
    ],
    "study_join": [SEATING | {"scope": scope} for scope in ("alone", "following")],
    "study_room_link": [SEATING],
    "study_scope": [SERIES],
    "study_series": [
        {
            "found": SeriesOverview(1, "一期", is_on, Series(), "none", 8, lines),
            "lines": list(enumerate(lines, 1)),
        }
        for is_on, lines in ((False, ()), (True, tuple(SESSIONS[:6])), (True, tuple(SESSIONS[5:])))
    ]
    + [
        {
            "found": SeriesOverview(1, "一期", True, Series(rooms=2), "none", 8, ()),
            "lines": [],
        }
    ],
    "study_session": [
        {"line": line, "may_undo": may_undo} for line in SESSIONS for may_undo in (False, True)
    ],
    "study_weekday": [SERIES],
    "used_noted": [
        {"said": said, "brought": brought}
        for said in ("none", "lesson", "sentence", "shared")
        for brought in (False, said in ("sentence", "shared"))
    ],
    "used_sentence": [{}],
    "used_which": [{}],
    "swap_answered": [{"is_accepted": accepted} for accepted in (True, False)],
    "swap_asked": [{"turn": Turn(1, "weekly_study", AT, 1, "扎西", is_confirmed=True)}],
    "swap_choose": [{"has_choice": has_choice} for has_choice in (True, False)],
    "library_ask": [{}],
    "library_found": [{"found": FOUND, "can_ask": False}],
    "library_lesson": [
        {"page": LessonPage(line, 1, "M7", 0, 5, "先听难处，再对是哪一类。", before)}
        for line, before in ((LINE, ()), (LINE_LEARNED, (LINE, LINE)))
    ],
    "library_module": [
        {"shelf": ModuleShelf(1, ModuleLine("M7", "社会救助政策", 7, learned), before, (LINE,))}
        for learned, before in ((0, ()), (2, ("认识社会工作", "价值与伦理")))
    ],
    "library_none": [{}],
    "library_not_found": [
        {"found": Found(lines, is_found=False), "can_ask": can_ask}
        for lines in ((), (LINE,))
        for can_ask in (True, False)
    ],
    "library_packs": [{}],
    "library_shelf": [
        {"shelf": Shelf(PackLine(1, "社工入门六十课"), False, 60, learned, (), resume)}
        for learned, resume in ((0, None), (4, LINE))
    ],
    "item_statistics_caption": [{"unit": "林芝市", "count": count} for count in (0, 7)],
    "line_pack_ending": [
        {"cohort": cohort, "left": 10} for cohort in ("2026年第一期", "林芝市基层社工" * 6)
    ],
    "line_pause_told": [{"away": away} for away in AWAYS],
    "me": [
        {
            "speaker": SPEAKER,
            "totals": {"daily_lesson": (3, 15)},
            "questions": [OwnQuestion("怎么开口", "new", AT)],
        },
        {"speaker": SPEAKER, "totals": {}, "questions": []},
    ],
    "more": [{}],
    "monday_line": [
        {"line": MondayLine(needs, machine, Queue(0, 3, 0, None), known_to)}
        for machine in MACHINES
        for needs in ((), ("disk", "queue", "backup", "calendar"))
        for known_to in (2026, None)
    ],
    "hold": [
        {"found": None, "lines": []},
        *(
            {"found": Overview(1, AT, AT, HELD_LINES, elsewhere), "lines": lines}
            for elsewhere in (0, 2)
            for lines in (list(enumerate(HELD_LINES, 1)), [])
        ),
    ],
    "hold_line": [{"found": None, "line": line} for line in HELD_LINES],
    "hold_told": [{"forgotten": 0}, {"forgotten": 2}],
    "restored_span": [{"since": DAY, "until": DAY, "hold_id": 1}],
    "span_lessons": [
        {"span": Span(1, DAY, DAY, lessons), "left": left}
        for lessons, left in ((SPAN_LESSONS, 3), (SPAN_LESSONS, 0), ((), 0))
    ],
    "move_done": [{}],
    "moved_here": [{"name": "卓玛", "today": today} for today in TODAYS],
    "no_question": [{}],
    "not_me": [{}],
    "not_understood": [{}],
    "only_text": [{}],
    "parts_joined": [{"count": count} for count in (2, 3)],
    "pack_ending": [
        {"cohort": "2026年第一期", "pack": "基层社工入门", "left": left} for left in (10, 1)
    ],
    "pause_back": [{}],
    "pause_of_since": [{"name": "卓玛"}],
    "pause_told": [{"away": away} for away in AWAYS],
    "pause_since": [{}],
    "paused": [{"away": away} for away in AWAYS],
    "progress_caption": [{"progress": Progress((), 3, 2, 60, 15, 10, used)} for used in (0, 2)],
    "returned": [{"back": back} for back in BACKS],
    "practice": [{"chosen": chosen} for chosen in (None, "A", "B", "C")],
    "people": [{"page": p, "can_turn": can} for p in PEOPLE for can in (True, False)],
    "people_find": [{}],
    "person": [{"person": person} for person in PERSONS],
    "person_add_check": [
        ADDED,
        ADDED | {"role": ADDED["role"] | {"namesakes": ["W-000012", ""]}},
        {"name": "卓玛", "role": ADDED["role"] | {"role": "observer"}},
    ],
    "person_add_cohort": [ADDED],
    "person_add_name": [{}],
    "person_add_role": [ADDED],
    "person_add_unit": [ADDED],
    "person_added": [
        {"added": NewPerson("卓玛", "W-000012", "八一镇社工站", PersonalInvite(1, "t", "c", AT))}
    ],
    "person_cohort": [
        {"person": person, "has_choice": has_choice}
        for person in PERSONS[:2]
        for has_choice in (True, False)
    ],
    "person_leave": [{"person": PERSONS[0]}],
    "person_left": [{"name": "卓玛", "until": AT}],
    "person_move": [{"name": "卓玛", "old": "八一镇社工站"}],
    "person_rename": [{"old": "卓玛"}],
    "person_roles": [
        {"person": PERSONS[0], "role": role} for role in (None, "which", "coordinator")
    ],
    "personal_invite": [
        {
            "name": "卓玛",
            "unit": "八一镇社工站",
            "link": "https://t.me/wuxue_bot?start=abc",
            "code": "K7M2P9QX",
            "until": AT,
        }
    ],
    "privacy": [{"version": "2026-11"}],
    "privacy_points": [{}],
    "preparing": [{"done": done, "total": total} for done, total in ((0, 0), (12000, 58000))],
    "question_ask": [{"voice": voice} for voice in ("", "F")],
    "question_maybe": [ENROL | {"on_journey": on_journey} for on_journey in (False, True)],
    "question_stored": [
        {"asked": asked, "erased": erased}
        for asked, erased in zip(ASKEDS, ("", "yes", "no"), strict=True)
    ],
    "question_context": [{}],
    "own_questions": [{"page": page} for page in OWN_PAGES],
    "own_question": [{"question": view} for view in OWN_VIEWS],
    "waiting_questions": [
        {"page": page} for page in (WaitingPage(WAITING_LINES, 0, 1, 3), WaitingPage((), 0, 1, 0))
    ],
    "waiting_question": [
        {"view": WaitingView(line, earlier, is_open)}
        for line in WAITING_LINES
        for earlier, is_open in (("", True), ("先问好。", False))
    ],
    "answer_write": [{}],
    "decline_write": [{}],
    "question_done": [
        {"done": Done(1, what, told, AT), "erased": ""}
        for what in ("answered", "declined", "to_supervision")
        for told in (0, 2, 7)
    ],
    "similar_questions": [{"offers": OFFERS}],
    "answered_question": [{"offer": offer} for offer in OFFERS],
    "answered_questions": [
        {"page": page} for page in (OffersPage(OFFERS, 0, 1, 3), OffersPage((), 0, 1, 0))
    ],
    "question_withdrawn": [{}],
    "question_undone": [{"told": told} for told in (0, 1)],
    "question_news": [
        NEWS | {"what": what, "is_own": is_own}
        for what in ("answered", "declined", "taken_back")
        for is_own in (True, False)
    ],
    "urgent_question": [{"answer_by": DAY, "question_id": 1, "count": count} for count in (1, 3)],
    "guard_erased": [{"erased": erased} for erased in ("yes", "no", "in_group")],
    "list_search": [{}],
    "list_searched": [
        {"found": Sought((), 0, pages, 9, words)}
        for words, pages in (("卓玛", 2), ("林芝市巴宜区八一镇社工站", 2))
    ],
    "guard_found": [
        {
            "kinds": ["detail_phone", "detail_address"],
            "masked": "怎么办，他住〔住址〕，电话〔电话〕。",
        }
    ],
    "reachable_again": [{"name": "卓玛", "today": today} for today in TODAYS],
    "recall_none": [{"state": state} for state in ("enough", "nothing")],
    "recall_question": [
        {"number": "3", "title": "题目", "question": QUESTION, "chosen": c, "may_ask": m}
        for c in (None, 0, 1)
        for m in (True, False)
    ],
    "records_caption": [
        {
            "scope": Scope(1, "/1/", "林芝市"),
            "period": Period(since, date(2026, 11, 30)),
            "count": 7,
        }
        for since in (date(2026, 11, 1), date(2025, 12, 1), EVER)
    ],
    "records_choose": [{"unit": "林芝市社工指导中心", "file_format": "xlsx"}],
    "roster_changed": [{}],
    "roster_checked": [
        {"counts": c, "total": 500, "invites": 480, "units": u, "more_units": m} | changes
        for c in ({"new": 480, "changed": 7, "unchanged": 13, "units": 60},)
        for u, m in (("", 0), ("林芝市/米林县/派镇社工站", 0), ("林芝市/新站", 59))
        for changes in (
            {"changes": [], "more_changes": 0},
            {"changes": [("扎西", "换单位、改姓名")] * 5, "more_changes": 2},
        )
    ],
    "roster_gone": [{}],
    "roster_how": [{}],
    "roster_imported": [
        {"counts": {"new": 1, "changed": 2, "unchanged": 3, "units": 0}, "invited": invited}
        for invited in (0, 500)
    ],
    "roster_under_way": [{"total": 500}],
    "roster_problems": [
        {"count": 1, "shown": ["第3行“电话”：电话“123”看不懂。"], "more": 0},
        {"count": 99, "shown": ["第3行“姓名”：没有写姓名，请补上。"] * 15, "more": 84},
    ],
    "schedule": [
        {
            "lines": [(1, ENTRY), (0, DayOff(AT.date(), "国庆节")), (0, DayOff(AT.date(), None))],
            "lacking": [],
        },
        {
            "lines": [(n, replace(ENTRY, mark=m)) for n, m in enumerate(("held", "1500"), 1)],
            "lacking": [Lack(1, "林芝市", True, 0)],
        },
        {"lines": [], "lacking": [Lack(1, "林芝市", False, 1)]},
    ],
    "danger": [{"contacts": contacts} for contacts in (CONTACT_LIST, ())],
    "danger_maybe": [{"contacts": contacts} for contacts in (CONTACT_LIST, ())],
    "danger_now": [
        {"raised": Raised(1, told, call), "contacts": contacts}
        for told, call in ((True, False), (True, True), (False, False))
        for contacts in (CONTACT_LIST, ())
    ],
    "danger_alert": [
        {"what": what, "unit": "八一镇社工站", "at": AT, "name": name, "phone": phone}
        for what in ("alert", "nobody", "taken")
        for name, phone in (("", ""), ("卓玛", ""), ("卓玛", "13800000000"))
    ],
    "danger_taken": [
        {"taken": Taken("八一镇社工站", AT, name, phone)}
        for name, phone in (("", ""), ("卓玛", "13800000000"))
    ],
    "duty": [{"page": page} for page in DUTY_PAGES],
    "duty_add": [{}],
    "duty_contacts": [{"unit_name": "八一镇社工站"}],
    "occasion": [
        {"entry": replace(ENTRY, mark=mark, is_together=together), "is_shown": shown}
        for mark in ("usual", "held", "1500")
        for together, shown in ((True, True), (True, False), (False, False))
    ],
    "occasion_hour": [{"day": "11月27日(周五)", "cohort": "一期"}],
    "second_role": [ENROL],
    "send_again": [{"again": again} for again in AGAINS],
    "sent_again": [{"again": again} for again in AGAINS],
    "line_quarterly_share": [{"closes_on": DAY}],
    "line_story_word": [WORD | {"what": what} for what in STORY_WHATS],
    "quarterly_share": [{"closes_on": DAY, "starts_at": AT, "minutes": 120}],
    "share": [
        {"call": call}
        for call in (
            CALL,
            replace(CALL, call_id=None, is_on=False),
            replace(CALL, has_digest=True, is_over=True),
        )
    ],
    "share_choose": [{"cohorts": [(1, "2026年第一期")]}, {"cohorts": []}],
    "share_digest_look": [{"digest": DIGEST}, {"digest": replace(DIGEST, stories=())}],
    "share_digest": [{"digest": DIGEST}, {"digest": replace(DIGEST, stories=())}],
    "share_digest_lead": [{"digest": DIGEST}],
    "share_digest_sent": [{"digest": DIGEST}],
    "share_preview": [{"call": CALL}],
    "share_programme": [
        {"programme": Programme(1, "一期", 1, AT, 120, slots), "slots": list(enumerate(slots, 1))}
        for slots in (SLOTS, ())
    ],
    "share_slot": [{"slot": slot} for slot in SLOTS],
    "share_speaker": [
        {"place": Place(1, 1, 2, 15, AT), "speaks": speaks} for speaks in (True, False)
    ],
    "share_stop": [{"call": CALL}],
    "share_told": [{"count": 3}],
    "share_when": [{"which": which} for which in ("closes", "session")],
    "share_which": [{}],
    "minutes_stories": [
        {"found": Lines(1, tuple((n, "先打电话，再入户。") for n in range(count)), 0, 1)}
        for count in (0, 6)
    ],
    "stories": [
        {"shelf": shelf, "waiting": waiting} for shelf in STORY_SHELVES for waiting in (0, 2)
    ],
    "stories_like": [{"stories": STORY_LINES}],
    "stories_own": [{"stories": list(enumerate(STORIES, 1))}, {"stories": []}],
    "stories_page": [{"shelf": shelf} for shelf in STORY_SHELVES],
    "story": [{"story": STORY, "written": STORY_WRITTEN}],
    "story_comment": [{}],
    "story_declined": [{}],
    "story_drop": [{"story": STORY}],
    "story_edit": [{"story": story} for story in STORIES[:2]],
    "story_files": [{"count": 1, "most": 5, "limit": 10}],
    "story_find": [{}],
    "story_how": [{}],
    "story_lesson": [{}],
    "story_nominate": [{}],
    "story_nominate_who": [{}],
    "story_nominate_words": [{"seen": seen} for seen in ("", "先打电话，再入户。")],
    "story_nominated": [{"name": "卓玛", "erased": erased} for erased in ERASED],
    "story_own": [
        {"story": story, "written": STORY_WRITTEN, "erased": erased}
        for story in STORIES
        for erased in ERASED
    ],
    "story_part": [
        {"part": part, "limit": 600, "old": old, "guided": guided, "left": 3, "erased": erased}
        | {"files": files}
        for part in ("whole", *WRITTEN)
        for old, guided, erased, files in (("", True, "", 0), ("怎么办", False, "yes", 1))
    ],
    "story_stopped": [{}],
    "story_rated": [
        {"rated": rated}
        for rated in (Rated(0, None, ()), Rated(2, None, ("好",)), Rated(3, 4.5, ()))
    ],
    "story_review": [
        {"story": story, "written": STORY_WRITTEN} for story in (STORY, *STORIES[3:5])
    ],
    "story_reviews": [
        {"queue": queue, "done": done, "words": words}
        for queue in (
            ReviewQueue((Waiting(1, "卓玛", AT, 1),), 0, 1, 1),
            ReviewQueue((), 0, 1, 0),
        )
        for done, words in (
            *((done, "") for done in ("", *REVIEWED)),
            ("undone", "请写怎么开的口"),
        )
    ],
    "story_scope": [{}],
    "story_stars": [{}],
    "story_tag": [{"old": old} for old in ("", "探访")],
    "story_thanks": [{"erased": erased} for erased in ERASED],
    "story_to_lesson": [{"scope": "county"}],
    "story_lesson_asked": [{"is_undone": is_undone} for is_undone in (False, True)],
    "story_lesson_said": [{"said": said} for said in ("yes", "no", "back")],
    "story_word": [WORD | {"what": what} for what in STORY_WHATS],
    "story_unproposed": [{}],
    "story_words": [{}],
    "taken_back": [{"count": count} for count in (0, 21)],
    "tap_again": [{}],
    "today": [{"today": today} for today in TODAYS],
    "unit": [{"unit": unit} for unit in UNIT_PAGES],
    "unit_add_level": [{"old": "八一镇社工站"}],
    "unit_add_name": [{"old": "八一镇社工站"}],
    "unit_close": [{"unit": UNIT_PAGES[0]}],
    "unit_rename": [{"old": "八一镇社工站"}],
    "units": [{"page": page} for page in UNITS],
    "unreachable": [
        {
            "found": Unreachable(
                tuple(
                    UnreachablePerson("卓玛", "八一镇社工站", phone, since, reason)
                    for phone, since, reason in (
                        ("13800000000", AT, "blocked"),
                        (None, None, "deactivated"),
                    )
                ),
                (UnreachableGroup("一期群", "2026年第一期", AT, "removed"),),
                0,
                1,
            )
        },
        {"found": Unreachable((), (), 0, 1)},
    ],
    "welcome_back": [{"name": "卓玛", "unit": "八一镇社工站"}],
    "workers": [{"page": WorkersPage(lines, 0, 2, 9)} for lines in (WORKERS, ())],
}
# Read at leisure, and as long as they must be (characters in zh).
PAIR = PairRow(
    pair_id=1,
    supervisor_id=2,
    supervisor="德吉",
    worker_id=1,
    worker="卓玛",
    unit_name="八一镇社工站",
    unit_path="/1/",
    since=DAY,
    until=None,
    ended_at=None,
    every_months=3,
    mode="either",
    due_on=DAY,
    change_asked_at=None,
    version=1,
    changed_by=3,
    changed_at=AT,
)
PAIRS = [PAIR, replace(PAIR, until=DAY, change_asked_at=AT), replace(PAIR, ended_at=AT, until=DAY)]
PAIR_FORM: dict[str, Any] = {
    "language": "zh",
    "worker": {"id": 1, "name": "卓玛"},
    "supervisor": {"id": 2, "name": "德吉"},
    "every": "3",
    "mode": "online",
}


def _pairs_pages() -> list[dict[str, Any]]:
    pages = [PairsPage((), 0, 1, 0, words, DAY) for words in ("", "卓玛")]
    booked = {PAIR.pair_id: AT}
    pages.append(PairsPage(tuple(PAIRS), 0, 1, 3, "", DAY + timedelta(days=1)))
    pages.append(PairsPage(tuple(PAIRS), 0, 1, 3, "", DAY, booked))
    return [{"page": page, "lines": list(enumerate(page.lines, start=1))} for page in pages]


SPANS = (
    FreeSpan("weekly", weekday=3, starts=time(14), ends=time(17)),
    FreeSpan("extra", day=DAY, starts=time(9), ends=time(11)),
    FreeSpan("off", day=DAY, last_day=DAY),
    FreeSpan("travel", day=DAY, starts=time(10), ends=time(16), place="鲁朗镇社工站"),
)
TIMES = [
    TimesPage(SPANS, Terms(hours_per_month=8, place="https://meeting.example/1"), 0, 1),
    TimesPage((), Terms(), 0, 1),
]
VIEW = View(
    booking_id=1,
    pair_id=1,
    starts_at=AT,
    minutes=60,
    mode="online",
    place="https://meeting.example/1",
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
VIEWS = [
    VIEW,
    replace(VIEW, what="moved", was_at=AT - timedelta(days=1), mode="in_person", place=""),
    replace(VIEW, what="stands"),
    replace(VIEW, what="online", was_at=AT),
    replace(VIEW, what="cancelled", state="cancelled"),
    replace(VIEW, what="missed", state="missed", has_begun=True),
]
OWN_PAGES = [
    PairPage(pair, accompanies, "德吉", pair.until, view)
    for pair in PAIRS
    for accompanies in (False, True)
    for view in (None, VIEW, replace(VIEW, has_begun=True))
]
PROPOSED = [
    Proposed(1, (AT, AT + timedelta(days=1)), mode, "鲁朗镇社工站", state, "德吉")
    for mode in ("online", "in_person")
    for state in ("asked", "declined", "withdrawn", "taken")
]
FACTS |= {
    "supervision_sheet_how": [{}],
    "supervision_sheet_check": [{"new": 3, "same": same} for same in (0, 2)],
    "supervision_sheet_done": [{"new": 3, "undone": undone} for undone in (None, 3)],
    "supervision_sheet_problems": [
        {"shown": ["第3行：“卓玛”对得上 2 个人，请写全名，或填人员编号。"], "more": 2, "same": 0},
        {"shown": [], "more": 0, "same": 3},
    ],
    "supervision_own": [
        {"page": page, "undo": undo} for page in OWN_PAGES for undo in (None, *VIEWS)
    ],
    "supervision_days": [
        {"has_any": has_any, "is_gone": is_gone, "is_move": is_move}
        for has_any in (True, False)
        for is_gone in (True, False)
        for is_move in (True, False)
    ],
    "supervision_free_hours": [{"day": DAY, "visit": visit} for visit in ("", "鲁朗镇社工站")],
    "supervision_booking": [{"view": view} for view in VIEWS],
    **{f"supervision_{name}": [{"view": VIEW, "actions": 2}] for name in ("card", "ahead")},
    "line_supervision_ahead": [{"view": VIEW}],
    "supervision_moments": [{"name": "卓玛"}],
    "supervision_moment": [{"name": "卓玛", "was": AT}],
    "supervision_meet_at": [{}],
    "supervision_moments_check": [{"name": "卓玛", "read": [AT]}],
    "supervision_proposal": [{"proposed": proposed} for proposed in PROPOSED],
    "supervision_proposed": [{"proposed": proposed} for proposed in PROPOSED],
    "supervision_due": [
        {"pair_id": 1, "due_on": DAY, "others": others, "accompanies": accompanies}
        for accompanies, others in (
            (False, ("卓玛",)),
            (True, ("卓玛",)),
            (True, ("卓玛", "扎西", "次仁", "白玛", "格桑")),
        )
    ],
    "supervision_times": [
        {"page": page, "lines": list(enumerate(page.spans, start=1)), "terms": page.terms}
        for page in TIMES
    ],
    "supervision_hours": [{}],
    "supervision_hours_check": [{"spans": SPANS, "booked": booked} for booked in (0, 2)],
    **{f"supervision_{step}": [{}] for step in ("minutes", "buffer", "notice", "limit", "place")},
    "supervision_pairs": _pairs_pages(),
    "supervision_accompanied": _pairs_pages(),
    "supervision_pair": [
        {"pair": pair, "last_day": pair.until, "may_undo": undo, "beyond": beyond}
        for pair in PAIRS
        for undo, beyond in ((False, 0), (True, 0), (True, 2))
    ],
    "supervision_until": [{"pair_id": 1, "other": "卓玛", "last_day": day} for day in (None, DAY)],
    "supervision_often": [{"name": "卓玛"}],
    "supervision_find": [PAIR_FORM],
    "supervision_worker": [PAIR_FORM],
    "supervision_supervisor": [PAIR_FORM],
    "supervision_every": [PAIR_FORM],
    "supervision_mode": [PAIR_FORM],
    "supervision_last_day": [PAIR_FORM],
    "supervision_pair_check": [PAIR_FORM | {"end_on": day} for day in (None, DAY)],
    "supervision_none": [{"since": since} for since in (None, DAY)],
    "supervision_pair_word": [
        {
            "pair_id": 1,
            "state": state,
            "other": "卓玛",
            "accompanies": accompanies,
            "every_months": 3,
            "last_day": day,
        }
        for state in ("begun", "ended")
        for accompanies in (False, True)
        for day in (None, DAY)
    ],
}
LONG = {
    "supervision_own": 200,
    "supervision_booking": 200,
    "supervision_card": 200,
    "supervision_pairs": 400,
    "supervision_times": 300,
    "supervision_hours_check": 300,
    "supervision_accompanied": 300,
    # It shows the whole text, and that may be long.
    "guard_found": 1100,
    "own_question": 300,
    "danger": 200,
    # Read with care, once.
    "forget_ask": 480,
    "forget_done": 200,
    "forget_for_ask": 320,
    "danger_maybe": 200,
    "duty": 200,
    "own_questions": 300,
    "waiting_question": 300,
    "waiting_questions": 400,
    # Read once, before agreeing.
    "consent_again": 480,
    "privacy": 600,
    "privacy_points": 480,
    "enrol_privacy": 480,
    "second_role": 480,
    "help": 300,
    "enrolled": 200,
    "daily_lesson": 600,
    "me": 300,
    "roster_checked": 300,
    "roster_problems": 1200,
    "people": 400,
    "person": 300,
    "personal_invite": 200,
    "units": 300,
    "workers": 400,
    "schedule": 300,
    "hold": 300,
    "arrivals": 300,
    "arrival": 200,
    "unreachable": 600,
    "topics": 400,
    "topic": 500,
    "topic_theme": 300,
    "topic_questions": 2000,
    "topic_plan": 200,
    "theme_merge": 600,
    "theme_split": 800,
    "theme_split_into": 600,
    "topic_answer": 1600,
    "topic_page": 400,
    "topic_settings": 160,
    "topic_silent": 250,
    "topic_quarter": 160,
    "away": 160,
    "away_check": 160,
    "deputy": 160,
    "handover": 300,
    "todo": 400,
    "story": 4000,
    "story_own": 4000,
    "story_review": 4000,
    "stories_page": 300,
    "stories_own": 300,
    "share_programme": 600,
    "share_digest": 600,
    "share_digest_look": 600,
    "story_rated": 600,
    "share": 200,
    "share_preview": 200,
    "story_reviews": 300,
    "facilitator_kit": 600,
    "facilitator_missing": 600,
    "gathering": 300,
    "gathering_question": 300,
    "gathering_roll": 300,
    "minutes_check": 1500,
    "minutes_taken_back": 1500,
    "study_series": 300,
    "study_rooms": 300,
    "study_split_check": 250,
}
FACTS |= training_facts.FACTS | supervision_record_facts.FACTS
FACTS |= supervision_hours_facts.facts(PAIR, VIEW)
FACTS["todo"].append({"lines": list(enumerate(supervision_hours_facts.TODO, 1)), "more": 0})
LONG |= supervision_hours_facts.LONG
FACTS["todo"].append({"lines": list(enumerate(training_facts.TODO, 1)), "more": 0})
LONG |= training_facts.LONG | supervision_record_facts.LONG
FACTS |= visit_facts.FACTS
FACTS["todo"].append({"lines": list(enumerate(visit_facts.TODO, 1)), "more": 0})
LONG |= visit_facts.LONG
FACTS |= visit_log_facts.FACTS
FACTS["todo"].append({"lines": list(enumerate(visit_log_facts.TODO, 1)), "more": 0})
LONG |= visit_log_facts.LONG
# What reminds of something is shorter than what is read.
REMINDERS = {"gathering_ahead": AHEAD, "gathering_changed": {"card": CARD}}
REMINDERS |= {"gathering": {"card": replace(CARD, is_moved=True)}}
REMINDERS |= {"story_word": WORD | {"what": "eve"}}
REMINDERS |= {"quarterly_share": {"closes_on": DAY, "starts_at": AT, "minutes": 120}}
REMINDERS |= training_facts.REMINDERS | supervision_record_facts.REMINDERS
FACTS |= supervision_facts.FACTS
LONG |= supervision_facts.LONG
REMINDERS |= supervision_facts.REMINDERS
REMINDERS |= visit_facts.REMINDERS
REMINDERS |= visit_log_facts.REMINDERS
FORBIDDEN = ("打卡", "未完成", "落后", "逾期", "警告", "亲", "你", "！", "!")
EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
FIXED_SET = {"✅"}
# Labels that are no buttons: what flashes up, file names, menu lines, names of roles and studies.
NO_BUTTONS = re.compile(
    r"^topic_part_|^topic_state_|^(on|roll|agenda|session|minutes)_(?!d)|^(gathering|facilitator|supervision_)"
    r"|^minutes_d|_toast$|^progress_|^learned_mark$|^notices$|^story_is_|^command_|^state_|^at_work_"
    r"|^training_code_only$|^(story_untitled|story_word|share_digest_title|share_digest_file_name|topic_of_month"
    r"|topic_file_name|a_few|topics_picture_note|topics_picture_title|step_passed|working"
    r"|old_button|bug|records_file_name|mydata_file_name|item_statistics_file_name)$"
    r"|^handed_|^(deputy|handover)$|^(learner|supervisor|coordinator|administrator|observer)$"
    r"|^(daily_lesson|weekly_study|monthly_topic|quarterly_share|annual_training|supervision"
    r"|exchange_visit)$"
)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    """Words for tests."""
    return Renderer(zone="Asia/Shanghai", wordings=WORDINGS, bot_username="wuxue_bot")


def _templates(language: str) -> set[str]:
    return {path.name.removesuffix(".md.j2") for path in (LOCALES / language).glob("*.md.j2")}


_worded: dict[str, list[tuple[str, str]]] = {}


def _rendered(renderer: Renderer, language: str) -> list[tuple[str, str]]:
    """Every template with each of its facts; worded once for all rules."""
    if language not in _worded:
        _worded[language] = _all(renderer, language)
    return _worded[language]


def _all(renderer: Renderer, language: str) -> list[tuple[str, str]]:
    return [
        (name, renderer.text(name, language, **facts).text)
        for name, cases in FACTS.items()
        for facts in cases
    ]


def test_every_language_has_every_template_and_the_tests_know_them_all() -> None:
    """A message that exists in one language exists in the other, and is measured here."""
    assert _templates("zh") == _templates("en") == set(FACTS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_can_be_worded(renderer: Renderer, language: str) -> None:
    """With its facts each template gives words and no gap."""
    for name, text in _rendered(renderer, language):
        assert text.strip(), name
        assert "None" not in text, name
        assert not re.search(r"[\ue000-\uf8ff]", text), name


# Pieces of other messages have no first line of their own.
PIECES = ("privacy_points", "guard_erased", "todo_item", "list_searched")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_line_says_what_it_is_and_fits_a_lock_screen(
    renderer: Renderer, language: str
) -> None:
    """At most 18 characters in Chinese, 36 in English, and nothing a person wrote."""
    for name, text in _rendered(renderer, language):
        if name in PIECES or name.startswith("line_"):
            continue
        first = text.split("\n")[0]
        assert len(first) <= (18 if language == "zh" else 36), (name, first)
        assert not any(written in first for written in ("怎么办", "怎么开口", "正文")), (
            name,
            first,
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_line_of_a_lesson_is_one_line(renderer: Renderer, language: str) -> None:
    """At most 40 characters, so that the lesson stays a lesson."""
    lines = [(n, text) for n, text in _rendered(renderer, language) if n.startswith("line_")]
    assert lines
    for name, text in lines:
        assert "\n" not in text, name
        assert len(text) <= 40, (name, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reply_is_short(renderer: Renderer, language: str) -> None:
    """At most 120 characters in Chinese, but for what is read at leisure."""
    scale = 1 if language == "zh" else 3
    for name, text in _rendered(renderer, language):
        assert len(text) <= LONG.get(name, 120) * scale, (name, len(text))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "zh",
            (
                "共同的，结对的两位看得到",
                "督导者自己的、社工自己的，只有写的人看得到",
                "新督导者看，由社工定",
                "内容只有参加的人看得到",
                "协调员只看到日期",
                "管理员也一样",
            ),
        ),
        (
            "en",
            (
                "Shared ones are read by the two of the pair",
                "only by whoever wrote them",
                "whether the next one reads the shared ones",
                "only those who took part read",
                "your coordinator sees the date",
                "no deputy and no administrator",
            ),
        ),
    ],
)
def test_the_notice_says_who_reads_what_was_said_in_supervision(
    renderer: Renderer, language: str, said: tuple[str, ...]
) -> None:
    """The three kinds of note, the records, and who never does: before agreeing and ever after."""
    for name in ("enrol_privacy", "consent_again", "privacy"):
        text = renderer.text(name, language, **FACTS[name][0]).text
        assert [words for words in said if words not in text] == [], name


def test_a_reminder_is_shorter_still(renderer: Renderer) -> None:
    """At most 80 characters in Chinese."""
    for name, facts in REMINDERS.items():
        text = renderer.text(name, "zh", **facts).text
        assert len(text) <= 80, (name, len(text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_presses_or_shames(renderer: Renderer, language: str) -> None:
    """No 打卡, no 落后, no 你, no exclamation marks, at most one emoji of the fixed set."""
    labels, refusals = read_toml(language, "labels.toml"), read_toml(language, "refusals.toml")
    texts = [*_rendered(renderer, language), *labels.items(), *refusals.items()]
    for name, text in texts:
        assert not [word for word in FORBIDDEN if word in text], (name, text)
        found = EMOJI.findall(text)
        assert len(found) <= 1, (name, text)
        assert set(found) <= FIXED_SET, (name, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_line_of_a_list_stands_by_itself(renderer: Renderer, language: str) -> None:
    """A tag at the end of a line swallows the line's end: 1. and 2. must not run together."""
    two = re.compile(r"^(\d)\. .*?(\d)\. ", re.MULTILINE)
    for name, text in _rendered(renderer, language):
        run = [m for m in two.finditer(text) if int(m[2]) == int(m[1]) + 1]
        assert not run, (name, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_date_never_stands_without_its_weekday(renderer: Renderer, language: str) -> None:
    """11月27日(周五), Fri 27 Nov."""
    day = re.compile(
        r"\d+月\d+日(?!\(周.\))"
        if language == "zh"
        else r"(?<!Mon |Tue |Wed |Thu |Fri |Sat |Sun )\b\d{1,2} (?:Nov|Dec)"
    )
    shown = 0
    for name, text in _rendered(renderer, language):
        assert not day.search(text), (name, text)
        shown += "11月27日(周五)15:00" in text or "Fri 27 Nov 15:00" in text
    assert shown >= 4


def test_a_button_is_a_short_verb() -> None:
    """Up to six characters in Chinese, up to twenty in English."""
    for language, limit in (("zh", 6), ("en", 20)):
        for name, label in read_toml(language, "labels.toml").items():
            if not NO_BUTTONS.search(name):
                assert len(label) <= (7 if label == "English" else limit), (name, label)


def test_both_languages_have_the_same_labels_refusals_and_placeholders() -> None:
    """What can be said in one language can be said in the other, with the same facts."""
    for table in ("labels.toml", "refusals.toml"):
        zh, en = read_toml("zh", table), read_toml("en", table)
        assert zh.keys() == en.keys()
        for name in zh:
            places = [
                {field for _, field, _, _ in Formatter().parse(text) if field}
                for text in (zh[name], en[name])
            ]
            assert places[0] == places[1], name


def _codes(kind: type[Refusal]) -> set[str]:
    return {sub.code for sub in kind.__subclasses__()}.union(*map(_codes, kind.__subclasses__()))


def test_every_refusal_has_its_sentence() -> None:
    """An expected refusal is never worded by its class name, and none is without use."""
    assert errors
    import bot.reactions  # noqa: F401  each refusal lives in the room of what it is about

    assert set(read_toml("zh", "refusals.toml")) == _codes(Refusal)


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=60))
def test_what_a_person_wrote_comes_out_as_she_wrote_it(name: str) -> None:
    """Markdown, braces, private-use characters in a name become neither markup nor a value."""
    shared = Renderer(zone="Asia/Shanghai", wordings={})
    text = shared.text("enrol_check", "zh", **(ENROL | {"name": f"甲{name}乙"}))
    kept = plain(f"甲{name}乙").text
    assert kept in text.text
    assert {entity.type for entity in text.entities} <= {"bold"}


def test_a_lessons_own_entities_stay_at_their_place(renderer: Renderer) -> None:
    """The body brings its entities with it, wherever the template puts it."""
    body = RichText("👍要点在这里", (Entity("bold", 2, 2),))
    text = renderer.text("daily_lesson", "zh", **(LESSON | {"body": body, "recorded": None}))
    bold = [e for e in text.entities if e.type == "bold"][-1]
    units = text.text.encode("utf-16-le")
    assert units[bold.offset * 2 : (bold.offset + bold.length) * 2].decode("utf-16-le") == "要点"


def test_the_same_content_is_worded_once_per_language() -> None:
    """A broadcast to thousands renders one message per content and language."""
    worded: list[str] = []

    def wording(_: Renderer, facts: Facts) -> list[Any]:
        worded.append(facts.language)
        return [facts.language]

    shared = Renderer(zone="Asia/Shanghai", wordings={"notice": wording})  # type: ignore[dict-item]
    for chat in range(5):
        for language in LANGUAGES:
            shared.parts(Facts("notice", chat, language, "the same", None))
    assert sorted(worded) == ["en", "zh"]


def test_what_is_typed_means_what_the_button_means() -> None:
    """The keyboard's words, the usual words and the Tibetan ones lead to the same acts."""
    words = read_words()
    for language in LANGUAGES:
        labels = read_toml(language, "labels.toml")
        for act in (
            "today",
            "ask",
            "me",
            "more",
            "help",
            "privacy",
            "records",
            "people",
            "workers",
            "units",
        ):
            assert words[labels[act].lower()] == act
    assert (words["进度"], words["དེ་རིང"], words["དྲི་བ"]) == ("progress", "today", "ask")


def test_every_kind_of_delivery_has_words_and_a_name(renderer: Renderer) -> None:
    """Whatever may be due is worded, and the rehearsal's clock can say what comes next."""
    for kind in KINDS:
        assert kind.KIND in WORDINGS
        for language in LANGUAGES:
            assert renderer.label(kind.KIND, language)
