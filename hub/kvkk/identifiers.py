"""From an identifier that a person typed to the pair of kind and pseudonym under which a tenant's data knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.errors import HubError
from kvkk_policies.vocabulary import IDENTIFIER_KINDS

if TYPE_CHECKING:
    from connectors.secret import Secret
    from hub.keys.keyring import Keyring
    from hub.kvkk.person import Pair


def require_kind(kind: str) -> str:
    """One of `IDENTIFIER_KINDS`. HubError `subject_kind_unknown`."""
    if kind not in IDENTIFIER_KINDS:
        raise HubError("subject_kind_unknown", known=", ".join(IDENTIFIER_KINDS))
    return kind


def identified(keyring: Keyring, tenant_id: str, kind: str, value: Secret) -> Pair:
    """The pair, however the value is spelled. HubError `subject_kind_unknown`, `subject_malformed`."""
    from kvkk_policies.canonical import canonical

    form = canonical(require_kind(kind), value.reveal())
    if form is None or not checksum_fits(kind, form):
        raise HubError("subject_malformed", kind=kind)
    return kind, keyring.tenant(tenant_id).pseudonymiser().one(kind, form)


def checksum_fits(kind: str, form: str) -> bool:
    """Whether a canonical identity number has the right check digits; other kinds have none."""
    from stdnum.tr import tckimlik, vkn

    checks = {"tckn": tckimlik.is_valid, "vkn": vkn.is_valid}
    return checks[kind](form) if kind in checks else True
