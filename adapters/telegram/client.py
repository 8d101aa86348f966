"""Telegram: long polling, posts, and what keeps the bot from posting."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import timedelta
from functools import partial
from typing import TypeVar

import telegram
from telegram.constants import ChatType, UpdateType
from telegram.ext import Application, TypeHandler

from adapters.telegram.faults import REFUSED, post_errors
from adapters.telegram.render import render
from adapters.telegram.transport import Transport
from adapters.telegram.updates import Updates, is_in, send
from bot.commands import Command
from bot.config import Config
from bot.errors import ConfigError, PostError, Untold
from bot.model import Message, Pace, Receipt
from bot.ports import Adapter, Handle

T = TypeVar("T")
Process = Callable[[telegram.Update], Coroutine[object, object, None]]
log = logging.getLogger(__name__)
# It writes whole answers into the log; what they mean is a PostError already.
logging.getLogger("telegram.request.BaseRequest").setLevel(logging.CRITICAL)

_LISTEN = [UpdateType.MESSAGE, UpdateType.CALLBACK_QUERY, UpdateType.MY_CHAT_MEMBER]
_POLL = 25  # seconds Telegram holds an empty getUpdates open
_AT_ONCE = 64  # updates handled at the same time


def make(config: Config) -> Adapter:
    """The adapter, not connected yet."""
    token = config.tokens["TELEGRAM_TOKEN"]
    return Telegram(token, config.telegram_api_base, paid=config.telegram_paid)


class Telegram:
    """One bot account."""

    name = "telegram"
    resend_within = timedelta(0)  # Telegram has no idempotency key,
    reads_back = False  # and no way to look what is in a chat

    def __init__(self, token: str, base: str, *, paid: bool) -> None:
        self.pace = Pace(1000, 950, in_flight=100) if paid else Pace(30, 28)
        self._paid = paid
        self._token = token
        self._base = base
        self._bot: telegram.Bot | None = None
        self.up = asyncio.Event()
        self._posting: set[asyncio.Future[None]] = set()

    async def run(self, handle: Handle) -> None:
        """Serve people until cancelled. Raises ConfigError when the token is refused."""
        bot = self._new_bot()
        # No Updater: it drops a token revoked meanwhile in silence, and its stop needs the network.
        app = Application.builder().bot(bot).updater(None).job_queue(None).build()
        try:
            await _patiently(app.initialize)
            await _patiently(partial(_offer, bot, handle.commands))
            app.add_handler(TypeHandler(telegram.Update, Updates(bot, handle)))
            self._bot = bot
            self.up.set()
            log.info("telegram is up bot=%s", bot.username)
            await _poll(bot, app.process_update)
        finally:
            self._bot = None
            if self._posting:  # cut off, nobody would know whether it arrived
                await asyncio.wait(self._posting, timeout=3)
            await app.shutdown()
            await bot.shutdown()

    async def post(self, address: str, message: Message, *, key: str) -> Receipt:
        """Send one message. Raises PostError, nothing else."""
        if self._bot is None:
            raise PostError("not connected to Telegram yet")
        chat, _, thread = address.partition("/")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._posting.add(done)
        try:
            shown = render(message, shared=chat.startswith("-"), bot=self._bot.username)
            sent = await send(self._bot, chat, shown, int(thread or 0), paid=self._paid)
        finally:
            self._posting.discard(done)
            done.set_result(None)
        return Receipt(str(sent.message_id))

    def chat(self, address: str) -> tuple[str, float]:
        """20 messages a minute in a group or channel, topics and all; one a second in private."""
        chat = address.partition("/")[0]
        return chat, 3.0 if chat.startswith("-") else 1.0

    async def find(self, address: str, message: Message) -> Receipt | None:
        raise Untold("Telegram cannot be asked whether a message arrived")

    async def check(self, addresses: Sequence[str]) -> list[str]:
        """One sentence for each thing that keeps the bot from posting there."""
        try:
            with post_errors():
                async with asyncio.timeout(30), self._new_bot() as bot:
                    found = [await _obstacle(bot, address) for address in addresses]
        except PostError as error:
            return [f"{str(error).rstrip('.')}."]
        return [sentence for sentence in found if sentence]

    def _new_bot(self) -> telegram.Bot:
        return telegram.Bot(
            self._token,
            base_url=f"{self._base}/bot",
            base_file_url=f"{self._base}/file/bot",
            request=Transport(connections=100, read_timeout=15),
            get_updates_request=Transport(connections=1, read_timeout=10),
        )


async def _patiently(call: Callable[[], Awaitable[T]]) -> T:
    """Its result, after as many tries as it takes. Raises ConfigError for a refused token."""
    failures = 0
    while True:
        try:
            with post_errors():
                return await call()
        except PostError as error:
            if str(error) == REFUSED:
                raise ConfigError(REFUSED) from None
            failures += 1
            wait = error.retry_after or min(2.0 ** min(failures - 1, 5), 30.0)
            if failures & (failures - 1) == 0:  # the 1st, 2nd, 4th, 8th ...
                cause = type(error.__cause__).__name__
                log.warning("telegram trouble failures=%d reason=%s %s", failures, error, cause)
        await asyncio.sleep(wait)


async def _offer(bot: telegram.Bot, commands: Sequence[Command]) -> None:
    """Register the commands; those that change a place only where people may manage it."""
    shown = [c for c in commands if not c.hidden]
    for scope, some in (
        (telegram.BotCommandScopeDefault(), [c for c in shown if not c.admin]),
        (telegram.BotCommandScopeAllChatAdministrators(), shown),
        (telegram.BotCommandScopeAllPrivateChats(), shown),
    ):
        await bot.set_my_commands([(c.name, c.summary[:256]) for c in some], scope)


async def _poll(bot: telegram.Bot, process: Process) -> None:
    """Hand every update on, each in a task of its own. Ends only by an exception."""
    slots = asyncio.Semaphore(_AT_ONCE)
    offset: int | None = None
    try:
        async with asyncio.TaskGroup() as tasks:
            while True:
                ask = partial(bot.get_updates, offset, timeout=_POLL, allowed_updates=_LISTEN)
                for update in await _patiently(ask):
                    offset = update.update_id + 1
                    await slots.acquire()
                    task = tasks.create_task(process(update))
                    task.add_done_callback(lambda _: slots.release())
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None


async def _obstacle(bot: telegram.Bot, address: str) -> str:
    """What keeps the bot from posting there; empty when nothing does."""
    try:
        with post_errors():
            chat = await bot.get_chat(address.partition("/")[0])
            if chat.type == ChatType.PRIVATE:
                return ""
            me = await bot.get_chat_member(chat.id, bot.id)
    except PostError as error:
        return f"Telegram {address}: {error}."
    admin = me if isinstance(me, telegram.ChatMemberAdministrator) else None
    muted = isinstance(me, telegram.ChatMemberRestricted) and not me.can_send_messages
    silent = chat.permissions is not None and chat.permissions.can_send_messages is False
    if not is_in(me):
        reason = "the bot is not in the chat"
    elif chat.type == ChatType.CHANNEL and not (admin and admin.can_post_messages):
        reason = "the bot must be an administrator who may post messages"
    elif not admin and (muted or silent):
        reason = "the bot may not send messages there"
    else:
        return ""
    return f"Telegram {chat.title or address}: {reason}."
