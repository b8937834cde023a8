"""`python -m tests.hostile.files_atheris [folder]`: bytes chosen by what the readers do with them; needs atheris, which no test does."""

import sys

import atheris

with atheris.instrument_imports(include=["bot.services.sheets", "bot.domain", "openpyxl", "zipfile", "json"]):
    from bot.domain import coordinates
    from bot.domain.refusal import Refusal
    from bot.locales import plain
    from bot.services.sheets import csv_file, json_file, workbook


def read(data: bytes) -> None:
    """Gives the bytes to the reader that the first of them names; whatever is raised but a refusal ends the search."""
    kind, written = data[:1], data[1:]
    try:
        match kind[0] % 4 if kind else 3:
            case 0 if written.strip():
                sheet = csv_file.read(written, {"name"})
            case 1:
                sheet = json_file.read(written)
            case 2:
                sheet = workbook.read(b"PK\x03\x04" + written, None)
            case _:
                coordinates.parse(written.decode("utf-8", "surrogateescape"))
                return
        for _ in sheet.rows:
            pass
    except Refusal as refusal:
        plain(refusal.reason, "en")


if __name__ == "__main__":
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()
