"""Whether a request is one that Discord documents: its path, its method and its body, held against Discord's own OpenAPI document."""

import functools
import json
import os
import re
from pathlib import Path
from typing import Any

import jsonschema_rs

DOCUMENT = "CHAPTERHOUSE_DISCORD_OPENAPI"
"""The variable that names the document's file; without it nothing is held against anything."""
MEDIA = {"title": "GUILD_MEDIA", "const": 16}
"""A type of channel that Discord takes and its document does not know."""


class Contract:
    """Discord's document, ready to be asked."""

    def __init__(self, file: Path) -> None:
        document = json.loads(file.read_text("utf-8"))
        self._components = document["components"]
        self._components["schemas"]["ChannelTypes"]["oneOf"].append(MEDIA)
        # Discord reads ids that are numbers too: discord.py sends those of who is mentioned so.
        self._components["schemas"]["SnowflakeType"]["type"] = ["string", "integer"]
        self._paths = [(_pattern(path), path, methods) for path, methods in sorted(document["paths"].items(), key=_wildcards)]
        self._schemas: dict[tuple[str, str], jsonschema_rs.Draft202012Validator] = {}

    def breaches(self, method: str, path: str, body: Any) -> list[str]:
        """What is wrong with a request; empty if nothing is."""
        for pattern, template, methods in self._paths:
            if pattern.fullmatch(path) and method.lower() in methods:
                content = methods[method.lower()].get("requestBody", {}).get("content", {})
                if body is None or "application/json" not in content:
                    return [] if body is None else [f"{method} {template}: takes no JSON"]
                judge = self._judge(method, template, content["application/json"]["schema"])
                return [f"{method} {template}: {fault.message[:300]}" for fault in judge.iter_errors(body)]
        return [f"{method} {path}: not documented"]

    def _judge(self, method: str, template: str, schema: Any) -> jsonschema_rs.Draft202012Validator:
        if (method, template) not in self._schemas:
            self._schemas[method, template] = jsonschema_rs.Draft202012Validator({**schema, "components": self._components})
        return self._schemas[method, template]


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))


def _wildcards(entry: tuple[str, Any]) -> int:
    return entry[0].count("{")


@functools.cache
def contract() -> Contract | None:
    """Discord's document, if the environment names one."""
    named = os.environ.get(DOCUMENT)
    return Contract(Path(named)) if named else None
