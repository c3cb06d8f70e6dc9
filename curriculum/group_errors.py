"""What can be refused around the work groups of a cohort; each class says why."""

from curriculum.errors import Refusal


class NotInGroup(Refusal):
    """The bot or this person is not in the group, or Telegram does not say so."""

    code = "not_in_group"


class GroupElsewhere(Refusal):
    """The group receives the lessons of a cohort that somebody else coordinates."""

    code = "group_elsewhere"


class LinkChanged(Refusal):
    """Somebody else has linked or unlinked the group since this person looked."""

    code = "link_changed"
