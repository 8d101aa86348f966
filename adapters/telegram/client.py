"""Telegram: long polling, posts, and what keeps the bot from posting."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import telegram

from adapters.telegram import menu
from adapters.telegram.chats import Chats, obstacle
from adapters.telegram.checkup import Checkup, sentence
from adapters.telegram.faults import Refusal, post_errors
from adapters.telegram.intake import Intake
from adapters.telegram.pacing import Pacer, spacing
from adapters.telegram.polling import patiently, poll
from adapters.telegram.render import Rendered, plain_text, render
from adapters.telegram.rich import document
from adapters.telegram.sending import edit_at, refusal_of_edit, send, send_document
from adapters.telegram.transport import Transport
from adapters.telegram.updates import Updates
from bot.config import Config
from bot.dialogue import Message
from bot.errors import NotSent, PostError, Untold
from bot.lock import holder
from bot.model import Pace, Place, Receipt
from bot.network import Network
from bot.pacing import Yield, at_once
from bot.ports import Adapter, Handle
from bot.states import Edited

log = logging.getLogger(__name__)
# It writes whole answers into the log; what they mean is a PostError already.
logging.getLogger("telegram.request.BaseRequest").setLevel(logging.CRITICAL)

_HTML, _PLAIN, _RICH = "html", "plain", "rich"  # looks
_TURN = 5.0  # seconds a post waits for the answer before it in the same chat
_SLOW = 40.0  # seconds: `check` has the time that a slow answer takes


def make(config: Config) -> Adapter:
    """The adapter, not connected yet."""
    token = config.tokens["TELEGRAM_TOKEN"]
    base, network = config.telegram_api_base, config.network
    return Telegram(token, base, network, paid=config.telegram_paid)


class Telegram:
    """One bot account."""

    name = "telegram"
    resend_within = timedelta(0)  # Telegram has no idempotency key,
    reads_back = False  # and no way to look what is in a chat

    def __init__(self, token: str, base: str, network: Network, *, paid: bool) -> None:
        self.pace = Pace(1000, 950, in_flight=100) if paid else Pace(30, 28)
        self._paid = paid
        self._token = token
        self._base = base
        self._network = network
        self._bot: telegram.Bot | None = None
        self._chats = Chats()
        self._pacer = Pacer()
        self.up = asyncio.Event()
        self._posting: set[asyncio.Future[None]] = set()

    async def run(self, handle: Handle) -> None:
        """Serve people until cancelled. Raises ConfigError when the token is refused.

        After any exception it may be called again.
        """
        # No Updater: it drops a token revoked meanwhile in silence, and its stop needs the network.
        async with self._connection() as (bot, polling):
            await patiently(bot.get_me)
            updates = Updates(bot, handle, self._chats, self._pacer)
            self._bot = bot
            self.up.set()
            log.info("telegram is up bot=%s", bot.username)
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(menu.register(bot, handle.commands))
                    await poll(bot, polling, Intake(tasks, bot, updates).take)
            except BaseExceptionGroup as group:
                raise group.exceptions[0] from None
            finally:
                self.up.clear()
                self._bot = None
                if self._posting:  # cut off, nobody would know whether it arrived
                    await asyncio.wait(self._posting, timeout=3)

    async def post(
        self, address: str, message: Message, *, key: str, plain: bool = False
    ) -> Receipt:
        """Send one message. Raises PostError, nothing else."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._posting.add(done)
        try:
            shown = self._rendered(message, address, plain=plain)
            look = _PLAIN if plain else _HTML
            sent = await self._document(address, message, shown) if look is _HTML else None
            look = _RICH if sent else look
            sent = sent or await self._sent(address, shown)
        finally:
            self._posting.discard(done)
            done.set_result(None)
        with suppress(AttributeError, TypeError):  # an odd answer: it arrived all the same
            self._chats.saw(sent.chat)
        return Receipt(str(sent.message_id), look)

    async def edit(self, address: str, receipt: Receipt, message: Message) -> Edited:
        """A message's number is its chat's, whatever the topic. Raises PostError, nothing else."""
        if receipt.look == _RICH:
            return Edited.UNSUPPORTED
        plain, chat = receipt.look == _PLAIN, address.partition("/")[0]
        shown = self._rendered(message, address, plain=plain)
        try:
            async with self._turn(chat):
                bot = self._connected()
                await edit_at(bot, chat, int(receipt.message_id), shown)
        except Refusal as error:
            if answer := refusal_of_edit(error):
                return answer
            raise
        except PostError as error:
            error.ambiguous = False  # changed twice, it is the same
            raise
        return Edited.DONE

    async def _document(
        self, address: str, message: Message, shown: Rendered
    ) -> telegram.Message | None:
        """As a rich message, where the chat chose so. None: Telegram refuses it, as one that does
        not know such messages; the usual form says more of what is wrong."""
        if not message.document:
            return None
        chat, _, thread = address.partition("/")
        try:
            async with self._turn(chat):
                return await send_document(
                    self._connected(), chat, document(message), shown.keyboard, int(thread or 0),
                    paid=self._paid,
                )  # fmt: skip
        except PostError as error:
            if error.permanent or error.ambiguous or error.retry_after or error.moved_to:
                raise
            log.warning("rich message refused, sent as usual reason=%s", error)
            return None

    async def _sent(self, address: str, shown: Rendered) -> telegram.Message:
        chat, _, thread = address.partition("/")
        async with self._turn(chat):
            return await send(self._connected(), chat, shown, int(thread or 0), paid=self._paid)

    @asynccontextmanager
    async def _turn(self, chat: str) -> AsyncIterator[None]:
        """Around one post. After a 429 answers leave that chat alone, too."""
        try:
            async with self._pacer.turn(chat, _TURN, post=True):
                yield
        except PostError as error:
            if error.retry_after:
                self._pacer.rest(chat, error.retry_after)
            raise

    def _connected(self) -> telegram.Bot:
        if self._bot is None:
            raise NotSent("not connected to Telegram yet")
        return self._bot

    def _rendered(self, message: Message, address: str, *, plain: bool) -> Rendered:
        if plain:
            return Rendered(plain_text(message), html=False)
        bot = self._bot.username if self._bot else ""
        about = "" if message.about == address else message.about
        return render(message, shared=address.startswith("-"), bot=bot, about=about)

    def chat(self, address: str) -> tuple[str, float]:
        """20 messages a minute in a group or channel, topics and all; one a second in private.

        More while answers or a 429 make the chat wait.
        """
        chat = address.partition("/")[0]
        return chat, max(spacing(chat), self._pacer.wait(chat))

    async def find(self, address: str, message: Message) -> Receipt | None:
        raise Untold("Telegram cannot be asked whether a message arrived")

    def place(self, address: str) -> Place:
        """What updates and answers told of a group or channel; of a person nothing."""
        return self._chats.place(address)

    async def obstacle(self, address: str) -> str:
        """What keeps the bot from posting there, one sentence; empty: nothing does."""
        return await obstacle(self._connected(), self._chats, address)

    async def check(self, addresses: Sequence[str], give_way: Yield = at_once) -> list[str]:
        """One sentence for each thing that keeps the bot from working there."""
        try:
            async with self._connection(read_timeout=_SLOW) as (bot, _):
                with post_errors(of_account=True):
                    await bot.get_me()
                look = Checkup(bot, self._chats)
                # A bot of ours that runs here polls: two would take turns at being refused.
                looks = [look.webhook()] if holder(self._token) else [look.webhook(), look.poll()]
                account = asyncio.gather(*looks)
                faults, of_account = await asyncio.gather(look.places(addresses), account)
        except PostError as error:
            return [sentence(error)]
        return list(dict.fromkeys(text for text in (*of_account, *faults) if text))

    @asynccontextmanager
    async def _connection(
        self, read_timeout: float = 15
    ) -> AsyncIterator[tuple[telegram.Bot, Transport]]:
        """A bot, and the connection for its polling."""
        sending = Transport(connections=100, read_timeout=read_timeout, network=self._network)
        polling = Transport(connections=1, read_timeout=10, network=self._network)
        bot = telegram.Bot(
            self._token, f"{self._base}/bot", f"{self._base}/file/bot", sending, polling
        )
        try:
            await sending.initialize()
            await polling.initialize()
            yield bot, polling
        finally:
            await sending.shutdown()
            await polling.shutdown()
