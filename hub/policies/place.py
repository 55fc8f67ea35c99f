"""Where a tenant may choose: a column of a provider's stream, with what its policy file says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.errors import HubError
from kvkk_policies.override import Override, check_override

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.contract import Provider
    from kvkk_policies.policy import ColumnPolicy, ProviderPolicy, StreamPolicy


@dataclass(frozen=True)
class Place:
    """A column of a provider's stream, and what its policy file says of it."""

    provider: Provider
    policy: ProviderPolicy
    stream: str
    column: str

    @property
    def base(self) -> ColumnPolicy:
        """The file's policy of the column."""
        return self.stream_policy.columns[self.column]

    @property
    def stream_policy(self) -> StreamPolicy:
        """The file's policy of the stream."""
        return self.policy.streams[self.stream]

    def under(self, override: Override | None) -> ColumnPolicy:
        """The policy in force under a choice. HubError `override_*` when it is not allowed."""
        if override is None:
            return self.base
        return check_override(
            stream=self.provider.stream(self.stream), policy=self.stream_policy, column=self.column, override=override
        )


def place_of(
    providers: Mapping[str, Provider],
    policies: Mapping[str, ProviderPolicy],
    *,
    provider: str,
    stream: str,
    column: str,
) -> Place:
    """The column meant. HubError `provider_unknown`, `stream_unknown` or `override_column_unknown`."""
    if provider not in providers or provider not in policies:
        raise HubError("provider_unknown", provider=provider, known=", ".join(sorted(providers)))
    streams = policies[provider].streams
    if stream not in streams:
        raise HubError("stream_unknown", stream=stream, known=", ".join(sorted(streams)))
    if column not in streams[stream].columns:
        raise HubError("override_column_unknown", stream=stream, column=column)
    return Place(providers[provider], policies[provider], stream, column)
