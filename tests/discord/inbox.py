"""Interactions on loopback: what people ask, what each then sees, and requests that go wrong."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import discord
from aiohttp import web

from tests.discord.judge import problems
from tests.discord.look import texts

PERSON = {"id": "6", "username": "ray", "discriminator": "0", "avatar": None, "bot": False}
HIDDEN = 64  # the flag of what one person sees alone
JOINED = "2025-01-01T00:00:00+00:00"
STEPS = {"callback": "response", "PATCH": "edit", "POST": "followup", "DELETE": "delete"}
Process = Callable[[], web.Response]
Trouble = Callable[[web.Request, Process], Awaitable[web.StreamResponse]]


def told(data: object, status: int = 200, **headers: str) -> web.Response:
    body = json.dumps(data).encode()  # no charset: discord.py reads plain application/json only
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)


def no(status: int, code: int = 0, **headers: str) -> web.Response:
    return told({"code": code, "message": "no"}, status, **headers)


@dataclass
class Shown:
    """A message in a channel."""

    id: int
    alone: bool  # only the asker sees it
    body: dict
    thinking: bool = False

    @property
    def text(self) -> str:
        return self.body.get("content") or "\n".join(texts(self.body.get("components") or []))


@dataclass
class Asked:
    """One interaction, and what came of it."""

    number: int
    kind: int  # 2: a command, 3: a press, 4: typing
    pressed: Shown | None = None
    responded: int = 0  # the type of the first response
    original: Shown | None = None
    messages: list[Shown] = field(default_factory=list)  # new ones, those deleted too
    deleted: list[Shown] = field(default_factory=list)
    choices: list[dict] | None = None
    steps: list[str] = field(default_factory=list)  # every request, taken or not

    @property
    def seen(self) -> list[Shown]:
        return [shown for shown in self.messages if shown not in self.deleted]

    @property
    def texts(self) -> list[str]:
        """What the asker can read, of what is new."""
        return [shown.text for shown in self.seen]

    @property
    def public(self) -> list[Shown]:
        """What others saw at any time."""
        return [shown for shown in self.messages if not shown.alone]


@dataclass
class Inbox:
    """Keeps interactions as Discord does. `troubles` are met by a step's requests in turn."""

    says: Callable[..., Awaitable[None]] = None  # the gateway's
    troubles: dict[str, list[Trouble]] = field(default_factory=lambda: defaultdict(list))
    asked: dict[str, Asked] = field(default_factory=dict)  # by token
    expired: Callable[[], web.Response] | None = None  # what every token is answered then
    reads: bool = True  # the bot may read the channel's history
    found: list[str] = field(default_factory=list)  # problems of the requests
    _number: int = 1000

    def _next(self) -> int:
        self._number += 1
        return self._number

    async def command(self, name: str, *, direct: bool = False, **data: object) -> Asked:
        """A person uses a command: in channel 3 of server 9, or in the private chat."""
        return await self._ask(2, {"id": "1", "type": 1, "name": name} | data, direct=direct)

    async def typing(self, command: str, option: str, typed: str) -> Asked:
        chosen = {"name": option, "type": 3, "value": typed, "focused": True}
        return await self._ask(4, {"id": "1", "type": 1, "name": command, "options": [chosen]})

    async def press(
        self, custom_id: str, on: Shown, *, direct: bool = False, person: dict = PERSON,
        message: dict | None = None, channel: dict | None = None,
    ) -> Asked:  # fmt: skip
        """`message`, `channel`: what is odd about them."""
        author = {"id": "1", "username": "papers", "discriminator": "0", "avatar": None}
        standing = self._body(on) | {"author": author | {"bot": True}} | (message or {})
        data = {"custom_id": custom_id, "component_type": 2}
        return await self._ask(
            3, data, direct=direct, pressed=on, person=person, message=standing, channel=channel
        )

    async def _ask(
        self, kind: int, data: dict, *, direct: bool = False, pressed: Shown | None = None,
        person: dict = PERSON, channel: dict | None = None, **more: object,
    ) -> Asked:  # fmt: skip
        number = self._next()
        asked = self.asked[f"token{number}"] = Asked(number, kind, pressed)
        room = {"id": "3", "type": 0, "name": "room-3", "guild_id": "9", "position": 0}
        where = {"channel": {"id": "70", "type": 1, "last_message_id": None}, "user": person,
                 "context": 1}  # fmt: skip
        if not direct:
            member = {"user": person, "roles": [], "joined_at": JOINED, "deaf": False,
                      "mute": False, "flags": 0, "permissions": "0"}  # fmt: skip
            rights = discord.Permissions(read_message_history=self.reads, send_messages=True).value
            where = {"guild_id": "9", "channel": channel or room, "member": member, "context": 0,
                     "app_permissions": str(rights)}  # fmt: skip
        event = {"id": str(number), "application_id": "1", "type": kind, "version": 1,
                 "token": f"token{number}", "attachment_size_limit": 0, "data": data}  # fmt: skip
        await self.says("INTERACTION_CREATE", event | where | more)
        return asked

    def _body(self, shown: Shown) -> dict:
        flags = (HIDDEN if shown.alone else 0) | (128 if shown.thinking else 0)
        kept = {k: v for k, v in shown.body.items() if k in ("content", "embeds", "components")}
        return {"id": str(shown.id), "channel_id": "3", "author": PERSON, "content": "",
                "timestamp": JOINED, "edited_timestamp": None, "tts": False, "embeds": [],
                "mention_everyone": False, "mentions": [], "mention_roles": [], "attachments": [],
                "pinned": False, "type": 0, "components": []} | kept | {"flags": flags}  # fmt: skip

    def history(self) -> list[dict]:
        """The channel's newest messages, as everybody may read them."""
        public = [
            self._body(shown) | {"interaction_metadata": {
                "id": str(one.number), "type": 2, "user": PERSON,
                "authorizing_integration_owners": {}}}
            for one in self.asked.values() for shown in one.seen if not shown.alone
        ]  # fmt: skip
        return sorted(public, key=lambda body: -int(body["id"]))

    async def api(self, request: web.Request, path: str, body: dict | None) -> web.StreamResponse:
        parts = path.strip("/").split("/")
        name = "callback" if parts[-1] == "callback" else request.method
        asked = self.asked.get(parts[2])
        self.found += problems(request.method, path, body)
        if asked is None:
            return no(404, 10062)
        asked.steps.append(STEPS[name])

        def process() -> web.Response:
            if self.expired:
                return self.expired()
            return getattr(self, f"_{STEPS[name]}")(asked, body)

        waiting = self.troubles[STEPS[name]]
        return await (waiting.pop(0) if waiting else untroubled)(request, process)

    def _response(self, asked: Asked, body: dict) -> web.Response:
        if asked.responded:
            return no(400, 40060)
        asked.responded, data = body["type"], body.get("data") or {}
        alone = bool(data.get("flags", 0) & HIDDEN)
        if asked.responded in (4, 5):
            asked.original = self._new(asked, alone, data, thinking=asked.responded == 5)
        elif asked.responded in (6, 7):
            asked.original = asked.pressed
            asked.original.body |= data
        else:
            asked.choices = data["choices"]
        done = {"interaction": {"id": str(asked.number), "type": asked.kind}}
        if asked.responded in (4, 7):
            done["resource"] = {"type": asked.responded, "message": self._body(asked.original)}
        return told(done)

    def _edit(self, asked: Asked, body: dict) -> web.Response:
        if not asked.responded:
            return no(404, 10015)
        if asked.original in asked.deleted:
            return no(404, 10008)
        asked.original.body |= body
        asked.original.thinking = False
        return told(self._body(asked.original))

    def _followup(self, asked: Asked, body: dict) -> web.Response:
        if asked.original and asked.original.thinking:  # it is taken for the answer waited for
            return self._edit(asked, body)
        if not asked.responded:
            return no(404, 10015)
        return told(self._body(self._new(asked, bool(body.get("flags", 0) & HIDDEN), body)))

    def _delete(self, asked: Asked, _body: dict | None) -> web.Response:
        if not asked.responded:
            return no(404, 10015)
        asked.deleted.append(asked.original)
        return web.Response(status=204)

    def _new(self, asked: Asked, alone: bool, body: dict, thinking: bool = False) -> Shown:
        shown = Shown(self._next(), alone, dict(body), thinking)
        asked.messages.append(shown)
        return shown


