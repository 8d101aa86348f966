"""What Telegram would say to a request: TDLib's parser, and the published API description."""

import json
from pathlib import Path
from typing import Any

import tdjson

SPEC = Path(__file__).resolve().parents[2] / ".." / "shared" / "specs" / "telegram_bot_api.json"
PLAIN = {"Integer": int, "String": str, "Boolean": bool, "Float": float}
Json = dict[str, Any]


def td(**query: Any) -> Json:
    """Run one of TDLib's synchronous functions."""
    done: Json = json.loads(tdjson.td_execute(json.dumps(query).encode()) or b"{}")
    return done


td(**{"@type": "setLogVerbosityLevel", "new_verbosity_level": 0})


def parse_html(text: str) -> Json:
    """Text and entities as Telegram sees them; `@type` is `error` when it refuses."""
    mode = {"@type": "textParseModeHTML"}
    return td(**{"@type": "parseTextEntities", "text": text, "parse_mode": mode})


def linked_by_itself(text: str) -> list[tuple[str, int, int]]:
    """What Telegram would turn into links unasked: kind, offset and length in UTF-16 units."""
    found = td(**{"@type": "getTextEntities", "text": text})["entities"]
    return [(e["type"]["@type"][14:], e["offset"], e["length"]) for e in found]


class Description:
    """The API description, where it is at hand; otherwise everything is in order."""

    def __init__(self) -> None:
        spec: Json = json.loads(SPEC.read_text()) if SPEC.exists() else {}
        self.methods: Json = spec.get("methods", {})
        self.types: Json = spec.get("types", {})

    def faults(self, method: str, params: Json) -> list[str]:
        """What is wrong with a request."""
        if not self.methods:
            return []
        if method not in self.methods:
            return [f"there is no method {method}"]
        return self._fields(method, params, self.methods[method].get("fields", []))

    def _fields(self, where: str, given: Json, fields: list[Json]) -> list[str]:
        rules = {f["name"]: f for f in fields}
        found = [f"{where} has no field {name}" for name in given if name not in rules]
        found += [
            f"{where} lacks {n}" for n, f in rules.items() if f["required"] and n not in given
        ]
        for name in given.keys() & rules.keys():
            found += self._value(f"{where}.{name}", given[name], rules[name]["types"])
        return found

    def _value(self, where: str, value: Any, kinds: list[str]) -> list[str]:
        fits = [k for k in kinds if k not in PLAIN or isinstance(value, PLAIN[k])]
        if not fits:
            return [f"{where} is not {' or '.join(kinds)}: {value!r}"]
        if fits[0].startswith("Array of ") and isinstance(value, list):
            inner = [fits[0].removeprefix("Array of ")]
            return [fault for item in value for fault in self._value(where, item, inner)]
        if not isinstance(value, dict):
            return []
        known = (self.types.get(kind, {}).get("fields") for kind in fits)
        faults = [self._fields(where, value, fields) for fields in known if fields]
        return min(faults, key=len, default=[])
