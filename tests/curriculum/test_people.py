"""Joining by invite, what a name may be, and what each role reaches."""

import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from curriculum import joining, people
from curriculum.errors import NameNotUsable, NotThere
from curriculum.joining_errors import AlreadyEnrolled, ConsentNeeded, InviteNotValid
from curriculum.people import PRIVACY_VERSION, Speaker
from storage.audit import AuditEntry
from storage.engine import Database
from storage.people import Consent, Grant, Invite, Person
from tests.county import BOT, County, build, join, write_pack


@pytest.fixture
def county(database: Database, tmp_path: Path, start: datetime) -> County:
    """A county with two learners."""
    return database.write_now(build, write_pack(tmp_path / "pack", 2), now=start, learners=2)


def _invite(session: Session, county: County, now: datetime, **changes: object) -> str:
    arguments = {
        "role": "learner",
        "unit": county.station,
        "cohort": county.cohort,
        "uses": 1,
        "created_by": None,
        "now": now,
    }
    return joining.make_invite(session, **(arguments | changes)).token  # type: ignore[arg-type]


def _enrol(
    session: Session,
    token: str,
    now: datetime,
    *,
    chat_id: int = 500,
    name: str = "达瓦",
    version: str = PRIVACY_VERSION,
) -> Speaker:
    return joining.enrol(
        session,
        token=token,
        bot=BOT,
        chat_id=chat_id,
        name=name,
        language="zh",
        privacy_version=version,
        now=now,
    )


def test_an_invite_is_stored_as_a_hash_of_128_random_bits(
    database: Database, county: County, start: datetime
) -> None:
    """Whoever reads the database cannot join with what stands there."""
    token = database.write_now(_invite, county, start)
    assert len(token) == 22
    hashes = database.read_now(lambda session: session.exec(select(Invite.token_hash)).all())
    assert token not in hashes
    assert joining.hash_token(token) in hashes


def test_every_way_of_not_being_valid_looks_the_same(
    database: Database, county: County, start: datetime
) -> None:
    """Unknown, used, expired and revoked: a stranger is not told which."""
    used = database.write_now(_invite, county, start)
    database.write_now(_enrol, used, start)
    expired = database.write_now(_invite, county, start, lifetime=timedelta(0))
    revoked = database.write_now(_invite, county, start)

    def revoke(session: Session) -> None:
        session.exec(
            select(Invite).where(Invite.token_hash == joining.hash_token(revoked))
        ).one().revoked_at = start

    database.write_now(revoke)
    for token in (used, expired, revoked, "unknown"):
        with pytest.raises(InviteNotValid):
            database.write_now(joining.open_invite, token=token, bot=BOT, chat_id=600, now=start)
        with pytest.raises(InviteNotValid):
            database.write_now(_enrol, token, start, chat_id=600)


