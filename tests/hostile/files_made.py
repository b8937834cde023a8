"""How files are made that do harm."""

import os
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

MEGABYTE = 1_000_000
HUNDRED = 100 * MEGABYTE
COLUMNS = b"name,city,latitude,longitude,timezone,founded,channel,admins,branch"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
NAMED = '<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c></row>'
LONDON = '<row r="2"><c r="A2" t="inlineStr"><is><t>London</t></is></c></row>'


def bytes_of(content: bytes, times: int = 1, tail: bytes = b"", head: bytes = b"") -> Callable[[Path], None]:
    """Writes a piece of content many times, a few megabytes at once."""

    def write(path: Path) -> None:
        at_once = max(1, 4 * MEGABYTE // len(content))
        with path.open("wb") as file:
            file.write(head)
            for start in range(0, times, at_once):
                file.write(content * min(at_once, times - start))
            file.write(tail)

    return write


def sheet(rows: str, *, before: str = "", after: str = "") -> str:
    """The XML of one sheet."""
    return f'<worksheet xmlns="{MAIN}" xmlns:r="{RELATIONS}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def plain() -> str:
    """The XML of a sheet with one chapter."""
    return sheet(NAMED + LONDON)


def parts(content: str | bytes, extra: Mapping[str, str | bytes] | None = None) -> dict[str, str | bytes]:
    """The parts of the smallest workbook: one sheet with this content, and whatever else is put in."""
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>'
        f'<Override PartName="/{SHEET}" ContentType="{types}.worksheet+xml"/>'
        f'<Override PartName="/{STRINGS}" ContentType="{types}.sharedStrings+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{RELATIONS}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets><sheet name="One" sheetId="1" r:id="r1"/></sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{RELATIONS}/worksheet" '
        f'Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        STRINGS: f'<sst xmlns="{MAIN}"/>',
        SHEET: content,
        **(extra or {}),
    }


def words(content: Callable[[], str | bytes], encoding: str = "utf-8") -> Callable[[Path], None]:
    """Writes what is made up only when it is needed."""

    def write(path: Path) -> None:
        made = content()
        path.write_bytes(made if isinstance(made, bytes) else made.encode(encoding))

    return write


def workbook(content: Callable[[], str], extra: Callable[[], Mapping[str, str | bytes]] = dict) -> Callable[[Path], None]:
    """Writes a workbook of these parts."""

    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
            for name, part in parts(content(), extra()).items():
                made.writestr(name, part)

    return write


def bomb(unpacked: int, *, told: int | None = None, before: str = "") -> Callable[[Path], None]:
    """A workbook whose sheet unpacks to so many bytes of spaces, and (`told`) says it were fewer."""

    def write(path: Path) -> None:
        begun = sheet(NAMED + LONDON, before=before).removesuffix("</worksheet>").encode()
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
            for name, part in parts("").items():
                if name != SHEET:
                    made.writestr(name, part)
            with made.open(SHEET, "w", force_zip64=unpacked > 2**31) as part:
                part.write(begun)
                spaces = b" " * (8 * MEGABYTE)
                for _ in range(unpacked // len(spaces)):
                    part.write(spaces)
                part.write(b"</worksheet>")
        if told is not None:
            _lie(path, told)

    return write


def _lie(path: Path, told: int) -> None:
    """Gives the sheet another size in the directory at the end of the archive, and in its own header."""
    written = bytearray(path.read_bytes())
    at = written.rindex(SHEET.encode())
    start = written.rindex(b"PK\x01\x02", 0, at)
    struct.pack_into("<I", written, start + 24, told)
    local = written.index(SHEET.encode())
    struct.pack_into("<I", written, written.rindex(b"PK\x03\x04", 0, local) + 22, told)
    path.write_bytes(written)


def many_entries(count: int) -> Callable[[Path], None]:
    """A workbook beside so many empty parts."""
    return workbook(plain, lambda: {f"x/{number}": "" for number in range(count)})


def truncated(path: Path) -> None:
    """A workbook of which the second half is missing."""
    workbook(plain)(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def overlapping(path: Path) -> None:
    """A workbook whose directory lists the same megabytes of spaces a hundred times."""
    workbook(plain, lambda: {"x": " " * MEGABYTE})(path)
    written = path.read_bytes()
    end = written.rindex(b"PK\x05\x06")
    (count, size, begin) = struct.unpack("<HII", written[end + 10 : end + 20])
    entry = written[written.rindex(b"PK\x01\x02", 0, end) : end]
    directory = written[begin:end] + entry * 100
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count + 100, count + 100, size + 100 * len(entry), begin, 0)
    path.write_bytes(written[:begin] + directory + tail)


def laughing() -> str:
    """A sheet whose nine entities would unfold to a billion words."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10))
    return f'<?xml version="1.0"?><!DOCTYPE x [{entities}]>' + sheet(NAMED.replace("name", "&l9;"))


def shared(count: int) -> dict[str, str]:
    """So many shared strings."""
    return {STRINGS: f'<sst xmlns="{MAIN}">{"<si><t>x</t></si>" * count}</sst>'}


def nested(depth: int) -> bytes:
    """A list of chapters so deep."""
    return b'[{"name":' + b"[" * depth + b"]" * depth + b"}]"


def fifo(path: Path) -> None:
    """A pipe into which nobody writes."""
    os.mkfifo(path)


def endless(path: Path) -> None:
    """A link to a device that never ends."""
    path.symlink_to("/dev/zero")


def looped(path: Path) -> None:
    """A link to itself."""
    path.symlink_to(path)
