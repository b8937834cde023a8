"""What people read: every sentence in the reader's language, and nobody's words can disorder it."""

import asyncio
import re
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import discord
import pytest
from discord.app_commands import TranslationContext, TranslationContextLocation, locale_str
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.domain.calendar import Month
from bot.domain.text import (
    Brief,
    Link,
    Listing,
    Moment,
    Percent,
    Person,
    Place,
    Role,
    Style,
    Text,
    Value,
    Words,
    counted,
    text,
)
from bot.domain.writing import line as tidied
from bot.locales import pick, plain, say
from bot.locales.commands import LONGEST, CommandTranslator
from bot.locales.extract import files, stale
from bot.locales.faults import faults
from bot.locales.pseudo import accented, everywhere, own_words, untranslated
from bot.locales.voice import load

NOON = datetime(2026, 10, 20, 12, tzinfo=UTC)
MARKS = st.sampled_from(
    [*"\\*_~`|<>[]()@!&#-+=.:/ \n\t\r19ax", "@everyone", "<@123>", "**", "||", "```", "https://x", *"\u200b\u202e\u05d0\u0301\u200d🏳"]
)
HOSTILE = st.lists(MARKS | st.characters(), max_size=40).map("".join)
NEVER_SHOWN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066\u2067\ufeff\u2060\u3164\ud800-\udfff]")
PING = re.compile(r"@(everyone|here)|<(@[!&]?|#|t:|/|a?:)\d?")


def shown(value: Value) -> str:
    return say(text("{value}", value=value), "en")


def shown_plainly(value: Value) -> str:
    return plain(text("{value}", value=value), "en")


def unescaped(written: str) -> str:
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", written).replace("\u200b", "")


# Somebody's own words


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("London", "London"),
        ("*Bold* __move__", r"\*Bold\* \_\_move\_\_"),
        ("||secret|| ~~gone~~ `code`", r"\|\|secret\|\| \~\~gone\~\~ \`code\`"),
        ("a\\*b", r"a\\\*b"),
        ("# Heading", r"\# Heading"),
        ("-# small", r"\-# small"),
        ("> quoted", r"\> quoted"),
        ("1. first", r"1\. first"),
        ("1.5 metres", "1.5 metres"),
        ("two\nlines\tand   blanks ", "two lines and blanks"),
        ("[here](https://evil.example)", r"\[here\](https://evil.example)"),
        ("@everyone", "@\u200beveryone"),
        ("<@123456789012345678>", "\\<@\u200b123456789012345678>"),
        ("<#123456789012345678>", r"\<#123456789012345678>"),
        ("ana@example.org", "ana@example.org"),
        ("see https://forms.example/aB_c?d=1.", "see https://forms.example/aB_c?d=1."),
        ("https://a.example/x*y*@here", "https://a.example/x%2Ay%2A%40here"),
    ],
)
def test_own_words_are_shown_letter_for_letter(written: str, expected: str) -> None:
    assert shown(written) == expected


def test_a_name_cannot_turn_the_line_around() -> None:
    assert shown("evil\u202egpj.exe\u2066") == "evilgpj.exe"


def test_a_name_from_right_to_left_stays_in_its_place() -> None:
    assert say(text("{chapter} · 14 people", chapter="חיפה"), "en") == "\u2068חיפה\u2069 · 14 people"


@pytest.mark.parametrize("kept", ["👩‍👩‍👧", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "❤️‍🔥", "می\u200cخواهم", "ක්\u200dර", "Đà Nẵng"])
def test_marks_that_a_word_or_an_emoji_needs_are_kept(kept: str) -> None:
    assert shown(kept).strip("\u2068\u2069") == kept


@pytest.mark.parametrize("idle", ["a\u200bb", "a\u200db", "a\u00adb", "a\u3164b", "\U000e0041a\U000e0042b", "a\x00b", "a\ud800b"])
def test_marks_that_nobody_sees_are_dropped(idle: str) -> None:
    assert shown(idle) == "ab"


def test_towers_of_accents_are_cut() -> None:
    assert shown("a" + "\u0301" * 50) == "a" + "\u0301" * 4


