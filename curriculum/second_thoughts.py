"""How long one can think again about what told others (EXPERIENCE section 1, and its section 8)."""

from datetime import timedelta

# So long nobody hears of anything: taken back before, it was never said.
TAKE_BACK = timedelta(seconds=60)
# So long it can be undone at all; whoever heard of it by then hears of that too.
UNDO = timedelta(minutes=10)
