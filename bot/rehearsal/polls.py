"""How a poll takes a vote: what is allowed, the new count, and the answer the bot is sent."""

from __future__ import annotations

from collections.abc import Sequence

from bot.rehearsal.refusal import ActError
from bot.rehearsal.stored import Json, Person, StoredPoll

Chosen = tuple[int, ...]


def check(poll: StoredPoll, user_id: int, option_ids: Sequence[int]) -> Chosen:
    """The options a person may choose now, () to take a vote back. Raises ActError."""
    chosen = tuple(sorted(set(option_ids)))
    if poll.closed:
        raise ActError("投票已经结束。", "This poll is closed.")
    if any(not 0 <= place < len(poll.json["options"]) for place in chosen):
        raise ActError("没有这个选项。", "There is no such option.")
    if len(chosen) > 1 and not poll.json["allows_multiple_answers"]:
        raise ActError("只能选一项。", "Only one option can be chosen.")
    if user_id in poll.votes and not poll.revoting:
        raise ActError("已经选过了，不能更改。", "You have answered; it cannot be changed.")
    if not chosen and user_id not in poll.votes:
        raise ActError("请先选一项。", "Choose an option first.")
    return chosen


def count(poll: StoredPoll, user_id: int, chosen: Chosen) -> Json:
    """Note the vote; returns the Poll as it then stands."""
    if chosen:
        poll.votes[user_id] = chosen
    else:
        del poll.votes[user_id]
    options = [
        {**option, "voter_count": sum(place in vote for vote in poll.votes.values())}
        for place, option in enumerate(poll.json["options"])
    ]
    return {**poll.json, "options": options, "total_voter_count": len(poll.votes)}


def answer(poll: StoredPoll, person: Person, chosen: Chosen) -> Json:
    """Telegram's PollAnswer; it names no chat."""
    options = poll.json["options"]
    return {
        "poll_id": poll.poll_id,
        "user": person.json,
        "option_ids": list(chosen),
        "option_persistent_ids": [options[place]["persistent_id"] for place in chosen],
    }
