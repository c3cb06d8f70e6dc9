"""Forms of several steps: gone back in, cancelled, outlived, and never mixed up."""

# ruff: noqa: F811  a fixture is asked for by the name it is imported under

import inspect
import re
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import Session, col

from bot import reactions
from bot.form_steps import Form
from bot.handlers import list_search
from bot.render import LANGUAGES, read_toml
from storage.people import Membership
from tests.journeys.conftest import (  # noqa: F401  pytest finds fixtures by their names here
    COORDINATOR,
    LEARNER,
    NEWCOMER,
    START,
    SUPERVISOR,
    Play,
    county,
    folder,
    play,
    playing,
)

pytestmark = pytest.mark.asyncio
PASSED = "这一步已经走过了，请看最下面一条"
OLD_BUTTON = "这个按钮已经用不上了，请按下面的“今天”"
NOT_THERE = "没有找到，或者您看不到它。请按“今天”回到现在的内容。"
FORM = "SELECT form, step, version FROM draft"


async def _opened(play: Play) -> None:
    await play.open(NEWCOMER, play.running.links.tokens["learner-1"])


async def _tap(play: Play, user: int, message_id: int, data: str, times: int = 1) -> None:
    for _ in range(times):
        play.world.forge_callback(user, user, message_id, data)
    await play.settle()


LEAVABLE = [form for form in reactions.FORMS if form.can_be_left]


# What a form is always begun with, where its way back depends on it: which list is searched.
BEGUN_WITH: dict[str, list[dict[str, object]]] = {
    list_search.SEARCH: [{"place": place} for place in list_search.PLACES]
}
WAYS = [
    pytest.param(form, begun, id=" ".join((form.name, *map(str, begun.values()))))
    for form in LEAVABLE
    for begun in BEGUN_WITH.get(form.name, [{}])
]


def _begun_in(form: Form) -> str:
    """The code that the form is begun in: its own subject, and where a shared one is declared."""
    finish = form.finish.func if isinstance(form.finish, partial) else form.finish
    path = Path(inspect.getfile(finish))
    beside = set(path.parent.glob(f"{path.stem.partition('_')[0]}*.py"))
    declared = (one for one in reactions.MODULES if form in getattr(one, "FORMS", ()))
    beside |= {Path(inspect.getfile(one)) for one in declared}
    return "".join(one.read_text(encoding="utf-8") for one in sorted(beside))


@pytest.mark.parametrize(("form", "begun"), WAYS)
@pytest.mark.parametrize("value", [{"id": 1}, 0], ids=["given", "open"])
async def test_whoever_leaves_a_form_finds_a_button_back(
    form: Form, begun: dict[str, object], value: object
) -> None:
    """Nobody ends at 已取消: the way back is worded, handled, and its ids stand in the answers."""
    asked: list[str] = []

    class Begun(dict[str, object]):
        def __missing__(self, name: str) -> object:
            asked.append(name)
            return value

    way = form.leads_on(Begun(begun))
    assert way is not None
    label, verb, *ids = way
    assert verb in reactions.verbs()
    if verb == "open":
        assert ids[0] in {*reactions.ACTS, *reactions.FORM_ACTS}
    for language in LANGUAGES:
        assert label in read_toml(language, "labels.toml")
    for name in asked:
        # As an answer, or as what a form that several share is told to keep the object's id as.
        assert re.search(rf'"{name}"[:,]', _begun_in(form)), f"{form.name} is begun without {name}"


async def test_a_cancelled_form_leads_back_to_where_it_was_begun(play: Play) -> None:
    """Each of them from its own place, and an invite to its first step."""
    await play.say(COORDINATOR, "人员")
    for begun, back, there in (("找人", "回到人员", "人员"), ("加人", "回到人员", "人员")):
        await play.press(COORDINATOR, begun)
        assert (await play.press(COORDINATOR, "取消")).startswith("已取消")
        assert there in await play.press(COORDINATOR, back)
    for word, back in (("语言", "设置"), ("暂停", "设置"), ("提问", "更多"), ("外出", "设置")):
        who = COORDINATOR if word == "外出" else LEARNER
        await play.say(who, word)
        assert (await play.press(who, "取消")).startswith("已取消")
        assert play.labels(who) == [back]
        assert (await play.press(who, back)).startswith("还可以做这些")
    await _opened(play)
    await play.press(NEWCOMER, "中文")
    await play.press(NEWCOMER, "取消")
    assert "中文" not in play.labels(NEWCOMER)
    await play.press(NEWCOMER, "再开始")
    assert "中文" in play.labels(NEWCOMER)


