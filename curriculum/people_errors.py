"""What can be refused around people, their roles and pauses, and units; each class says why."""

from curriculum.errors import Refusal


class UnitNotFound(Refusal):
    """No unit of that name within the person's reach, or several."""

    code = "unit_not_found"


class AbsenceNotClear(Refusal):
    """A pause begins today or later, ends after it begins, and lasts a year at most."""

    code = "absence_not_clear"


class NotAway(Refusal):
    """There is no pause to come back from."""

    code = "not_away"


class HourInQuiet(Refusal):
    """A lesson's own hour lies outside the quiet hours."""

    code = "hour_in_quiet"


class LastAdministrator(Refusal):
    """Without her nobody could look after the whole any more."""

    code = "last_administrator"


class HasOwnChat(Refusal):
    """Whoever has a chat of her own asks there herself to be forgotten."""

    code = "has_own_chat"


class OwnRole(Refusal):
    """Nobody takes away her own last right to look after people, by mistake or otherwise."""

    code = "own_role"


class UnitNotEmpty(Refusal):
    """A unit is closed only when nobody works in it or under it."""

    code = "unit_not_empty"


class UnitNameTaken(Refusal):
    """Two units under one parent may not bear one name."""

    code = "unit_name_taken"


class UnitNameNotUsable(Refusal):
    """A unit's name has 1 to `limit` visible characters on one line."""

    code = "unit_name_not_usable"
