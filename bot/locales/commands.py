"""Slash commands in each person's language: what a command is called never changes, what is said about it does."""

from discord import Locale
from discord.app_commands import TranslationContextLocation, TranslationContextTypes, Translator, locale_str

from bot.domain.text import Text
from bot.locales import plain, speaks

_NAMES = {TranslationContextLocation.command_name, TranslationContextLocation.group_name, TranslationContextLocation.parameter_name}
LONGEST = 100


class CommandTranslator(Translator):
    """Translates descriptions and choices from the catalogues; None where English stands already."""

    async def translate(self, string: locale_str, locale: Locale, context: TranslationContextTypes) -> str | None:
        if context.location in _NAMES or not speaks(locale.value):
            return None
        shown = plain(Text(string.message), locale.value, limit=LONGEST)
        return None if shown == string.message else shown
