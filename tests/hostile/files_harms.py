"""Lists of chapters that nobody should import: what each is, and how the answer to it begins."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.hostile.files_made import (
    LONDON,
    MAIN,
    MEGABYTE,
    NAMED,
    RELATIONS,
    bomb,
    bytes_of,
    endless,
    fifo,
    laughing,
    looped,
    many_entries,
    nested,
    overlapping,
    plain,
    shared,
    sheet,
    truncated,
    words,
    workbook,
)


@dataclass(frozen=True, slots=True)
class Harm:
    """A file's name, how it is made, how the answer begins, and whether it is left to the long run."""

    file: str
    make: Callable[[Path], object]
    answer: str
    slow: bool = False


LARGE = "The file is larger than 10 megabytes."
LONG_LINE = "Line 2: This line cannot be read"
MANY_ROWS = "The file has more than 50,000 rows."
HOPELESS = "More than 500 rows cannot be taken."
WIDE, WIDE_JSON = "The file has more than 200 columns.", "The file has more than 1,000 columns."
TOO_MUCH = "This workbook unpacks to more than can be read safely."
DAMAGED = "This workbook is damaged"
ADDED = "1 chapter was added."
NO_FILE = "The file cannot be read: Not an ordinary file."
COLUMNS = b"name,city,latitude,longitude,timezone,founded,channel,admins,branch\n"
ROW = b"Chapter,London,51.5,-0.1,Europe/London,2020-01-01,,,GB\n"

