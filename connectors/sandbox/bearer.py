"""Bearer tokens of stand-ins: each names its company and its end, signed with what only the sandbox's seed gives."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.sandbox.world import World


@dataclass(frozen=True)
class Tokens:
    """One provider's tokens, which end so many seconds after they were given, by the sandbox's clock."""

    provider: str
    life_seconds: int

    def give(self, world: World, company_id: str) -> str:
        """A fresh token."""
        ends = int(world.clock.now().timestamp()) + self.life_seconds
        return f"{encoded(company_id)}.{ends}.{self._signature(world.seed, company_id, ends)}"

    def company_of(self, world: World, authorization: str) -> str | None:
        """Whose token a request carries; None for one that is wrong or has ended."""
        company_id, ends = self._opened(world, authorization)
        return company_id if world.clock.now().timestamp() < ends else None

    def company_named(self, world: World, authorization: str) -> str | None:
        """Whose token it is, also after its end."""
        return self._opened(world, authorization)[0]

    def derived(self, seed: int, what: str, company_id: str) -> str:
        """A secret of a company that nobody has to remember. 64 hexadecimal digits."""
        key = f"kopru-{self.provider}-{seed}".encode()
        return hmac.new(key, f"{what}\0{company_id}".encode(), hashlib.sha256).hexdigest()

    def _opened(self, world: World, authorization: str) -> tuple[str | None, int]:
        scheme, _, value = authorization.partition(" ")
        name, _, rest = value.partition(".")
        ends, _, signature = rest.partition(".")
        company_id = decoded(name) if scheme == "Bearer" and ends.isascii() and ends.isdigit() else None
        if company_id is None or not hmac.compare_digest(
            self._signature(world.seed, company_id, int(ends)).encode(), signature.encode()
        ):
            return None, 0
        return company_id, int(ends)

    def _signature(self, seed: int, company_id: str, ends: int) -> str:
        return self.derived(seed, f"token {ends}", company_id)[:24]


def encoded(company_id: str) -> str:
    """A company's id in letters and digits that may stand in a client's id or a user's name."""
    return base64.b32encode(company_id.encode()).decode().rstrip("=").lower()


def decoded(name: str) -> str | None:
    """The id again; None for what is none."""
    try:
        return base64.b32decode(name.upper() + "=" * (-len(name) % 8)).decode() or None
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
