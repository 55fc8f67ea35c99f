"""`hub keys signing show|rotate`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.kvkk_acting import ActingOption, acting
from hub.cli.opening import opened
from hub.cli.options import JsonOption
from hub.cli.output import moment, say, show_json, show_table
from hub.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hub.identity.signing_keys import SigningKey


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("show", help=N_("Which keys sign access tokens, which will, and which still verify."))(show)
    group.command("rotate", help=N_("Let the next key sign from now on, and publish another one."))(rotate)


def show(as_json: JsonOption = False) -> None:
    """Ids and times; the public halves are what the API publishes."""
    from hub.identity import signing_keys

    with opened() as hub:
        found = signing_keys.listed(hub.database)
    _show(found, as_json=as_json)


def rotate(
    at_once: Annotated[
        bool,
        typer.Option("--at-once", help=N_("Let every token of before end now: somebody else has the key.")),
    ] = False,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """What was signed before stays valid until its time is over, unless it must not."""
    from hub.identity import signing_keys

    actor = acting(by)
    with opened() as hub:
        found = signing_keys.rotate(hub.database, hub.keyring, actor=actor, at_once=at_once)
    _show(found, as_json=as_json)


def _show(found: Sequence[SigningKey], *, as_json: bool) -> None:
    if as_json:
        show_json(found)
        return
    if not found:
        say(_("There are none yet; the first sign-in makes them."))
        return
    words = {"next": _("signs next"), "active": _("signs"), "retired": _("retired")}
    show_table(
        [_("Key"), _("State"), _("Since"), _("Verifies until")],
        [
            [each.kid, words[each.state], moment(each.activated_at or each.created_at), moment(each.verify_until)]
            for each in found
        ],
    )
