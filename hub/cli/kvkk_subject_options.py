"""How `hub kvkk subjects` is told whom it is about: the kind as an option, the identifier without echo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli import entering
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.cli.opening import Hub
    from hub.kvkk.person import Pair

KindOption = Annotated[
    str,
    typer.Option(
        "--subject-kind", metavar="KIND", help=N_("tckn, vkn, phone, email or plate: what will be asked for.")
    ),
]


def asked_for(hub: Hub, tenant_id: str, kind: str) -> Pair:
    """The pair that a person types. HubError `subject_kind_unknown`, `subject_malformed`."""
    from hub.kvkk.identifiers import identified, require_kind

    value = entering.hidden_value(_("The person's {kind}").format(kind=require_kind(kind)))
    return identified(hub.keyring, tenant_id, kind, value)
