"""Joining by a personal link or a typed code, moving to another account, leaving, coming back."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from curriculum import chat_accounts, consent, joining, typed_codes
from curriculum.errors import NotThere, Refusal
from curriculum.facts import Facts, NotWanted
from curriculum.joining import CODE_LETTERS, Invitation, PersonalInvite
from curriculum.joining_errors import (
    AlreadyEnrolled,
    ChatTaken,
    CodeNotReadable,
    CodeNotValid,
    ConsentNeeded,
    InviteNotValid,
    TooManyCodes,
)
from curriculum.people import COORDINATOR, LEARNER, PRIVACY_VERSION, Speaker, who
from curriculum.rhythm import local_date
from storage import deliveries, drafts, leases
from storage.audit import AuditEntry
from storage.code_tries import CodeTry
from storage.cohorts import CohortMember
from storage.deliveries import Delivery
from storage.drafts import Draft, OpenDraft
from storage.engine import Database
from storage.people import ChatAccount, Consent, Invite, Membership, Person, RoleGrant
from storage.sealed import NoteKey
from tests.county import BOT, County, build, write_pack

DAY = timedelta(hours=24)
HERE, THERE = 500, 501


@pytest.fixture
def county(database: Database, tmp_path: Path, start: datetime) -> County:
    """A county with two learners."""
    return database.write_now(build, write_pack(tmp_path / "pack", 2), now=start, learners=2)


def _on_roster(session: Session, county: County, now: datetime) -> int:
    """Somebody as the roster import leaves her: everything but a chat."""
    person = Person(name="卓玛", number="007", created_at=now)
    session.add(person)
    session.flush()
    mine, today = person.id or 0, local_date(now, "Asia/Shanghai")
    station = county.station.id or 0
    session.add(Membership(person_id=mine, unit_id=station, since=today))
    session.add(RoleGrant(person_id=mine, unit_id=station, role=LEARNER, since=today))
    session.add(CohortMember(cohort_id=county.cohort.id or 0, person_id=mine, since=today))
    return mine


def _invite(session: Session, county: County, now: datetime, **changes: Any) -> PersonalInvite:
    arguments = {
        "role": LEARNER,
        "unit_id": county.station.id,
        "cohort_id": county.cohort.id,
        "created_by": None,
        "now": now,
    }
    return joining.invite_person(session, **(arguments | changes))


def _enrol(session: Session, token: str, now: datetime, *, chat_id: int = HERE) -> Speaker:
    return joining.enrol(
        session,
        token=token,
        bot=BOT,
        chat_id=chat_id,
        name="",
        language="en",
        privacy_version=PRIVACY_VERSION,
        now=now,
    )


def _open(session: Session, token: str, now: datetime, *, chat_id: int = HERE) -> Invitation:
    return joining.open_invite(session, token=token, bot=BOT, chat_id=chat_id, now=now)


def _move(session: Session, token: str, now: datetime, *, chat_id: int = THERE) -> Speaker:
    return joining.move_account(session, token=token, bot=BOT, chat_id=chat_id, now=now)


def _try(
    session: Session, code: str, now: datetime, *, chat_id: int = HERE
) -> Invitation | Refusal:
    return typed_codes.open_code(session, code=code, bot=BOT, chat_id=chat_id, now=now)


class Roster:
    """One person of the roster with her invite, on either database."""

    def __init__(self, database: Database, county: County, now: datetime) -> None:
        self.database, self.county, self.now = database, county, now
        self.person_id = database.write_now(_on_roster, county, now)
        self.invite = self.invited()

    def invited(self, **changes: Any) -> PersonalInvite:
        """A new invite for her."""
        whom = {"person_id": self.person_id} | changes
        return self.database.write_now(_invite, self.county, self.now, **whom)

    def write(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """In a transaction of its own, at the moment this begins unless told another."""
        return self.database.write_now(fn, *args, **kwargs)

    def all(self, table: type[Any]) -> list[Any]:
        """Every row."""
        return self.database.read_now(
            lambda session: list(session.exec(select(table).order_by(col(table.id))))
        )

    def acts(self) -> list[str]:
        """What the audit trail says was done."""
        return [entry.action for entry in self.all(AuditEntry)]

    def status(self, status: str) -> None:
        """Activate or deactivate her."""
        self.write(lambda s: setattr(s.get_one(Person, self.person_id), "status", status))


@pytest.fixture
def roster(database: Database, county: County, start: datetime) -> Roster:
    """One person imported and invited."""
    return Roster(database, county, start)


def test_a_personal_link_names_whom_it_is_for(roster: Roster) -> None:
    """Before anybody agrees to anything the bot can ask: are you 卓玛 of this station?"""
    found = roster.write(_open, roster.invite.token, roster.now)
    assert (found.person_name, found.unit_name, found.is_move) == ("卓玛", "八一镇社工站", False)
    assert found.cohort_name == "一期"


def test_her_chat_is_attached_to_the_person_there_is(roster: Roster) -> None:
    """No second person, role or place in the cohort; her roster name stands."""
    tables = (Person, Membership, RoleGrant, CohortMember)
    before = [len(roster.all(table)) for table in tables]
    speaker = roster.write(_enrol, roster.invite.token, roster.now)
    assert [len(roster.all(table)) for table in tables] == before
    assert (speaker.person_id, speaker.name, speaker.language) == (roster.person_id, "卓玛", "en")
    assert speaker.has_agreed
    assert [grant.role for grant in speaker.grants] == [LEARNER]
    assert roster.all(Consent)[-1].person_id == roster.person_id
    assert roster.acts()[-1] == "enrol"


def test_what_the_import_did_not_grant_is_granted(roster: Roster) -> None:
    """An invite into another role and cohort brings both, once."""
    invite = roster.invited(
        role=COORDINATOR, unit_id=roster.county.top.id, cohort_id=roster.county.cohort.id
    )
    speaker = roster.write(_enrol, invite.token, roster.now)
    assert {grant.role for grant in speaker.grants} == {LEARNER, COORDINATOR}
    assert speaker.unit_name == "八一镇社工站"


def test_a_new_invite_ends_the_one_before(roster: Roster) -> None:
    """Of several cards only the last one works, by link and by code."""
    roster.invited()
    with pytest.raises(InviteNotValid):
        roster.write(_open, roster.invite.token, roster.now)
    with pytest.raises(InviteNotValid):
        roster.write(_enrol, roster.invite.token, roster.now)
    assert isinstance(roster.write(_try, roster.invite.code, roster.now), CodeNotValid)


def test_a_code_is_no_token(roster: Roster) -> None:
    """Only what counts tries looks at codes, so a link's address is no way to guess them."""
    with pytest.raises(InviteNotValid):
        roster.write(_open, roster.invite.code, roster.now)


