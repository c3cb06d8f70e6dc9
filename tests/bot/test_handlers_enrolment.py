"""Joining by a link: every step, in both languages, and everything that can go another way."""

# ruff: noqa: F811  a fixture is asked for by the name it is imported under

from datetime import timedelta

import pytest
from sqlmodel import Session

from bot.rehearsal.stored import StoredMessage
from curriculum import joining, people
from storage.cohorts import Cohort
from storage.people import Unit, invite_by_hash
from tests.journeys.conftest import (  # noqa: F401  pytest finds fixtures by their names here
    COORDINATOR,
    FIRST_LESSON,
    LEARNER,
    NEWCOMER,
    START,
    STRANGER,
    SUPERVISOR,
    Play,
    county,
    folder,
    play,
)

pytestmark = pytest.mark.asyncio
ENROLLED = "SELECT name, language FROM person ORDER BY id DESC LIMIT 1"


def _token(play: Play) -> str:
    return play.running.links.tokens["learner-1"]


async def _invite(play: Play, role: str, *, uses: int = 1, cohort: bool = False) -> str:
    def make(session: Session) -> str:
        found = session.get_one(Cohort, play.running.links.cohort_id)
        return joining.make_invite(
            session,
            role=role,
            unit=session.get_one(Unit, found.unit_id),
            cohort=found if cohort else None,
            uses=uses,
            created_by=None,
            now=play.running.clock.now(),
        ).token

    return await play.running.wuxue.database.write(make)


def _newest(play: Play, user: int) -> StoredMessage:
    return play.said(user)[-1]


async def test_a_worker_joins_in_chinese(play: Play) -> None:
    """The link leads through language, consent, name and check to the week ahead."""
    invited = await play.open(NEWCOMER, _token(play))
    assert "八一镇社工站 邀请您一起学习，身份是学员。" in invited
    assert play.labels(NEWCOMER) == ["中文", "English", "取消"]
    notice = await play.press(NEWCOMER, "中文")
    assert notice.startswith("先看隐私说明")
    assert play.labels(NEWCOMER) == ["同意", "上一步", "取消"]
    assert (await play.press(NEWCOMER, "同意")).startswith("怎么称呼您")
    assert "您是 八一镇社工站 的 卓玛 吗？" in await play.say(NEWCOMER, "卓玛")
    await play.press(NEWCOMER, "是")
    done, week, practice = [m.text for m in play.said(NEWCOMER)][-3:]
    assert week.startswith("您的这一周\n\n卓玛，八一镇社工站欢迎您。")
    assert "第一课 11月25日(周三)10:00 到" in week
    assert done == "加好了，卓玛"
    assert practice.startswith("先试着答一道题")
    assert await play.rows(ENROLLED) == [("卓玛", "zh")]
    assert await play.count("draft") == 0
    keyboard = play.world.chats[NEWCOMER].keyboard
    assert keyboard is not None
    assert [[key["text"] for key in row] for row in keyboard["keyboard"]] == [
        ["今天", "提问"],
        ["我的", "更多"],
    ]


async def test_a_worker_joins_in_english(play: Play) -> None:
    """Whoever chooses English reads every later step, button and lesson head in English."""
    await play.open(NEWCOMER, _token(play))
    assert (await play.press(NEWCOMER, "English")).startswith("First, the privacy notice")
    assert play.labels(NEWCOMER) == ["I agree", "Back", "Cancel"]
    assert (await play.press(NEWCOMER, "I agree")).startswith("Your name, please")
    assert "Are you Dolma of 八一镇社工站?" in await play.say(NEWCOMER, "Dolma")
    assert (await play.press(NEWCOMER, "Yes")).startswith("One question to try")
    week = play.said(NEWCOMER)[-2].text
    assert week.startswith("Your week here\n\nDolma, 八一镇社工站 welcomes you.")
    assert "The first comes Wed 25 Nov 10:00." in week
    await play.through(FIRST_LESSON)
    lesson = play.lesson(NEWCOMER)
    assert lesson.text.startswith("Daily lesson 1")
    assert [button["text"] for button in lesson.buttons] == ["Learned", "Ask"]


async def test_consent_is_kept_with_its_version_and_language(play: Play) -> None:
    """What was agreed to, in which language and when, is a row of its own."""
    await _join(play, NEWCOMER, _token(play), "卓玛")
    kept = await play.rows("SELECT version, language FROM consent ORDER BY id DESC LIMIT 1")
    assert kept == [(people.PRIVACY_VERSION, "zh")]


async def test_whoever_does_not_agree_leaves_nothing_behind(play: Play) -> None:
    """Cancel at the notice stores no person, no consent, no account and no form."""
    tables = ("person", "consent", "chat_account", "membership", "cohort_member", "draft")
    before = [await play.count(table) for table in tables]
    await play.open(NEWCOMER, _token(play))
    await play.press(NEWCOMER, "中文")
    assert await play.press(NEWCOMER, "取消") == "已取消，没有保存"
    assert [await play.count(table) for table in tables] == before
    waiting = await play.rows("SELECT count(*) FROM inbox_update WHERE payload IS NOT NULL")
    assert waiting == [(0,)]
    # And the invite is still good for later.
    assert "邀请您一起学习" in await play.open(NEWCOMER, _token(play))


async def test_back_leads_to_the_step_before(play: Play) -> None:
    """A wrong name is written again with 上一步, and only the last one is kept."""
    await play.open(NEWCOMER, _token(play))
    await play.press(NEWCOMER, "中文")
    await play.press(NEWCOMER, "同意")
    await play.say(NEWCOMER, "卓马")
    assert (await play.press(NEWCOMER, "上一步")).startswith("怎么称呼您")
    await play.say(NEWCOMER, "卓玛")
    await play.press(NEWCOMER, "是")
    assert await play.rows(ENROLLED) == [("卓玛", "zh")]


