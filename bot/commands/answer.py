"""The door every request comes through: decode, check rights, run, and never raise."""

from __future__ import annotations

import logging
import secrets
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot import buttons
from bot.commands import Command, asked, elsewhere
from bot.commands.context import Context
from bot.dialogue import Choice, Message, Request
from bot.errors import Busy, DailyPapersError, SourceError, StoreError, UserError
from bot.text import one_line, typed
from bot.usage import usage

log = logging.getLogger(__name__)

TYPED = 300  # characters of what is being typed; Discord takes 6,000

SAMPLE = "Sample papers: the feed could not be reached. Nothing you set here is kept."


async def answer(ctx: Context, commands: Mapping[str, Command], request: Request) -> Message:
    """A fault becomes a sentence for the person; an unforeseen one also a ticket in the log."""
    pressed, typed_in = _is_pressed(request), bool(request.typed)
    try:
        command, request = await _prepared(ctx, commands, request)
        try:
            if not pressed:
                asked.check(command, request.text)
            return await _run(ctx, command, request)
        except UserError as error:
            refusal = asked.refusal(command, error, again=typed_in)
            return await _packed(ctx, request, refusal)
    except SourceError as error:
        return Message(text=f"{error}. Try again in a few minutes.", private=True)
    except UserError as error:
        return Message(text=str(error), private=True)
    except Exception as error:
        ticket = secrets.token_hex(4)
        # Where it broke, but not `log.exception`: an error's own words may be the person's.
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("command broke ticket=%s error=%s\n%s", ticket, type(error).__name__, where)
        why = str(error) if isinstance(error, DailyPapersError) else "Something broke"
        return Message(text=f"{why.rstrip('.')} (ticket {ticket}).", private=True)


async def run(ctx: Context, commands: Mapping[str, Command], request: Request) -> Message:
    """The same for the command line, whose exit status says what failed. Raises what `answer` makes
    a sentence of."""
    return await _run(ctx, *await _prepared(ctx, commands, request))


async def _prepared(
    ctx: Context, commands: Mapping[str, Command], request: Request
) -> tuple[Command, Request]:
    """The command, and what it is to do. Raises UserError for what is not known or not allowed."""
    pressed = _is_pressed(request)
    if request.data:
        request = await buttons.unpack(ctx.store, request)
    command = commands.get(request.command)
    if command is None:
        raise asked.unknown(commands, request.command)
    # A button's words are the core's own: what was kept under them is found only as it was.
    text = one_line(request.text) if pressed else asked.words(command, request.text)
    request = replace(request, text=text, place=one_line(request.place))
    if request.linked and (command.admin or command.private):
        raise UserError(f"A link cannot do that; send {usage(command.name)} yourself.")
    if command.admin and not (request.may_manage and await request.may_manage()):
        raise UserError(f"Only someone who may manage {request.place} can do that.")
    if not pressed:
        elsewhere.check(command, request)
    return command, request


def _is_pressed(request: Request) -> bool:
    """Whether all its words are a button's. What is typed in a field is a person's."""
    return bool(request.data) and not request.typed


async def _run(ctx: Context, command: Command, request: Request) -> Message:
    message = await command.run(ctx, request)
    message = replace(message, private=message.private or command.private)
    if ctx.sample and message.sections:
        message = replace(message, note=f"{message.note.rstrip('.')} · {SAMPLE}".lstrip(" ·"))
    return await _packed(ctx, request, message)


async def _packed(ctx: Context, request: Request, message: Message) -> Message:
    """With its buttons; one person does not fill the store with what stands on them."""

    def may_keep() -> bool:
        wait, _ = ctx.keeping.take((request.platform, request.person), time.monotonic())
        return not wait

    return await buttons.pack(ctx.store, message, ctx.clock(), may_keep)


async def suggest(
    ctx: Context, commands: Mapping[str, Command], request: Request, option: str, begun: str
) -> Sequence[Choice]:
    """Autocomplete: at most 25 choices; none when anything goes wrong, or for a page of words."""
    begun = typed(begun)
    if len(begun) > TYPED:
        return ()
    command = commands.get(request.command)
    for one in command.options if command else ():
        if command and one.name == option and one.suggest:
            try:
                return list(await one.suggest(ctx, request, begun))[:25]
            except Busy:  # what was typed since takes its place
                return ()
            except (StoreError, UserError) as error:
                log.warning("autocomplete failed command=%s reason=%s", command.name, error)
    return ()
