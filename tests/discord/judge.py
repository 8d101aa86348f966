"""What is wrong with a request to Discord: its official schema, and what that leaves out."""

import json
import re
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator
from jsonschema.exceptions import relevance

from tests.discord.look import texts, walk

COMPONENTS_V2 = 1 << 15
SPEC = Path(__file__).resolve().parents[3] / "shared" / "specs" / "discord_openapi.json"


def problems(method: str, path: str, body: object) -> list[str]:
    """One line each. Without the specification beside the checkout, only our own rules."""
    if body is None:
        return []
    found = []
    if SPEC.exists():
        validator = _validator(method.lower(), _template(method.lower(), path))
        found = [
            f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
            for error in sorted(validator.iter_errors(_snowflakes(body)), key=relevance)
        ]
    if path.endswith("/commands"):
        return found + [p for command in body for p in _command(command)]
    if path.endswith("/callback"):
        return found + _callback(body)
    if body.get("content"):
        found += _content(body["content"])
    if body.get("flags", 0) & COMPONENTS_V2:
        return found + _layout(body)
    if body.get("content") or not body.get("components"):
        return found
    return [*found, "components without their flag"]


def all_problems(requests) -> list[str]:
    """The same for a whole log of requests (method, path, json)."""
    return [
        f"{r.method} {r.path} {p}" for r in requests for p in problems(r.method, r.path, r.json)
    ]


def _snowflakes(body: object) -> object:
    """discord.py sends ids as numbers; Discord takes them, the schema wants text."""
    if isinstance(body, list):
        return [_snowflakes(part) for part in body]
    if not isinstance(body, dict):
        return body
    whole = {name: _snowflakes(value) for name, value in body.items()}
    if "recipient_id" in body:
        whole["recipient_id"] = str(body["recipient_id"])
    if body.get("type") in ("user", "role", "channel") and "id" in body:  # chosen in a select
        whole["id"] = str(body["id"])
    return whole


@cache
def _spec() -> dict:
    return json.loads(SPEC.read_text())


@cache
def _template(method: str, path: str) -> str:
    parts = path.split("/")
    fitting = [
        template
        for template, routes in _spec()["paths"].items()
        if method in routes
        and len(template.split("/")) == len(parts)
        and all(
            t == p or t.startswith("{") for t, p in zip(template.split("/"), parts, strict=True)
        )
    ]
    return max(fitting, key=lambda t: -t.count("{"))  # the most literal one


@cache
def _validator(method: str, template: str) -> Draft202012Validator:
    route = _spec()["paths"][template][method]
    schema = route["requestBody"]["content"]["application/json"]["schema"]
    return Draft202012Validator({**schema, "components": _spec()["components"]})


def _callback(body: dict) -> list[str]:
    data = body.get("data") or {}
    choices = data.get("choices", [])
    layout = _layout(data) if data.get("flags", 0) & COMPONENTS_V2 else []
    return layout + [
        f"choice {choice}"
        for choice in choices
        if not 1 <= len(choice["name"]) <= 100 or len(choice["value"]) > 100 or len(choices) > 25
    ]


def _command(command: dict) -> list[str]:
    found = []
    options = command.get("options", [])
    for thing in (command, *options):
        if not re.fullmatch(r"[a-z0-9_-]{1,32}", thing["name"]):
            found.append(f"name {thing['name']!r}")
        if not 1 <= len(thing["description"]) <= 100:
            found.append(f"description of {thing['name']!r}")
    required = [option.get("required", False) for option in options]
    if required != sorted(required, reverse=True):
        found.append(f"{command['name']}: a required option after an optional one")
    if len({option["name"] for option in options}) < len(options):
        found.append(f"{command['name']}: an option twice")
    return found


def _content(text: str) -> list[str]:
    return [f"content {text[:40]!r}"] if not text.strip() or _units(text) > 2000 else []


def _layout(body: dict) -> list[str]:
    """https://docs.discord.com/developers/components/reference"""
    found = [f"{name} beside components" for name in ("content", "embeds") if body.get(name)]
    parts = list(walk(body["components"]))
    said = texts(body["components"])
    total = sum(map(_units, said))
    if not 1 <= len(parts) <= 40 or total > 4000:
        found.append(f"{len(parts)} components of {total} characters")
    found += [f"text {text!r}" for text in said if not text.strip()]
    pictures = [part for part in parts if part["type"] == 11]
    found += [f"picture {p}" for p in pictures if not _web(p["media"]["url"])]
    found += [f"alt {p}" for p in pictures if _units(p.get("description") or "") > 1024]
    return found + _buttons([part for part in parts if part["type"] == 1])


def _buttons(rows: list[dict]) -> list[str]:
    parts = [part for row in rows for part in row["components"]]
    buttons = [part for part in parts if part["type"] == 2]
    found = [problem for part in parts if part["type"] != 2 for problem in _select(part)]
    found += [f"button {b}" for b in buttons if not 1 <= _units(b["label"]) <= 80 or not _works(b)]
    ids = [part["custom_id"] for part in parts if "custom_id" in part]
    if len(set(ids)) < len(ids):
        found.append(f"a custom_id twice: {ids}")
    if any(not 1 <= len(row["components"]) <= 5 for row in rows):
        found.append("more than 5 buttons in a row, or an empty one")
    alone = [row for row in rows if any(part["type"] != 2 for part in row["components"])]
    return found + [f"beside a menu: {r}" for r in alone if len(r["components"]) > 1]


def _select(menu: dict) -> list[str]:
    options = menu.get("options", [])
    found = [f"menu {menu}"] * (not 1 <= len(menu["custom_id"]) <= 100)
    if menu["type"] == 3:
        found += [f"options {len(options)}"] * (not 1 <= len(options) <= 25)
    values = [option["value"] for option in options]
    found += [f"values {values}"] * (len(set(values)) < len(values))
    found += [f"marked twice {options}"] * (sum(o.get("default", False) for o in options) > 1)
    return found + [f"option {o}" for o in options if not _is_option(o)]


def _is_option(option: dict) -> bool:
    sizes = [_units(option["label"]), _units(option["value"])]
    return all(1 <= n <= 100 for n in sizes) and _units(option.get("description") or "x") <= 100


def _works(button: dict) -> bool:
    if button["style"] == 5:
        return _web(button["url"]) and len(button["url"]) <= 512
    return 1 <= len(button["custom_id"]) <= 100


def _web(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
