"""Joining in chat by a personal link or code, a new phone, a shared phone, leaving, coming back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from bot.services import Services
from curriculum import joining
from curriculum.joining import PersonalInvite
from curriculum.people import LEARNER as LEARNER_ROLE
from storage.cohorts import Cohort, CohortMember, cohorts_of
from storage.people import Membership, Person, RoleGrant, unit_by_name
from tests.journeys.conftest import (
    FIRST_LESSON,
    LEARNER,
    NEWCOMER,
    START,
    STRANGER,
    Play,
)

pytestmark = pytest.mark.asyncio
HOUR = timedelta(hours=1)
COUNTS = ("person", "role_grant", "membership", "cohort_member")


class Roster:
    """卓玛 as the import leaves her: known, placed in a cohort, with a card but no chat."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self.person_id = 0

    async def add(self) -> PersonalInvite:
        """Put her on the roster and give her a card."""
        self.person_id = await self.play.running.wuxue.database.write(self._add)
        return await self.invited()

    def _add(self, session: Session) -> int:
        person = Person(name="卓玛", number="007", created_at=START)
        session.add(person)
        session.flush()
        unit = unit_by_name(session, "八一镇社工站")[0].id or 0
        cohort = session.get_one(Cohort, self.play.running.links.cohort_id)
        since, mine = START.date(), person.id or 0
        session.add(Membership(person_id=mine, unit_id=unit, since=since))
        session.add(RoleGrant(person_id=mine, unit_id=unit, role=LEARNER_ROLE, since=since))
        session.add(CohortMember(cohort_id=cohort.id or 0, person_id=mine, since=since))
        return mine

    async def invited(self, person_id: int | None = None) -> PersonalInvite:
        """Another card, hers or somebody else's."""
        return await self.play.running.wuxue.database.write(
            joining.invite_again,
            person_id=person_id or self.person_id,
            created_by=None,
            now=self.play.running.clock.now(),
        )

    async def join(self, user: int, invite: PersonalInvite) -> None:
        """All the way in, in Chinese."""
        await self.play.open(user, invite.token)
        for label in ("是", "中文", "同意"):
            await self.play.press(user, label)

    async def accounts(self) -> list[Any]:
        """Her chats, and whether each is open."""
        return await self.play.rows(
            "SELECT chat_id, ended_at IS NULL FROM chat_account WHERE person_id = :p ORDER BY id",
            p=self.person_id,
        )


@pytest.fixture
def roster(play: Play) -> Roster:
    """The roster of the county on Tuesday evening."""
    return Roster(play)


async def _counts(play: Play) -> list[int]:
    return [await play.count(table) for table in COUNTS]


async def test_a_personal_link_asks_who_she_is_and_for_no_name(play: Play, roster: Roster) -> None:
    """Three taps: 是, language, 同意; the person of the roster is in, and no other."""
    invite = await roster.add()
    before = await _counts(play)
    asked = await play.open(NEWCOMER, invite.token)
    assert "您是 八一镇社工站 的 卓玛 吗？" in asked
    assert play.labels(NEWCOMER) == ["是", "不是我", "取消"]
    assert "请选择您用的语言" in await play.press(NEWCOMER, "是")
    assert (await play.press(NEWCOMER, "中文")).startswith("先看隐私说明")
    await play.press(NEWCOMER, "同意")
    done, week, practice = play.said(NEWCOMER)[-3:]
    assert done.text == "加好了，卓玛"
    assert week.text.startswith("您的这一周\n\n卓玛，八一镇社工站欢迎您。")
    assert "第一课 11月25日(周三)10:00 到" in week.text
    assert practice.text.startswith("先试着答一道题")
    assert (week.silent, practice.silent) == (False, True)
    assert await _counts(play) == before
    assert await roster.accounts() == [(NEWCOMER, 1)]
    await play.through(FIRST_LESSON)
    assert play.lesson(NEWCOMER).at == FIRST_LESSON


