"""The Monday line as it arrives in an administrator's chat."""

from datetime import UTC, date, datetime

import pytest
from sqlmodel import Session

from curriculum.people import ADMINISTRATOR
from storage.people import RoleGrant, open_account
from tests.journeys.conftest import COORDINATOR, LEARNER, Play

MONDAY_TEN = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)


@pytest.mark.asyncio
async def test_an_administrator_gets_one_silent_line_on_monday_and_nobody_else_does(
    play: Play,
) -> None:
    """At ten, what needs a person first; the rehearsal's file has no backup."""

    def appoint(session: Session) -> None:
        bot = play.running.world.bot["id"]
        account = open_account(session, bot=bot, chat_id=COORDINATOR)
        assert account is not None
        grant = RoleGrant(
            person_id=account.person_id, unit_id=1, role=ADMINISTRATOR, since=date(2026, 1, 1)
        )
        session.add(grant)

    await play.running.wuxue.database.write(appoint)
    await play.through(MONDAY_TEN)
    lines = [m for m in play.said(COORDINATOR) if m.text.startswith("有事要您看一看")]
    assert len(lines) == 1
    assert "请备份" in lines[0].text
    assert "节假日到2026年底" in lines[0].text
    assert lines[0].silent
    assert not [m for m in play.said(LEARNER) if "备份" in m.text]
