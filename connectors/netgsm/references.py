"""What Netgsm calls one message: its job, which a hundred may share, and the number that it went to.

So a push that echoes no reference of ours still finds its message. It holds a phone number: sealed, never shown.
"""

from __future__ import annotations

from dataclasses import replace

from connectors.actions import Act, Outcome, Taken
from connectors.netgsm.phones import national_mobile


def provider_reference(job: str, phone: str | None) -> str:
    """Job and ten digits; the job alone where there is no number."""
    return job if phone is None else f"{job}/{phone}"


def job_of(reference: str) -> str:
    """The job of a provider's reference."""
    return reference.partition("/")[0]


def named(outcome: Outcome, act: Act) -> Outcome:
    """An outcome that names the call's job, as this message's own."""
    if not isinstance(outcome, Taken) or outcome.provider_reference is None:
        return outcome
    phone = national_mobile(act.payload.get("to"))
    return replace(outcome, provider_reference=provider_reference(outcome.provider_reference, phone))
