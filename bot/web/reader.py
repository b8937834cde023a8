"""Who reads, and how a template is written for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.domain.text import Text
from bot.locales import catalogues, plain
from bot.web.words import WORDS

HERE = Path(__file__).parent

_TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
)


def _static() -> dict[str, tuple[str, bytes]]:
    """The files that pages need, by names that change with their content, so that browsers may keep them for good."""
    found = {}
    for path, kind in ((HERE / "static" / "style.css", "text/css"), (HERE / "static" / "icon.svg", "image/svg+xml")):
        body = path.read_bytes()
        found[f"{path.stem}.{sha256(body).hexdigest()[:12]}{path.suffix}"] = (f"{kind}; charset=utf-8", body)
    return found


STATIC: Mapping[str, tuple[str, bytes]] = _static()


@dataclass(frozen=True)
class Reader:
    """Who reads: in which language, and under which address the pages stand for them."""

    locale: str
    url: str
    slug: str = ""
    chosen: bool = False

    @cached_property
    def path(self) -> str:
        """What stands before every path of ours in the public address."""
        return urlsplit(self.url).path.rstrip("/")

    def say(self, words: Text) -> str:
        """A sentence in the reader's language."""
        return plain(words, self.locale)

    def at(self, *parts: str | int) -> str:
        """The path of a page of this organisation, in the language that was chosen, if one was."""
        return self._at(*parts) + (f"?lang={self.locale}" if self.chosen else "")

    def _at(self, *parts: str | int) -> str:
        return "/".join([self.path, "o", self.slug, *(quote(str(part), safe="") for part in parts)])

    def whole(self, *parts: str | int) -> str:
        """The same as an address to be used elsewhere."""
        return self.url.rstrip("/").removesuffix(self.path) + self._at(*parts)


@cache
def _spoken() -> Mapping[str, str]:
    """The languages that there are, each called as those who speak it call it."""
    return {code: Locale.parse(code).get_display_name(code) or code for code in catalogues()}


def written(template: str, reader: Reader, **values: Any) -> str:
    """A template filled in, with what every page needs."""
    files = {name.partition(".")[0]: f"{reader.path}/static/{name}" for name in STATIC}
    spoken = _spoken()
    return _TEMPLATES.get_template(template).render(
        at=reader.at,
        words={name: reader.say(words) for name, words in WORDS.items()},
        files=files,
        lang=reader.locale.replace("_", "-"),
        direction=Locale.parse(reader.locale).text_direction,
        languages=spoken if len(spoken) > 1 else {},
        locale=reader.locale,
        **values,
    )
