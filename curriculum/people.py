"""Who is speaking and what she may do; being reachable, and where."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

import regex  # type: ignore[import-untyped]
from sqlmodel import Session

from curriculum.clean_text import clean
from curriculum.errors import NameNotUsable, NotThere
from curriculum.rhythm import local_date
from storage import audit, people, speakers
from storage import cohorts as stored_cohorts
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
    # Going away, with somebody who stands in; saying yes to one who does not fit by her roles.
    "name_deputy": frozenset({SUPERVISOR, COORDINATOR}),
    "agree_to_deputy": frozenset({COORDINATOR}),
    # Supervision: being accompanied, accompanying, deciding who accompanies whom.
    "be_supervised": frozenset({LEARNER}),
    "supervise": frozenset({SUPERVISOR}),
    "assign_supervision": frozenset({COORDINATOR}),
    # Offline trainings: coming to them, and arranging those of a unit.
    "join_training": frozenset({LEARNER, SUPERVISOR, COORDINATOR}),
    "run_training": frozenset({COORDINATOR}),
    # Exchange visits: travelling with a batch, and arranging those of a unit.
    "join_visit": frozenset({LEARNER, SUPERVISOR, COORDINATOR}),
    "run_visit": frozenset({COORDINATOR}),
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
    # For whom she acts in what she does now, as her acts are written down with it.
    acting: dict[str, int] = field(default_factory=dict, compare=False, repr=False)
    # Who it is that would do what waits for this person, where a deputy looks it over.
    deputy_id: int | None = None

    def may(self, action: str, *, unit_path: str | None = None) -> bool:
        """Whether a role of hers allows an action, in a unit when one is named.

        A role of somebody she stands in for counts like one of her own; where only that allows
        it, what she does is marked as done for that person.
        """
        fitting = [
            grant
            for grant in self.grants
            if grant.role in RIGHTS[action]
            and (unit_path is None or unit_path.startswith(grant.unit_path))
        ]
        if not fitting:
            return False
        absent = next((one.instead_of for one in fitting if one.instead_of is not None), None)
        if absent is not None:
            has_own = any(one.instead_of is None for one in fitting)
            if not has_own:
                self.acting[audit.FOR] = absent
            elif unit_path is not None:
                self.acting.setdefault(audit.ALSO_FOR, absent)
        return True

    def acts_as(self, person_id: int | None) -> bool:
        """Whether something is hers to do: her own, or that of somebody she stands in for."""
        if person_id is None or person_id == self.person_id:
            return person_id is not None
        if person_id not in self.stands_in_for():
            return False
        self.acting[audit.FOR] = person_id
        return True

    def stands_in_for(self) -> tuple[int, ...]:
        """The people whose deputy she is at the moment."""
        absent = (grant.instead_of for grant in self.grants if grant.instead_of is not None)
        return tuple(dict.fromkeys(absent))

    def in_place_of(self, person_id: int, name: str) -> "Speaker":
        """Somebody she stands in for, with the roles taken over, as the other would be asked."""
        taken_over = (g for g in self.grants if g.instead_of == person_id)
        grants = tuple(replace(grant, instead_of=None) for grant in taken_over)
        return replace(
            self,
            person_id=person_id,
            name=name,
            grants=grants,
            acting={},
            deputy_id=self.person_id,
        )

    def herself(self) -> "Speaker":
        """She with her own roles alone."""
        return replace(self, grants=tuple(g for g in self.grants if g.instead_of is None))

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
    takes_turn: bool = False,
) -> Speaker | None:
    """The person enrolled in this private chat, or None for a stranger.

    With `takes_turn` whatever she does at the same moment waits until this transaction ends.
    """
    found = speakers.in_chat(
        session,
        bot=bot,
        chat_id=chat_id,
        version=privacy_version,
        on=local_date(now, ZONE),
        takes_turn=takes_turn,
    )
    if found is None or found.status != ACTIVE:
        return None
    speaker = Speaker(
        person_id=found.person_id,
        name=found.name,
        language=found.language,
        bot=bot,
        chat_id=chat_id,
        unit_id=found.unit_id,
        unit_name=found.unit_name or "",
        grants=found.grants,
        has_agreed=found.has_agreed,
    )
    write_down_for(session, speaker)
    return speaker


def write_down_for(session: Session, speaker: Speaker) -> None:
    """From now on write down in this session for whom somebody acts, where she stands in."""
    if speaker.stands_in_for():
        speaker.acting.clear()
        audit.note_acting(session, speaker.person_id, speaker.acting)


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
