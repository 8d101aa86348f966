"""How one interaction is answered: its first response, and what follows while its token lasts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import discord
from discord import ui

from adapters.discord import faults
from adapters.discord.attempts import LONGEST, Step, insist, malformed, over, taken
from adapters.discord.plain import content
from adapters.discord.presses import Turn
from adapters.discord.render import render, words
from bot.dialogue import Message
from bot.errors import PostError, Untold

log = logging.getLogger(__name__)
# Discord waits three seconds for a first response, and takes others for 15 minutes; some of it
# is gone when we hear of the interaction.
_FIRST = 2.8
_TOKEN = 870.0
_TELLING = 20.0  # seconds for a sentence in place of an answer
_NEWEST = 20  # messages of a channel among which an answer is looked for


@dataclass(frozen=True, slots=True)
class _Form:
    """A message in one form: components, or words alone."""

    view: ui.LayoutView
    words: str = ""

    @classmethod
    def plainest(cls, text: str) -> _Form:
        return cls(words(text), text)

    async def send(self, interaction: discord.Interaction, alone: bool) -> None:
        respond = interaction.response.send_message
        if self.words:
            await respond(self.words, ephemeral=alone, suppress_embeds=True)
        else:
            await respond(view=self.view, ephemeral=alone)

    async def update(self, interaction: discord.Interaction) -> None:
        """Change the message whose button was pressed, whichever version of ours wrote it.

        What has components cannot have content again.
        """
        await interaction.response.edit_message(content=None, embeds=(), view=self.view)

    async def edit(self, interaction: discord.Interaction) -> None:
        """Change the first response, to the same form as `update`."""
        await interaction.edit_original_response(content=None, embeds=(), view=self.view)

    async def follow(self, interaction: discord.Interaction, alone: bool) -> None:
        send = interaction.followup.send
        if self.words:
            await send(self.words, ephemeral=alone, wait=True, suppress_embeds=True)
        else:
            await send(view=self.view, ephemeral=alone, wait=True)


class Response:
    """One interaction's response, step by step; each is repeated while Discord takes it.

    A press on the presser's own answer changes that answer. Who sees a response is settled by its
    first step: a quick answer is that step, and seen by whom it is for. Before a slow one only the
    asker sees that it is coming, because its core may yet say that it is for the asker alone.
    """

    def __init__(
        self, interaction: discord.Interaction, hidden: bool, turn: Turn, ids: Mapping[str, int]
    ) -> None:
        message = interaction.message
        self._interaction = interaction
        self._hidden = hidden  # for the asker alone, whatever the answer says
        self._own = message is not None and message.flags.ephemeral
        self._turn = turn
        self._ids = ids  # of the commands, for mentions
        self._clock = asyncio.get_running_loop().time
        self._began = self._clock()
        self._begun = False  # Discord has, or may have, a first response
        self._open = False  # everybody sees it
        self._refused: PostError | None = None  # why it will never have one, or no more

    async def defer(self) -> None:
        """The answer is late. A refusal is told by the steps that follow."""
        later = partial(self._interaction.response.defer, ephemeral=True, thinking=not self._own)
        try:
            await self._begin(later)
        except PostError as fault:
            self._refused = fault

    async def show(self, message: Message) -> None:
        """Show the answer; in its plainest form when its usual one is refused as malformed.

        Raises PostError when the person does not see it.
        """
        alone = self._hidden or message.private
        try:
            await self._put(_Form(render(message, self._ids)), alone)
        except PostError as fault:
            if not malformed(fault):
                raise
            log.warning("discord answer refused, tried in its plainest form reason=%s", fault)
            await self._put(_Form.plainest(content(message)), alone)

    async def tell(self, sentence: str) -> bool:
        """One sentence to the asker in place of an answer; whether it could be shown."""
        form, until = _Form.plainest(sentence), self._clock() + _TELLING
        follow = partial(form.follow, self._interaction, True)
        ways: list[Step] = [
            partial(self._edit, form, until),
            partial(insist, follow, "followup", until, arrived=_assumed),
        ]
        if not self._begun:
            ways = [partial(self._begin, partial(form.send, self._interaction, True))]
        elif self._open:
            del ways[0]  # everybody would see it there
        for way in ways:
            with suppress(PostError):
                if not self._refused and await way() is not False:
                    return True
        return False

    @property
    def passed(self) -> bool:
        """Whether Discord waits no more, and the answer to a later press takes its place."""
        return self._begun and self._turn.passed

    async def _put(self, form: _Form, alone: bool) -> None:
        if self._refused:
            raise self._refused
        until = self._began + _TOKEN
        if not self._begun:
            self._open = not alone
            first = form.update if self._own else partial(form.send, alone=alone)
            if await self._begin(partial(first, self._interaction)):
                return
            await self._edit(form, until)  # it is shown already, or there is nothing to change
        else:
            await self._edit(form, until)
            if not alone:
                await self._publish(form)

    async def _begin(self, first: Step) -> bool:
        """The first response. False: nobody can say whether Discord has it."""
        try:
            await insist(first, "response", self._began + _FIRST)
        except PostError as fault:
            unknown = fault.ambiguous and not malformed(fault)
            if not unknown and not taken(fault):
                another = isinstance(fault, faults.Refusal) and not over(fault)
                self._refused = None if another else fault  # it may take another, or none any more
                raise
            self._begun = True
            return taken(fault)
        self._begun = True
        return True

    async def _edit(self, form: _Form, until: float) -> None:
        """Safe to repeat: the same words in the same place."""
        step = partial(form.edit, self._interaction)
        try:
            await insist(step, "edit", until, stop=lambda: self._turn.passed)
        except PostError as fault:
            self._refused = fault if over(fault) else None
            raise

    async def _publish(self, form: _Form) -> None:
        """Show everybody what the asker sees, who keeps it when that fails.

        A followup is a message of its own once the first response no longer says "thinking".
        """
        follow = partial(form.follow, self._interaction, False)
        try:
            await insist(follow, "followup", self._began + _TOKEN, arrived=self._published)
        except (PostError, Untold) as fault:
            log.error("discord answer shown to the asker alone reason=%s", fault)
            return
        remove = self._interaction.delete_original_response
        with suppress(PostError):  # the asker may have put it away
            await insist(remove, "delete", self._clock() + _TELLING)

    async def _published(self) -> bool:
        """Whether a followup arrived. Raises Untold, or PostError, when nobody can say."""
        interaction = self._interaction
        channel = interaction.channel
        unread = interaction.guild_id and not interaction.app_permissions.read_message_history
        if unread or not isinstance(channel, discord.abc.Messageable):
            raise Untold("I may not read that channel's history")
        async with faults.asking(interaction.client, LONGEST):
            async for found in channel.history(limit=_NEWEST):
                if (asked := found.interaction_metadata) and asked.id == interaction.id:
                    return True
        return False


async def _assumed() -> bool:
    """A private followup cannot be looked for, and a second one would be one too many."""
    return True
