"""Whether claimed deliveries are still wanted, and may go now: each kind is asked, then the night.

Quiet hours are looked at here alone, so a kind that is added keeps them without knowing of them.
One that is due at night only when its reader asked for it says so: IS_ASKED_FOR_AT_NIGHT = True.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType

import structlog
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from curriculum import quiet_hours
from curriculum.facts import Facts, NotNow, NotWanted, Verdict
from scheduler import planner
from scheduler.planner import Notice
from storage.deliveries import Claimed

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """Verdicts by delivery; one that its kind could not judge is left out.

    From `good_until` on (business time) nothing of a delivery may go out without asking again:
    quiet hours begin.
    """

    verdicts: Mapping[int, Verdict]
    good_until: Mapping[int, datetime]


def ask(session: Session, rows: Sequence[Claimed], *, now: datetime) -> Asked:
    """Ask every kind for its own deliveries; what would disturb a night is not for now."""
    found: dict[int, Verdict] = {}
    of_kind: dict[str, list[Claimed]] = {}
    for row in rows:
        of_kind.setdefault(row.kind, []).append(row)
    for kind in planner.KINDS:
        if own := of_kind.pop(kind.KIND, None):
            found |= _asked(session, kind, own, now=now)
    for own in of_kind.values():
        found |= {row.id: NotWanted("unknown_kind") for row in own}
    wanted = [row for row in rows if isinstance(found.get(row.id), Facts)]
    asked_for = {k.KIND for k in planner.KINDS if getattr(k, "IS_ASKED_FOR_AT_NIGHT", False)}
    nights = quiet_hours.look(session, wanted, asked_for=asked_for, now=now)
    found |= {delivery_id: NotNow(until) for delivery_id, until in nights.wait_until.items()}
    return Asked(found, nights.good_until)


def _asked(
    session: Session, kind: Notice | ModuleType, own: Sequence[Claimed], *, now: datetime
) -> dict[int, Verdict]:
    """One kind's verdicts; a delivery that breaks it is left out, so that it stops no other."""
    try:
        return dict(kind.facts(session, own, now=now))
    except DBAPIError:
        raise
    except Exception:
        if len(own) == 1:
            log.exception("no_facts", delivery=own[0].id, kind=own[0].kind)
            return {}
        found: dict[int, Verdict] = {}
        for row in own:
            found |= _asked(session, kind, [row], now=now)
        return found
