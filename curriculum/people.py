"""Who is speaking and what she may do; being reachable, and where."""

import re
from dataclasses import dataclass
from datetime import datetime

import regex  # type: ignore[import-untyped]
from sqlmodel import Session

from curriculum.clean_text import clean
from curriculum.errors import NameNotUsable, NotThere
from curriculum.rhythm import local_date
from storage import cohorts as stored_cohorts
from storage import people, speakers
from storage.people import Grant

LEARNER, SUPERVISOR, COORDINATOR, ADMINISTRATOR, OBSERVER = (
    "learner",
    "supervisor",
    "coordinator",
    "administrator",
    "observer",
)
ROLES = (LEARNER, SUPERVISOR, COORDINATOR, ADMINISTRATOR, OBSERVER)
# Which roles may do what within their unit; everything a role is not named for is refused.
RIGHTS: dict[str, frozenset[str]] = {
    "learn": frozenset({LEARNER}),
    "ask": frozenset({LEARNER, SUPERVISOR, COORDINATOR}),
    # Workers' questions: reading what waits, answering, declining.
    "answer_questions": frozenset({SUPERVISOR, COORDINATOR}),
    # Emergency contacts and the duty list of a unit.
    "set_duty": frozenset({COORDINATOR}),
    "read_records": frozenset({COORDINATOR}),
    "read_library": frozenset({LEARNER, SUPERVISOR, COORDINATOR}),
    "read_unit_library": frozenset({SUPERVISOR, COORDINATOR}),
    "schedule": frozenset({COORDINATOR}),
    # A month's topic: its draft, its themes, its approval.
    "lead_topic": frozenset({COORDINATOR}),
    "see_todo": frozenset({SUPERVISOR, COORDINATOR}),
    "link_group": frozenset({COORDINATOR}),
    "invite": frozenset({COORDINATOR, ADMINISTRATOR}),
    "import_people": frozenset({COORDINATOR, ADMINISTRATOR}),
    # The people and units of one's own part of the tree: seeing them, and changing them.
    "manage_people": frozenset({COORDINATOR, ADMINISTRATOR}),
    # Whether workers can be reached, and their hours; nothing more.
    "see_workers": frozenset({SUPERVISOR}),
    # Stories from practice: writing one, reading them, proposing somebody, deciding on them.
    "share_story": frozenset({LEARNER, SUPERVISOR, COORDINATOR}),
    "nominate_story": frozenset({SUPERVISOR, COORDINATOR}),
    "review_stories": frozenset({SUPERVISOR, COORDINATOR}),
    # The quarter's call for stories, its dates, its programme.
    "run_share": frozenset({COORDINATOR}),
    # What becomes of messages that a restored database may have sent already.
    "decide_hold": frozenset({COORDINATOR, ADMINISTRATOR}),
}
# The privacy notice people agree to; a new wording gets a new version and is asked again.
PRIVACY_VERSION = "2026-11"
ACTIVE = "active"
NAME_LIMIT = 40
# Marks nobody sees (direction marks, joiners, fillers): two names must not differ by them alone.
INVISIBLE = regex.compile(r"\p{Default_Ignorable_Code_Point}")
ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Speaker:
    """The enrolled person behind a private chat."""

    person_id: int
    name: str
    language: str
    bot: int
    chat_id: int
    unit_id: int | None
    unit_name: str
    grants: tuple[Grant, ...]
    # Whether she agreed to the present privacy notice and has not taken it back.
    has_agreed: bool = True

    def may(self, action: str, *, unit_path: str | None = None) -> bool:
        """Whether a role of hers allows an action, in a unit when one is named."""
        return any(
            grant.role in RIGHTS[action]
            and (unit_path is None or unit_path.startswith(grant.unit_path))
            for grant in self.grants
        )

    def reach(self, action: str) -> tuple[str, ...]:
        """The paths of the topmost units in which she may do something, none inside another."""
        paths = sorted({g.unit_path for g in self.grants if g.role in RIGHTS[action]}, key=len)
        return tuple(
            path
            for place, path in enumerate(paths)
            if not any(path.startswith(wider) for wider in paths[:place])
        )

    def require(self, action: str, *, unit_path: str | None = None) -> None:
        """Raise NotThere, which looks the same as "does not exist", when she may not."""
        if not self.may(action, unit_path=unit_path):
            raise NotThere


def who(
    session: Session,
    *,
    bot: int,
    chat_id: int,
    now: datetime,
    privacy_version: str = PRIVACY_VERSION,
) -> Speaker | None:
    """The person enrolled in this private chat, or None for a stranger."""
    found = speakers.in_chat(session, bot=bot, chat_id=chat_id, version=privacy_version)
    if found is None or found.status != ACTIVE:
        return None
    return Speaker(
        person_id=found.person_id,
        name=found.name,
        language=found.language,
        bot=bot,
        chat_id=chat_id,
        unit_id=found.unit_id,
        unit_name=found.unit_name or "",
        grants=tuple(speakers.grants(session, found.person_id, on=local_date(now, ZONE))),
        has_agreed=found.has_agreed,
    )


def usable_name(written: str) -> str:
    """A name as it should stand on records: one line, 1 to 40 characters; raises NameNotUsable.

    Never split into surname and given name: many Tibetan names have no surname.
    """
    name = " ".join(INVISIBLE.sub("", clean(written)).split())
    if not 1 <= len(name) <= NAME_LIMIT or not re.search(r"[^\W\d_]", name):
        raise NameNotUsable(limit=NAME_LIMIT)
    return name


def move_chat(session: Session, *, bot: int, old: int, new: int) -> None:
    """A group became a supergroup with a new id: everything goes there from now on."""
    group = stored_cohorts.work_group(session, bot=bot, chat_id=old)
    if group is not None:
        group.chat_id = new
        session.add(group)


def set_reachable(
    session: Session, *, bot: int, chat_id: int, reachable: bool, reason: str | None, now: datetime
) -> bool:
    """Note that a chat cannot be reached, or can be again; True when that is news."""
    chat = people.open_account(session, bot=bot, chat_id=chat_id) or stored_cohorts.work_group(
        session, bot=bot, chat_id=chat_id
    )
    if chat is None or chat.reachable == reachable:
        return False
    chat.reachable = reachable
    chat.unreachable_since = None if reachable else now
    chat.unreachable_reason = None if reachable else reason
    session.add(chat)
    return True


def chat_of(session: Session, *, bot: int, person_id: int) -> int | None:
    """The private chat somebody has with a bot, or had last; None for who never had one."""
    return people.latest_chat(session, bot=bot, person_id=person_id)
