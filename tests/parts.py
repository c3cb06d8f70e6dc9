"""Parts of deliveries that arrived, one at a time, as tests and measurements tell of them."""

from datetime import datetime

from sqlmodel import Session

from storage.sent_messages import Arrived, record_parts


def record_part(
    session: Session,
    *,
    delivery_id: int,
    part: int,
    chat_id: int,
    message_id: int,
    poll_id: str | None,
    content_version: int | None,
    sent_at: datetime,
) -> None:
    """One part arrived, with others to come."""
    one = Arrived(delivery_id, part, chat_id, message_id, poll_id, content_version, is_last=False)
    record_parts(session, [one], sent_at=sent_at)