def test_longer_words_keep_their_lines_and_nothing_else() -> None:
    assert shown(Words("\n# Big\r\n\n\n\n- one\n1. two\n> three \n")) == "\\# Big\n\n\\- one\n1\\. two\n\\> three"


def test_two_values_side_by_side_make_no_mention() -> None:
    assert not PING.search(say(text("{a}{b}", a="@", b="everyone"), "en"))


@settings(deadline=None)
@given(HOSTILE)
def test_no_words_make_markup(written: str) -> None:
    line = shown(written.replace("&", "").replace("://", ""))
    kinds = [token.type for token in MarkdownIt("commonmark").enable("strikethrough").parse(line)]
    inside = [child.type for token in MarkdownIt("commonmark").enable("strikethrough").parse(line) for child in token.children or ()]
    assert kinds in ([], ["paragraph_open", "inline", "paragraph_close"])
    assert set(inside) <= {"text", "text_special"}


@settings(deadline=None)
@given(HOSTILE)
def test_no_words_mention_anybody_or_hold_a_bare_mark(written: str) -> None:
    line = shown(written)
    bare = re.sub(r"\\[^0-9A-Za-z\s]", "", line)
    assert not PING.search(bare)
    assert "@everyone" not in line
    assert "@here" not in line
    assert not re.search(r"[*~`|<\[\]\\]", bare)
    assert "_" not in re.sub(r"https?://\S+", "", bare)


@settings(deadline=None)
@given(HOSTILE)
def test_no_words_disorder_the_line(written: str) -> None:
    for line in (shown(written), shown_plainly(written)):
        assert not NEVER_SHOWN.search(line)
        assert "\n" not in line
        assert line.count("\u2068") == line.count("\u2069") == (1 if "\u2068" in line else 0)
        line.encode()


@settings(deadline=None)
@given(HOSTILE)
def test_no_longer_words_disorder_the_page(written: str) -> None:
    page = shown(Words(written))
    assert not NEVER_SHOWN.search(page)
    assert "\n\n\n" not in page
    for line in page.splitlines():
        assert not re.match(r"\s*(#|>|-|\+|\d+[.)](\s|$))", line)


@settings(deadline=None)
@given(HOSTILE)
def test_escaping_loses_no_letter(written: str) -> None:
    words = written.replace("://", "").replace("\\", "")
    assert unescaped(shown(words)) == shown_plainly(words)


@settings(deadline=None)
@given(HOSTILE)
def test_cleaning_twice_is_cleaning_once(written: str) -> None:
    assert tidied(tidied(written)) == tidied(written)


# Every kind of value


@pytest.mark.parametrize(
    ("value", "on_discord", "plainly"),
    [
        (2512, "2,512", "2,512"),
        (1234.5, "1,234.5", "1,234.5"),
        (-3, "-3", "-3"),
        (date(2026, 10, 20), "20 October 2026", "20 October 2026"),
        (Month(2026, 10), "October 2026", "October 2026"),
        (Percent(37), "37%", "37%"),
        (Brief(Month(2026, 10)), "Oct 2026", "Oct 2026"),
        (Brief(Month(2026, 10), year=False), "Oct", "Oct"),
        (Moment(NOON), "<t:1792497600:D>", "20 October 2026"),
        (Moment(NOON, Style.RELATIVE), "<t:1792497600:R>", "20 October 2026"),
        (Moment(NOON, Style.SHORT_DAY), "<t:1792497600:d>", "20/10/2026"),
        (Moment(NOON, Style.DAY_AND_HOUR), "<t:1792497600:f>", "20 October 2026 12:00 UTC"),
        (Person(7), "<@7>", "@7"),
        (Place(8), "<#8>", "#8"),
        (Role(9), "<@&9>", "@9"),
        (text("Publish {n}", n=1), "Publish 1", "Publish 1"),
        (Link(text("Read it"), "https://discord.com/a_(b)"), "[Read it](https://discord.com/a_%28b%29)", "Read it"),
        (Link(text("{x}", x="a [b] *c*"), "https://x.example"), r"[a (b) \*c\*](https://x.example)", "a [b] *c*"),
        (Listing(()), "", ""),
        (Listing(("York",)), "York", "York"),
        (Listing(("York", "Hull", "*Leeds")), r"York, Hull and \*Leeds", "York, Hull and *Leeds"),
        (Listing(("York", Month(2026, 1)), "or"), "York or January 2026", "York or January 2026"),
        (Listing(("York", "Hull", "Leeds"), "comma"), "York, Hull, Leeds", "York, Hull, Leeds"),
    ],
)
def test_every_kind_of_value_has_its_own_look(value: Value, on_discord: str, plainly: str) -> None:
    assert shown(value) == on_discord
    assert shown_plainly(value) == plainly