def test_whoever_says_it_is_not_her_leaves_the_invite_good(roster: Roster) -> None:
    """The trail says that somebody else opened it; its owner can still use it."""
    roster.write(joining.decline, token=roster.invite.token, now=roster.now)
    assert roster.acts()[-1] == "decline_invite"
    assert roster.all(AuditEntry)[-1].actor_id is None
    assert roster.write(_enrol, roster.invite.token, roster.now).person_id == roster.person_id


@pytest.mark.parametrize(
    "spelt",
    [
        lambda code: code.lower(),
        lambda code: f" {code[:4]} {code[4:]}\n",
        lambda code: f"{code[:4]}-{code[4:]}",
        lambda code: f"{code[:2]}–{code[2:5]}—{code[5:]}",
        lambda code: "".join(chr(ord(letter) + 0xFEE0) for letter in code),
        lambda code: "".join(chr(ord(letter) + 0xFEE0) for letter in code.lower()),
        "\u200b".join,
    ],
)
def test_a_code_may_be_written_as_people_write(roster: Roster, spelt: Callable[[str], str]) -> None:
    """Letter case, spaces, hyphens, full-width and unseen characters make no difference."""
    code = typed_codes.read(spelt(roster.invite.code))
    assert code == roster.invite.code
    found = roster.write(_try, code, roster.now)
    assert found.person_name == "卓玛"
    assert roster.write(_enrol, code, roster.now).person_id == roster.person_id


