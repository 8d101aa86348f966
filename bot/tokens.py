"""Tokens as people paste them: what surely is the token is cut out of what stands around it."""

from __future__ import annotations

import re
import unicodedata

from bot.errors import ConfigError

_AROUND = "\"'`“”‘’„«»<>()[]{},;"
_TELEGRAM = re.compile(r"\d{1,20}:[A-Za-z0-9_-]+")
_IN_URL = re.compile(r"https?://[^\s/]+/(?:file/)?bot(\d+:[A-Za-z0-9_-]+)(?:[/?#]\S*)?", re.I)
_WHOLE = {  # as the platforms make them
    "TELEGRAM_TOKEN": r"\d{6,12}:[A-Za-z0-9_-]{35}",
    "DISCORD_TOKEN": r"[A-Za-z0-9_-]{18,40}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,50}",
}
_NO_DISCORD = re.compile(  # an address, a Telegram token, the application's id or public key
    r"https?:.*|\d{6,12}:[A-Za-z0-9_-]{35}|\d{15,20}|[0-9a-fA-F]{64}", re.I
)
_FORMS = {
    "TELEGRAM_TOKEN": "a number, a colon and 35 characters more, as @BotFather sends it",
    "DISCORD_TOKEN": "three parts with dots between them, as Bot > Reset Token shows it",
}


def read(name: str, value: str) -> str:
    """Raises ConfigError, which never has any of it."""
    text = "".join(c for c in value if unicodedata.category(c) != "Cf").strip()
    text = re.sub(rf"^{name}\s*[:=]\s*", "", text).strip(_AROUND + " \t\r\n")
    text = _bare(name, text)
    if len(certain := _whole(name, text)) == 1:
        return certain.pop()
    if not re.fullmatch("[!-~]+", text):  # it goes into addresses and headers
        raise ConfigError(f"{name} has characters that no token has; {_form(name)}")
    if name == "TELEGRAM_TOKEN" and not _TELEGRAM.fullmatch(text):
        raise ConfigError(f"{name} is no token of a Telegram bot; {_form(name)}")
    if name == "DISCORD_TOKEN" and _NO_DISCORD.fullmatch(text):
        raise ConfigError(f"{name} is no token of a Discord bot; {_form(name)}")
    return text


def _whole(name: str, text: str) -> set[str]:
    """The tokens in it of full length: as they stand, or put together again. Of two, one may be a
    piece of the other."""
    letters = "[A-Za-z0-9_.:-]"
    found = set(re.findall(rf"(?<!{letters}){_WHOLE[name]}(?!{letters})", text))
    joined = re.sub(r"\s+", "", text)
    return found | ({joined} if re.fullmatch(_WHOLE[name], joined) else set())


def _bare(name: str, text: str) -> str:
    """Without the address, or the word, that it is sent with."""
    if name == "DISCORD_TOKEN":
        return re.sub(r"^(?:Authorization:\s*)?Bot\s+", "", text, flags=re.I)
    if found := _IN_URL.fullmatch(text):
        return found[1]
    return re.sub(r"^bot\s*(?=\d+:)", "", text, flags=re.I)


def _form(name: str) -> str:
    return f"a token is {_FORMS[name]}: copy it again, alone."
