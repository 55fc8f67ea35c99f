"""A file that a command makes: whole or not at all, and never over another one unless that was asked for."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from hub.cli.output import say
from hub.errors import HubError
from hub.i18n import _

if TYPE_CHECKING:
    from pathlib import Path


def require_free(path: Path, *, force: bool) -> None:
    """Before the work, what `write_whole` would refuse after it. HubError `file_in_the_way`, `file_unwritable`."""
    if not path.parent.is_dir() or path.is_dir():
        raise HubError("file_unwritable", path=str(path))
    if not force and path.exists():
        raise HubError("file_in_the_way", path=str(path))


def write_whole(path: Path, content: bytes, *, force: bool) -> None:
    """The content under its name in one step, after it is on the disk. HubError as `require_free`."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if force:
            draft.replace(path)
        else:
            path.hardlink_to(draft)  # unlike a rename, this fails where something stands by now
    except FileExistsError:
        raise HubError("file_in_the_way", path=str(path)) from None
    except OSError:
        raise HubError("file_unwritable", path=str(path)) from None
    finally:
        draft.unlink(missing_ok=True)
    say(_("Written: {path}").format(path=path))
