"""Every list of visits, supervision and certificates is searched by the same few presses."""

import pytest

from bot.handlers.list_search import PLACES
from tests.journeys.conftest import COORDINATOR, LEARNER, SUPERVISOR, Play
from tests.journeys.test_visit_logs import HOME, _arrange

pytestmark = pytest.mark.asyncio
# Whose list each is; a list of a pair is only found where there is one.
OF_COORDINATOR = {
    **dict.fromkeys(("visit_logs", "visit_returns", "visit_for", "visit_steps", "visit_list"), 1),
    **dict.fromkeys(("visit_names", "visit_by_day"), 1),
    **dict.fromkeys(("sup_queue", "sup_need"), 0),
}
OF_OTHERS = {
    "own_certificates": LEARNER,
    **dict.fromkeys(("accompanied", "old_notes", "sup_trips", "sup_unwritten"), SUPERVISOR),
}
OF_A_PAIR = {"sup_acts", "handovers"}


async def _ask(play: Play, user: int, place: str, object_id: int) -> str:
    play.world.forge_callback(user, user, 1, f"list_search:{place}:{object_id}")
    await play.settle()
    return play.last(user)


async def test_words_find_lines_in_every_list(morning: Play) -> None:
    """What was searched for is said back, all of it is one press away, and so is giving up."""
    play = morning
    await play.rest_lessons()
    now, wuxue = play.running.clock.now(), play.running.wuxue
    await wuxue.database.write(_arrange, bot=wuxue.bot.id, now=now)
    await play.through(HOME)
    lists = [(COORDINATOR, place, of) for place, of in OF_COORDINATOR.items()]
    lists += [(user, place, 0) for place, user in OF_OTHERS.items()]
    assert {place for _, place, _ in lists} | OF_A_PAIR == set(PLACES)
    for user, place, object_id in lists:
        assert (await _ask(play, user, place, object_id)).startswith("查找"), place
        assert "“扎西09”：找到" in await play.say(user, "扎西09"), place
        assert "“扎西09”" not in await play.press(user, "看全部"), place
        await _ask(play, user, place, object_id)
        await play.press(user, "取消")
        (back,) = play.labels(user)
        await play.press(user, back)
    for place in OF_A_PAIR:
        await _ask(play, COORDINATOR, place, 999)
        await play.say(COORDINATOR, "扎西")
        assert "没有找到" in play.last(COORDINATOR), place

    # On the roll whoever was found is taken out and put back where she stands.
    await _ask(play, COORDINATOR, "visit_names", 1)
    said = await play.say(COORDINATOR, "扎西09")
    assert "“扎西09”：找到1条" in said
    said = await play.press(COORDINATOR, "✅ 扎西09")
    assert "去了20人" in said
    assert "“扎西09”：找到1条" in said
    assert "去了21人" in await play.press(COORDINATOR, "扎西09")
    # Of many only what a button can carry is turned.
    await _ask(play, COORDINATOR, "visit_list", 1)
    assert "找到16条" in await play.say(COORDINATOR, "扎西")
    assert "找到16条" in await play.press(COORDINATOR, "下一页")
    assert play.bugs == []
