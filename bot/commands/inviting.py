"""`wuxue invite`: a link into a role, or one person's own link and code."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session
from telegram.error import InvalidToken

from bot.commands import ground
from bot.commands.database import opened
from bot.commands.ground import HERE, WRONG_USE, ConfigPath, fail, say, show, words
from bot.commands.units import cohorts_near, one_unit
from bot.config import Config
from bot.render import read_toml
from bot.telegram_names import link, username_of
from curriculum import joining
from curriculum.errors import NotThere
from curriculum.joining import NewInvite, PersonalInvite
from curriculum.people import LEARNER, ROLES
from curriculum.rhythm import local_date
from scheduler.clock import SystemClock
from storage.cohorts import Cohort, cohort_by_name
from storage.people import Unit, person_by_number

# Beside the roles: one person on the roster, by her number.
PERSON = "person"


def invite(
    role: Annotated[str, typer.Argument(help=f"{', '.join(ROLES)}; or {PERSON}.")],
    number: Annotated[
        str, typer.Argument(help="Of a person on the roster, for her own link and code.")
    ] = "",
    *,
    unit: Annotated[str, typer.Option(help="The unit the role reaches.")] = "",
    cohort: Annotated[str, typer.Option(help="For learners: the cohort they join.")] = "",
    uses: Annotated[int, typer.Option(min=1, max=500, help="How many people may use it.")] = 1,
    days: Annotated[
        int, typer.Option(min=1, max=60, help="How many days it is good for.")
    ] = joining.INVITE_LIFETIME.days,
    config_path: ConfigPath = HERE,
) -> None:
    """生成邀请链接。 Make an invite link.

    [bold]wuxue invite coordinator --unit 林芝市社工指导中心[/bold]
    [bold]wuxue invite learner --unit 八一镇社工站 --cohort 2026年第一期 --uses 20[/bold]
    [bold]wuxue invite person 1023[/bold]
    """
    if role == PERSON:
        _invite_person(number, config_path, has_more=bool(unit or cohort))
        return
    _require_sense(role, number, unit=unit, cohort=cohort)
    config = ground.read_config(config_path)
    bot, now = ground.read_bot_id(config, config_path), SystemClock().now()

    def make(session: Session) -> NewInvite:
        found = one_unit(session, unit)
        group = (
            _cohort(session, cohort, config, found, bot=bot, now=now) if role == LEARNER else None
        )
        return joining.make_invite(
            session,
            role=role,
            unit=found,
            cohort=group,
            uses=uses,
            created_by=None,
            now=now,
            lifetime=timedelta(days=days),
        )

    with opened(config) as database:
        made = database.write_now(make)
    show_invite(made, config, config_path)
    if role == LEARNER and made.cohort_name is None:
        say("invite_no_cohort_yet", style="yellow")


def _require_sense(role: str, number: str, *, unit: str, cohort: str) -> None:
    """Ends the command where its words contradict each other."""
    if role not in ROLES:
        fail("role_unknown", code=WRONG_USE, role=role, known=", ".join((*ROLES, PERSON)))
    if number:
        fail("number_for_person", code=WRONG_USE)
    if not unit:
        fail("unit_needed", code=WRONG_USE)
    if cohort and role != LEARNER:
        fail("cohort_for_learners", code=WRONG_USE)


def _invite_person(number: str, config_path: Path, *, has_more: bool) -> None:
    """A link and a code for one person on the roster; any earlier ones of hers end."""
    if not number or has_more:
        fail("number_needed", code=WRONG_USE)
    config = ground.read_config(config_path)
    now = SystemClock().now()

    def make(session: Session) -> tuple[str, PersonalInvite]:
        person = person_by_number(session, number)
        if person is None:
            fail("person_unknown", number=number)
        try:
            return person.name, joining.invite_again(
                session, person_id=person.id or 0, created_by=None, now=now
            )
        except NotThere:
            fail("person_without_role", name=person.name)

    with opened(config) as database:
        name, made = database.write_now(make)
    until = local_date(made.expires_at, config.calendar.zone).isoformat()
    say("personal_invitation", name=name, until=until)
    half = len(made.code) // 2
    show(f"{made.code[:half]}-{made.code[half:]}")
    _show_link(made.token, config, config_path)


def _cohort(
    session: Session, name: str, config: Config, unit: Unit, *, bot: int, now: datetime
) -> Cohort | None:
    """The cohort a learner joins; without one she would learn nothing, so it must be named."""
    near = cohorts_near(session, unit, bot=bot, today=local_date(now, config.calendar.zone))
    if not name and near:
        fail("invite_needs_cohort", unit=unit.name_zh, known=words("list_sign").join(near))
    group = cohort_by_name(session, name) if name else None
    if name and group is None:
        fail("cohort_unknown", name=name)
    return group


def show_invite(made: NewInvite, config: Config, config_path: Path) -> None:
    """What was made, and its link alone on a line, so that it can be copied whole."""
    say(
        "invitation",
        role=read_toml(ground.language(), "labels.toml")[made.role],
        unit=made.unit_name,
        uses=made.uses,
        until=local_date(made.expires_at, config.calendar.zone).isoformat(),
    )
    _show_link(made.token, config, config_path)


def _show_link(token: str, config: Config, config_path: Path) -> None:
    username = None
    try:
        username = username_of(config, ground.read_token(config, config_path))
        if username is None:
            say("bot_name_unknown", style="yellow", to=ground.errors)
    except InvalidToken:
        say("bot_token_refused", style="yellow", to=ground.errors)
    show(link(username or words("bot_name_here"), token))
