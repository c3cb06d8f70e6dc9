"""A quarter played fast from chat: what each role does in it, day by day."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from bot.rehearsal.county import colleague_id
from tests.journeys.conftest import COORDINATOR, LEARNER, SUPERVISOR, Play
from tests.proving import IS_LONG

# Monday evening before a quarter whose working days are all known.
START = datetime(2026, 9, 28, 4, 0, tzinfo=UTC)
# A month has all of it once; WUXUE_PROVE=1 goes on to the quarter's end.
LAST = (
    datetime(2026, 12, 31, 12, 0, tzinfo=UTC) if IS_LONG else datetime(2026, 10, 31, 12, tzinfo=UTC)
)
LEARNERS = (LEARNER, *map(colleague_id, range(6)))
LEAVER = colleague_id(5)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# By the day of the month: who asks what, with what she presses afterwards.
ASKED: dict[tuple[int, int], tuple[int, str, str]] = {
    (10, 9): (0, "挖虫草挣的钱算不算低保的家庭收入？", "匿名"),
    (10, 10): (1, "入户的时候狗很凶，怎么进门？", ""),
    (10, 12): (2, "服务对象送我一只羊，能不能收？", ""),
    (10, 13): (6, "孩子在外面打工，老人的特困供养怎么申请？", ""),
    (10, 14): (3, "临时救助的钱多久能到账？", "急用3天内"),
    (11, 3): (4, "独居老人耳背，走访的时候怎么说话？", ""),
    (11, 4): (0, "残疾人两项补贴去哪里申请？", "匿名"),
    (11, 5): (5, "小组活动没有人来，怎么办？", ""),
    (11, 6): (4, "一户一档里家庭情况怎么写？", ""),
    (12, 2): (2, "冬天下乡路上结冰，走访要不要改期？", ""),
    (12, 3): (1, "留守儿童不愿意说话，怎么开头？", "匿名"),
    (12, 4): (3, "转介到医院之后还要不要跟进？", ""),
}
# Who wishes for the same, in words of her own.
WISHED = {
    (10, 10): (4, "挖虫草的钱算不算低保家庭的收入？"),
    (11, 5): (3, "残疾人的两项补贴去哪里申请？"),
}
LEAVES = date(2026, 10, 19)
CANCELLED, MOVED = date(2026, 10, 23), date(2026, 10, 16)
ANSWER = "先看本地的规定，再问民政办。"
# The quarterly share: from when on it is called by itself, who writes what on which day, when it
# is read by both reviewers, and when the speakers are told.
CALLED, READ, ORDERED = (11, 2), (12, 10), (12, 14)
WRITTEN: dict[tuple[int, int], tuple[int, str]] = {
    (12, 1): (1, "同村的人带我进门"),
    (12, 2): (2, "一张表说清补贴"),
}
PARTS = (
    "老人独居，不愿开门，去了三次。",
    "请同村的熟人一起去，先听他说。",
    "第四次开了门，后来常来往。",
    "早点请同村的人一起去。",
    "入户前先找一位同村的熟人。",
)


@dataclass
class Quarter:
    """A play, and what was done in it that something was promised for."""

    play: Play
    gone: set[int] = field(default_factory=set)
    # The sessions whose minutes were written, and who pressed 我来了 in time at which.
    minuted: set[int] = field(default_factory=set)
    came: set[tuple[int, int]] = field(default_factory=set)
    # The quarterly shares that took place.
    shares: set[int] = field(default_factory=set)

    async def live(self) -> None:
        """Every day from the first to the last: morning, sessions, evening."""
        moment = START
        while moment < LAST:
            moment += DAY
            await self.play.through(moment.replace(hour=1, minute=30))
            await self._coordinate(moment.date())
            await self.play.through(moment.replace(hour=2, minute=5))
            await self._ask(moment.date())
            await self._meet(moment.date())
            await self.play.through(moment.replace(hour=12))

    async def _ask(self, day: date) -> None:
        play, key = self.play, (day.month, day.day)
        if key in ASKED:
            who, text, press = ASKED[key]
            await play.say(LEARNERS[who], f"/ask {text}")
            if press:
                await play.press(LEARNERS[who], press)
            if press.startswith("急用"):
                await self._answer_at_once()
        if key in WISHED:
            who, text = WISHED[key]
            await play.say(LEARNERS[who], f"/ask {text}")
            label = next(
                button["text"]
                for button in play.said(LEARNERS[who])[-1].buttons
                if button["text"].endswith("我也想问")
            )
            await play.press(LEARNERS[who], label)
        if day == LEAVES:
            await self._leave()
        for number, user in enumerate(LEARNERS):
            if (day.day + number) % 3 == 0 and user not in self.gone:
                await self._tap(user, "学完了")
            await self._tap(user, "我来主持")

    async def _tap(self, user: int, label: str) -> bool:
        """Press the newest button of a label, where there is one."""
        if not any(b["text"] == label for m in self.play.said(user) for b in m.buttons):
            return False
        await self.play.press(user, label)
        return True

    async def _answer_at_once(self) -> None:
        play = self.play
        await play.through(play.running.clock.now() + 11 * MINUTE)
        await play.say(SUPERVISOR, "待答提问")
        await play.press(SUPERVISOR, "1")
        await play.press(SUPERVISOR, "答复")
        assert "答复已发出" in await play.say(SUPERVISOR, "手续齐了以后，一般十个工作日。")

    async def _leave(self) -> None:
        """Her coordinator takes her off the roster; she asked something this month."""
        play = self.play
        await play.say(COORDINATOR, "/people 拉姆")
        for label in ("1 拉姆", "停用", "停用 拉姆"):
            await play.press(COORDINATOR, label)
        self.gone.add(LEAVER)

    async def _coordinate(self, day: date) -> None:
        """A draft is made a topic; the share is called and its programme told."""
        play = self.play
        if await play.rows("SELECT id FROM topic WHERE state = 'draft'"):
            await play.say(COORDINATOR, "专题")
            await play.press(COORDINATOR, "1")
            for label in ("安排", "定讲师", "德吉", "定稿", "定稿并通知"):
                await play.press(COORDINATOR, label)
        await self._share(day)
        if (day.month, day.day) == (10, 21):
            await self._cancel(CANCELLED)
        if (day.month, day.day) == (10, 14):
            await self._move(MOVED)

    async def _share(self, day: date) -> None:
        """The quarter's stories: called, written, read by two, put in order."""
        play, key = self.play, (day.month, day.day)
        if key == CALLED:
            await play.say(COORDINATOR, "季度分享")
            assert "每季自动征集" in await play.press(COORDINATOR, "每季自动")
        if key in WRITTEN:
            await self._write_story(*WRITTEN[key])
        if key == READ:
            for reviewer in (SUPERVISOR, COORDINATOR) * len(WRITTEN):
                await play.say(reviewer, "经验库")
                await play.press(reviewer, "评审经验")
                await play.press(reviewer, "1")
                await play.press(reviewer, "通过")
        if key == ORDERED:
            await play.say(COORDINATOR, "季度分享")
            await play.press(COORDINATOR, "安排次序")
            told = await play.press(COORDINATOR, "通知讲者")
            assert f"通知{len(WRITTEN)}位讲者" in told

    async def _write_story(self, who: int, title: str) -> None:
        play, author = self.play, LEARNERS[who]
        await play.say(author, "经验库")
        await play.press(author, "讲经验")
        await play.press(author, "一步一步写")
        for text in (title, *PARTS):
            await play.say(author, text)
        for label in ("提交评审", "本县区", "可以"):
            await play.press(author, label)
        assert "评审中" in play.last(author)

    async def _send_digest(self) -> None:
        await self.play.say(COORDINATOR, "季度分享")
        await self.play.press(COORDINATOR, "发摘要")

    async def _session(self, day: date) -> None:
        await self.play.say(COORDINATOR, "共学")
        await self.play.press(COORDINATOR, "2")
        assert f"{day.month}月{day.day}日" in self.play.last(COORDINATOR)

    async def _cancel(self, day: date) -> None:
        await self._session(day)
        await self.play.press(COORDINATOR, "取消共学")
        await self.play.press(COORDINATOR, "天气路况")

    async def _move(self, day: date) -> None:
        await self._session(day)
        for said in ("改时间", f"{day.month}-{day.day}"):
            await (self.play.press if said == "改时间" else self.play.say)(COORDINATOR, said)
        for label in ("16:00", "只改这次", "紧急任务", "确认"):
            await self.play.press(COORDINATOR, label)

    async def _meet(self, day: date) -> None:
        """Today's sessions: who is there, then the minutes or the answers."""
        play = self.play
        for gathering_id, kind, at, minutes in await play.rows(
            "SELECT id, kind, starts_at, minutes FROM gathering WHERE state = 'planned'"
        ):
            starts = datetime.fromisoformat(str(at)).replace(tzinfo=UTC)
            if starts.date() != day:
                continue
            await play.through(starts + 2 * MINUTE)
            for number, user in enumerate(LEARNERS):
                if (gathering_id + number) % 3 and user not in self.gone:
                    assert await self._tap(user, "我来了")
                    self.came.add((gathering_id, user))
            await play.through(starts + timedelta(minutes=minutes) + 5 * MINUTE)
            if kind == "weekly_study":
                await self._write_minutes(gathering_id)
            elif kind == "monthly_topic":
                await self._answer_topic()
            elif kind == "quarterly_share":
                self.shares.add(gathering_id)
                await self._send_digest()

    async def _write_minutes(self, gathering_id: int) -> None:
        play = self.play
        ((leader,),) = await play.rows(
            "SELECT chat_id FROM chat_account a JOIN gathering g ON g.facilitator_id = a.person_id"
            " WHERE g.id = :gathering AND a.ended_at IS NULL",
            gathering=gathering_id,
        )
        await play.press(leader, "写纪要")
        await play.say(leader, f"第{gathering_id}次共学的要点")
        await play.press(leader, "没有")
        await play.press(leader, "没有")
        assert "发给" in await play.press(leader, "发给大家")
        self.minuted.add(gathering_id)

    async def _answer_topic(self) -> None:
        play = self.play
        themes = await play.rows(
            "SELECT t.position FROM topic_theme t JOIN topic ON topic.id = t.topic_id WHERE"
            " topic.state = 'held' AND NOT t.is_hidden AND NOT t.is_gone ORDER BY t.position"
        )
        assert themes
        for number in range(1, len(themes) + 1):
            await play.say(SUPERVISOR, "/todo")
            await play.press(SUPERVISOR, "1")
            await play.press(SUPERVISOR, str(number))
            await play.press(SUPERVISOR, "写答复")
            await play.say(SUPERVISOR, ANSWER)