async def untroubled(request: web.Request, process: Process) -> web.StreamResponse:
    return process()


async def dropped(request: web.Request, process: Process) -> web.StreamResponse:
    """The connection breaks before Discord has done anything."""
    request.transport.abort()
    return web.Response()


async def unanswered(request: web.Request, process: Process) -> web.StreamResponse:
    """The connection breaks when Discord has done it."""
    process()
    request.transport.abort()
    return web.Response()


async def silent(request: web.Request, process: Process) -> web.StreamResponse:
    """Nothing happens, for long."""
    await asyncio.sleep(3600)
    return process()


async def late(request: web.Request, process: Process) -> web.StreamResponse:
    """Discord has done it, and takes long to say so."""
    process()
    await asyncio.sleep(3600)
    return web.Response()


async def page(request: web.Request, process: Process) -> web.StreamResponse:
    """Something else answers: a login page, a proxy."""
    return web.Response(text="<p>Please log in</p>", content_type="text/html")


async def other(request: web.Request, process: Process) -> web.StreamResponse:
    return told({"ok": True})


async def strange(request: web.Request, process: Process) -> web.StreamResponse:
    """Discord has done it, and says so in a way that discord.py cannot read yet."""
    process()
    return told({"id": "5", "interaction": None})


async def wordless(request: web.Request, process: Process) -> web.StreamResponse:
    process()
    return web.Response(status=204)


def refused(status: int, code: int = 0, **headers: str) -> Trouble:
    async def answers(request: web.Request, process: Process) -> web.StreamResponse:
        return no(status, code, **headers)

    return answers


def broken(status: int) -> Trouble:
    """A server's error although Discord has done it."""

    async def answers(request: web.Request, process: Process) -> web.StreamResponse:
        process()
        return no(status)

    return answers
