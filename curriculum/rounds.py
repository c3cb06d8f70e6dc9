"""温习: which lessons a cohort that learns together is given for a second time, and later."""

from collections.abc import Iterable

from sqlmodel import Session

from curriculum.occasions import read_name
from storage import rounds as stored


def reviews(session: Session, kind: str, given: Iterable[tuple[str, int | None]]) -> set[str]:
    """Those of these (occasion's name, lesson) that bring what reached the cohort before.

    A lesson that came to nobody and is therefore given again is new to all. At most two queries,
    one in a first round.
    """
    asked = {(*read_name(name), lesson_id) for name, lesson_id in given if lesson_id is not None}
    if not asked:
        return set()
    taught = stored.taught_on(
        session,
        kind=kind,
        cohort_ids=sorted({cohort_id for cohort_id, _, _ in asked}),
        lesson_ids=sorted({lesson_id for _, _, lesson_id in asked}),
    )
    pairs = [
        (f"{cohort_id}:{day.isoformat()}", f"{cohort_id}:{past.isoformat()}")
        for cohort_id, day, lesson_id in asked
        for other, same, past in taught
        if (other, same) == (cohort_id, lesson_id) and past < day
    ]
    if not pairs:
        return set()
    reached = stored.reached(session, kind=kind, occasions=sorted({past for _, past in pairs}))
    return {name for name, past in pairs if past in reached}