async def test_two_taps_at_once_take_one_step(play: Play) -> None:
    """The second tap while the first travels changes nothing and is told so."""
    await _opened(play)
    message = play.said(NEWCOMER)[-1]
    ((_, _, version),) = await play.rows(FORM)
    await _tap(play, NEWCOMER, message.message_id, message.button("中文")["callback_data"], 2)
    assert await play.rows(FORM) == [("enrolment", "consent", version + 1)]
    assert play.toast(NEWCOMER) == PASSED


async def test_a_last_step_tapped_twice_finishes_once(play: Play) -> None:
    """The second tap finds no form any more; one person is enrolled."""
    await _opened(play)
    await play.press(NEWCOMER, "中文")
    await play.press(NEWCOMER, "同意")
    await play.say(NEWCOMER, "卓玛")
    before = await play.count("person")
    message = play.said(NEWCOMER)[-1]
    await _tap(play, NEWCOMER, message.message_id, message.button("是")["callback_data"], 2)
    assert await play.count("person") == before + 1
    assert play.toast(NEWCOMER) == OLD_BUTTON


async def test_a_button_of_an_earlier_step_changes_nothing(play: Play) -> None:
    """A stale tap is told so, and the form stays where it is."""
    await _opened(play)
    first = play.said(NEWCOMER)[-1]
    data = first.button("English")["callback_data"]
    await play.press(NEWCOMER, "中文")
    await play.press(NEWCOMER, "同意")
    standing = await play.rows(FORM)
    await _tap(play, NEWCOMER, first.message_id, data)
    assert await play.rows(FORM) == standing
    assert play.toast(NEWCOMER) == PASSED


async def test_a_button_of_an_older_form_of_the_same_name_fits_nothing(play: Play) -> None:
    """A form begun anew starts at a version of its own, so an old one's buttons never fit it."""
    await _opened(play)
    old = play.said(NEWCOMER)[-1]
    data = old.button("English")["callback_data"]
    await play.press(NEWCOMER, "取消")
    await _opened(play)
    standing = await play.rows(FORM)
    await _tap(play, NEWCOMER, old.message_id, data)
    assert await play.rows(FORM) == standing
    assert play.toast(NEWCOMER) == PASSED


async def test_somebody_elses_button_does_nothing(play: Play) -> None:
    """A form belongs to the chat it was begun in, whoever sends its data."""
    await _opened(play)
    data = play.said(NEWCOMER)[-1].button("中文")["callback_data"]
    standing = await play.rows(FORM)
    await _tap(play, LEARNER, play.said(LEARNER)[-1].message_id, data)
    assert await play.rows(FORM) == standing
    assert play.toast(LEARNER) == OLD_BUTTON


async def test_buttons_that_outlive_their_form_are_no_refusal(play: Play) -> None:
    """Under an answered question they say that they are old, and nothing is asked or stored."""
    await play.say(LEARNER, "提问")
    asked = play.said(LEARNER)[-1]
    data = asked.button("取消")["callback_data"]
    await play.say(LEARNER, "怎么记录一次探访")
    await _tap(play, LEARNER, asked.message_id, data)
    assert play.toast(LEARNER) == OLD_BUTTON
    assert await play.count("question") == 1
    await _tap(play, LEARNER, asked.message_id, "form:no_such_form:1:cancel")
    assert play.toast(LEARNER) == NOT_THERE


async def test_a_chosen_language_leaves_no_buttons_behind(play: Play) -> None:
    """The question stays readable in the language chosen, without buttons that fit nothing."""
    await play.say(LEARNER, "语言")
    asked = play.said(LEARNER)[-1]
    await play.press(LEARNER, "English")
    assert asked.buttons == []
    assert asked.text.startswith("Which language")


@pytest.mark.parametrize("value", ["de", "", "yes", "zh:zh", "name"])
async def test_a_choice_that_was_not_offered_is_refused(play: Play, value: str) -> None:
    """The right version with a made-up value moves nothing."""
    await _opened(play)
    message = play.said(NEWCOMER)[-1]
    standing = await play.rows(FORM)
    await _tap(play, NEWCOMER, message.message_id, f"form:enrolment:{standing[0][2]}:{value}")
    assert await play.rows(FORM) == standing


async def test_a_form_outlives_a_restart(folder: Path) -> None:
    """The bot is stopped in the middle; the same buttons go on afterwards."""
    async with playing(folder) as before:
        await _opened(before)
        await before.press(NEWCOMER, "English")
        await before.press(NEWCOMER, "I agree")
    async with playing(folder) as after:
        assert "Are you Dolma of" in await after.say(NEWCOMER, "Dolma")
    async with playing(folder) as last:
        assert (await last.press(NEWCOMER, "Yes")).startswith("One question to try")


async def test_taps_and_words_that_came_together_are_worked_off_in_order(play: Play) -> None:
    """Three quick acts of one person lead through three steps."""
    await _opened(play)
    await play.press(NEWCOMER, "中文")
    message = play.said(NEWCOMER)[-1]
    play.world.press(NEWCOMER, NEWCOMER, message.message_id, row=0, column=0)
    play.world.say(NEWCOMER, "卓玛")
    await play.settle()
    assert "您是 八一镇社工站 的 卓玛 吗？" in play.last(NEWCOMER)