def test_no_code_is_a_word_or_a_number() -> None:
    """Else what somebody enrolled asks could not be told from a colleague's code."""
    codes = [joining.new_code() for _ in range(400)]
    assert not [code for code in codes if code.isalpha() or code.isdecimal()]
    assert all(typed_codes.read(code) == code for code in codes)
    assert len(set(codes)) == len(codes)


@given(st.text(max_size=80))
def test_what_is_no_code_is_no_code(written: str) -> None:
    """Any text gives a code of the right letters, nothing, or a friendly refusal; never a bug."""
    try:
        code = typed_codes.read(written)
    except CodeNotReadable:
        return
    assert code is None or (len(code) == 8 and set(code) <= set(CODE_LETTERS))


@pytest.mark.parametrize("written", ["你好", "今天的课", "hello", "question", "13812345678", ""])
def test_words_are_not_taken_for_a_code(written: str) -> None:
    """Whoever greets the bot is answered as a stranger, not as somebody who guessed wrong."""
    assert typed_codes.read(written) is None


@pytest.mark.parametrize("written", ["ABCD0EFG", "K7M2P9", "k7m2 p9qx y", "IL234567"])
def test_what_is_nearly_a_code_is_told_so(written: str) -> None:
    """One letter too many or too few, or one that codes never have, is no wrong try."""
    with pytest.raises(CodeNotReadable):
        typed_codes.read(written)


def test_five_wrong_codes_in_a_day_make_a_chat_wait(roster: Roster) -> None:
    """The fifth says when it works again; until then a right code is refused too, elsewhere not."""
    outcomes = [
        roster.write(_try, f"ABCDEFG{number}", roster.now + timedelta(hours=number))
        for number in range(2, 7)
    ]
    assert [getattr(outcome, "facts", {}).get("left") for outcome in outcomes] == [4, 3, 2, 1, None]
    again = roster.now + timedelta(hours=26)
    assert isinstance(outcomes[-1], TooManyCodes)
    assert outcomes[-1].facts == {"at": again}
    with pytest.raises(TooManyCodes) as refused:
        roster.write(_try, roster.invite.code, again - timedelta(seconds=1))
    assert refused.value.facts == {"at": again}
    elsewhere = roster.write(_try, roster.invite.code, roster.now, chat_id=THERE)
    assert elsewhere.person_name == "卓玛"
    assert roster.write(_try, roster.invite.code, again).person_name == "卓玛"


def test_tries_are_forgotten_when_they_count_no_longer(roster: Roster) -> None:
    """The chats of people who are nobody here are not kept beyond the day that needs them."""
    roster.write(_try, "ABCDEFGH", roster.now)
    roster.write(_try, "ABCDEFGH", roster.now + DAY, chat_id=THERE)
    assert [row.chat_id for row in roster.all(CodeTry)] == [THERE]


def test_a_code_ends_after_fourteen_days_and_after_its_use(roster: Roster) -> None:
    """Expired and used codes look like wrong ones."""
    late = roster.write(_try, roster.invite.code, roster.now + timedelta(days=14))
    roster.write(_enrol, roster.invite.code, roster.now)
    used = roster.write(_try, roster.invite.code, roster.now, chat_id=THERE)
    assert isinstance(late, CodeNotValid)
    assert isinstance(used, CodeNotValid)


