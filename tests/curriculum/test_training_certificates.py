"""Certificates: who earned one, all at once, undone, revoked, given again; what /verify knows."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from curriculum import (
    certificate_notes,
    certificates,
    certificates_seen,
    training_attendance,
    training_certificates,
    training_data,
    training_seats,
    training_todo,
)
from curriculum.certificates import CHANGED, REVOKED, UNKNOWN, VALID
from curriculum.certificates_seen import EARNED, HELD, SHORT, TAKEN_BACK, Overview
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.facts import Facts, Verdict
from curriculum.people import Speaker
from curriculum.training_errors import (
    CertificatesNotYet,
    CertificatesUndoTooLate,
    CertificateUndoTooLate,
    NobodyEarned,
    TrainingNotClear,
)
from storage import trainings
from storage.deliveries import Claimed
from storage.engine import Database
from storage.signatures import Signer
from tests.county import BOT, County, build, write_pack
from tests.curriculum.trainings import announced, coordinator

SIGNER = Signer(b"c" * 32)
AFTER = datetime.fromisoformat("2026-12-22T12:00:00+00:00")
MINUTE = timedelta(minutes=1)


class Ended:
    """A training of four half days that is over: three of them for the first, one for the second,
    none for the third."""

    def __init__(self, database: Database, folder: Path, start: datetime) -> None:
        self.database = database
        pack = write_pack(folder / "pack", 1)
        self.county: County = database.write_now(build, pack, now=start, learners=3)
        self.event = database.write_now(
            lambda session: announced(session, self.county, now=start, places=3)
        )
        self.chief = coordinator(self.county)
        self.first, self.second, self.third = self.county.learners
        for learner in self.county.learners:
            database.write_now(training_seats.register, learner, self.event.event_id, now=start)
        for place, who in ((0, self.first), (1, self.first), (2, self.first), (0, self.second)):
            self.tick(place, who)

    def tick(self, place: int, who: Speaker) -> None:
        """A tap on the list of a half day, afterwards."""
        self.database.write_now(
            training_attendance.tick,
            self.chief,
            self.event.periods[place].period_id,
            who.person_id,
            now=AFTER,
        )

    def issue(self, seen: int = 1, *, by: Speaker | None = None, now: datetime = AFTER) -> Overview:
        """确认发证书."""
        return self.database.write_now(
            training_certificates.issue,
            by or self.chief,
            self.event.event_id,
            seen=seen,
            size=24_000,
            signer=SIGNER,
            now=now,
        )

    def overview(self, now: datetime = AFTER) -> Overview:
        """证书."""
        return self.database.read_now(
            certificates_seen.overview, self.chief, self.event.event_id, now=now
        )

    def undo(self, now: datetime) -> Overview:
        """撤销."""
        return self.database.write_now(
            training_certificates.undo, self.chief, self.event.event_id, now=now
        )

    def verify(self, code: str) -> str:
        """What /verify says of a code."""
        return self.database.read_now(certificates.check, code, bot=BOT).state

    def own(self, who: Speaker, words: str = "") -> list[tuple[str, bool]]:
        """(code, revoked) of what somebody holds and these words find."""
        found = self.database.read_now(certificates_seen.own, who, words=words)
        return [(line.code, line.revoked_at is not None) for line in found.lines]

    def send(self) -> list[str]:
        """Mark what is owed as sent; gives what each says."""

        def told(session: Session) -> list[str]:
            names = ", ".join(Claimed.__dataclass_fields__)
            rows = session.connection().execute(
                text(
                    f"SELECT {names} FROM delivery WHERE status = 'waiting'"  # noqa: S608
                    " AND kind = 'training_certificate' ORDER BY id"
                )
            )
            claimed = [Claimed(*row) for row in rows]
            found: dict[int, Verdict] = certificate_notes.facts(session, claimed, now=AFTER)
            session.connection().execute(
                text("UPDATE delivery SET status = 'sent' WHERE kind = 'training_certificate'")
            )
            return [
                one.values["certificate"].what if isinstance(one, Facts) else one.reason  # type: ignore[union-attr]
                for one in found.values()
            ]

        return self.database.write_now(told)


@pytest.fixture
def ended(database: Database, tmp_path: Path, start: datetime) -> Ended:
    """A training that is over, on either database."""
    return Ended(database, tmp_path, start)


def test_two_thirds_of_the_minutes_earn_one(ended: Ended) -> None:
    """Three half days of four do, one does not; who was never there is on no list."""
    found = ended.overview()
    assert (found.minutes, found.needed) == (720, 476)
    assert [(line.person_id, line.state, line.minutes) for line in found.lines] == [
        (ended.first.person_id, EARNED, 540),
        (ended.second.person_id, SHORT, 180),
    ]
    ended.tick(1, ended.second)
    ended.tick(2, ended.second)
    assert ended.overview().counts[EARNED] == 2


def test_all_who_earned_one_are_given_it_once(ended: Ended) -> None:
    """Each is told; twice gives nothing more; what changed meanwhile is refused."""
    with pytest.raises(ChangedMeanwhile):
        ended.issue(seen=2)
    found = ended.issue()
    assert found.counts == {EARNED: 0, HELD: 1, TAKEN_BACK: 0, SHORT: 1}
    with pytest.raises(NobodyEarned):
        ended.issue()
    assert ended.send() == ["there"]
    ((code, is_revoked),) = ended.own(ended.first)
    assert len(ended.own(ended.first, ended.event.title[:3])) == 1
    assert ended.own(ended.first, "别的培训") == []
    assert not is_revoked
    assert ended.verify(f"{code[:5]} {code[5:]}".lower()) == VALID
    assert ended.verify("ABCDE23456") == UNKNOWN
    assert ended.own(ended.second) == []


def test_nobody_else_gives_any_and_none_before_the_end(ended: Ended) -> None:
    """A learner finds nothing; a training under way has none yet."""
    with pytest.raises(NotThere):
        ended.issue(by=ended.first)
    with pytest.raises(CertificatesNotYet):
        ended.issue(now=ended.event.ends_at - MINUTE)


def test_what_was_given_can_be_undone_for_ten_minutes(ended: Ended) -> None:
    """Before anybody heard nobody is told; the code is known as revoked; it can be given anew."""
    ended.issue()
    ((code, _),) = ended.own(ended.first)
    assert ended.undo(AFTER + 9 * MINUTE).counts[EARNED] == 1
    assert ended.send() == ["not_wanted"]
    assert ended.verify(code) == REVOKED
    assert ended.own(ended.first) == []
    ended.issue()
    assert ended.send() == ["there"]
    ended.undo(AFTER + 9 * MINUTE)
    # She had heard of this one.
    assert ended.send() == ["undone"]
    ended.issue()
    with pytest.raises(CertificatesUndoTooLate):
        ended.undo(AFTER + 11 * MINUTE)


def test_one_is_revoked_for_a_reason_and_given_again(ended: Ended) -> None:
    """Its holder is told why; a new one has another code; who has no right finds none."""
    ended.issue()
    ended.send()
    ((code, _),) = ended.own(ended.first)
    certificate_id = ended.overview().lines[0].certificate_id or 0

    def revoke(who: Speaker, reason: str) -> Any:
        return ended.database.write_now(
            training_certificates.revoke, who, certificate_id, reason=reason, now=AFTER
        )

    with pytest.raises(TrainingNotClear):
        revoke(ended.chief, " ")
    for stranger in (ended.first, ended.second):
        with pytest.raises(NotThere):
            revoke(stranger, "不想要")
    with pytest.raises(NotThere):
        ended.database.read_now(certificates_seen.read, ended.second, certificate_id)
    revoke(ended.chief, "登记错了人")
    with pytest.raises(NotThere):
        revoke(ended.chief, "再撤一次")
    assert ended.send() == ["revoked"]
    assert ended.verify(code) == REVOKED
    assert ended.own(ended.first) == [(code, True)]
    # Issuing to all leaves her out: it was taken from her on purpose.
    assert ended.overview().counts[TAKEN_BACK] == 1
    _mistaken(ended, certificate_id, code)
    again = ended.database.write_now(
        training_certificates.issue_again, ended.chief, certificate_id, signer=SIGNER, now=AFTER
    )
    assert (ended.verify(code), ended.verify(again.code)) == (REVOKED, VALID)
    assert ended.send() == ["there"]


def _mistaken(ended: Ended, certificate_id: int, code: str) -> None:
    """For ten minutes its being revoked is undone: the same code counts; she hears it if she had.

    Revoked again she hears that too, and later it stays so.
    """

    def undo(who: Speaker, now: datetime) -> Any:
        return ended.database.write_now(
            training_certificates.undo_revoke, who, certificate_id, now=now
        )

    with pytest.raises(NotThere):
        undo(ended.second, AFTER + MINUTE)
    assert undo(ended.chief, AFTER + 9 * MINUTE).revoked_at is None
    assert ended.verify(code) == VALID
    assert ended.send() == ["restored"]
    with pytest.raises(NotThere):
        undo(ended.chief, AFTER + 9 * MINUTE)
    ended.database.write_now(
        training_certificates.revoke,
        ended.chief,
        certificate_id,
        reason="登记错了人",
        now=AFTER + 20 * MINUTE,
    )
    # Undone before she heard of it, she is told nothing.
    undo(ended.chief, AFTER + 21 * MINUTE)
    assert ended.send() == ["not_wanted"]
    ended.database.write_now(
        training_certificates.revoke,
        ended.chief,
        certificate_id,
        reason="登记错了人",
        now=AFTER + 22 * MINUTE,
    )
    assert ended.send() == ["revoked"]
    with pytest.raises(CertificateUndoTooLate):
        undo(ended.chief, AFTER + 33 * MINUTE)
    actions = ended.database.read_now(
        lambda session: (
            session.connection()
            .execute(
                text("SELECT action FROM audit_entry WHERE action LIKE '%revoke%' ORDER BY id")
            )
            .scalars()
            .all()
        )
    )
    assert actions == ["revoke_certificate", "undo_revoke_certificate"] * 2 + ["revoke_certificate"]


def test_a_file_is_valid_changed_or_unknown(ended: Ended) -> None:
    """The signature is looked at first, then whether it was revoked since."""
    ended.issue()
    certificate_id = ended.overview().lines[0].certificate_id or 0
    held = ended.database.read_now(certificates_seen.read, ended.first, certificate_id)
    assert held.statement is not None
    document = held.statement.document()

    def check(found: Any, signer: Signer = SIGNER) -> str:
        return ended.database.read_now(
            certificates.check_file, found, held.signature, bot=BOT, by=signer.public
        ).state

    assert check(document) == VALID
    assert check(document | {"minutes": 720}) == CHANGED
    # Signed before the secret was changed: known by what is kept.
    assert check(document, Signer(b"o" * 32)) == VALID
    assert check(document | {"code": "ABCDE23456"}, Signer(b"o" * 32)) == CHANGED
    assert check({"code": "none"}) == UNKNOWN
    ended.undo(AFTER)
    assert check(document) == REVOKED


def test_forgetting_empties_what_it_says_and_keeps_that_it_was_given(ended: Ended) -> None:
    """Her name goes; the code is still known, so that her paper is not taken for a forgery."""
    ended.issue()
    ((code, _),) = ended.own(ended.first)
    counts = ended.database.write_now(training_data.erase, ended.first.person_id, now=AFTER)
    assert counts["certificates"] == 1
    found = ended.database.read_now(certificates.check, code, bot=BOT)
    assert (found.state, found.statement) == (VALID, None)


def test_a_coordinator_is_reminded_to_give_them(ended: Ended) -> None:
    """Once it is over, until the first are given."""

    def is_asked() -> bool:
        found = ended.database.read_now(training_todo.items, ended.chief, now=AFTER)
        return "issue_certificates" in [item.kind for item in found]

    assert is_asked()
    ended.issue()
    assert not is_asked()


def test_a_share_that_is_set_is_copied_into_the_training(ended: Ended) -> None:
    """Changed in the configuration later, it does not change what was planned before."""
    reminders = {"days": [7], "late": "merge", "skip_after_hours": 10, "certificate_share": 25}

    def plan(session: Session) -> None:
        event = trainings.event(session, ended.event.event_id, bot=BOT)
        assert event is not None
        event.reminders = reminders
        session.add(event)

    ended.database.write_now(plan)
    assert ended.overview().counts[EARNED] == 2
