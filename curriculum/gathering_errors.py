"""What can be refused around dates that are held, and gatherings; each class says why."""

from curriculum.errors import ChangedMeanwhile, Refusal


class OccasionPassed(Refusal):
    """Its hour has come: what went out, or did not, is not changed any more."""

    code = "occasion_passed"


class SessionOver(OccasionPassed):
    """A session has begun, or is too long ago, for what was asked of it."""

    code = "session_over"


class OccasionBegun(Refusal):
    """Somebody has received it already, at an hour of her own: holding it would cut a class."""

    code = "occasion_begun"


class OccasionChanged(Refusal):
    """Somebody else changed it since this person looked."""

    code = "occasion_changed"


class HourNotPossible(Refusal):
    """An hour that has passed, or lies in the quiet hours `start` to `end`."""

    code = "hour_not_possible"


class MinutesWritten(ChangedMeanwhile):
    """The minutes of this session went to everybody already."""

    code = "minutes_written"


class AlreadyTold(Refusal):
    """It was told to somebody already, so it cannot be taken back unnoticed."""

    code = "already_told"


class RoomLinks(Refusal):
    """Links were given for more or fewer than the `rooms` there are: `found` lines."""

    code = "room_links"


class LeadsRoom(Refusal):
    """Whoever leads a room sits in it; somebody else leads it first."""

    code = "leads_room"