async def test_a_form_nobody_comes_back_to_is_forgotten(play: Play) -> None:
    """After seven days its buttons find nothing and its answers are gone."""
    await _opened(play)
    await play.press(NEWCOMER, "中文")
    await play.through(START + timedelta(days=7, minutes=1))
    assert await play.count("draft") == 0
    await play.press(NEWCOMER, "同意")
    assert play.toast(NEWCOMER) == OLD_BUTTON


async def test_answers_are_sealed_until_the_form_ends(play: Play) -> None:
    """The database file holds no word of a form half filled in."""
    await play.say(LEARNER, "这是只给自己看的一句话")
    ((answers,),) = await play.rows("SELECT answers FROM draft")
    assert "这是只给".encode() not in answers
    assert await play.rows("SELECT count(*) FROM inbox_update WHERE payload IS NOT NULL") == [(0,)]


async def test_cancel_answers_in_the_language_chosen_a_moment_ago(play: Play) -> None:
    """Whoever chose English and then cancels is told so in English."""
    await _opened(play)
    await play.press(NEWCOMER, "English")
    assert await play.press(NEWCOMER, "Cancel") == "Cancelled, nothing kept"


async def test_two_forms_of_one_person_do_not_meet(play: Play) -> None:
    """A question half asked and an invite for a second role each keep their own answers."""
    await play.say(SUPERVISOR, "提问")
    await play.say(SUPERVISOR, "今天")  # a usual word is an act, not the question's text
    assert await play.count("question") == 0
    assert (await play.say(SUPERVISOR, "怎么记录一次探访")).startswith("已收到您的提问")
    assert await play.rows("SELECT text FROM question") == [("怎么记录一次探访",)]


async def _adding(play: Play, name: str) -> None:
    await play.say(COORDINATOR, "人员")
    await play.press(COORDINATOR, "加人")
    await play.say(COORDINATOR, name)


async def test_an_offered_choice_can_be_pressed_or_typed(play: Play) -> None:
    """What is read at the moment stands on buttons, and its words mean the same."""
    await _adding(play, "拉姆")
    assert "八一镇社工站" in play.labels(COORDINATOR)
    assert "什么角色" in await play.say(COORDINATOR, "八一镇")
    assert "进哪个班组" in await play.say(COORDINATOR, "学员")
    assert "请核对一下" in await play.press(COORDINATOR, "2026年第一期")


async def test_a_choice_that_is_no_longer_offered_is_refused(play: Play) -> None:
    """A made-up unit or role moves nothing, pressed or typed."""
    await _adding(play, "拉姆")
    standing = await play.rows(FORM)
    message, version = play.said(COORDINATOR)[-1], standing[0][2]
    for value in ("#1", "#999", "#", "administrator"):
        await _tap(play, COORDINATOR, message.message_id, f"form:add_person:{version}:{value}")
        assert play.toast(COORDINATOR) == NOT_THERE
    assert "没有找到“拉萨”" in await play.say(COORDINATOR, "拉萨")
    assert await play.say(COORDINATOR, "#1") == NOT_THERE
    assert await play.rows(FORM) == standing


async def test_a_step_that_is_not_needed_is_passed_over_both_ways(play: Play) -> None:
    """Whoever does not learn has no cohort: forward to the check, and back to the role."""
    await _adding(play, "拉姆")
    await play.press(COORDINATOR, "八一镇社工站")
    assert "请核对一下" in await play.press(COORDINATOR, "督导者")
    assert "什么角色" in await play.press(COORDINATOR, "上一步")
    assert "进哪个班组" in await play.press(COORDINATOR, "学员")


async def test_a_refusal_at_the_last_tap_is_shown_at_that_tap(play: Play) -> None:
    """A tap is answered once: what went wrong must be in that answer, and the form stays."""
    await play.say(COORDINATOR, "/people 扎西")
    await play.press(COORDINATOR, "1 扎西")
    await play.press(COORDINATOR, "换站点")
    ((person, unit),) = await play.rows(
        "SELECT p.id, u.id FROM person p, unit u WHERE p.name = :p AND u.name_zh = :u",
        p="扎西",
        u="八一镇社工站",
    )

    def moved(session: Session) -> None:
        session.exec(
            update(Membership).where(col(Membership.person_id) == person).values(unit_id=unit)
        )

    await play.running.wuxue.database.write(moved)
    await play.press(COORDINATOR, "八一镇社工站")
    assert "刚才有同事改过这里" in play.toast(COORDINATOR)
    assert [form for form, _, _ in await play.rows(FORM)] == ["move_person"]
