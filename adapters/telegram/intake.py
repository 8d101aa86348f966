"""Every update on its way to its handler: whose it is, its turn, and the door around it."""

from __future__ import annotations

import asyncio
import logging
import traceback
from functools import partial

import telegram

from adapters.telegram.presses import Press
from adapters.telegram.turns import Sender, SenderQueues
from adapters.telegram.updates import Updates
from bot.errors import PostError

log = logging.getLogger(__name__)

# A message that says what became of the chat.
_SERVICE = ("migrate_to_chat_id", "migrate_from_chat_id", "forum_topic_reopened")


class Intake:
    """Takes raw updates: one the library cannot read is passed over when its turn comes.

    Commands that were sent while the bot was off are answered, however old: Telegram forgets them
    after a day, whoever sent one still sees it without an answer, and to tell its age we would
    have to trust this host's clock. What one person sent beyond the first few is dropped.
    """

    def __init__(self, tasks: asyncio.TaskGroup, bot: telegram.Bot, updates: Updates) -> None:
        self._tasks = tasks
        self._bot = bot
        self._updates = updates
        self._turns = SenderQueues(tasks)

    async def take(self, number: int, update: object) -> None:
        """Returns at once, or when there is room again."""
        await self._turns.room()
        query = _at(update, "callback_query", "id")
        press = Press(self._bot, query) if isinstance(query, str) else None
        work, whose = partial(self._serve, number, update, press), sender(update)
        if whose is None:
            self._turns.begin(work)
        elif dropped := self._turns.add(whose, work):
            if dropped == 1:  # until nothing of theirs is in hand any more
                log.warning("a person's updates are dropped first_update_id=%d", number)
        elif press:
            self._tasks.create_task(self._end(press, _at(update, "callback_query", "from", "id")))

    async def _end(self, press: Press, person: object) -> None:
        """The door of one press's answer."""
        try:
            if alert := await press.answer():
                await self._updates.say_alert(str(person), alert)
        except Exception:
            log.exception("alert not told")

    async def _serve(self, number: int, update: object, press: Press | None) -> None:
        """The door of one update: a fault in it ends nothing else."""
        try:
            if not isinstance(update, dict) or not number:  # nothing tells it was had before
                raise TypeError("an update must be an object with a number")
            await self._updates(telegram.Update.de_json(update, self._bot), press)
        except PostError as error:
            log.warning("answer lost update_id=%d reason=%s", number, error)
        except Exception as error:
            # Where it broke, but not `log.exception`: an error's own words may be the person's.
            where = "".join(traceback.format_tb(error.__traceback__))
            cause = type(error).__name__
            log.error("update skipped update_id=%d error=%s\n%s", number, cause, where)


def sender(update: object) -> Sender | None:
    """Whose turn an update takes, read from it as it came. None: it says what became of a chat."""
    if _at(update, "callback_query"):
        person = _at(update, "callback_query", "from", "id")
        message = _at(update, "callback_query", "message")
        # The date, too: of a message that cannot be changed any more it is 0, and none waits.
        parts = [_at(message, "chat", "id"), _at(message, "message_id"), _at(message, "date")]
        return Sender(f"{person}", "/".join(map(str, parts)))
    message = _at(update, "message") or _at(update, "channel_post")
    if any(_at(message, fact) is not None for fact in _SERVICE) or _at(update, "my_chat_member"):
        return None
    chat = _at(message, "chat", "id")
    # Who writes as a chat has an account there that all who do so share.
    person = _at(message, "sender_chat", "id") or _at(message, "from", "id") or chat
    return Sender(f"{person}", f"{chat}")


def _at(value: object, *names: str) -> object:
    """What stands there in an object of any shape; None: nothing."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
