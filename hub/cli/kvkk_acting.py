"""Who acts: named with `--by`, or the login of whoever runs the command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.i18n import N_

if TYPE_CHECKING:
    from hub.kvkk.audit import Actor

ActingOption = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help=N_("Who acts; your login on this machine unless given."))
]


def acting(by: str | None) -> Actor:
    """The actor for the audit log. `InvalidInput` when the name given is empty."""
    import getpass

    from hub.kvkk.audit import Actor
    from hub.policies.new_override import named

    return Actor(named(by if by is not None else getpass.getuser()), "operator")