@pytest.mark.parametrize("letter", ["A", "B"])
async def test_the_first_question_is_answered_kindly_and_recorded_nowhere(
    play: Play, roster: Roster, letter: str
) -> None:
    """Right or wrong, the same message says why, loses its buttons, and no row is written."""
    await roster.join(NEWCOMER, await roster.add())
    tables = ("answer", "learning_record", "delivery", "draft", "audit_entry")
    before = [await play.count(table) for table in tables]
    said = await play.press(NEWCOMER, letter)
    assert ("对了" if letter == "B" else "没关系，正确的是 B") in said
    assert "这一题没有记录" in said
    assert play.labels(NEWCOMER) == []
    assert [await play.count(table) for table in tables] == before


async def test_somebody_else_leaves_the_invite_as_it_was(play: Play, roster: Roster) -> None:
    """不是我: kind words and the way to a code; the owner still comes in with the same link."""
    invite = await roster.add()
    await play.open(STRANGER, invite.token)
    said = await play.press(STRANGER, "不是我")
    assert said.startswith("好的，没有关系")
    assert "卓玛" not in said
    assert play.labels(STRANGER) == ["输入邀请码"]
    assert await play.count("draft") == 0
    assert await play.rows("SELECT action FROM audit_entry ORDER BY id DESC LIMIT 1") == [
        ("decline_invite",)
    ]
    await roster.join(NEWCOMER, invite)
    assert await roster.accounts() == [(NEWCOMER, 1)]


async def test_a_typed_code_leads_in(play: Play, roster: Roster) -> None:
    """From the stranger's answer by a button to the code, written as people write it."""
    invite = await roster.add()
    assert (await play.say(STRANGER, "你好")).startswith("您好，这里是社工学习的地方")
    assert (await play.press(STRANGER, "输入邀请码")).startswith("请输入邀请码")
    spelt = f"{invite.code[:4].lower()} - {invite.code[4:]}"
    assert "您是 八一镇社工站 的 卓玛 吗？" in await play.say(STRANGER, spelt)
    for label in ("是", "English", "I agree"):
        await play.press(STRANGER, label)
    assert play.last(STRANGER).startswith("One question to try")
    assert await roster.accounts() == [(STRANGER, 1)]


async def test_a_code_behind_start_leads_in_too(play: Play, roster: Roster) -> None:
    """Some type /start before what stands on the card."""
    invite = await roster.add()
    said = await play.say(STRANGER, f"/start {invite.code[:4]} {invite.code[4:]}")
    assert "您是 八一镇社工站 的 卓玛 吗？" in said


async def test_a_guesser_waits_and_is_told_until_when(play: Play, roster: Roster) -> None:
    """Five wrong codes, then a day of rest, in which the right one is refused too."""
    invite = await roster.add()
    assert "还可以试 4 次" in await play.say(STRANGER, "ABCDEFGH")
    assert "8 位字母和数字" in await play.say(STRANGER, "ABCDEFG0")
    assert (await play.say(STRANGER, "这是什么")).startswith("您好，这里是社工学习的地方")
    for left in (3, 2, 1):
        assert f"还可以试 {left} 次" in await play.say(STRANGER, f"/start abcd-efg{left + 3}")
    resting = await play.say(STRANGER, "ABCDEFG3")
    assert "11月25日(周三)22:00 以后可以再试" in resting
    assert "协调员" in resting
    assert await play.say(STRANGER, invite.code) == resting
    assert await play.count("code_try") == 5
    # A link is no guess, and somebody else's chat has its own tries.
    assert "您是" in await play.open(NEWCOMER, invite.token)
    await play.through(START + 24 * HOUR)
    assert "您是 八一镇社工站 的 卓玛 吗？" in await play.say(STRANGER, invite.code)


async def test_what_an_enrolled_person_types_stays_a_question(play: Play) -> None:
    """A word that happens to have a code's shape is hers to ask about, try after try."""
    for number in range(2, 9):
        assert "您是想提问吗" in await play.say(LEARNER, f"ABCDEF7{number}")
    assert "您是想提问吗" in await play.say(LEARNER, "BANGBANG")