@pytest.mark.parametrize("name", ["", "123", "___", "长" * 41, "。。。"])
async def test_a_name_that_cannot_stand_on_records_is_asked_again(play: Play, name: str) -> None:
    """A refused name says so, keeps what was filled in, and the next one goes through."""
    await play.open(NEWCOMER, _token(play))
    await play.press(NEWCOMER, "中文")
    await play.press(NEWCOMER, "同意")
    if name:
        assert "1 到 40 个字" in await play.say(NEWCOMER, name)
    assert "的 卓玛 吗" in await play.say(NEWCOMER, " 卓玛 ")


async def test_a_tap_at_a_typed_step_and_words_at_a_button_step_lose_nothing(play: Play) -> None:
    """Whoever types where a button is asked sees the step again."""
    await play.open(NEWCOMER, _token(play))
    assert "邀请您一起学习" in await play.say(NEWCOMER, "你好")
    await play.press(NEWCOMER, "中文")
    assert (await play.say(NEWCOMER, "卓玛")).startswith("先看隐私说明")
    assert (await play.press(NEWCOMER, "同意")).startswith("怎么称呼您")


@pytest.mark.parametrize(
    "words", ["你好", "今天", "/today", "/ask 怎么办", "/records", "更多", "/start"]
)
async def test_a_stranger_hears_one_sentence(play: Play, words: str) -> None:
    """Whatever somebody not invited writes, she is told how to get in, and nothing is kept."""
    said = await play.say(STRANGER, words)
    assert said.startswith("您好，这里是社工学习的地方")
    assert len(play.said(STRANGER)) == 1
    assert await play.count("question") == 0


async def test_a_stranger_with_an_english_phone_is_answered_in_english(play: Play) -> None:
    """Before enrolment the language follows Telegram's hint."""
    play.world.add_user(STRANGER + 1, "Visitor", "en-GB")
    assert (await play.say(STRANGER + 1, "hello")).startswith("Hello. This is a place of learning")


async def test_used_expired_revoked_and_unknown_links_look_the_same(play: Play) -> None:
    """A stranger is never told which of the four it is."""
    used = await _invite(play, people.OBSERVER)
    play.world.add_user(STRANGER + 1, "先到的人")
    await _join(play, STRANGER + 1, used, "先到")
    revoked = await _invite(play, people.OBSERVER)
    await play.running.wuxue.database.write(_revoke, revoked)
    expired = await _invite(play, people.OBSERVER)
    answers = [await play.open(STRANGER, token) for token in (used, revoked, "nothing-like-it")]
    await play.through(START + timedelta(days=15))
    answers.append(await play.open(STRANGER, expired))
    assert set(answers) == {"这个邀请链接用不了了。请向协调员要一个新的，您不用重填别的。"}


async def test_an_invite_used_up_in_the_meantime_enrols_nobody(play: Play) -> None:
    """Two people open the last use; whoever confirms second is told, and no half person stays."""
    token = await _invite(play, people.LEARNER, cohort=True)
    play.world.add_user(STRANGER + 1, "另一个人")
    await play.open(STRANGER, token)
    await _join(play, STRANGER + 1, token, "快的人")
    before = await play.count("person")
    await play.press(STRANGER, "中文")
    await play.press(STRANGER, "同意")
    await play.say(STRANGER, "慢的人")
    await play.press(STRANGER, "是")
    assert play.toast(STRANGER).startswith("这个邀请链接用不了了")
    assert await play.count("person") == before


async def test_a_second_role_keeps_person_and_records(play: Play) -> None:
    """One more invite adds a role to the person there is, after one confirmation."""
    before = await play.count("person")
    offer = await play.open(SUPERVISOR, await _invite(play, people.COORDINATOR))
    assert offer.startswith("邀请您多一个身份")
    assert "请您做协调员" in offer
    await play.press(SUPERVISOR, "同意")
    assert await play.count("person") == before
    await play.say(SUPERVISOR, "更多")
    assert play.labels(SUPERVISOR) == [
        "今日待办",
        "日程",
        "我的学员",
        "课程",
        "学习记录",
        "待答提问",
        "一起学",
        "人和单位",
        "设置",
        "帮助",
    ]


async def test_the_same_invite_again_says_you_are_here(play: Play) -> None:
    """A role already held is not given twice."""
    token = await _invite(play, people.SUPERVISOR)
    said = await play.open(SUPERVISOR, token)
    assert said == "德吉，您已经在这里了，不用再加入。请按“今天”看今天的课。"
    assert await play.rows("SELECT uses_left FROM invite ORDER BY id DESC LIMIT 1") == [(1,)]


async def test_start_without_a_link_brings_back_the_keyboard(play: Play) -> None:
    """Whoever is enrolled and opens the bot anew sees her unit and the four buttons."""
    said = await play.open(LEARNER)
    assert said.startswith("您好，扎西\n\n您在 鲁朗镇社工站。")
    assert _newest(play, LEARNER).locked


async def test_other_roles_are_told_what_they_can_do(play: Play) -> None:
    """A supervisor's and a coordinator's welcome promise no lessons."""
    assert "每日一学" not in play.last(SUPERVISOR)
    assert "先按“名册导入”" in play.last(COORDINATOR)


async def _join(play: Play, user: int, token: str, name: str) -> None:
    await play.open(user, token)
    await play.press(user, "中文")
    await play.press(user, "同意")
    await play.say(user, name)
    await play.press(user, "是")


def _revoke(session: Session, token: str) -> None:
    invite = invite_by_hash(session, joining.hash_token(token))
    assert invite is not None
    invite.revoked_at = START
    session.add(invite)
