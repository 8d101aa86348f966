"""What becomes of the bot in a chat: added, thrown out, allowed to post again."""

from __future__ import annotations

import logging

import telegram
from telegram.constants import ChatType

from adapters.telegram.chats import ADMINS, is_in, is_known, may_post
from adapters.telegram.faults import ADD_TO_CHANNEL, ADD_TO_GROUP, BLOCKED, UNBLOCK
from bot.ports import Handle

log = logging.getLogger(__name__)

_REMOVED: dict[str, tuple[str, str]] = {
    ChatType.PRIVATE: (BLOCKED, UNBLOCK),
    ChatType.CHANNEL: ("the bot was removed", ADD_TO_CHANNEL),
}


async def follow(handle: Handle, change: telegram.ChatMemberUpdated) -> bool:
    """Tell the core. Returns whether the bot was added where nothing is set up.

    Where it only lost the right to post, nothing is told: a post will find out.
    """
    chat, address = change.chat, str(change.chat.id)
    old, new = change.old_chat_member, change.new_chat_member
    if not (is_known(old) and is_known(new)):
        log.error("membership not understood old=%s new=%s", old.status, new.status)
        return False
    if is_in(old) and not is_in(new):
        reason, remedy = _REMOVED.get(chat.type, ("the bot was removed", ADD_TO_GROUP))
        await handle.removed(address, reason, remedy)
        return False
    new_here = False
    if is_in(new) and not is_in(old) and chat.type != ChatType.PRIVATE:
        by, title = str(change.from_user.id), chat.title or "this chat"
        new_here = not await handle.added(address, by, title)
    if may_post(new, chat.type) and (not may_post(old, chat.type) or _rose(old, new)):
        await handle.returned([address])
    return new_here


def _rose(old: telegram.ChatMember, new: telegram.ChatMember) -> bool:
    # A chat that lets no member write says so in no update, and stops no administrator; a closed
    # topic stops no one who manages topics.
    if new.status in ADMINS and old.status not in ADMINS:
        return True
    return _manages_topics(new) and not _manages_topics(old)


def _manages_topics(member: telegram.ChatMember) -> bool:
    return isinstance(member, telegram.ChatMemberAdministrator) and bool(member.can_manage_topics)
