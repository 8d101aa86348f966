"""What each refusal of a post means: the place's fault, the message's, or one that may pass."""

import pytest

from bot.dialogue import Entry, Message, Section
from bot.errors import NotSent, PostError
from bot.ports import Adapter
from tests.telegram.double import TelegramDouble
from tests.telegram.fake import ADA, GROUP, NEXT

POST = Message(
    title="Daily Papers",
    sections=(Section((Entry("A title", "https://arxiv.org/abs/2506.00001", rank=1),)),),
    actions=((NEXT,),),
)
FACTS = ("permanent", "refused", "rejected", "retry_after", "moved_to", "ambiguous")


async def fault_of(adapter: Adapter, address: str = str(GROUP)) -> PostError:
    with pytest.raises(PostError) as caught:
        await adapter.post(address, POST, key="dp1")
    return caught.value


def facts(error: PostError) -> dict[str, object]:
    return {name: getattr(error, name) for name in FACTS if getattr(error, name)}


@pytest.mark.parametrize(
    ("code", "description", "remedy"),
    [
        (403, "Forbidden: bot was blocked by the user", "Unblock me"),
        (403, "Forbidden: bot was kicked from the group chat", "Add me to the group again."),
        (403, "Forbidden: bot was kicked from the supergroup chat", "Add me to the group again."),
        (403, "Forbidden: bot was kicked from the channel chat", "Add me to the channel again"),
        (403, "Forbidden: bot is not a member of the supergroup chat", "Add me to the group"),
        (403, "Forbidden: bot is not a member of the channel chat", "Add me to the channel"),
        (403, "Forbidden: bot can't initiate conversation with a user", "press Start"),
        (400, "Bad Request: chat not found", "add me to it again"),
        (400, "Bad Request: PEER_ID_INVALID", "add me to it again"),
        (400, "Bad Request: CHANNEL_PRIVATE", "Add me there again."),
        (400, "Bad Request: not enough rights to send text messages to the chat", "administrator"),
        (403, "Forbidden: not enough rights to send text messages", "administrator"),
        (400, "Bad Request: have no rights to send a message", "administrator"),
        (400, "Bad Request: Have no write access to the chat", "administrator"),
        (400, "Bad Request: CHAT_WRITE_FORBIDDEN", "administrator"),
        (400, "Bad Request: CHAT_SEND_PLAIN_FORBIDDEN", "administrator"),
        (400, "Bad Request: CHAT_RESTRICTED", "administrator"),
        (400, "Bad Request: need administrator rights in the channel chat", "may post messages"),
        (400, "Bad Request: CHAT_ADMIN_REQUIRED", "may post messages"),
        (400, "Bad Request: TOPIC_CLOSED", "Open the topic again"),
        (400, "Bad Request: group chat was upgraded to a supergroup chat", "in the supergroup"),
    ],
)
async def test_a_fault_of_the_place_says_what_its_owner_can_do(
    tg: TelegramDouble, adapter: Adapter, code: int, description: str, remedy: str
) -> None:
    tg.fail("sendMessage", code, description)
    error = await fault_of(adapter)
    assert facts(error) == {"permanent": True} | ({"rejected": True} if code == 403 else {})
    assert remedy in error.remedy and error.remedy.endswith(".")
    assert str(error) and tg.sent == []


@pytest.mark.parametrize(
    ("code", "description"),
    [
        (403, "Forbidden: user is deactivated"),
        (403, "Forbidden: the group chat was deleted"),
        (403, "Forbidden: bot can't send messages to bots"),
        (400, "Bad Request: message thread not found"),
        (400, "Bad Request: TOPIC_DELETED"),
        (400, "Bad Request: INPUT_USER_DEACTIVATED"),
    ],
)
async def test_nobody_is_told_to_mend_what_is_gone(
    tg: TelegramDouble, adapter: Adapter, code: int, description: str
) -> None:
    tg.fail("sendMessage", code, description)
    error = await fault_of(adapter)
    assert error.permanent and error.remedy == ""


@pytest.mark.parametrize(
    ("code", "description"),
    [
        (403, "Forbidden: something new"),
        (403, "Forbidden"),
        (403, "Forbidden: request was blocked, the chat not found by this node"),
        (403, "Forbidden: internal restriction, user is not deactivated"),
        (400, "Bad Request: something new"),
        (400, "Bad Request"),
        (400, "Bad Request: USER_BANNED_IN_CHANNEL"),
        (400, "Bad Request: PEER_FLOOD"),
        (400, "Bad Request: not enough rights to use this effect"),
        (400, "Bad Request: reply to blocked message; message thread was kicked"),
        (400, "Logged out"),
    ],
)
async def test_an_answer_that_is_not_understood_is_not_final(
    tg: TelegramDouble, adapter: Adapter, code: int, description: str
) -> None:
    tg.fail("sendMessage", code, description)
    error = await fault_of(adapter)
    assert facts(error) == ({"rejected": True} if code == 403 else {})
    said = description.removeprefix("Bad Request: ").removeprefix("Forbidden: ")
    assert said.lower() in str(error).lower() and error.remedy == ""


async def test_what_telegram_wrote_is_said_in_one_bounded_line(
    tg: TelegramDouble, adapter: Adapter
) -> None:
    tg.fail("sendMessage", 403, "Forbidden: strange\r\n\u202e\x1b[31m things " + "x" * 5000)
    words = str(await fault_of(adapter))
    assert len(words) < 250 and words.isprintable() and "strange" in words