def test_a_moment_in_plain_words_is_read_in_the_readers_zone() -> None:
    late = Moment(datetime(2026, 10, 20, 23, 30, tzinfo=UTC), Style.DAY_AND_HOUR)
    assert plain(text("{at}", at=late), "en", zone=ZoneInfo("Asia/Tokyo")) == "21 October 2026 08:30 JST"


def test_a_number_chooses_the_sentence() -> None:
    sentences = [say(counted("{n} meeting in {chapter}", "{n} meetings in {chapter}", n, chapter="York"), "en") for n in (0, 1, 2, 1500)]
    assert sentences == ["0 meetings in York", "1 meeting in York", "2 meetings in York", "1,500 meetings in York"]


def test_a_plain_sentence_is_cut_where_the_place_is_short() -> None:
    assert plain(text("{chapter}, October", chapter="Llanfairpwllgwyngyll"), "en", limit=10) == "Llanfairp…"
    assert plain(text("York"), "en", limit=4) == "York"


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(LookupError):
        say(text("{chapter} rests."), "en")


@pytest.mark.parametrize("stranger", [None, NOON, True, Style.DAY, b"x"])
def test_what_is_no_kind_of_value_is_an_error(stranger: object) -> None:
    with pytest.raises(TypeError):
        shown(stranger)  # type: ignore[arg-type]


def test_a_moment_without_zone_is_an_error() -> None:
    with pytest.raises(TypeError):
        shown(Moment(datetime(2026, 1, 1)))  # noqa: DTZ001


# Languages


@pytest.mark.parametrize("wanted", [None, "", "en-US", "en-GB", "xx", "../../etc/passwd", "en-XA"])
def test_a_reader_without_catalogue_reads_english(wanted: str | None) -> None:
    assert pick(wanted) == "en"
    assert say(text("York"), wanted or "") == "York"