async def test_two_people_on_one_phone_are_refused_kindly(play: Play, roster: Roster) -> None:
    """By link and by code the second one hears of cards and the roll; her invite stays good."""
    invite = await roster.add()
    for said in (await play.open(LEARNER, invite.token), await play.say(LEARNER, invite.code)):
        assert said.startswith("这个账号已经有同事在用")
        assert "您的邀请还有效" in said
    assert "每日一学" in await play.say(LEARNER, "我的") or "还没有记录" in play.last(LEARNER)
    await roster.join(NEWCOMER, invite)
    assert await roster.accounts() == [(NEWCOMER, 1)]


async def test_a_new_phone_takes_over_and_the_old_chat_is_told(play: Play, roster: Roster) -> None:
    """The old chat is silent from that moment; the lesson that waited arrives on the new one."""
    await roster.join(NEWCOMER, await roster.add())
    await play.press(NEWCOMER, "B")
    await play.say(NEWCOMER, "老人不愿意开门怎么办")
    assert await play.count("draft") == 1
    again = await roster.invited()
    await play.through(FIRST_LESSON - HOUR)
    assert await play.rows("SELECT count(*) FROM delivery WHERE status = 'waiting'") != [(0,)]
    assert "您是 八一镇社工站 的 卓玛 吗？" in await play.open(STRANGER, again.token)
    assert "您换了手机或账号吗" in await play.press(STRANGER, "是")
    await play.press(STRANGER, "是")
    assert [m.text for m in play.said(STRANGER)][-2] == "换好了"
    assert play.last(STRANGER).startswith("以后都发到这里\n\n卓玛，原来的聊天已经停用")
    assert "11月25日(周三)10:00" in play.last(STRANGER)
    assert await roster.accounts() == [(NEWCOMER, 0), (STRANGER, 1)]
    assert await play.count("draft") == 0
    await play.running.wuxue.postman.drain()
    await play.through(FIRST_LESSON)
    await play.running.wuxue.postman.drain()
    told = play.said(NEWCOMER)[-1]
    assert told.text.startswith("这个聊天已停用")
    assert told.silent
    assert play.world.chats[NEWCOMER].keyboard is None
    assert play.lesson(STRANGER).at == FIRST_LESSON
    # What the old chat still tries is a stranger's.
    assert (await play.say(NEWCOMER, "今天")).startswith("您好，这里是社工学习的地方")


async def test_no_change_of_phone_changes_nothing(play: Play, roster: Roster) -> None:
    """取消 at the question keeps the old chat and the invite."""
    await roster.join(NEWCOMER, await roster.add())
    again = await roster.invited()
    await play.open(STRANGER, again.token)
    await play.press(STRANGER, "是")
    assert await play.press(STRANGER, "取消") == "已取消，没有保存"
    assert await roster.accounts() == [(NEWCOMER, 1)]
    assert await play.rows("SELECT uses_left FROM invite ORDER BY id DESC LIMIT 1") == [(1,)]


async def test_a_lesson_learned_on_the_old_phone_is_read_on_the_new(
    play: Play, roster: Roster
) -> None:
    """After the move 今天 shows it here, and pressing 学完了 leaves the old chat as it stands."""
    await roster.join(NEWCOMER, await roster.add())
    await play.through(FIRST_LESSON)
    again = await roster.invited()
    await play.open(STRANGER, again.token)
    for label in ("是", "是"):
        await play.press(STRANGER, label)
    assert "今天的课按“今天”可以看" in play.last(STRANGER)
    old = play.lesson(NEWCOMER).text
    assert (await play.say(STRANGER, "今天")).startswith("每日一学 · 第1课")
    assert "已记录：每日一学 4分钟" in await play.press(STRANGER, "学完了")
    assert play.lesson(NEWCOMER).text == old