def test_two_people_cannot_share_an_invites_last_use(
    database: Database, county: County, start: datetime
) -> None:
    """When two open the same link at the same moment, exactly one is in."""
    token = database.write_now(_invite, county, start)
    gate, outcomes = threading.Barrier(2), []

    def enter(chat_id: int) -> None:
        gate.wait()
        try:
            outcomes.append(database.write_now(_enrol, token, start, chat_id=chat_id).name)
        except InviteNotValid:
            outcomes.append("refused")

    threads = [threading.Thread(target=enter, args=(chat_id,)) for chat_id in (701, 702)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == sorted(["达瓦", "refused"])


def test_nobody_is_enrolled_on_an_older_privacy_notice(
    database: Database, county: County, start: datetime
) -> None:
    """Consent is to the present version, and it is written down with its version."""
    token = database.write_now(_invite, county, start)
    with pytest.raises(ConsentNeeded):
        database.write_now(_enrol, token, start, version="2020-01")
    speaker = database.write_now(_enrol, token, start)
    consents = database.read_now(
        lambda session: session.exec(
            select(Consent).where(Consent.person_id == speaker.person_id)
        ).all()
    )
    assert [consent.version for consent in consents] == [PRIVACY_VERSION]


def test_a_second_role_keeps_the_person(
    database: Database, county: County, start: datetime
) -> None:
    """Somebody already here gets the role beside her own; her name and records stay hers."""
    learner = county.learners[0]
    token = database.write_now(
        _invite, county, start, role="coordinator", unit=county.top, cohort=None
    )
    speaker = database.write_now(_enrol, token, start, chat_id=learner.chat_id, name="别的名字")
    assert (speaker.person_id, speaker.name) == (learner.person_id, learner.name)
    assert {grant.role for grant in speaker.grants} == {"learner", "coordinator"}
    again = database.write_now(_invite, county, start)
    with pytest.raises(AlreadyEnrolled):
        database.read_now(
            joining.open_invite, token=again, bot=BOT, chat_id=learner.chat_id, now=start
        )


def test_somebody_who_was_deactivated_is_a_stranger(
    database: Database, county: County, start: datetime
) -> None:
    """Leaving ends access at once."""
    learner = county.learners[0]
    database.write_now(
        lambda session: setattr(session.get_one(Person, learner.person_id), "status", "left")
    )
    assert database.read_now(people.who, bot=BOT, chat_id=learner.chat_id, now=start) is None


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (" 卓玛  ", "卓玛"),
        ("བསོད་ནམས།", "བསོད་ནམས།"),
        ("Jo\u202ehn\x00 Li", "John Li"),
        ("\u200f卓\u200b玛\u2060", "卓玛"),
        ("次仁\n卓嘎", "次仁 卓嘎"),
        ("é", "é"),
        ("名" * 40, "名" * 40),
    ],
)
def test_a_name_is_kept_as_one_clean_line(written: str, kept: str) -> None:
    """Spaces, NUL and marks that turn the direction go; Tibetan and Chinese names stay whole."""
    assert people.usable_name(written) == kept


@pytest.mark.parametrize(
    "written", ["", "   ", "\x00", "名" * 41, "😀", "12345", "_", "\u2066\u2069", "\u3164"]
)
def test_what_is_no_name_is_refused(written: str) -> None:
    """A record needs a name somebody can read."""
    with pytest.raises(NameNotUsable):
        people.usable_name(written)


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=5),
    st.lists(st.integers(1, 30), min_size=1, max_size=5),
)
def test_a_role_reaches_its_unit_and_everything_under_it_and_nothing_else(
    mine: list[int], theirs: list[int]
) -> None:
    """Rights follow the tree: a path is within reach exactly when it begins with the grant's."""

    def path(ids: list[int]) -> str:
        return "/" + "".join(f"{number}/" for number in ids)

    speaker = Speaker(
        1, "央金", "zh", BOT, 1, 1, "站", (Grant("coordinator", mine[-1], path(mine)),)
    )
    assert speaker.may("read_records", unit_path=path(theirs)) is (theirs[: len(mine)] == mine)
    assert not speaker.may("learn", unit_path=path(mine))


def test_what_one_may_not_do_looks_like_what_does_not_exist(county: County) -> None:
    """A learner who asks for records hears what she would hear of nothing."""
    with pytest.raises(NotThere):
        county.learners[0].require("read_records")


def test_a_blocked_chat_is_marked_once_and_comes_back(
    database: Database, county: County, start: datetime
) -> None:
    """Being unreachable is news once, and so is being back."""
    where = {"bot": BOT, "chat_id": county.learners[0].chat_id, "now": start}
    marks = [
        database.write_now(people.set_reachable, reachable=reachable, reason="blocked", **where)
        for reachable in (False, False, True, True)
    ]
    assert marks == [True, False, True, False]
    assert not database.write_now(
        people.set_reachable, bot=BOT, chat_id=1, reachable=False, reason="x", now=start
    )


def test_who_invited_and_who_came_is_in_the_audit_trail(
    database: Database, county: County, start: datetime
) -> None:
    """Each act is written down with ids only."""
    database.write_now(join, county, chat_id=800, name="尼玛", now=start)
    entries = database.read_now(lambda session: session.exec(select(AuditEntry)).all())
    assert [entry.action for entry in entries[-2:]] == ["invite", "enrol"]
    assert "尼玛" not in str([(entry.action, entry.facts) for entry in entries])