def test_another_account_of_hers_takes_over(roster: Roster, note_key: NoteKey) -> None:
    """The old chat ends and is told, its half-filled forms go, her consent and records stay."""
    roster.write(_enrol, roster.invite.token, roster.now)
    roster.write(
        drafts.save,
        OpenDraft("question", "text", {"lesson": ""}, 1),
        bot=BOT,
        chat_id=HERE,
        note_key=note_key,
        now=roster.now,
        expires_at=roster.now + DAY,
    )
    again, later = roster.invited(), roster.now + timedelta(hours=1)
    assert roster.write(_open, again.token, later, chat_id=THERE).is_move
    consents = len(roster.all(Consent))
    speaker = roster.write(_move, again.token, later)
    assert (speaker.person_id, speaker.chat_id, speaker.has_agreed) == (
        roster.person_id,
        THERE,
        True,
    )
    assert len(roster.all(Consent)) == consents
    assert roster.all(Draft) == []
    assert roster.write(who, bot=BOT, chat_id=HERE, now=later) is None
    old, new = roster.all(ChatAccount)[-2:]
    assert (old.ended_at, new.ended_at) == (later, None)
    assert [(d.kind, d.subject_id, d.due_at) for d in roster.all(Delivery)] == [
        (chat_accounts.KIND, old.id, later)
    ]
    assert roster.acts()[-2:] == ["end_account", "move_account"]


def _claimed(session: Session, now: datetime) -> list[deliveries.Claimed]:
    return leases.claim(
        session,
        now=now,
        real=now,
        lease=timedelta(seconds=60),
        limit=9,
        claimed_by="test",
        bot=BOT,
    )


@pytest.mark.parametrize("is_taken_again", [True, False])
def test_the_last_word_goes_to_the_old_chat_alone(roster: Roster, is_taken_again: bool) -> None:
    """Unless somebody has been enrolled there since: it is none of hers."""
    roster.write(_enrol, roster.invite.token, roster.now)
    roster.write(_move, roster.invited().token, roster.now)
    if is_taken_again:
        invite = roster.invited(person_id=roster.write(_colleague, roster))
        roster.write(_enrol, invite.token, roster.now)
    rows = roster.write(_claimed, roster.now)
    (verdict,) = roster.write(chat_accounts.facts, rows, now=roster.now).values()
    if is_taken_again:
        assert verdict == NotWanted("chat_in_use")
    else:
        assert isinstance(verdict, Facts)
        assert (verdict.chat_id, verdict.language) == (HERE, "en")


def _colleague(session: Session, roster: Roster) -> int:
    person = Person(name="拉姆", number="008", created_at=roster.now)
    session.add(person)
    session.flush()
    return person.id or 0


def test_two_people_on_one_phone_are_refused_kindly(roster: Roster) -> None:
    """Somebody else's chat cannot be taken over, by link, code, or at the last step."""
    theirs = roster.county.learners[0].chat_id
    with pytest.raises(ChatTaken):
        roster.write(_open, roster.invite.token, roster.now, chat_id=theirs)
    with pytest.raises(ChatTaken):
        roster.write(_try, roster.invite.code, roster.now, chat_id=theirs)
    with pytest.raises(ChatTaken):
        roster.write(_enrol, roster.invite.token, roster.now, chat_id=theirs)
    with pytest.raises(ChatTaken):
        roster.write(_move, roster.invite.token, roster.now, chat_id=theirs)
    assert roster.all(CodeTry) == []
    # Nothing was used up: she comes in by an account of her own.
    assert roster.write(_enrol, roster.invite.token, roster.now).name == "卓玛"


def test_the_chat_of_somebody_who_left_can_be_used_by_her_successor(roster: Roster) -> None:
    """A phone that stays at the station is not lost with the person who had it."""
    leaver = roster.county.learners[0]
    roster.write(lambda s: setattr(s.get_one(Person, leaver.person_id), "status", "inactive"))
    speaker = roster.write(_enrol, roster.invite.token, roster.now, chat_id=leaver.chat_id)
    assert speaker.person_id == roster.person_id
    assert roster.acts()[-2:] == ["end_account", "enrol"]
    assert roster.all(AuditEntry)[-2].actor_id == roster.person_id


