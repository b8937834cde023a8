"""Backups that only the holder of a secret key can read: the format of age, with keys of age or of SSH."""

from collections.abc import Sequence
from pathlib import Path

import pyrage
from pyrage import ssh, x25519

from bot.domain.text import text
from db.backup import Seal
from db.faults import StorageFault

BEGINNING = b"age-encryption.org/"


def sealing_for(public_key: str) -> Seal | None:
    """What encrypts to this key, None for no key; raises ValueError if it is none that is understood."""
    if not public_key:
        return None
    recipient = _recipient(public_key)

    def seal(plain: Path, target: Path) -> None:
        # It reads and writes piece by piece; nothing else runs in this process meanwhile.
        pyrage.encrypt_file(str(plain), str(target), [recipient])

    return seal


def is_sealed(file: Path) -> bool:
    """Whether a file is encrypted as `sealing_for` does it."""
    with file.open("rb") as opened:
        return opened.read(len(BEGINNING)) == BEGINNING


def unseal(file: Path, identity: Path, target: Path) -> None:
    """Writes what is in an encrypted file to `target`, with the secret key that stands in the file `identity`; raises StorageFault."""
    try:
        pyrage.decrypt_file(str(file), str(target), _identities(identity))
    except pyrage.DecryptError:
        reason = text(
            "The backup {file} was not encrypted to the key in {identity}. Name the file with its secret key.",
            file=str(file),
            identity=str(identity),
        )
        raise StorageFault(reason) from None
    except OSError as error:
        if error.errno is not None:
            raise
        raise StorageFault(text("The backup {file} is damaged: it cannot be decrypted. Take another one.", file=str(file))) from None


def _recipient(public_key: str) -> x25519.Recipient | ssh.Recipient:
    kind = ssh.Recipient if public_key.startswith("ssh-") else x25519.Recipient
    try:
        return kind.from_str(public_key)
    except pyrage.RecipientError as error:
        raise ValueError(public_key) from error


def _identities(file: Path) -> Sequence[x25519.Identity | ssh.Identity]:
    unusable = StorageFault(text("There is no secret key in {file}: name the file that age-keygen made, or an SSH key.", file=str(file)))
    try:
        written = file.read_bytes()
        if b"PRIVATE KEY" in written:
            return [ssh.Identity.from_buffer(written)]
        lines = [line.strip() for line in written.decode().splitlines()]
        found = [x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (pyrage.IdentityError, OSError, UnicodeDecodeError):
        raise unusable from None
    if not found:
        raise unusable
    return found
