"""What the hub does for each type of request, and what stays with the person who answers it: said, not implied."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hub.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hub.kvkk.requests.vocabulary import RequestType
    from kvkk_policies.policy import ProviderPolicy


class Duties(NamedTuple):
    """Two texts for the person at the desk, in English; `_` turns them."""

    hub: str
    person: str


_PACKAGE = N_("Collects everything held about the applicant into a sealed package with the answer letter.")
_SEND = N_("Check the package and the letter, send the one-time link, answer.")

DUTIES: dict[RequestType, Duties] = {
    "access": Duties(_PACKAGE, _SEND),
    "info": Duties(_PACKAGE, _SEND),
    "third_parties": Duties(_PACKAGE, _SEND),
    "erase": Duties(
        N_("Finds every copy, checks holds and statutory periods, destroys what may be destroyed, verifies it."),
        N_("Have providers and recipients erase the data, and say in the answer what is kept and until when."),
    ),
    "rectify": Duties(
        N_("Keeps the corrections, sealed. It cannot write to a provider: the next sync brings what stands there."),
        N_("Correct each value at its source, tell the recipients, sync again, then answer with what was corrected."),
    ),
    "notify_recipients": Duties(
        N_("Names the recipients that the inventory declares."),
        N_("Tell each of them of the correction or destruction, and say in the answer who was told and when."),
    ),
    "object_automated": Duties(
        N_("Names the columns in which scores stand as bands; the hub itself decides nothing about a person."),
        N_("Have a person look again at each decision that was taken from them, and answer with the result."),
    ),
    "compensation": Duties(
        N_("Does nothing by itself."), N_("Pass it to whoever decides about claims, and answer with the decision.")
    ),
}


def score_columns(policies: Mapping[str, ProviderPolicy]) -> Iterator[str]:
    """`provider.stream.column` of every score that is kept as a band: what automated decisions can have rested on."""
    for provider, policy in sorted(policies.items()):
        for stream, columns in sorted(policy.streams.items()):
            for column in columns.columns.values():
                if column.action == "generalise" and column.params.get("to") == "band":
                    yield f"{provider}.{stream}.{column.name}"


def declared_recipients(policies: Mapping[str, ProviderPolicy]) -> list[str]:
    """Groups of recipients that the policies name, without repetition."""
    return sorted(
        {each for policy in policies.values() for stream in policy.streams.values() for each in stream.recipients}
    )
