"""Settings: defaults, and one sentence for each fault."""

import pytest

from bot.config import load
from bot.errors import ConfigError


def test_nothing_set_is_a_working_configuration() -> None:
    made = load({})
    assert str(made.database) == "data/papers.db"
    assert made.hf_api_base == "https://huggingface.co"
    assert made.arxiv_api_base == "https://export.arxiv.org"
    assert made.arxiv_oai_base == "https://oaipmh.arxiv.org"
    assert not made.tokens and not made.telegram_paid and made.discord_guild is None


def test_blank_settings_count_as_unset() -> None:
    assert load({"DISCORD_TOKEN": " ", "HF_API_BASE": "", "DISCORD_GUILD": ""}) == load({})


def test_a_token_never_shows() -> None:
    made = load({"DISCORD_TOKEN": "very-secret", "TELEGRAM_TOKEN": "1:hidden"})
    assert "secret" not in repr(made) and "hidden" not in repr(made)
    assert "DISCORD_TOKEN" in repr(made)


def test_what_is_set_is_used() -> None:
    made = load(
        {
            "DATABASE_URL": "sqlite:////var/lib/papers.db",
            "HF_API_BASE": "http://127.0.0.1:8099/",
            "ARXIV_OAI_BASE": "http://127.0.0.1:8098/mirror/",
            "ARXIV_CATEGORIES": "cs.CL, stat.ML,hep-th",
            "DISCORD_GUILD": "42",
            "TELEGRAM_PAID_BROADCAST": "1",
        }
    )
    assert str(made.database) == "/var/lib/papers.db"
    assert made.hf_api_base == "http://127.0.0.1:8099"
    assert made.arxiv_oai_base == "http://127.0.0.1:8098/mirror"
    assert made.arxiv_categories == ("cs.CL", "stat.ML", "hep-th")
    assert made.discord_guild == 42 and made.telegram_paid


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgres://host/papers"),
        ("DATABASE_URL", "sqlite:///"),
        ("HF_API_BASE", "huggingface.co"),
        ("ARXIV_OAI_BASE", "oaipmh.arxiv.org/oai"),
        ("TELEGRAM_API_BASE", "ftp://host"),
        ("ARXIV_CATEGORIES", "cs.CL;cs.LG"),
        ("DISCORD_GUILD", "my server"),
        ("DISCORD_GUILD", "٤٢"),
        ("TELEGRAM_PAID_BROADCAST", "yes"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_in_one_sentence(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=rf"{name} .*\.$") as fault:
        load({name: value})
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgres://admin:hun/t@er2@host/papers"),
        ("ARXIV_OAI_BASE", "ftp://admin:hunter2@host"),
    ],
)
def test_a_password_in_a_url_does_not_show(name: str, value: str) -> None:
    with pytest.raises(ConfigError) as fault:
        load({name: value})
    assert "admin" not in str(fault.value) and "er2" not in str(fault.value)
