"""Who acts in the sample data: the county's people as the bot knows them."""

from datetime import datetime

from sqlmodel import Session

from bot.rehearsal.county import COLLEAGUES, PHONES, colleague_id
from curriculum import people
from curriculum.errors import NotThere
from curriculum.people import Speaker

# The first phone is a stranger's yet; the second worker's is enrolled.
_, WORKER, SUPERVISOR, COORDINATOR = (role.user_id for role in PHONES)
COLLEAGUE_IDS = tuple(colleague_id(number) for number in range(len(COLLEAGUES)))


def speaker(session: Session, user_id: int, *, bot: int, now: datetime) -> Speaker:
    """Somebody by her account; raises NotThere for who has not joined."""
    found = people.who(session, bot=bot, chat_id=user_id, now=now)
    if found is None:
        raise NotThere
    return found
