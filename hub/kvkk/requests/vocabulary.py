"""The desk's closed word lists: what may be asked, how it came, how identity was checked, why it was refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

RequestType = Literal[
    "access",
    "info",
    "third_parties",
    "rectify",
    "erase",
    "notify_recipients",
    "object_automated",
    "compensation",
]
"""What is asked, after KVKK art. 11/1: a and b, c, ç, d, e, f, g, ğ."""
REQUEST_TYPES: tuple[RequestType, ...] = get_args(RequestType)

ARTICLES: dict[RequestType, str] = {
    "access": "KVKK 11/1-a, b",
    "info": "KVKK 11/1-c",
    "third_parties": "KVKK 11/1-ç",
    "rectify": "KVKK 11/1-d",
    "erase": "KVKK 11/1-e",
    "notify_recipients": "KVKK 11/1-f",
    "object_automated": "KVKK 11/1-g",
    "compensation": "KVKK 11/1-ğ",
}
"""The right that each type exercises. None of them is portability, which the law does not know."""

State = Literal["received", "identity_check", "info_needed", "in_progress", "answered", "closed"]
OPEN_STATES: tuple[State, ...] = ("received", "identity_check", "info_needed", "in_progress")

Outcome = Literal["accepted", "partly", "refused"]
WorkState = Literal["none", "pending", "running", "done", "failed"]
Decision = Literal["included", "review", "excluded"]

Channel = Literal["written", "kep", "secure_e_signature", "mobile_signature", "registered_email", "application"]
"""Communiqué on applications, art. 5/1: in writing, by registered mail (KEP), by signature, from the e-mail address on
file, or through an application built for it."""
CHANNELS: tuple[Channel, ...] = get_args(Channel)

IdentityMethod = Literal[
    "matched_identifiers",
    "registered_email",
    "in_person",
    "wet_signature",
    "kep",
    "secure_e_signature",
    "mobile_signature",
    "application_login",
]
"""How the desk came to know the applicant. The first two rest on what the hub holds and are checked by it; the others
are attested by the person at the desk. A document that was shown is never kept or described."""
IDENTITY_METHODS: tuple[IdentityMethod, ...] = get_args(IdentityMethod)

IDENTITY_NUMBERS = ("tckn", "vkn")
"""Kinds of identifier that an attested identity proves by itself."""


@dataclass(frozen=True)
class Ground:
    """A ground of refusal. `article` stands in the answer unless another is named; None means one must be named."""

    article: str | None
    needs_destruction_date: bool = False


REFUSAL_GROUNDS: dict[str, Ground] = {
    "identity_not_established": Ground("Veri Sorumlusuna Başvuru Tebliği 5/2"),
    "not_the_controller": Ground("KVKK 3/1-ı"),
    "not_personal_data": Ground("KVKK 3/1-d"),
    "exempt": Ground("KVKK 28"),
    "basis_remains": Ground("KVKK 5/2"),
    "statutory_retention": Ground(None, needs_destruction_date=True),
    "legal_claim": Ground("KVKK 5/2-e"),
    "legal_hold": Ground(None),
    "rights_of_others": Ground("KVKK 12/1"),
    "no_automated_decision": Ground("KVKK 11/1-g"),
    "data_is_accurate": Ground("KVKK 4/2-b"),
}
"""Why a request may be refused, wholly or in part (KVKK art. 13/3: refusal with reasons)."""
