"""Writes what a command made to a file, or to standard output as the bytes it is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from hub.cli.output import say
from hub.errors import HubError
from hub.i18n import _

if TYPE_CHECKING:
    from pathlib import Path


def write_out(content: bytes, out: Path | None) -> None:
    """To the file, or to standard output without one. HubError `file_unwritable`."""
    if out is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        return
    try:
        out.write_bytes(content)
    except OSError:
        raise HubError("file_unwritable", path=str(out)) from None
    say(_("Written: {path}").format(path=out))