def test_a_link_for_many_brings_nobody_back(roster: Roster) -> None:
    """Whoever left is told at once, before any form, what a stranger is told of an old link."""
    leaver = roster.county.learners[0]
    roster.write(lambda s: setattr(s.get_one(Person, leaver.person_id), "status", "inactive"))

    def for_many(session: Session) -> str:
        return joining.make_invite(
            session,
            role=LEARNER,
            unit=roster.county.station,
            cohort=roster.county.cohort,
            uses=20,
            created_by=None,
            now=roster.now,
        ).token

    with pytest.raises(InviteNotValid):
        roster.write(_open, roster.write(for_many), roster.now, chat_id=leaver.chat_id)


def test_her_own_chat_needs_no_invite(roster: Roster) -> None:
    """Opened where she is already, a personal invite says so and keeps its use."""
    roster.write(_enrol, roster.invite.token, roster.now)
    again = roster.invited()
    with pytest.raises(AlreadyEnrolled):
        roster.write(_open, again.token, roster.now)
    assert roster.all(Invite)[-1].uses_left == 1


@pytest.mark.parametrize("chat_id", [HERE, THERE])
def test_whoever_comes_back_is_the_same_person(roster: Roster, chat_id: int) -> None:
    """Deactivated and invited again: her own record, active, asked for consent anew."""
    roster.write(_enrol, roster.invite.token, roster.now)
    roster.status("inactive")
    roster.write(_leave_everything, roster.person_id, roster.now)
    people_before = len(roster.all(Person))
    invite = roster.write(
        joining.invite_again, person_id=roster.person_id, created_by=None, now=roster.now
    )
    found = roster.write(_open, invite.token, roster.now, chat_id=chat_id)
    assert (found.person_name, found.is_move) == ("卓玛", False)
    speaker = roster.write(_enrol, invite.token, roster.now, chat_id=chat_id)
    assert speaker.person_id == roster.person_id
    assert (speaker.unit_name, [g.role for g in speaker.grants]) == ("八一镇社工站", [LEARNER])
    assert len(roster.all(Person)) == people_before
    learns_in = [m for m in roster.all(CohortMember) if m.person_id == roster.person_id]
    assert [m.until is None for m in learns_in] == [False, True]
    assert "come_back" in roster.acts()


def _leave_everything(session: Session, person_id: int, now: datetime) -> None:
    today = local_date(now, "Asia/Shanghai")
    for table in (Membership, RoleGrant, CohortMember):
        for row in session.exec(select(table).where(table.person_id == person_id)):
            row.until = today
            session.add(row)


def test_an_invite_needs_something_to_invite_to(roster: Roster) -> None:
    """Whoever never had a role cannot be invited again: nothing says to what."""
    nobody = roster.write(_colleague, roster)
    with pytest.raises(NotThere):
        roster.write(joining.invite_again, person_id=nobody, created_by=None, now=roster.now)


def test_a_learner_is_invited_again_as_a_learner(roster: Roster) -> None:
    """Of several roles the one with lessons leads, with its unit and cohort."""
    today = local_date(roster.now, "Asia/Shanghai")
    roster.write(
        lambda s: s.add(
            RoleGrant(
                person_id=roster.person_id,
                unit_id=roster.county.top.id or 0,
                role=COORDINATOR,
                since=today,
            )
        )
    )
    roster.write(joining.invite_again, person_id=roster.person_id, created_by=None, now=roster.now)
    row = roster.all(Invite)[-1]
    assert (row.role, row.unit_id, row.cohort_id) == (
        LEARNER,
        roster.county.station.id,
        roster.county.cohort.id,
    )


