"""The judge itself must be able to say no."""

import pytest

from tests.discord.judge import COMPONENTS_V2, problems

TEXT = {"type": 10, "content": "T"}
COMMAND = {"name": "today", "description": "Today", "type": 1, "options": []}
ADVICE = {"type": 3, "name": "words", "description": "Words", "required": False}
BUTTON = {"type": 2, "style": 2, "label": "Next", "custom_id": "dp:1"}


def message(**changes: object) -> list[str]:
    body = {"components": [TEXT], "flags": COMPONENTS_V2, **changes}
    return problems("POST", "/channels/1/messages", body)


def commands(*changes: dict) -> list[str]:
    return problems("PUT", "/applications/1/commands", [COMMAND | c for c in changes])


def rows(*buttons: dict) -> list[dict]:
    return [{"type": 1, "components": list(buttons)}]


def box(*parts: dict) -> dict:
    return {"type": 17, "accent_color": 1, "components": list(parts)}


def pictured(url: str) -> dict:
    return {"type": 9, "components": [TEXT], "accessory": {"type": 11, "media": {"url": url}}}


def test_a_proper_message_and_command_pass() -> None:
    assert message(components=[box(TEXT), *rows(BUTTON)], nonce="dp1", enforce_nonce=True) == []
    assert commands({}, {"name": "search", "options": [ADVICE]}) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"flags": 0},
        {"components": []},
        {"content": "T"},
        {"embeds": [{"title": "T"}]},
        {"components": [{"type": 10, "content": " "}]},
        {"components": [TEXT | {"content": "x" * 2001}] * 2},
        {"components": [TEXT | {"content": "\U0001f600" * 2001}]},
        {"components": [TEXT] * 41},
        {"components": [box(*[pictured("https://a.example/1.png")] * 13, TEXT)]},
        {"components": [box(pictured("ftp://a.example/1.png"))]},
        {"components": rows(BUTTON | {"label": "x" * 81})},
        {"components": rows(BUTTON, BUTTON)},
        {"components": rows(BUTTON | {"custom_id": "x" * 101})},
        {"components": rows(*(BUTTON | {"custom_id": str(n)} for n in range(6)))},
    ],
)
def test_a_message_discord_would_refuse_is_named(changes: dict) -> None:
    assert message(**changes)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Today"},
        {"name": "x" * 33},
        {"description": "x" * 101},
        {"options": [ADVICE, ADVICE | {"name": "more", "required": True}]},
        {"options": [ADVICE, ADVICE]},
    ],
)
def test_a_command_discord_would_refuse_is_named(change: dict) -> None:
    assert commands(change)


def test_too_many_choices_are_named() -> None:
    choices = [{"name": str(n), "value": str(n)} for n in range(26)]
    answer = {"type": 8, "data": {"choices": choices}}
    assert problems("POST", "/interactions/1/token/callback", answer)
    answer["data"] = {"choices": choices[:25]}
    assert problems("POST", "/interactions/1/token/callback", answer) == []
