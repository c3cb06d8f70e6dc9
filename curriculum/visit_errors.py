"""What can be refused around exchange visits; each class says why, and has its sentence."""

from curriculum.errors import Refusal


class VisitNotClear(Refusal):
    """A field of a visit cannot be used; `field` names it, `limit` says how many letters may be."""

    code = "visit_not_clear"


class VisitNumberNotClear(VisitNotClear):
    """What should be a number from 1 to `limit` is none."""

    code = "visit_number_not_clear"


class VisitLines(VisitNotClear):
    """Nothing, or more than `limit` lines or things, where each is one."""

    code = "visit_lines"


class VisitDates(Refusal):
    """The journey begins after today, within two years."""

    code = "visit_dates"


class VisitStopUnclear(Refusal):
    """Line `line` of the programme names no place, or more than there is room for."""

    code = "visit_stop_unclear"


class VisitStopOutside(Refusal):
    """Line `line` of the programme lies on `day`, which is not a day of the journey."""

    code = "visit_stop_outside"


class VisitStopsLater(Refusal):
    """The programme holds places after the day that would be the last."""

    code = "visit_stops_later"


class VisitOfficialUnclear(Refusal):
    """Line `line` of the officials has no usable name."""

    code = "visit_official_unclear"


class VisitTooMany(Refusal):
    """A batch holds at most `limit` people."""

    code = "visit_too_many"


class VisitNobody(Refusal):
    """Nobody stands on the list yet."""

    code = "visit_nobody"


class VisitNeedsOther(Refusal):
    """Whoever proposed a visit does not approve it while another coordinator is there."""

    code = "visit_needs_other"


class VisitBegun(Refusal):
    """The journey has begun: what lies behind cannot be changed."""

    code = "visit_begun"


class VisitHeard(Refusal):
    """Somebody heard of it already, or the minute is over: it can be cancelled, not taken back."""

    code = "visit_heard"


class VisitUndoTooLate(Refusal):
    """What is more than ten minutes past can be changed again, but not undone."""

    code = "visit_undo_too_late"
