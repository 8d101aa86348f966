"""An adapter declares its settings in its own folder."""

import sys
from types import ModuleType

import pytest

import adapters
from bot import settings


@pytest.fixture(autouse=True)
def mail(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder `adapters.mail` that a switch turns on."""
    folder = ModuleType("adapters.mail")
    folder.SETTINGS = ("SMTP_URL", "SMTP_FROM")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "adapters.mail", folder)
    monkeypatch.setitem(adapters.REGISTRY, "mail", ("SMTP_URL", "adapters.mail.client"))


def test_what_an_adapter_declares_is_read_and_turns_it_on() -> None:
    read = settings.load({"SMTP_URL": "smtp://me:hunter2@host", "SMTP_FROM": "'a@b.org'"})
    assert read.own == {"SMTP_URL": "smtp://me:hunter2@host", "SMTP_FROM": "a@b.org"}
    assert read.tokens == {"SMTP_URL": "smtp://me:hunter2@host"}
    assert "hunter2" not in repr(read)
    assert settings.switch("mail") == "SMTP_URL"


def test_without_its_switch_an_adapter_is_off() -> None:
    assert settings.load({"SMTP_FROM": "a@b.org", "SMTP_URL": " "}).tokens == {}


def test_a_name_misspelt_is_told_of_an_adapters_settings_too() -> None:
    [doubt] = settings.load({"SMTP_FORM": "a@b.org"}).doubts
    assert "SMTP_FROM" in doubt


def test_the_tokens_are_read_as_before() -> None:
    read = settings.load({"DISCORD_TOKEN": "secret"})
    assert (read.tokens, read.own) == ({"DISCORD_TOKEN": "secret"}, {})
