"""A temporary file that holds nothing readable: its key is in memory only, and its name is gone once it is open.

A table is written as JSON and as CSV from one reading of the rows, but a zip file takes one member after the other. So
one of the two waits here, and never in clear on a disk.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_CHUNK = 1 << 18


class Spool:
    """Write, then read once from the beginning. Leaving the context ends the file."""

    def __init__(self, directory: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=directory)  # noqa: SIM115 - closed by __exit__
        self._key, self._nonce = os.urandom(32), os.urandom(16)
        self._encryptor = self._cipher().encryptor()

    def _cipher(self) -> Cipher[modes.CTR]:
        return Cipher(algorithms.AES(self._key), modes.CTR(self._nonce))

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, data: bytes) -> None:
        """Add to the end."""
        self._file.write(self._encryptor.update(data))

    def chunks(self) -> Iterator[bytes]:
        """What was written, in pieces."""
        self._file.seek(0)
        decryptor = self._cipher().decryptor()
        while chunk := self._file.read(_CHUNK):
            yield decryptor.update(chunk)
