"""What somebody may type who means ill, or whose keyboard is not ours."""

from hypothesis import strategies as st

BAIT_PERSON, BAIT_ROLE, BAIT_CHANNEL = 424242424242424242, 535353535353535353, 646464646464646464
"""Nobody and nothing here has these numbers: where one of them is live in what the bot sends, somebody's words made a mention."""

MENTIONS = (
    "@everyone",
    "@here",
    "@\u200beveryone",
    "@\u2068everyone",
    f"<@{BAIT_PERSON}>",
    f"<@!{BAIT_PERSON}>",
    f"<@&{BAIT_ROLE}>",
    f"<#{BAIT_CHANNEL}>",
    f"<@\u200b{BAIT_PERSON}>",
)
MARKUP = (
    *("**", "__", "~~", "||", "`", "```", "```\n", "*", "_", "\\", "\\\\", "# ", "\n# ", "\n-# ", "> ", "\n>>> ", "- ", "1. ", "~", "|"),
    *("[a", "](https://evil.example)", "[London](https://evil.example)", "[a](<https://evil.example>)", "<https://evil.example>"),
    *("<t:0:R>", "<:x:123456789012345678>", "<a:x:123456789012345678>", "</setup:123456789012345678>", "<id:customize>", ":smile:"),
    *("https://evil.example/*a*_b_|c|", "http://", "discord.gg/evil", "\u02cb\u02cb\u02cb"),
)
UNSEEN = (
    *("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u3164", "\u2800", "\u115f", "\u180e", "\U000e0041", "\ufe0f", "\u034f"),
    *("\u202a", "\u202b", "\u202d", "\u202e", "\u202c", "\u2066", "\u2067", "\u2068", "\u2069", "\u061c", "\u200e", "\u200f"),
    *(
        "\x00",
        "\x01",
        "\x07",
        "\x08",
        "\x0b",
        "\x0c",
        "\x1b[31m",
        "\x7f",
        "\x85",
        "\u2028",
        "\u2029",
        "\t",
        "\r",
        "\n",
        "\r\n",
        " ",
        "\u00a0",
    ),
    *("\ud800", "\udbff", "\udc00", "\udfff", "\ud83d", "\ufffe", "\uffff", "\ufffd", "\U0010ffff"),
)
SCRIPTS = (
    *(
        "חיפה",
        "مدينة",
        "\u0627\u064b",
        "नगर",
        "한국",
        "城市",
        "ไทย",
        "ﷺ",
        "ﬃ",
        "İ",
        "ı",
        "ß",
        "ẞ",
        "Ǆ",
        "\u1e9b\u0323",
        "👩\u200d👩\u200d👧",
        "🏳️\u200d🌈",
    ),
    *("e" + "\u0301" * 30, "\u0301" * 5, "Z\u0351\u036b\u0343\u036a", "Ａａｒｄｖａｒｋ", "Аardvark", "𝕬𝖆𝖗𝖉𝖛𝖆𝖗𝖐"),
)
FORMULAS = (
    "=cmd|' /C calc'!A1",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    '=HYPERLINK("https://evil.example","x")',
    "'; DROP TABLE chapter; --",
    "%s%n",
    "{name}",
    "{0.__class__}",
    "{}",
    "%",
    "${7*7}",
    "{{7*7}}",
    "../../etc/passwd",
    "null",
    "None",
    "undefined",
    "true",
    "<script>",
)
NUMERALS = (
    *(
        "0",
        "-0",
        "-1",
        "1",
        "12",
        "1.5",
        "1,5",
        "1e9",
        "1e400",
        "NaN",
        "inf",
        "-inf",
        "0x10",
        "0b1",
        "1_000",
        " 7 ",
        "+7",
        "٣",
        "१२",
        "²",
        "①",
        "𝟙𝟚",
        "Ⅳ",
    ),
    *(
        "9007199254740993",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "-9223372036854775809",
        "9" * 40,
        "9" * 4400,
    ),
    *("2026-10", "2026-13", "2026-00", "0000-01", "0001-01", "9999-12", "2026-1", "２０２６-10", "10000-01"),
    *("2026-10-20", "2026-02-30", "0001-01-01", "9999-12-31", "2026-W01-1", "20261020", "2026-10-20T00:00", "today", "yesterday", "none"),
    *("90,180", "91, 0", "-90, -180", "1e308, 1e308", "nan, nan", "inf,0", "51.5 -0.1", "51,5; -0,1", "٥١٫٥, ١"),
)
PIECES = (*MENTIONS, *MARKUP, *UNSEEN, *SCRIPTS, *FORMULAS, *NUMERALS)
SIZES = (1, 2, 25, 26, 60, 61, 100, 101, 200, 201, 1000, 1001, 4000, 5000)

pieces = st.sampled_from(PIECES) | st.characters(exclude_categories=())
mixed = st.lists(pieces, max_size=12).map("".join)
long = st.builds(
    lambda piece, size: (piece * size)[:size],
    st.sampled_from([each for each in PIECES if each]) | mixed.filter(bool),
    st.sampled_from(SIZES),
)
mentions = st.builds("{} {}".format, st.sampled_from(MENTIONS), mixed)
hostile = mixed | long | mentions | st.sampled_from(PIECES)
"""Any of it, up to 5,000 characters."""

numbers = st.sampled_from(
    [0, -1, 1, 2, 12, 100, 101, 100_000, 100_001, 10**9, 2**31, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64, -(2**63), -(2**64), 10**40]
) | st.integers(-(2**70), 2**70)
anything = (
    hostile
    | numbers
    | st.sampled_from(
        [None, True, False, 0.5, -0.0, 1e308, float("nan"), float("inf"), float("-inf"), [], {}, [1], ["a"], {"a": 1}, [[]], ""]
    )
)
"""What stands where something else should."""