CSV: Mapping[str, Harm] = {
    "CSV, 100 MB in many rows": Harm("a.csv", bytes_of(ROW, 100 * MEGABYTE // len(ROW), head=COLUMNS), LARGE),
    "CSV, 100 MB in one cell": Harm("a.csv", bytes_of(b"x", 100 * MEGABYTE, head=b"name\n"), LARGE),
    "CSV, 9 MB in one cell": Harm("a.csv", bytes_of(b"x", 9 * MEGABYTE, head=b"name\n"), LONG_LINE, slow=True),
    "CSV, 9 MB in one column's name": Harm("a.csv", bytes_of(b"x", 9 * MEGABYTE, tail=b"\nLondon\n"), WIDE),
    "CSV, 9 MB of rows": Harm("a.csv", bytes_of(ROW, 160_000, head=COLUMNS), MANY_ROWS, slow=True),
    "CSV, 9 MB of rows of two letters": Harm(
        "a.csv", words(lambda: "name\n" + "".join(f"{n}\n" for n in range(1_200_000))), MANY_ROWS, slow=True
    ),
    "CSV, 9 MB of empty lines": Harm("a.csv", bytes_of(b"\n", 9 * MEGABYTE, head=b"name\n", tail=b"London\n"), MANY_ROWS, slow=True),
    "CSV, countries that there are not": Harm("a.csv", words(lambda: _numbered("name,branch", "a{n},Atlantis{n}")), HOPELESS, slow=True),
    "CSV, time zones that there are not": Harm("a.csv", words(lambda: _numbered("name,timezone", "a{n},Mars/B{n}")), HOPELESS, slow=True),
    "CSV, 100,000 columns": Harm("a.csv", bytes_of(b",c", 100_000, head=b"name", tail=b"\nLondon\n"), WIDE, slow=True),
    "CSV, 6 million columns of nothing": Harm("a.csv", bytes_of(b",", 6_000_000, head=b"name", tail=b"\nLondon\n"), WIDE),
    "CSV, 9 million values in row 2": Harm("a.csv", bytes_of(b",", 9 * MEGABYTE, head=b"name\nLondon"), WIDE, slow=True),
    "CSV, a quote never closed": Harm("a.csv", bytes_of(b"London\n", MEGABYTE, head=b'name\n"'), LONG_LINE),
    "CSV, separators alone": Harm("a.csv", bytes_of(b",,\n", 3), "The file is empty.", slow=True),
    "CSV, UTF-16": Harm("a.csv", words(lambda: "name\nLondon\n", "utf-16"), ADDED, slow=True),
    "CSV, 9 MB of UTF-16": Harm("a.csv", words(lambda: "name\n" + "x\n" * 2_200_000, "utf-16"), MANY_ROWS, slow=True),
    "CSV, 9 MB of NUL": Harm("a.csv", bytes_of(b"\0", 9 * MEGABYTE, head=b"name\n"), "This is not a CSV file.", slow=True),
    "CSV, 5,000 accents on one letter": Harm(
        "a.csv", bytes_of("a\u0315\u0300".encode() * 2 + "\u0315\u0300".encode() * 2400 + b"\n", 900, head=b"name\n"), HOPELESS, slow=True
    ),
    "CSV, letters that unfold to 18 each": Harm(
        "a.csv", bytes_of("\ufdfa".encode() * 4900 + b"\n", 600, head=b"name\n"), HOPELESS, slow=True
    ),
}


def _numbered(header: str, line: str) -> str:
    return "\n".join([header, *(line.replace("{n}", str(n)) for n in range(50_000))])


JSON: Mapping[str, Harm] = {
    "JSON, 100 MB": Harm("a.json", bytes_of(b'{"name":"a"},', 100 * MEGABYTE // 13, head=b"[", tail=b"{}]"), LARGE, slow=True),
    "JSON, 9 MB in one word": Harm("a.json", bytes_of(b"x", 9 * MEGABYTE, head=b'[{"name":"', tail=b'"}]'), "Entry 1: name: far too much"),
    "JSON, 4 million zeros": Harm("a.json", bytes_of(b"0,", 4_000_000, head=b"[", tail=b"0]"), "The file has too many parts", slow=True),
    "JSON, 499,000 keys in one object": Harm("a.json", words(lambda: "[{" + _keys("", 499_000) + '"name":"a"}]'), WIDE_JSON, slow=True),
    "JSON, 49,999 objects of other keys each": Harm(
        "a.json", words(lambda: "[" + "".join(f'{{"name":"a{n}","k{n}":1}},' for n in range(49_999)) + "{}]"), WIDE_JSON, slow=True
    ),
    "JSON, 240,000 objects": Harm(
        "a.json", bytes_of(b'{"a":1},', 240_000, head=b"[", tail=b"{}]"), "The file has no column name.", slow=True
    ),
    "JSON, objects in objects in objects": Harm(
        "a.json",
        bytes_of(b'{"a":' * 900 + b"1" + b"}" * 900 + b",", 500, head=b"[", tail=b"{}]"),
        "The file has no column name.",
        slow=True,
    ),
    "JSON, a name of 1 MB above 1,000 others": Harm(
        "a.json", words(lambda: '[{"' + "k" * MEGABYTE + '":{' + _keys("a", 900) + '"b":0}}]'), "A name in this JSON is longer than 500"
    ),
    "JSON, nested 100,000 deep": Harm("a.json", words(lambda: nested(100_000)), "This JSON is nested too deeply"),
    "JSON, a number of 10,000 digits": Harm(
        "a.json", bytes_of(b"9", 10_000, head=b'[{"name":', tail=b"}]"), "This is not JSON that can be read: a number"
    ),
    "JSON, a latitude of 4,000 digits": Harm(
        "a.json", bytes_of(b"9", 4000, head=b'[{"name":"a","longitude":0,"latitude":', tail=b"}]"), "Entry 1: The latitude", slow=True
    ),
    "JSON, the same key twice": Harm(
        "a.json", words(lambda: '[{"name":"London","name":"York"}]'), "One object in this JSON names “name” twice."
    ),
    "JSON, UTF-16": Harm("a.json", words(lambda: '[{"name":"London"}]', "utf-16"), ADDED, slow=True),
}


def _keys(begun: str, count: int) -> str:
    return "".join(f'"{begun}{n}":0,' for n in range(count))


XLSX: Mapping[str, Harm] = {
    "XLSX, 10 GB unpacked": Harm("a.xlsx", bomb(10 * 2**30), LARGE, slow=True),
    "XLSX, 4 GB unpacked": Harm("a.xlsx", bomb(2**32 - 16 * MEGABYTE), LARGE, slow=True),
    "XLSX, 200 MB unpacked": Harm("a.xlsx", bomb(200 * MEGABYTE), TOO_MUCH),
    "XLSX, 200 MB unpacked that says it is 1 kB": Harm("a.xlsx", bomb(200 * MEGABYTE, told=1000), DAMAGED),
    "XLSX, 45 MB of spaces": Harm("a.xlsx", bomb(45 * MEGABYTE), DAMAGED, slow=True),
    "XLSX, a billion laughs": Harm("a.xlsx", workbook(laughing), DAMAGED),
    "XLSX, a sheet that says A1:XFD1048576": Harm(
        "a.xlsx", workbook(lambda: sheet(NAMED + LONDON, before='<dimension ref="A1:XFD1048576"/>')), ADDED
    ),
    "XLSX, a cell at XFD1048576": Harm(
        "a.xlsx",
        workbook(lambda: sheet(NAMED + '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>')),
        "The file names its columns, but has no chapters",
        slow=True,
    ),
    "XLSX, a row number of 10^18": Harm(
        "a.xlsx", workbook(lambda: sheet(NAMED + LONDON + f'<row r="{10**18}"><c><v>1</v></c></row>')), ADDED, slow=True
    ),
    "XLSX, a million shared strings": Harm("a.xlsx", workbook(plain, lambda: shared(1_000_000)), TOO_MUCH),
    "XLSX, 220,000 shared strings": Harm("a.xlsx", workbook(plain, lambda: shared(220_000)), ADDED, slow=True),
    "XLSX, one cell of 45 MB": Harm(
        "a.xlsx", workbook(lambda: sheet(NAMED + LONDON.replace("London", "x" * 45 * MEGABYTE))), DAMAGED, slow=True
    ),
    "XLSX, 140,000 rows": Harm("a.xlsx", workbook(lambda: sheet(NAMED + "<row><c><v>7</v></c></row>" * 140_000)), HOPELESS, slow=True),
    "XLSX, 890,000 rows of nothing": Harm("a.xlsx", workbook(lambda: sheet(NAMED + "<row/>" * 890_000)), "The file names", slow=True),
    "XLSX, a row of 220,000 cells": Harm(
        "a.xlsx", workbook(lambda: sheet(NAMED + "<row>" + "<c><v>1</v></c>" * 220_000 + "</row>")), "", slow=True
    ),
    "XLSX, rows in rows": Harm("a.xlsx", workbook(lambda: sheet(NAMED + "<row>" * 440_000 + "</row>" * 440_000)), "", slow=True),
    "XLSX, 3,000 entries": Harm("a.xlsx", many_entries(3000), TOO_MUCH),
    "XLSX, 65,000 entries": Harm("a.xlsx", many_entries(65_000), TOO_MUCH, slow=True),
    "XLSX, a hundred entries that are one": Harm("a.xlsx", overlapping, TOO_MUCH, slow=True),
    "XLSX, 500,000 styles": Harm(
        "a.xlsx",
        workbook(plain, lambda: {"xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs>{"<xf/>" * 500_000}</cellXfs></styleSheet>'}),
        TOO_MUCH,
    ),
    "XLSX, 190,000 styles": Harm(
        "a.xlsx",
        workbook(plain, lambda: {"xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs>{"<xf/>" * 190_000}</cellXfs></styleSheet>'}),
        ADDED,
        slow=True,
    ),
    "XLSX, 5,000 sheets": Harm(
        "a.xlsx", workbook(plain, lambda: {"xl/workbook.xml": _sheets(5000)}), "The workbook has more than 100 sheets.", slow=True
    ),
    "XLSX, 90 sheets that are one": Harm("a.xlsx", workbook(plain, lambda: {"xl/workbook.xml": _sheets(90)}), DAMAGED, slow=True),
    "XLSX, names that climb out": Harm("a.xlsx", workbook(plain, lambda: {"../../climbed.txt": "x", "/climbed.txt": "x"}), ADDED),
    "XLSX, with macros and external links": Harm(
        "a.xlsm", workbook(plain, lambda: {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0", "xl/externalLinks/externalLink1.xml": "<x/>"}), ADDED
    ),
    "XLSX, 400,000 merged cells": Harm(
        "a.xlsx",
        workbook(lambda: sheet(NAMED + LONDON, after='<mergeCell ref="A1:B2"/>' * 400_000)),
        "The sheet has merged cells",
        slow=True,
    ),
    "XLSX, truncated": Harm("a.xlsx", truncated, DAMAGED, slow=True),
    "XLSX that is none": Harm("a.xlsx", bytes_of(b"name\nLondon\n"), "This is not an Excel workbook", slow=True),
}


def _sheets(count: int) -> str:
    named = "".join(f'<sheet name="S{n}" sheetId="{n + 1}" r:id="r1"/>' for n in range(count))
    return f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{named}</sheets></workbook>'


NO_FILES: Mapping[str, Harm] = {
    "a pipe": Harm("a.csv", fifo, NO_FILE),
    "a device that never ends": Harm("a.csv", endless, NO_FILE),
    "a link to itself": Harm("a.csv", looped, "Usage: chapterhouse import chapters"),
    "a folder": Harm("a.csv", Path.mkdir, "Usage: chapterhouse import chapters"),
}

HARMS: Mapping[str, Harm] = {**CSV, **JSON, **XLSX, **NO_FILES}
