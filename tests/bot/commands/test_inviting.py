"""`wuxue invite person`: one person's own link and code from the command line."""

import re
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session

from curriculum import joining, typed_codes
from curriculum.joining import Invitation
from curriculum.people import LEARNER
from scheduler.clock import SystemClock
from storage.engine import Database
from storage.people import Membership, Person, RoleGrant, unit_by_name
from tests.bot.commands.conftest import Wuxue
from tests.bot.commands.processes import TOKEN

BOT = int(TOKEN.split(":")[0])


def _database(home: Path) -> Database:
    return Database(f"sqlite:///{home / 'data' / 'wuxue.sqlite'}")


def _on_roster(session: Session, *, role: str | None) -> None:
    since = datetime(2026, 11, 24, tzinfo=UTC)
    person = Person(name="[卓玛]", number="007", created_at=since)
    session.add(person)
    session.flush()
    unit = unit_by_name(session, "八一站")[0].id or 0
    session.add(Membership(person_id=person.id or 0, unit_id=unit, since=since.date()))
    if role:
        session.add(
            RoleGrant(person_id=person.id or 0, unit_id=unit, role=role, since=since.date())
        )


def test_a_person_gets_her_own_code_and_link(wuxue: Wuxue, installed: Path) -> None:
    """Each alone on a line to copy; both lead to her, and the ones before do not any more."""
    with closing(_database(installed)) as database:
        database.write_now(_on_roster, role=LEARNER)
        first, second = (wuxue("invite", "person", "007") for _ in range(2))
        assert first.exit_code == second.exit_code == 0, first.output
        assert "[卓玛] 本人的邀请码和链接" in second.stdout
        lines = second.stdout.splitlines()
        code = next(line for line in lines if re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}", line))
        token = lines[-1].partition("?start=")[2]
        now = SystemClock().now()
        where = {"bot": BOT, "chat_id": 5, "now": now}
        opened = database.read_now(joining.open_invite, token=token, **where)
        typed = database.write_now(
            typed_codes.open_code, code=typed_codes.read(code) or "", **where
        )
        assert isinstance(typed, Invitation)
        assert opened.person_name == typed.person_name == "[卓玛]"
        earlier = first.stdout.splitlines()[-1].partition("?start=")[2]
        assert not database.read_now(joining.find_invite, earlier, now=now)


def test_somebody_without_a_role_is_not_invited_to_nothing(wuxue: Wuxue, installed: Path) -> None:
    """The command says what is missing and where to put it."""
    with closing(_database(installed)) as database:
        database.write_now(_on_roster, role=None)
    refused = wuxue("invite", "person", "007")
    assert refused.exit_code == 1
    assert "还没有任何身份" in refused.stderr
