"""The password of a key and the PIN of a token: from a file or an environment variable named to us, never typed.

What stands on a command line is seen by every user of the machine, and stays in the shell's history.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def read_secret(*, file: Path | None, variable: str | None, environment: Mapping[str, str]) -> bytes | None:
    """The secret without its line end; None where neither place is named.

    Raises HubError `seal_secret_twice`, `seal_secret_file_unreadable`, `seal_secret_variable_missing`.
    """
    if file is not None and variable is not None:
        raise HubError("seal_secret_twice")
    if file is not None:
        try:
            content = file.read_bytes()
        except OSError:
            raise HubError("seal_secret_file_unreadable", path=str(file)) from None
        return content.rstrip(b"\r\n")
    if variable is None:
        return None
    value = environment.get(variable)
    if not value:
        raise HubError("seal_secret_variable_missing", variable=variable)
    return value.encode()