@pytest.mark.parametrize(
    "description",
    [
        'can\'t parse entities: Unsupported start tag "chat not found" at byte offset 3',
        "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        "can't parse reply keyboard markup JSON object",
        "object expected as reply markup",
        "message is too long",
        "MESSAGE_TOO_LONG",
        "message text is empty",
        "text must be non-empty",
        "message must be non-empty",
        "text must be encoded in UTF-8",
        "strings must be encoded in UTF-8",
        "BUTTON_DATA_INVALID",
        "BUTTON_URL_INVALID",
        "BUTTON_TYPE_INVALID",
        "BUTTON_USER_PRIVACY_RESTRICTED",
        "REPLY_MARKUP_INVALID",
        "reply markup is too long",
        "inline keyboard button URL 'x' is invalid: Wrong HTTP URL",
        "ENTITY_TEXTURL_INVALID",
        "ENTITY_BOUNDS_INVALID",
        "ENTITIES_TOO_LONG",
        "Wrong HTTP URL specified",
        "unsupported parse_mode",
    ],
)
async def test_a_malformed_message_is_no_fault_of_the_place(
    tg: TelegramDouble, adapter: Adapter, description: str
) -> None:
    tg.fail("sendMessage", 400, f"Bad Request: {description}")
    assert facts(await fault_of(adapter)) == {"refused": True}


@pytest.mark.parametrize(
    ("code", "description", "parameters", "found"),
    [
        (400, "Bad Request: upgraded", {"migrate_to_chat_id": -1009}, {"moved_to": "-1009"}),
        (500, "Internal Server Error", {}, {"ambiguous": True}),
        (500, "Internal Server Error: chat not found", {}, {"ambiguous": True}),
        (502, "Bad Gateway", {}, {"ambiguous": True}),
        (401, "Unauthorized", {}, {"rejected": True}),
        (404, "Not Found", {}, {}),
        (429, "Too Many Requests: retry after 7", {"retry_after": 7}, {"retry_after": 7.0}),
        (429, "Too Many Requests", {}, {"retry_after": 30.0}),
        (429, "Slow down", {"retry_after": 0}, {"retry_after": 30.0}),
    ],
)
async def test_every_other_answer_keeps_its_meaning(
    tg: TelegramDouble, adapter: Adapter,
    code: int, description: str, parameters: dict[str, int], found: dict[str, object],
) -> None:  # fmt: skip
    tg.fail("sendMessage", code, description, **parameters)
    limited = {"rejected": True} if code == 429 else {}
    assert facts(await fault_of(adapter)) == found | limited


@pytest.mark.parametrize(
    ("code", "description"),
    [
        (401, "Unauthorized"),
        (404, "Not Found"),
        (409, "Conflict: terminated by other getUpdates request"),
        (409, "Conflict: can't use getUpdates method while webhook is active"),
    ],
)
async def test_what_a_chat_answers_tells_nothing_of_the_token(
    tg: TelegramDouble, adapter: Adapter, code: int, description: str
) -> None:
    tg.fail("sendMessage", code, description)
    error = await fault_of(adapter)
    assert str(error) == f"Telegram answered: {description}"
    assert not (error.permanent or error.refused or error.retry_after)
    await adapter.post("11", POST, key="dp2")
    await adapter.post(str(GROUP), POST, key="dp1")


async def test_a_post_held_back_is_told_from_what_telegram_refuses(
    tg: TelegramDouble, adapter: Adapter
) -> None:
    tg.fail("sendMessage", 406, "Not Acceptable: CHANNEL_MONOFORUM_UNSUPPORTED", times=2)
    tg.fail("sendMessage", 429, "Too Many Requests", retry_after=30)
    assert not isinstance(await fault_of(adapter), NotSent)
    await fault_of(adapter)
    await fault_of(adapter)
    assert isinstance(await fault_of(adapter), NotSent)


@pytest.mark.parametrize("given", ["7", None, "soon", [7], 1e30, -3, float("nan")])
async def test_a_limit_whose_time_is_odd_is_a_limit_all_the_same(
    tg: TelegramDouble, adapter: Adapter, given: object
) -> None:
    tg.fail("sendMessage", 429, "Too Many Requests", retry_after=given)
    error = await fault_of(adapter)
    assert error.rejected and not error.ambiguous
    assert error.retry_after is not None and 0 < error.retry_after <= 24 * 3600


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (400, {}),
        (401, {"rejected": True}),
        (403, {"rejected": True}),
        (404, {}),
        (413, {}),
        (429, {"rejected": True, "retry_after": 30.0}),
        (302, {}),
        (502, {"ambiguous": True}),
        (200, {"ambiguous": True}),
    ],
)
async def test_a_page_of_what_stands_before_telegram_says_nothing_of_the_place(
    tg: TelegramDouble, adapter: Adapter, code: int, found: dict[str, object]
) -> None:
    words = "<html>Forbidden: bot was blocked by the user, chat not found, can't parse</html>"
    tg.page("sendMessage", code, words)
    error = await fault_of(adapter)
    assert facts(error) == found
    assert "html" not in str(error) and "TELEGRAM_TOKEN" not in str(error)


@pytest.mark.parametrize("opening", ["[", '{"result":'])
async def test_an_answer_too_deep_to_be_read_is_ambiguous(
    tg: TelegramDouble, adapter: Adapter, opening: str
) -> None:
    tg.page("sendMessage", 200, opening * 100_000)
    assert facts(await fault_of(adapter)) == {"ambiguous": True}


@pytest.mark.parametrize("body", ["[]", "7", '"no"', '{"ok": true}', "{}", '{"result": 7}'])
@pytest.mark.parametrize("code", [200, 400, 403])
async def test_an_answer_of_another_shape_is_an_error_of_ours_to_name(
    tg: TelegramDouble, adapter: Adapter, code: int, body: str
) -> None:
    tg.page("sendMessage", code, body)
    error = await fault_of(adapter, str(ADA))
    assert not error.permanent and not error.refused
