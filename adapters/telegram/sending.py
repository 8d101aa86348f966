"""One request on its way to Telegram, and when it is made again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import telegram
from telegram.constants import ParseMode

from adapters.telegram.faults import Failed, Refusal, post_errors
from adapters.telegram.render import Rendered
from bot.errors import PostError
from bot.states import Edited

T = TypeVar("T")
_FIRST, _LONGEST = 0.5, 8.0  # seconds between two tries
DOUBTS = 1  # tries after which a message may have arrived


async def send(
    bot: telegram.Bot,
    chat: str | int,
    shown: Rendered,
    thread: int = 0,
    reply_to: int = 0,
    *,
    paid: bool = False,
) -> telegram.Message:
    """Send one message. Raises PostError, nothing else."""
    with post_errors():
        async with asyncio.timeout(30):
            return await bot.send_message(
                chat, shown.text, ParseMode.HTML if shown.html else None,
                link_preview_options=_preview(shown.preview),
                reply_markup=shown.keyboard, message_thread_id=thread or None,
                reply_to_message_id=reply_to or None,
                allow_sending_without_reply=True if reply_to else None,
                allow_paid_broadcast=True if paid else None,
            )  # fmt: skip


async def send_document(
    bot: telegram.Bot,
    chat: str,
    markup: str,
    keyboard: telegram.InlineKeyboardMarkup | telegram.ForceReply | None,
    thread: int = 0,
    *,
    paid: bool = False,
) -> telegram.Message:
    """Send a rich message, which the library does not know yet. Raises PostError, nothing else."""
    given = {
        "chat_id": chat,
        "rich_message": {"html": markup, "skip_entity_detection": True},
        "reply_markup": keyboard,
        "message_thread_id": thread or None,
        "allow_paid_broadcast": True if paid else None,
    }
    asked = {name: value for name, value in given.items() if value is not None}
    with post_errors():
        async with asyncio.timeout(30):
            sent = await bot.do_api_request(
                "sendRichMessage", api_kwargs=asked, return_type=telegram.Message
            )
    if not isinstance(sent, telegram.Message):
        raise PostError("Telegram's answer made no sense", ambiguous=True)
    return sent


def _preview(picture: str) -> telegram.LinkPreviewOptions:
    """Telegram loads the picture itself; where it cannot, the text stands alone."""
    if not picture:
        return telegram.LinkPreviewOptions(is_disabled=True)
    return telegram.LinkPreviewOptions(
        url=picture, prefer_large_media=True, show_above_text=True, is_disabled=False
    )


async def edit(message: telegram.Message, shown: Rendered) -> None:
    """Change one message. Raises PostError; never where it is as it should be already."""
    await edit_at(message.get_bot(), message.chat_id, message.message_id, shown)


async def edit_at(bot: telegram.Bot, chat: str | int, message: int, shown: Rendered) -> None:
    """The same for a message of which the number alone is known."""
    keys = shown.keyboard if isinstance(shown.keyboard, telegram.InlineKeyboardMarkup) else None
    try:
        with post_errors():
            async with asyncio.timeout(30):
                await bot.edit_message_text(
                    shown.text, chat, message, parse_mode=ParseMode.HTML if shown.html else None,
                    reply_markup=keys, link_preview_options=_preview(shown.preview),
                )  # fmt: skip
    except Refusal as error:
        if not _says(error, "message is not modified"):
            raise


def refusal_of_edit(error: Refusal) -> Edited | None:
    """What Telegram's words say of a message that is to be changed; None: nothing that we know."""
    if _says(error, "message to edit not found", "message_id_invalid"):
        return Edited.GONE
    if _says(
        error, "message can't be edited", "message_edit_time_expired", "message_author_required"
    ):
        return Edited.UNSUPPORTED
    return None


def _says(error: Refusal, *words: str) -> bool:
    said = str(error).lower()
    return any(one in said for one in words)


async def answer_query(bot: telegram.Bot, query_id: str, alert: str) -> None:
    """End a pressed button's spinner. Raises PostError."""
    with post_errors():
        async with asyncio.timeout(10):
            await bot.answer_callback_query(query_id, alert or None, bool(alert) or None)


async def insist(
    request: Callable[[], Awaitable[T]],
    patience: float,
    *,
    idempotent: bool,
    limited: Callable[[float], object] = lambda _: None,
) -> T:
    """Its result, after as many tries as fit into `patience` seconds. Raises the last PostError.

    Telegram recognises no repeat of a message. One that may have arrived (no answer came, or none
    that can be read) is sent once more: an answer that comes twice does less harm than none. One it
    says it could not take (429, 500 and above) is sent as often as there is time. An edit or the
    answer to a press changes nothing when it is repeated: `idempotent`.
    limited: told the seconds of a 429.
    """
    loop = asyncio.get_running_loop()
    until, pause, doubts = loop.time() + patience, _FIRST, 0
    while True:
        try:
            return await request()
        except PostError as error:
            if error.retry_after:
                limited(error.retry_after)
            wait = error.retry_after or pause
            doubts += error.ambiguous and not isinstance(error, Failed)
            hopeless = doubts > DOUBTS and not idempotent
            if hopeless or _is_final(error) or loop.time() + wait > until:
                raise
        await asyncio.sleep(wait)
        pause = min(2 * pause, _LONGEST)


def _is_final(error: PostError) -> bool:
    blamed = error.permanent or error.moved_to or error.refused
    return bool(blamed) or isinstance(error, Refusal)