async def _moved(play: Play, roster: Roster) -> None:
    """Joined on one phone, invited again, and one tap before the move to another."""
    await roster.join(NEWCOMER, await roster.add())
    again = await roster.invited()
    await play.open(STRANGER, again.token)
    await play.press(STRANGER, "是")


async def test_the_last_word_survives_a_network_that_breaks(play: Play, roster: Roster) -> None:
    """The answer to her tap is lost on the way, and the old chat is told all the same."""
    await _moved(play, roster)
    play.running.server.misbehaviour.order("502", 1, method="sendMessage")
    await play.press(STRANGER, "是")
    assert await roster.accounts() == [(NEWCOMER, 0), (STRANGER, 1)]
    await play.through(START + timedelta(minutes=1))
    await play.running.wuxue.postman.drain()
    assert play.last(NEWCOMER).startswith("这个聊天已停用")


async def test_an_old_chat_that_is_blocked_says_nothing_about_the_new(
    play: Play, roster: Roster
) -> None:
    """Its last word fails where staff can see it; she herself counts as reachable."""
    await _moved(play, roster)
    play.world.block(NEWCOMER)
    await play.press(STRANGER, "是")
    await play.through(START + timedelta(minutes=1))
    await play.running.wuxue.postman.drain()
    rows = await play.rows("SELECT status, error FROM delivery WHERE kind = 'account_moved'")
    assert rows == [("failed", "blocked")]
    assert await play.rows("SELECT reachable FROM chat_account WHERE chat_id = :c", c=STRANGER) == [
        (1,)
    ]


async def test_whoever_left_and_is_invited_again_has_her_record(play: Play, roster: Roster) -> None:
    """Same person, same record: what she learned before stands under 我的."""
    await roster.join(NEWCOMER, await roster.add())
    await play.through(FIRST_LESSON)
    await play.press(NEWCOMER, "学完了")
    people_before = await play.count("person")
    await play.running.wuxue.database.write(_deactivate, roster.person_id)
    assert (await play.say(NEWCOMER, "今天")).startswith("您好，这里是社工学习的地方")
    await roster.join(NEWCOMER, await roster.invited())
    assert await play.count("person") == people_before
    assert "1次，4分钟" in await play.say(NEWCOMER, "我的")
    assert await play.rows("SELECT status FROM person WHERE id = :p", p=roster.person_id) == [
        ("active",)
    ]


def _deactivate(session: Session, person_id: int) -> None:
    session.get_one(Person, person_id).status = "inactive"
    for member, _ in cohorts_of(session, person_id):
        member.until = START.date()
        session.add(member)


def _change_notice(play: Play, version: str) -> None:
    """A release with another notice: what `Wuxue(privacy_version=...)` would be built with."""
    held = play.running.wuxue.application.bot_data
    services: Services = held["services"]
    held["services"] = replace(services, privacy_version=version)


@pytest.mark.parametrize("act", ["今天", "/ask 怎么写记录", "更多", "/start", "/help", "你好"])
async def test_a_new_notice_comes_before_anything_else(play: Play, act: str) -> None:
    """Whatever she does, she reads the new notice first; after 同意 it works."""
    _change_notice(play, "2027-03")
    assert (await play.say(LEARNER, act)).startswith("隐私说明有新版本")
    assert play.labels(LEARNER) == ["同意", "撤回同意"]
    assert await play.count("question") == 0
    assert (await play.press(LEARNER, "同意")).startswith("谢谢，已经记下")
    assert not (await play.say(LEARNER, act)).startswith("隐私说明有新版本")
    assert await play.rows("SELECT version FROM consent ORDER BY id DESC LIMIT 1") == [("2027-03",)]


