"""`hub kvkk subjects link|unlink|share|unshare|assign|unassign`: a person's word on who is one person."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import typer

from hub.cli.kvkk_acting import ActingOption, acting
from hub.cli.kvkk_subject_options import KindOption, asked_for
from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import note, say, show_json
from hub.errors import HubError
from hub.i18n import N_, _

ReasonOption = Annotated[str, typer.Option("--reason", metavar="CODE", help=N_("Why, as a code such as pool_vehicle."))]
IdOption = Annotated[UUID, typer.Option("--id", metavar="ID", help=N_("Its id."))]


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("link", help=N_("Say that two identifiers name one person. Both are asked for."))(link)
    group.command("unlink", help=N_("End a link: two people again."))(unlink)
    group.command("share", help=N_("Note that several people have an identifier: it leads to nobody by itself."))(share)
    group.command("unshare", help=N_("Take that back, and the days that were given away."))(unshare)
    group.command(
        "assign", help=N_("Say whose alone a shared identifier was for some days: who drove the pool vehicle when.")
    )(assign)
    group.command("unassign", help=N_("Take days back."))(unassign)


def link(
    tenant: TenantOption,
    subject_kind: KindOption,
    other_kind: Annotated[str, typer.Option("--other-kind", metavar="KIND", help=N_("Kind of the second identifier."))],
    reason: ReasonOption,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Nothing is re-encrypted; `unlink` makes it undone."""
    from hub.kvkk import links

    actor = acting(by)
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        one, other = (asked_for(hub, tenant_id, kind) for kind in (subject_kind, other_kind))
        made = links.link(hub.database, hub.keyring, tenant_id, one, other, reason=reason, actor=actor)
    if as_json:
        show_json(made)
    elif made:
        say(_("Link {link} is made.").format(link=made[0].link_id))
    else:
        note(_("They are one person already."))


def unlink(tenant: TenantOption, link_id: IdOption, by: ActingOption = None, as_json: JsonOption = False) -> None:
    """Ids of links are shown by `show`."""
    from hub.kvkk import links

    actor = acting(by)
    with opened() as hub:
        ended = links.unlink(hub.database, hub.tenant_id(tenant), link_id, actor=actor)
    if as_json:
        show_json(ended)
    else:
        say(_("Link {link} has ended.").format(link=ended.link_id))


def share(
    tenant: TenantOption,
    subject_kind: KindOption,
    reason: ReasonOption,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Whoever has it waits for a reviewer from now on, unless something else proves who they are."""
    from hub.kvkk import shared_identifiers

    actor = acting(by)
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        pair = asked_for(hub, tenant_id, subject_kind)
        noted = shared_identifiers.share(hub.database, tenant_id, pair, reason=reason, actor=actor)
    if as_json:
        show_json(noted)
    else:
        say(_("{pseudonym} is noted as shared.").format(pseudonym=noted.pseudonym))


def unshare(tenant: TenantOption, subject_kind: KindOption, by: ActingOption = None) -> None:
    """The identifier leads again as it did before."""
    from hub.kvkk import shared_identifiers

    actor = acting(by)
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        pair = asked_for(hub, tenant_id, subject_kind)
        shared_identifiers.unshare(hub.database, tenant_id, pair, actor=actor)
    say(_("{pseudonym} is no longer shared.").format(pseudonym=pair[1]))


def assign(
    tenant: TenantOption,
    subject_kind: KindOption,
    holder_kind: Annotated[
        str, typer.Option("--holder-kind", metavar="KIND", help=N_("Kind of the identifier that names the person."))
    ],
    reason: ReasonOption,
    since: Annotated[
        str | None,
        typer.Option("--from", metavar="DAY", help=N_("First day in Istanbul, YYYY-MM-DD; always unless given.")),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--until", metavar="DAY", help=N_("First day that is no longer theirs; without end unless given.")
        ),
    ] = None,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Both identifiers are asked for, the shared one first."""
    from hub.kvkk import shared_identifiers

    actor = acting(by)
    first, last = _parsed("--from", since), _parsed("--until", until)
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        pair, holder = (asked_for(hub, tenant_id, kind) for kind in (subject_kind, holder_kind))
        held = shared_identifiers.assign(
            hub.database,
            hub.keyring,
            tenant_id,
            pair,
            holder,
            since=first,
            until=last,
            reason=reason,
            actor=actor,
        )
    if as_json:
        show_json(held)
    else:
        say(
            _("{pseudonym} is noted as theirs for these days ({period}).").format(
                pseudonym=held.pseudonym, period=held.period_id
            )
        )


def unassign(tenant: TenantOption, period: IdOption, by: ActingOption = None) -> None:
    """Ids of periods are shown by `shared`."""
    from hub.kvkk import shared_identifiers

    actor = acting(by)
    with opened() as hub:
        shared_identifiers.unassign(hub.database, hub.tenant_id(tenant), period, actor=actor)
    say(_("These days are nobody's again."))


def _parsed(option: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise HubError("date_malformed", option=option) from None