def test_a_reader_gets_the_nearest_catalogue(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for code in ("en", "es", "pt_BR", "zh_CN"):
        (tmp_path / f"{code}.po").touch()
    monkeypatch.setattr("bot.locales.voice.FOLDER", tmp_path)
    pick.cache_clear()
    wanted = ["es-419", "es-ES", "pt-BR", "pt", "zh-CN", "zh-TW", "en-GB", "de"]
    found = [pick(each) for each in wanted]
    pick.cache_clear()
    assert found == ["es", "es", "pt_BR", "pt_BR", "zh_CN", "zh_CN", "en", "en"]


def test_a_catalogue_speaks_its_own_plurals_and_leaves_the_unfinished_to_english(tmp_path: Path) -> None:
    (tmp_path / "pl.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "{n} city"\nmsgid_plural "{n} cities"\nmsgstr[0] "{n} miasto"\nmsgstr[1] "{n} miasta"\nmsgstr[2] "{n} miast"\n\n'
        'msgid "Open"\nmsgstr ""\n\n#, fuzzy\nmsgid "Close"\nmsgstr "Perhaps"\n',
        encoding="utf-8",
    )
    polish = load("pl", tmp_path)
    forms = [polish.template(counted("{n} city", "{n} cities", n))[1][0] for n in (1, 2, 5)]
    assert forms == [" miasto", " miasta", " miast"]
    assert polish.template(text("Open")) == (("Open", None),)
    assert polish.template(text("Close")) == (("Close", None),)


# The made-up language


def a_sentence_of_the_catalogue() -> str:
    return next(msgid for msgid in load("en").sentences if re.fullmatch(r"[A-Z][a-z]+( [a-z]+)*", msgid))


def test_the_made_up_language_changes_words_and_keeps_markup() -> None:
    made_up = accented("## Use `/chapter status` for **{chapter}** in <#12>, see https://a.example/b")
    assert made_up.startswith("## ⟦")
    assert made_up.endswith("https://a.example/b⟧")
    for kept in ("`/chapter status`", "**{chapter}**", "<#12>"):
        assert kept in made_up
    assert "Use" not in made_up


def test_the_made_up_language_is_about_a_third_longer() -> None:
    english = list(load("en").sentences)
    assert 1.2 < sum(len(accented(each)) for each in english) / sum(map(len, english)) < 1.6


def test_the_made_up_language_speaks_every_sentence_of_the_catalogue_and_no_other() -> None:
    for msgid in load("en").sentences:
        made_up = say(Text(msgid, dict.fromkeys(re.findall(r"\{(\w+)\}", msgid), 1)), "en_XA")
        assert made_up != msgid
        assert untranslated(made_up) == []
    assert untranslated(say(Text("A sentence that escaped extraction"), "en_XA"))[:2] == ["sentence", "that"]


def test_everybody_reads_the_made_up_language_inside_everywhere() -> None:
    known = Text(a_sentence_of_the_catalogue())
    with everywhere():
        assert untranslated(say(known, "en-US")) == []
        assert untranslated(plain(known, "de")) == []
    assert say(known, "en-US") == known.msgid


def test_words_outside_the_catalogue_are_named() -> None:
    page = "⟦Šéé ⟦ţĥééšéé⟧ <@1>⟧ hard coded <t:1:R> 14 https://a.example/words `/progress` /chapter ⟦cut…"
    assert untranslated(page) == ["hard", "coded"]


def test_own_words_are_told_apart_from_ours() -> None:
    assert own_words(say(text("{a} {b}", a="St. *John*", b="חיפה @everyone"), "en_XA")) == ["St. *John*", "חיפה @everyone"]


# Extraction

ENGLISH = 'msgid ""\nmsgstr ""\n'


def a_house(root: Path, code: str) -> Path:
    (root / "bot" / "locales").mkdir(parents=True)
    (root / "cogs").mkdir()
    (root / "cogs" / "card.py").write_text(code, encoding="utf-8")
    (root / "bot" / "locales" / "en.po").write_text(ENGLISH, encoding="utf-8")
    return root / "bot" / "locales"


def extracted(root: Path, folder: Path) -> None:
    for path, wanted in files(root, folder).items():
        path.write_text(wanted, encoding="utf-8")


def test_sentences_are_extracted_and_english_is_itself(tmp_path: Path) -> None:
    folder = a_house(
        tmp_path, 'text("Open {x}", x=1)\ncounted("{n} city", "{n} cities", n)\nlocale_str("See progress")\ntext("Open {x}", x=2)\n'
    )
    assert [path.split()[0] for path in stale(tmp_path, folder)] == ["chapterhouse.pot", "en.po"]
    assert all("python -m bot.locales extract" in sentence for sentence in stale(tmp_path, folder))
    extracted(tmp_path, folder)
    assert stale(tmp_path, folder) == []
    assert load("en", folder).sentences == {
        "Open {x}": ("Open {x}",),
        "{n} city": ("{n} city", "{n} cities"),
        "See progress": ("See progress",),
    }
    template = (folder / "chapterhouse.pot").read_text(encoding="utf-8")
    assert template.count("#: cogs/card.py") == 3
    assert not re.search(r"card\.py:\d|\d{4}-\d\d", template)


def test_moving_a_sentence_down_its_file_changes_no_catalogue(tmp_path: Path) -> None:
    folder = a_house(tmp_path, 'text("Open")\n')
    extracted(tmp_path, folder)
    (tmp_path / "cogs" / "card.py").write_text('\n\n\ntext("Open")\n', encoding="utf-8")
    assert stale(tmp_path, folder) == []


def test_a_translation_outlives_extraction(tmp_path: Path) -> None:
    folder = a_house(tmp_path, 'text("Open")\ntext("New")\n')
    (folder / "de.po").write_text(ENGLISH + '\nmsgid "Open"\nmsgstr "Öffnen"\n\nmsgid "Gone"\nmsgstr "Fort"\n', encoding="utf-8")
    extracted(tmp_path, folder)
    assert load("de", folder).sentences == {"Open": ("Öffnen",)}
    assert "Fort" not in (folder / "de.po").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("text(sentence)", "written out in the call"),
        ('text(f"Hello {name}")', "written out in the call"),
        ('text("a" + b)', "written out in the call"),
        ('text("")', "written out in the call"),
        ('counted("one", many, n)', "written out in the call"),
        ("app_commands.locale_str(label)", "written out in the call"),
        ('text("Open {x}", y=1)', "names x, but the call gives y"),
        ('text("Open", y=1)', "names nothing, but the call gives y"),
        ('text("Open {x}")', "names x, but the call gives nothing"),
        ('counted("a city of {x}", "{n} cities", n, x=1)', "names n, but the call gives n, x"),
        ('text("Open {x.y}", x=1)', "plain {name} placeholders"),
        ('text("Open {}", x=1)', "plain {name} placeholders"),
        ('text("Open {", x=1)', "plain {name} placeholders"),
        ('text("Well done!")', "exclamation mark"),
        ('locale_str("Well done!")', "exclamation mark"),
        ('text("Zone `{zone}`", zone=z)', "backticks"),
        ('Text("Open")', "written out: say text"),
        ("from bot.domain.text import text as _", "imported as _"),
        ('counted("a", "b", 1)\ncounted("a", "c", 1)', "another plural elsewhere"),
    ],
)
def test_check_names_what_would_escape_or_jar(tmp_path: Path, code: str, complaint: str) -> None:
    folder = a_house(tmp_path, code + "\n")
    found = faults(tmp_path, folder)
    assert len(found) == 1
    assert found[0].startswith("cogs/card.py:")
    assert complaint in found[0]


