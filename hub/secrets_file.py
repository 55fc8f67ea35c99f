"""Role passwords on disk: made once, mode 0600, refused when others may read them; the environment goes first."""

from __future__ import annotations

import json
import os
import secrets
import stat
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hub.settings import Settings


def role_password(settings: Settings, role: str) -> str:
    """The password of a role by its short name. Raises HubError 'password_missing'."""
    given = settings.passwords.get(role)
    if given is not None:
        return given.get_secret_value()
    try:
        return _read(settings.secrets_file)[role]
    except KeyError:
        raise HubError("password_missing", role=role) from None


def ensure_passwords(settings: Settings, roles: Iterable[str]) -> None:
    """Make the passwords that neither the environment nor the secrets file has. Existing ones stay."""
    known = _read(settings.secrets_file)
    missing = [role for role in roles if role not in known and role not in settings.passwords]
    if missing:
        known.update({role: secrets.token_urlsafe(32) for role in missing})
        write_private(settings.secrets_file, json.dumps(known, indent=2, sort_keys=True).encode())


def write_private(path: Path, content: bytes) -> None:
    """Replace a file in one step; it is 0600 from its first byte on."""
    private_directory(path.parent)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def private_directory(path: Path) -> None:
    """Make a directory and whatever is missing above it, each of them for its owner alone."""
    for directory in reversed([path, *path.parents]):
        if not directory.exists():
            directory.mkdir(mode=0o700, exist_ok=True)


def private_file(path: Path) -> IO[bytes]:
    """Open a file for writing, empty; it is 0600 from its first byte on, and nobody else can even lock it."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def new_private_file(path: Path) -> IO[bytes]:
    """The same where nothing stands; a file or a link that somebody laid there is not followed: FileExistsError."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    _refuse_exposed(path)
    try:
        content: object = json.loads(path.read_text())
    except ValueError:
        raise HubError("secrets_malformed", path=str(path)) from None
    if not isinstance(content, dict):
        raise HubError("secrets_malformed", path=str(path))
    return {str(name): str(value) for name, value in cast("dict[object, object]", content).items()}


def _refuse_exposed(path: Path) -> None:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise HubError("secrets_exposed", path=str(path))
