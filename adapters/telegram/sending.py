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


def _preview(picture: str) -> telegram.LinkPreviewOptions:
    """Telegram loads the picture itself; where it cannot, the text stands alone."""
    if not picture:
        return telegram.LinkPreviewOptions(is_disabled=True)
    return telegram.LinkPreviewOptions(
        url=picture, prefer_large_media=True, show_above_text=True, is_disabled=False
    )


async def edit(message: telegram.Message, shown: Rendered) -> None:
    """Change one message. Raises PostError; never where it is as it should be already."""
    try:
        with post_errors():
            async with asyncio.timeout(30):
                await message.edit_text(
                    shown.text, ParseMode.HTML if shown.html else None, shown.keyboard,
                    link_preview_options=_preview(shown.preview),
                )  # fmt: skip
    except Refusal as error:
        if "message is not modified" not in str(error).lower():
            raise


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
