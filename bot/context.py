"""What a handler works with: who is speaking, a session, and the ways to answer."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlmodel import Session
from telegram import Bot, Update

from bot.answering import Answering
from bot.in_hand import IN_HAND
from curriculum import people
from curriculum.errors import Refusal
from curriculum.joining_errors import ConsentNeeded
from curriculum.people import Speaker
from storage import drafts, inbox, inbox_parts

P = ParamSpec("P")
R = TypeVar("R")


class Stranger(Refusal):
    """Whoever speaks is not enrolled: one friendly sentence and nothing else."""

    code = "stranger"


class WuxueContext(Answering):
    """A handler's second argument."""

    # Whom this update is from, once that was asked.
    _speaking: Speaker | None = None

    async def in_session(
        self, fn: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run `fn(session, ...)` in the database thread and commit.

        The update in hand is marked as processed in the same transaction: after a crash it is
        either processed again from the start or not at all. Raises TakenOver, with nothing
        changed, when another receiver has it by now.
        """

        def run(session: Session) -> tuple[R, bool]:
            return fn(session, *args, **kwargs), True

        return await self._marking(run)

    async def as_speaker(
        self,
        update: Update,
        fn: Callable[Concatenate[Session, Speaker, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> tuple[Speaker, R]:
        """`in_session` for `fn(session, speaker, ...)`: who it is is asked in the same transaction.

        One way to the database instead of two, at every tap. Raises as `speaker` does.
        """
        who = self._asking(_chat_of(update), takes_turn=True)

        def run(session: Session) -> tuple[Speaker, R]:
            speaker = _agreed(who(session))
            return speaker, fn(session, speaker, *args, **kwargs)

        return await self.in_session(run)

    async def as_speaker_unless_none(
        self,
        update: Update,
        fn: Callable[Concatenate[Session, Speaker, P], R | None],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> tuple[Speaker, R] | None:
        """`as_speaker`, but a None of `fn` leaves the update unmarked, to be put off."""
        who = self._asking(_chat_of(update), takes_turn=True)

        def run(session: Session) -> tuple[Speaker, R] | None:
            speaker = _agreed(who(session))
            result = fn(session, speaker, *args, **kwargs)
            return None if result is None else (speaker, result)

        return await self.in_session_unless_none(run)

    async def in_session_unless_none(
        self, fn: Callable[Concatenate[Session, P], R | None], *args: P.args, **kwargs: P.kwargs
    ) -> R | None:
        """`in_session`, but a None leaves the update unmarked, to be put off."""

        def run(session: Session) -> tuple[R | None, bool]:
            result = fn(session, *args, **kwargs)
            return result, result is not None

        return await self._marking(run)

    async def _marking(self, fn: Callable[[Session], tuple[R, bool]]) -> R:
        """Run `fn`, which also says whether the update in hand is processed with that."""
        in_hand = IN_HAND.get()
        now = self.services.clock.real()

        speaker = self._speaking

        def run(session: Session) -> tuple[R, bool]:
            if speaker is not None:
                people.write_down_for(session, speaker)
            result, is_processed = fn(session)
            # Marked once: what a handler changes after its first commit is ours to change.
            marks = is_processed and in_hand is not None and not in_hand.is_marked
            if marks and in_hand is not None:
                inbox.mark_done(session, in_hand.row_id, at=now, receiver=in_hand.receiver)
                if in_hand.joined:
                    inbox_parts.mark_joined(session, in_hand.joined, at=now)
            return result, marks

        try:
            result, is_marked = await self.services.database.write(run)
        except inbox.TakenOver:
            if in_hand is not None:
                in_hand.is_lost = True
            raise
        if in_hand is not None and is_marked:
            in_hand.is_marked = True
        return result

    async def read(
        self, fn: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a query that changes nothing."""
        return await self.services.database.read(fn, *args, **kwargs)

    async def who(self, update: Update) -> Speaker | None:
        """The enrolled person who sent this, or None."""
        return await self.read(self._asking(_chat_of(update)))

    async def _enrolled(self, chat_id: int) -> Speaker | None:
        return await self.read(self._asking(chat_id))

    def _asking(
        self, chat_id: int | None, *, takes_turn: bool = False
    ) -> Callable[[Session], Speaker | None]:
        """The query for who is enrolled in a private chat."""
        services, now = self.services, self.now()

        def who(session: Session) -> Speaker | None:
            if chat_id is None:
                return None
            return people.who(
                session,
                bot=services.bot_id,
                chat_id=chat_id,
                now=now,
                privacy_version=services.privacy_version,
                takes_turn=takes_turn,
            )

        return who

    async def speaker(self, update: Update) -> Speaker:
        """The enrolled person who sent this; raises Stranger, ConsentNeeded for an old notice."""
        self._speaking = _agreed(await self.who(update))
        return self._speaking

    async def speaker_in(self, chat_id: int) -> Speaker:
        """The enrolled person of a private chat, for a job she asked for; raises as `speaker`."""
        self._speaking = _agreed(await self._enrolled(chat_id))
        return self._speaking

    async def language_of(self, chat_id: int) -> str:
        """The language of a private chat that is not being answered."""
        found = await self._enrolled(chat_id)
        return found.language if found else self.services.default_language

    async def language(self, update: Update) -> str:
        """The language to answer in: hers, else what she has just chosen, else a guess."""
        found = await self.who(update)
        if found is not None:
            return found.language
        chosen = await self._chosen_language(update)
        if chosen is not None:
            return chosen
        code = (update.effective_user.language_code or "") if update.effective_user else ""
        return "en" if code.startswith("en") else self.services.default_language

    async def _chosen_language(self, update: Update) -> str | None:
        """What somebody who is still joining chose in the form she is in the middle of."""
        if update.effective_user is None:
            return None
        draft = await self.read(
            drafts.current,
            bot=self.services.bot_id,
            chat_id=update.effective_user.id,
            note_key=self.services.note_key,
            now=self.now(),
        )
        return draft.answers.get("language") if draft is not None else None


def _chat_of(update: Update) -> int | None:
    # A person's private chat has her own id, so a group's taps are known by the same number.
    return update.effective_user.id if update.effective_user else None


def _agreed(found: Speaker | None) -> Speaker:
    if found is None:
        raise Stranger
    if not found.has_agreed:
        raise ConsentNeeded
    return found


def bot_id(bot: Bot | str) -> int:
    """A bot's id: the number its token begins with; ValueError for what is no token."""
    token = bot if isinstance(bot, str) else bot.token
    return int(token.split(":")[0])
