"""What Meta would refuse of messages by template, by the account's catalogue as Meta has it now.

The catalogue is remembered for a few minutes in this process, so that a campaign asks for it once. A problem is never
told by a remembered one: the template may have been approved a moment ago.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING

from connectors.clock import SYSTEM_CLOCK, Clock
from connectors.failure import ProviderFailure
from connectors.whatsapp.templates import Template, catalogue, problems

if TYPE_CHECKING:
    import httpx

    from connectors.actions import Payload, Problem
    from connectors.contract import ConnectionSpec

REMEMBERED_SECONDS = 300.0
_MOST_REMEMBERED = 1_000


class _Catalogues:
    """Catalogues by account, with the moment at which each was read. Threads may share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._read: dict[str, tuple[float, list[Template]]] = {}

    def get(self, account: str, now: float) -> list[Template] | None:
        with self._lock:
            at, found = self._read.get(account, (0.0, None))
        return found if found is not None and at <= now < at + REMEMBERED_SECONDS else None

    def keep(self, account: str, now: float, found: list[Template]) -> None:
        with self._lock:
            if len(self._read) >= _MOST_REMEMBERED:
                self._read.clear()
            self._read[account] = (now, found)


_CATALOGUES = _Catalogues()


async def foresee(
    spec: ConnectionSpec, client: httpx.AsyncClient, payloads: Sequence[Payload], *, clock: Clock = SYSTEM_CLOCK
) -> list[Sequence[Problem]] | None:
    """Problems of each checked payload of `whatsapp.template`, in order; None where the catalogue cannot be had.

    That is so without the setting `waba_id`, and while Meta does not answer: then Meta judges at the moment of sending.
    """
    account = _account(spec)
    remembered = _CATALOGUES.get(account, clock.monotonic())
    if remembered is not None:
        found = [problems(payload, remembered) for payload in payloads]
        if not any(found):
            return found
    try:
        templates = await catalogue(spec, client, clock=clock)
    except ProviderFailure:
        return None
    _CATALOGUES.keep(account, clock.monotonic(), templates)
    return [problems(payload, templates) for payload in payloads]


def _account(spec: ConnectionSpec) -> str:
    token = "".join(secret.reveal() for _, secret in sorted(spec.credentials.items()))
    whole = "\x00".join((spec.tenant_id, spec.base_url, str(sorted(spec.settings.items())), token))
    return hashlib.sha256(whole.encode()).hexdigest()
