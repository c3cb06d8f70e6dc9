"""A sample county to try things in: units, a cohort, a work group, colleagues and their phones."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.cohort_defaults import beats_of, hours_of
from bot.config import Config
from bot.rehearsal.phones import Invite, Phones
from bot.rehearsal.stored import Label
from bot.rehearsal.world import World
from curriculum import cohorts, joining, lessons, people, working_days
from curriculum.lesson_pack import LessonPack
from curriculum.people import COORDINATOR, LEARNER, SUPERVISOR
from storage.cohorts import Cohort, WorkGroup
from storage.people import Unit, add_unit

GROUP_CHAT = -500_000_001
# Long enough for a rehearsal that plays a whole year.
INVITE_LIFETIME = timedelta(days=400)

Settle = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Role:
    """One phone on the page: whose, and what its invite leads to."""

    phone_id: str
    user_id: int
    person: str
    role: str
    unit: str
    title_zh: str
    title_en: str


@dataclass(frozen=True, slots=True)
class Links:
    """The invite tokens made for the phones, and where the colleagues learn."""

    tokens: dict[str, str]
    cohort_id: int


COUNTY, TOWN, VALLEY = "巴宜区社工指导中心", "八一镇社工站", "鲁朗镇社工站"
PHONES = (
    Role("learner-1", 5_000_001, "卓玛", LEARNER, TOWN, "社工的手机", "A worker's phone"),
    Role("learner-2", 5_000_002, "扎西", LEARNER, VALLEY, "另一位社工", "Another worker"),
    Role(
        "supervisor", 5_000_003, "德吉", SUPERVISOR, COUNTY, "督导者的手机", "A supervisor's phone"
    ),
    Role(
        "coordinator",
        5_000_004,
        "央金",
        COORDINATOR,
        COUNTY,
        "协调员的手机",
        "A coordinator's phone",
    ),
)
COLLEAGUES = ("次仁", "白玛", "格桑", "尼玛", "达娃", "拉姆")


def seed(session: Session, *, config: Config, bot: int, pack: LessonPack, now: datetime) -> Links:
    """Store the county, its cohort and an invite per phone, through the rules a real one uses."""
    working_days.import_national(session, first_year=now.year, last_year=now.year + 1)
    imported = lessons.import_pack(session, pack, now=now)
    prefecture = add_unit(session, name_zh="林芝市社工指导中心", level="prefecture", parent=None)
    county = add_unit(session, name_zh=COUNTY, level="county_centre", parent=prefecture)
    units = {COUNTY: county} | {
        name: add_unit(session, name_zh=name, level="township_station", parent=county)
        for name in (TOWN, VALLEY)
    }
    cohort = cohorts.create(
        session,
        unit=county,
        bot=bot,
        name="2026年第一期",
        pace=cohorts.TOGETHER,
        pack_id=imported.pack_id,
        hours=hours_of(config),
        beats=beats_of(config),
        start_on=now.date(),
        now=now,
    )
    session.add(
        WorkGroup(
            cohort_id=cohort.id or 0,
            bot=bot,
            chat_id=GROUP_CHAT,
            title="巴宜区社工群",
            linked_at=now,
        )
    )
    for number, name in enumerate(COLLEAGUES):
        # The rest of the roster: colleagues with phones of their own, not shown on the page.
        station = units[TOWN if number % 2 else VALLEY]
        joining.enrol(
            session,
            token=_invite(session, LEARNER, station, cohort, now=now),
            bot=bot,
            chat_id=colleague_id(number),
            name=name,
            language="zh",
            privacy_version=people.PRIVACY_VERSION,
            now=now,
        )
    tokens = {
        role.phone_id: _invite(session, role.role, units[role.unit], cohort, now=now)
        for role in PHONES
    }
    return Links(tokens, cohort.id or 0)


def _invite(session: Session, role: str, unit: Unit, cohort: Cohort, *, now: datetime) -> str:
    return joining.make_invite(
        session,
        role=role,
        unit=unit,
        cohort=cohort if role == LEARNER else None,
        uses=1,
        created_by=None,
        now=now,
        lifetime=INVITE_LIFETIME,
    ).token


def set_stage(world: World, phones: Phones, links: Links) -> None:
    """The accounts, the work group and the phones, each private one with its invite unopened."""
    for role in PHONES:
        world.add_user(role.user_id, role.person)
    for number, name in enumerate(COLLEAGUES):
        world.add_user(colleague_id(number), name)
        world.open_link(colleague_id(number))
    world.add_group(GROUP_CHAT, "巴宜区社工群", [role.user_id for role in reversed(PHONES)])
    for role in PHONES:
        label: Label = {"zh": f"{role.unit}的邀请", "en": f"Invitation from {role.unit}"}
        phones.add(
            role.phone_id,
            {"zh": role.title_zh, "en": role.title_en},
            role.user_id,
            invite=Invite(links.tokens[role.phone_id], label),
        )
    phones.add(
        "work-group",
        {"zh": "工作群", "en": "The work group"},
        PHONES[0].user_id,
        chat_id=GROUP_CHAT,
    )


async def enrol_by_chat(world: World, settle: Settle, role: Role, token: str) -> None:
    """Enrol somebody the way she would do it herself: every tap through the real bot."""
    user = role.user_id
    world.open_link(user, token)
    await settle()
    for label in ("中文", "同意"):
        _tap(world, user, label)
        await settle()
    world.say(user, role.person)
    await settle()
    _tap(world, user, "是")
    await settle()


def _tap(world: World, user_id: int, label: str) -> None:
    """Press the button of this label under the last message that has one."""
    for message in reversed(world.messages(user_id)):
        for row, keys in enumerate(message.inline_keyboard or []):
            for column, key in enumerate(keys):
                if key["text"] == label:
                    world.press(user_id, user_id, message.message_id, row=row, column=column)
                    return
    raise LookupError(label)


def colleague_id(number: int) -> int:
    """The account of a colleague who is on the roster but has no phone on the page."""
    return 5_000_100 + number