@pytest.mark.parametrize("act", [_enrol, _move])
def test_two_chats_that_open_one_invite_at_once(roster: Roster, act: Callable[..., Any]) -> None:
    """Exactly one is let in, and she has exactly one open account."""
    if act is _move:
        roster.write(_enrol, roster.invite.token, roster.now, chat_id=400)
    invite = roster.invited()
    gate, outcomes = threading.Barrier(2), []

    def enter(chat_id: int) -> None:
        gate.wait()
        try:
            outcomes.append(roster.write(act, invite.token, roster.now, chat_id=chat_id).chat_id)
        except InviteNotValid:
            outcomes.append("refused")

    threads = [threading.Thread(target=enter, args=(chat_id,)) for chat_id in (701, 702)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 2
    assert outcomes.count("refused") == 1
    open_ones = [
        account.chat_id
        for account in roster.all(ChatAccount)
        if account.person_id == roster.person_id and account.ended_at is None
    ]
    assert open_ones == [outcome for outcome in outcomes if outcome != "refused"]


def test_a_new_notice_is_agreed_to_before_anything_else(roster: Roster) -> None:
    """Consent to another version does not stand; agreeing to the present one does, once."""
    speaker = roster.write(_enrol, roster.invite.token, roster.now)

    def now_known() -> Speaker | None:
        return roster.database.read_now(
            who, bot=BOT, chat_id=HERE, now=roster.now, privacy_version="2027-03"
        )

    before = now_known()
    assert before is not None
    assert not before.has_agreed
    with pytest.raises(ConsentNeeded):
        roster.write(
            consent.agree,
            speaker,
            version=PRIVACY_VERSION,
            present_version="2027-03",
            now=roster.now,
        )
    for _ in range(2):
        roster.write(
            consent.agree, speaker, version="2027-03", present_version="2027-03", now=roster.now
        )
    # An older button pressed once more asks for nothing.
    roster.write(
        consent.agree, speaker, version=PRIVACY_VERSION, present_version="2027-03", now=roster.now
    )
    after = now_known()
    assert after is not None
    assert after.has_agreed
    assert [row.version for row in roster.all(Consent) if row.person_id == roster.person_id] == [
        PRIVACY_VERSION,
        "2027-03",
    ]
    assert roster.acts()[-1] == "consent"


def test_nobody_enrols_on_a_notice_that_is_no_longer_in_force(roster: Roster) -> None:
    """What she read must be the present version, whichever that is."""
    with pytest.raises(ConsentNeeded):
        roster.write(
            joining.enrol,
            token=roster.invite.token,
            bot=BOT,
            chat_id=HERE,
            name="",
            language="zh",
            privacy_version=PRIVACY_VERSION,
            present_version="2027-03",
            now=roster.now,
        )


def test_consent_taken_back_ends_the_chat_and_leaves_the_person(roster: Roster) -> None:
    """She stays on the roster with her records, reached by nothing, and can come back."""
    speaker = roster.write(_enrol, roster.invite.token, roster.now)
    roster.write(consent.withdraw, speaker, now=roster.now)
    assert roster.write(who, bot=BOT, chat_id=HERE, now=roster.now) is None
    kept = roster.all(Consent)[-1]
    assert (kept.given_at, kept.withdrawn_at) == (roster.now, roster.now)
    assert roster.acts()[-2:] == ["withdraw_consent", "end_account"]
    assert roster.all(Delivery) == []
    invite = roster.invited()
    found = roster.write(_open, invite.token, roster.now)
    assert (found.person_name, found.is_move) == ("卓玛", False)
    back = roster.write(_enrol, invite.token, roster.now)
    assert (back.person_id, back.has_agreed) == (roster.person_id, True)


def test_the_trail_holds_no_name_and_no_code(roster: Roster) -> None:
    """Whoever reads the audit trail learns ids, never who or by which code."""
    roster.write(_try, "ABCDEFGH", roster.now)
    roster.write(_enrol, roster.invite.code, roster.now)
    roster.write(_move, roster.invited().token, roster.now)
    trail = str([(entry.action, entry.facts) for entry in roster.all(AuditEntry)])
    assert "卓玛" not in trail
    assert roster.invite.code not in trail
