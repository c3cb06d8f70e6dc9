"""What can be refused around danger and who is on duty for it; each class says why."""

from curriculum.errors import Refusal


class ContactNotClear(Refusal):
    """A contact is one line with a name and a number, six lines at most."""

    code = "contact_not_clear"


class AlertTaken(Refusal):
    """Somebody else (`name`) takes care of it already."""

    code = "alert_taken"
