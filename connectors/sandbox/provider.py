"""What a stand-in is made of. A new provider adds a module with one of these and a line in registry.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from connectors.sandbox.company import Person
    from connectors.sandbox.world import World

ErrorKind = Literal["rate_limited", "server_error", "credentials_expired", "error_with_personal_data"]
SpoilKind = Literal["wrong_type", "undeclared_column"]


@dataclass(frozen=True)
class Asked:
    """A request as it arrived, for finding out whose credentials it carries."""

    path: str
    query: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


@dataclass(frozen=True)
class Reply:
    """A whole answer."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})


def no_files(_world: World, _company_id: str, _name: str) -> str | None:
    """For providers that leave no files."""
    return None


@dataclass(frozen=True)
class SandboxProvider:
    """One provider's stand-in."""

    name: str
    prefixes: tuple[str, ...]
    """Paths it answers at the root of the server, as the real one does: its own clients know no other."""
    app: Callable[[World], ASGIApp]
    credentials: Callable[[int, str], dict[str, str]]
    """Credentials of a company, from the sandbox's seed and the company's id."""
    company_of: Callable[[World, Asked], str | None]
    """Whose credentials a request carries, whether or not they are right."""
    error: Callable[[World, ErrorKind, Person], Reply]
    """How this provider words an error; the person is the one to be quoted."""
    spoil: Callable[[SpoilKind, bytes, Person], bytes]
    """A good answer's body with a wrong type or a column that nobody declared."""
    file: Callable[[World, str, str], str | None] = no_files
    """Content of a file that the provider leaves for a company by another way than HTTP (SFTP), by its name."""
    error_to: Callable[[World, ErrorKind, Person, Asked], Reply] | None = None
    """Instead of `error`, for a provider whose errors take the shape of what was asked."""
