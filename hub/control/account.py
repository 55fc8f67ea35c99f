"""What a person enters to connect a provider: held against what the provider asks for, and sealed as it is stored.

Nobody reads a value back: problems and the audit log name fields.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hub.validation import InvalidInput, Problem

if TYPE_CHECKING:
    from connectors.contract import Provider
    from connectors.secret import Secret
    from hub.keys.keyring import TenantKeys

LONGEST_INTERVAL = timedelta(days=31)
_PURPOSE = "integration"


@dataclass(frozen=True)
class Account:
    """Credentials, and what else belongs to one account at a provider."""

    environment: str
    credentials: Mapping[str, Secret]
    base_url: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """These stand above the ones that are stored."""
    cleared: Collection[str] = ()
    """Stored settings that go back to their defaults."""
    interval_seconds: int | None = None

    def check(self, provider: Provider) -> None:
        """`InvalidInput` with every field that is missing, unknown or out of bounds."""
        names = {each.name for each in provider.credential_fields}
        known_fields, known_settings = ", ".join(sorted(names)), ", ".join(sorted(provider.setting_names)) or "-"
        problems = [
            Problem(each.name, "field_missing", {})
            for each in provider.credential_fields
            if each.required and not self.credentials.get(each.name)
        ]
        problems += [
            Problem(name, "field_unknown", {"known": known_fields}) for name in self.credentials if name not in names
        ]
        problems += [
            Problem(name, "field_unknown", {"known": known_settings})
            for name in (*self.settings, *self.cleared)
            if name not in provider.setting_names
        ]
        if self.interval_seconds is not None and self.interval_seconds <= 0:
            problems.append(Problem("interval", "field_not_positive", {}))
        if self.interval_seconds is not None and self.interval_seconds > LONGEST_INTERVAL.total_seconds():
            limit = int(LONGEST_INTERVAL.total_seconds()) // 60
            problems.append(Problem("interval", "field_too_large", {"limit": limit}))
        if problems:
            raise InvalidInput(problems)

    def merged(self, provider: Provider, stored: Mapping[str, Any]) -> dict[str, Any]:
        """What is stored of settings; one that the provider has no more goes with the next change."""
        kept = {
            name: value for name, value in stored.items() if name in provider.setting_names and name not in self.cleared
        }
        return kept | dict(self.settings)

    def sealed(self, keys: TenantKeys, provider: str) -> bytes:
        """The credentials under the tenant's key for this tenant and provider: a row copied elsewhere does not open."""
        clear = json.dumps({name: secret.reveal() for name, secret in self.credentials.items() if secret})
        return keys.seal(_PURPOSE, provider, clear.encode())
