"""A Telegram Bot API on loopback: as strict as the real one about everything the bot sends.

Every request is held against the published API description where `shared/specs` is at hand,
and every HTML text against TDLib's own parser.
"""

import asyncio
import json
from typing import Any, Self

from aiohttp import web

from tests.telegram.judge import Description, Json, parse_html
from tests.telegram.rich import rich_fault
from tests.telegram.trouble import Limits, Page, Troubled
from tests.telegram.world import BOT, Refusal, Sent, World

TOKEN = "123456:AAE-token-of-the-double"
TEXTS = ("text", "description", "short_description", "callback_query_id", "callback_data")
IN_CHAT = ("creator", "administrator", "member")


class TelegramDouble(Troubled, World):
    """`async with TelegramDouble() as tg:`; point TELEGRAM_API_BASE at `tg.base`."""

    def __init__(self, token: str = TOKEN) -> None:
        super().__init__()
        self.token = token
        self.base = ""
        self.calls: list[tuple[str, Json]] = []
        self.answered: list[Json] = []  # answerCallbackQuery
        self.commands: dict[str, list[Json]] = {}
        self.profile: dict[str, str] = {}  # descriptions
        self.webhook = ""
        self.complaints: list[str] = []  # requests the real server would not understand
        self.limits = Limits()
        self._description = Description()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{bot}/{method}", self._serve)
        self._runner = web.AppRunner(
            app, shutdown_timeout=0.1, access_log=None, keepalive_timeout=86_400
        )
        await self._runner.setup()
        await self.open()
        return self

    async def open(self, port: int = 0) -> None:
        self._site = web.TCPSite(self._runner, "127.0.0.1", port)
        await self._site.start()
        host, port = self._runner.addresses[0][:2]
        self.base = f"http://{host}:{port}"

    async def unreachable(self, seconds: float) -> None:
        """Nobody listens for so long, and no connection is kept."""
        port = int(self.base.rpartition(":")[2])
        await self._site.stop()
        for connection in self._runner.server.connections if self._runner.server else ():
            connection.force_close()
        await asyncio.sleep(seconds)
        await self.open(port)

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        assert not self.complaints, self.complaints

    def count(self, method: str) -> int:
        """How often it was called."""
        return sum(called == method for called, _ in self.calls)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            if request.match_info["bot"] != f"bot{self.token}":
                raise Refusal(401, "Unauthorized")
            params = await self._params(request, method)
            self.calls.append((method, params))
            await self._notify()
            async with self.trouble(method):
                result = getattr(self, f"_{method}")(params)
                answer: Json = {
                    "ok": True,
                    "result": await result if asyncio.iscoroutine(result) else result,
                }
        except Refusal as no:
            answer = {"ok": False, "error_code": no.code, "description": no.description}
            answer |= {"parameters": no.parameters} if no.parameters else {}
        except Page as page:
            where = {"Location": f"{self.base}/elsewhere/page"} if page.code == 302 else {}
            return web.Response(
                status=page.code, text=page.body, content_type="text/html", headers=where
            )
        except ConnectionAbortedError:
            assert request.transport
            request.transport.abort()
            return web.Response()
        finally:
            await self._notify()
        return web.json_response(answer, status=answer.get("error_code", 200))

    async def _params(self, request: web.Request, method: str) -> Json:
        """Every value comes as text; whatever is not meant as text is JSON in it."""
        params = {}
        body = await request.read()
        for name, given in {**request.query, **json.loads(body or b"{}")}.items():
            try:
                params[name] = given if name in TEXTS else json.loads(str(given))
            except ValueError:
                params[name] = given
        self.complaints += self._description.faults(method, params)
        return params

    def _getMe(self, params: Json) -> Json:
        can = ("can_join_groups", "can_read_all_group_messages", "supports_inline_queries")
        return BOT | dict.fromkeys(can, False)

    async def _getUpdates(self, params: Json) -> list[Any]:
        if self.webhook:
            raise Refusal(
                409, "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first"
            )  # fmt: skip
        offset = params.get("offset", 0)
        self._updates = [(number, u) for number, u in self._updates if number >= offset]
        try:
            async with asyncio.timeout(params.get("timeout", 0)), self._changed:
                await self._changed.wait_for(lambda: self._updates)
        except TimeoutError:
            return []
        return [update for _, update in self._updates[:100]]

    def _getWebhookInfo(self, params: Json) -> Json:
        return {"url": self.webhook, "has_custom_certificate": False,
                "pending_update_count": len(self._updates)}  # fmt: skip

    def _deleteWebhook(self, params: Json) -> bool:
        self.webhook = ""
        if params.get("drop_pending_updates"):
            self._updates.clear()
        return True

    def _getMyCommands(self, params: Json) -> list[Json]:
        return self.commands.get(params.get("scope", {"type": "default"})["type"], [])

    def _setMyCommands(self, params: Json) -> bool:
        for command in params["commands"]:
            if not 1 <= len(command["description"]) <= 256:
                raise Refusal(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[params.get("scope", {"type": "default"})["type"]] = params["commands"]
        return True

    def _getMyDescription(self, params: Json) -> Json:
        return {"description": self.profile.get("description", "")}

    def _setMyDescription(self, params: Json) -> bool:
        if len(params["description"]) > 512:
            raise Refusal(400, "Bad Request: description is too long")
        self.profile["description"] = params["description"]
        return True

    def _getMyShortDescription(self, params: Json) -> Json:
        return {"short_description": self.profile.get("short_description", "")}

    def _setMyShortDescription(self, params: Json) -> bool:
        if len(params["short_description"]) > 120:
            raise Refusal(400, "Bad Request: short description is too long")
        self.profile["short_description"] = params["short_description"]
        return True

    def _answerCallbackQuery(self, params: Json) -> bool:
        if len(params.get("text", "")) > 200:
            raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG")
        self.answered.append(params)
        return True

    def _getChat(self, params: Json) -> Json:
        more = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": {
            "unlimited_gifts": False, "limited_gifts": False, "unique_gifts": False,
            "premium_subscription": False, "gifts_from_channels": False}}  # fmt: skip
        return self._chat(params["chat_id"]) | more

    def _getChatMember(self, params: Json) -> Json:
        return self._member(self._chat(params["chat_id"])["id"], params["user_id"])

    def _sendMessage(self, params: Json) -> Json:
        chat = self._chat(params["chat_id"])
        self.limits.count(chat["id"])
        self._may_write(chat, params.get("message_thread_id"))
        text, markup = self._text(params), params.get("reply_markup")
        message = self._message(chat, BOT, text["text"])
        reply = params.get("reply_parameters", {}).get("message_id")
        if original := self._messages.get((chat["id"], reply or 0)):
            message["reply_to_message"] = original
        if markup and "inline_keyboard" in markup:  # Telegram returns no other
            message["reply_markup"] = markup
        self.sent.append(Sent(
            chat["id"], params.get("message_thread_id"), params["text"], text["text"],
            text["entities"], markup, message["message_id"], reply, raw=message,
        ))  # fmt: skip
        return message

    def _sendRichMessage(self, params: Json) -> Json:
        chat = self._chat(params["chat_id"])
        self.limits.count(chat["id"])
        self._may_write(chat, params.get("message_thread_id"))
        markup, keyboard = params["rich_message"]["html"], params.get("reply_markup")
        if fault := rich_fault(markup):
            raise Refusal(400, f"Bad Request: can't parse rich message: {fault}")
        message = self._message(chat, BOT, "")
        self.sent.append(Sent(
            chat["id"], params.get("message_thread_id"), markup, markup, [], keyboard,
            message["message_id"], None, raw=message,
        ))  # fmt: skip
        return message

    def _may_write(self, chat: Json, thread: int | None) -> None:
        if chat["id"] in self.closed:
            raise Refusal(403, f"Forbidden: {self.closed[chat['id']]}")
        if chat["type"] == "private":
            return
        me = self._member(chat["id"], BOT["id"])
        if me["status"] not in IN_CHAT:
            raise Refusal(403, f"Forbidden: bot is not a member of the {chat['type']} chat")
        if chat["type"] == "channel" and not me.get("can_post_messages"):
            raise Refusal(400, "Bad Request: need administrator rights in the channel chat")
        if thread and thread not in chat.get("threads", [thread]):
            raise Refusal(400, "Bad Request: message thread not found")

    def _editMessageText(self, params: Json) -> Json:
        for sent in self.sent:
            if (sent.chat_id, sent.message_id) == (params["chat_id"], params["message_id"]):
                break
        else:
            raise Refusal(400, "Bad Request: message to edit not found")
        text, markup = self._text(params), params.get("reply_markup")
        if (sent.html, sent.reply_markup) == (params["text"], markup):
            raise Refusal(400, "Bad Request: message is not modified: nothing in it is new")
        sent.html, sent.text, sent.entities = params["text"], text["text"], text["entities"]
        sent.reply_markup, sent.edits = markup, sent.edits + 1
        sent.raw |= {"text": sent.text, "reply_markup": markup or {"inline_keyboard": []}}
        return sent.raw

    def _text(self, params: Json) -> Json:
        """The text as readers see it; refused where Telegram refuses it."""
        # The API server looks at a text as it is, too, and makes links of what looks like one.
        plain = {"@type": "formattedText", "text": params["text"], "entities": []}
        parsed = parse_html(params["text"]) if params.get("parse_mode") == "HTML" else plain
        if parsed["@type"] == "error":
            raise Refusal(
                400, f"Bad Request: {parsed['message'][0].lower()}{parsed['message'][1:]}"
            )
        if not parsed["text"].strip():
            raise Refusal(400, "Bad Request: message text is empty")
        if len(parsed["text"].encode("utf-16-le")) // 2 > 4096:
            raise Refusal(400, "Bad Request: message is too long")
        if len(parsed["entities"]) > 100:  # the real server silently drops the rest
            raise Refusal(400, "Bad Request: too many entities")
        buttons = [
            b for row in params.get("reply_markup", {}).get("inline_keyboard", []) for b in row
        ]
        for button in buttons:
            if not button["text"].strip():
                raise Refusal(400, "Bad Request: can't parse inline keyboard button: text is empty")
            if not 1 <= len(button.get("callback_data", "x").encode()) <= 64:
                raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
            if not button.get("url", "https://").startswith(("http://", "https://", "tg://")):
                raise Refusal(400, "Bad Request: BUTTON_URL_INVALID")
        return parsed
