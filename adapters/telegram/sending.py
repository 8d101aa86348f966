"""One message on its way to Telegram."""

from __future__ import annotations

import asyncio

import telegram
from telegram.constants import ParseMode

from adapters.telegram.faults import post_errors
from adapters.telegram.render import Rendered

NO_PREVIEW = telegram.LinkPreviewOptions(is_disabled=True)


async def send(
    bot: telegram.Bot,
    chat: str | int,
    shown: Rendered,
    thread: int = 0,
    reply_to: int = 0,
    *,
    html: bool = True,
    paid: bool = False,
) -> telegram.Message:
    """Send one message. Raises PostError, nothing else."""
    with post_errors():
        async with asyncio.timeout(30):
            return await bot.send_message(
                chat, shown[0], ParseMode.HTML if html else None,
                link_preview_options=NO_PREVIEW,
                reply_markup=shown[1], message_thread_id=thread or None,
                reply_to_message_id=reply_to or None,
                allow_sending_without_reply=True if reply_to else None,
                allow_paid_broadcast=True if paid else None,
            )  # fmt: skip
