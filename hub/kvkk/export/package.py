"""The package: an AES-256 zip file, written member by member, each with its SHA-256 in the manifest that comes last.

WinZip's AES is what a recipient can open with 7-Zip, WinRAR or Keka and a passphrase. Names of members are not
encrypted by that format: they are names of tables, never of people.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from hub.kvkk.export.spool import Spool
from hub.kvkk.export.tables import json_text, write_table

if TYPE_CHECKING:
    from hub.kvkk.stores import Section

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters that a person reading them aloud would confuse."""


def new_passphrase() -> str:
    """Five groups of five characters: 123 bits, and still to be read out over a telephone."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(5))


def settled(path: Path) -> tuple[str, int]:
    """The file's SHA-256 and size, once it is safely on disk."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
        return digest, os.fstat(file.fileno()).st_size


class Package:
    """Writes one package to a new file of mode 0600. Leaving the context without `finish` leaves a torn one."""

    def __init__(self, path: Path, passphrase: str) -> None:
        import pyzipper

        self._path = path
        self._stream = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._zip: Any = pyzipper.AESZipFile(
            self._stream, "w", compression=pyzipper.ZIP_DEFLATED, compresslevel=6, encryption=pyzipper.WZ_AES
        )
        self._zip.setpassword(passphrase.encode())
        self._zip.setencryption(pyzipper.WZ_AES, nbits=256)
        self.files: list[dict[str, Any]] = []

    def __enter__(self) -> Package:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._zip.close()
        except (OSError, ValueError):
            if kind is None:
                raise
        finally:
            self._stream.close()

    def add(self, name: str, content: bytes) -> None:
        """One member from memory."""
        self._member(name, iter((content,)))

    def add_json(self, name: str, content: object) -> None:
        """One member as indented JSON."""
        self.add(name, (json_text(content, indent=2) + "\n").encode())

    def add_table(self, section: Section, on_row: Callable[[], None]) -> int:
        """A section as `data/<source>/<table>.csv` and `.json`, its rows read once; how many there were."""
        name = f"data/{section.source}/{section.table}"
        with Spool(self._path.parent) as waiting:
            digest = hashlib.sha256()
            with self._zip.open(f"{name}.csv", "w", force_zip64=True) as member:

                def to_csv(data: bytes) -> None:
                    digest.update(data)
                    member.write(data)

                count = write_table(iter(section.rows), to_csv, waiting.write, on_row)
            self.files.append({"name": f"{name}.csv", "sha256": digest.hexdigest(), "rows": count})
            self._member(f"{name}.json", waiting.chunks(), rows=count)
        return count

    def finish(self, manifest: Mapping[str, Any]) -> None:
        """Write the manifest, which lists every other member."""
        self._member(MANIFEST, iter(((json_text({**manifest, "files": self.files}, indent=2) + "\n").encode(),)))

    def _member(self, name: str, chunks: Iterator[bytes], **facts: Any) -> None:
        digest = hashlib.sha256()
        with self._zip.open(name, "w", force_zip64=True) as member:
            for chunk in chunks:
                digest.update(chunk)
                member.write(chunk)
        if name != MANIFEST:
            self.files.append({"name": name, "sha256": digest.hexdigest(), **facts})