async def test_a_tap_and_a_quiz_wait_for_the_new_notice_too(play: Play) -> None:
    """学完了 and an answer record nothing before she agreed; an invite opens nothing."""
    await play.through(FIRST_LESSON)
    _change_notice(play, "2027-03")
    await play.press(LEARNER, "学完了")
    assert play.last(LEARNER).startswith("隐私说明有新版本")
    await play.vote(LEARNER, 0)
    assert await play.count("learning_record") == 0
    await play.open(LEARNER, play.running.links.tokens["learner-1"])
    assert play.last(LEARNER).startswith("隐私说明有新版本")
    assert await play.count("draft") == 0
    await play.press(LEARNER, "同意")
    await play.press(LEARNER, "学完了")
    assert await play.count("learning_record") == 1


async def test_a_notice_that_changed_again_is_shown_again(play: Play) -> None:
    """同意 under an older notice is no consent to the present one."""
    _change_notice(play, "2027-03")
    await play.say(LEARNER, "今天")
    _change_notice(play, "2027-09")
    before = await play.count("consent")
    await play.press(LEARNER, "同意")
    assert play.last(LEARNER).startswith("隐私说明有新版本")
    assert await play.count("consent") == before
    assert (await play.press(LEARNER, "同意")).startswith("谢谢，已经记下")


async def test_consent_is_taken_back_in_one_step(play: Play) -> None:
    """Asked once; then nothing comes and nothing is taken, and it says what stays and why."""
    await play.say(LEARNER, "/privacy")
    assert play.labels(LEARNER) == ["我的资料", "删除资料", "撤回同意"]
    asked = await play.press(LEARNER, "撤回同意")
    assert "姓名和学过的记录会留着" in asked
    assert play.labels(LEARNER) == ["撤回同意", "取消"]
    said = await play.press(LEARNER, "撤回同意")
    assert said.startswith("已撤回同意")
    assert "请协调员再给您一个邀请" in said
    assert play.world.chats[LEARNER].keyboard is None
    await play.through(FIRST_LESSON)
    assert not any(m.text.startswith("每日一学") for m in play.said(LEARNER))
    assert (await play.say(LEARNER, "今天")).startswith("您好，这里是社工学习的地方")
    assert await play.rows("SELECT action FROM audit_entry WHERE action = 'withdraw_consent'") == [
        ("withdraw_consent",)
    ]


async def test_consent_is_kept_when_she_changes_her_mind(play: Play) -> None:
    """取消 at the question leaves everything as it was."""
    await play.say(LEARNER, "隐私")
    await play.press(LEARNER, "撤回同意")
    assert await play.press(LEARNER, "取消") == "好的，没有撤回"
    await play.through(FIRST_LESSON)
    assert play.lesson(LEARNER).at == FIRST_LESSON


async def test_whoever_took_consent_back_comes_back_to_her_record(play: Play) -> None:
    """A new card leads the same account to the same person, asked for consent anew."""
    await play.through(FIRST_LESSON)
    await play.press(LEARNER, "学完了")
    person = (await play.rows("SELECT person_id FROM chat_account WHERE chat_id = :c", c=LEARNER))[
        0
    ][0]
    await play.say(LEARNER, "/privacy")
    await play.press(LEARNER, "撤回同意")
    await play.press(LEARNER, "撤回同意")
    roster = Roster(play)
    await roster.join(LEARNER, await roster.invited(person))
    assert "1次，4分钟" in await play.say(LEARNER, "我的")


@pytest.mark.parametrize(
    "data",
    [
        "consent:",
        "consent:agree",
        "consent:agree:9999-01",
        "consent:nonsense",
        "practice:",
        "practice:Z",
        "practice:ABC",
        "code:",
        "code:x:y",
        "form:personal:1:yes",
        "form:move:1:yes",
    ],
)
async def test_forged_taps_change_nothing(play: Play, data: str) -> None:
    """From a stranger or an enrolled person, a made-up button is answered and forgotten."""
    tables = (*COUNTS, "consent", "chat_account", "draft")
    before = [await play.count(table) for table in tables]
    await play.say(STRANGER, "你好")
    for user in (LEARNER, STRANGER):
        play.world.forge_callback(user, user, play.said(user)[-1].message_id, data)
        await play.settle()
    assert [await play.count(table) for table in tables] == before