@pytest.mark.parametrize(
    "code",
    [
        'text("Open {x}", x=1)',
        'text("Open " "{x}", x=1)',
        'text("Open {x}", **values)',
        'counted("a city of {x}", "{n} cities of {x}", n, x=1)',
        'text("Braces {{are}} fine")',
        "await response.text()",
        "Text(row.msgid, row.values)",
        'text("Use `/progress` for **{x}**", x=1)',
    ],
)
def test_check_has_nothing_against_a_sound_sentence(tmp_path: Path, code: str) -> None:
    assert faults(tmp_path, a_house(tmp_path, code + "\n")) == []


@pytest.mark.parametrize(
    ("translation", "complaint"), [("Öffne {y}", "names y, but the code gives x"), ("Öffne {x}!", "exclamation"), ("Öffne {x.y}", "plain")]
)
def test_check_reads_translations_too(tmp_path: Path, translation: str, complaint: str) -> None:
    folder = a_house(tmp_path, 'text("Open {x}", x=1)\n')
    (folder / "de.po").write_text(ENGLISH + f'\nmsgid "Open {{x}}"\nmsgstr "{translation}"\n', encoding="utf-8")
    found = faults(tmp_path, folder)
    assert len(found) == 1
    assert complaint in found[0]


def test_the_catalogues_agree_with_the_code() -> None:
    assert [*faults(), *stale()] == []


# Slash commands


def translated(message: str, location: TranslationContextLocation) -> str | None:
    context = TranslationContext(location, None)  # type: ignore[arg-type,var-annotated]
    return asyncio.run(CommandTranslator().translate(locale_str(message), discord.Locale.german, context))


def test_what_is_said_about_a_command_is_translated_and_its_name_is_not() -> None:
    known = a_sentence_of_the_catalogue()
    assert translated(known, TranslationContextLocation.command_description) is None
    with everywhere():
        for location in ("command_description", "group_description", "parameter_description", "choice_name"):
            description = translated(known, TranslationContextLocation[location])
            assert description is not None
            assert untranslated(description) == []
        for location in ("command_name", "group_name", "parameter_name"):
            assert translated(known, TranslationContextLocation[location]) is None


def test_a_translated_description_fits_discord() -> None:
    with everywhere():
        assert len(translated("See how we stand " * 9, TranslationContextLocation.choice_name) or "") == LONGEST
