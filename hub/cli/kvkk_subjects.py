"""`hub kvkk subjects show|review|link|unlink|shared|share|unshare|assign|unassign`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from hub.cli import entering
from hub.cli.kvkk_acting import ActingOption, acting
from hub.cli.opening import Hub, opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import moment, note, say, show_json, show_table
from hub.errors import HubError
from hub.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hub.kvkk.person import Pair
    from hub.kvkk.review import Doubt, Reviews

KindOption = Annotated[
    str,
    typer.Option(
        "--subject-kind", metavar="KIND", help=N_("tckn, vkn, phone, email or plate: what will be asked for.")
    ),
]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="CODE", help=N_("Why, as a code such as pool_vehicle."))]
IdOption = Annotated[UUID, typer.Option("--id", metavar="ID", help=N_("Its id."))]


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("show", help=N_("Whom an identifier names: pseudonyms, links, and what a reviewer must decide."))(
        show
    )
    group.command("review", help=N_("Requests that wait for a reviewer, with counts and without values."))(review)
    group.command("link", help=N_("Say that two identifiers name one person. Both are asked for."))(link)
    group.command("unlink", help=N_("End a link: two people again."))(unlink)
    group.command("shared", help=N_("Identifiers that several people have, and whose they were when."))(shared)
    group.command("share", help=N_("Note that several people have an identifier: it leads to nobody by itself."))(share)
    group.command("unshare", help=N_("Take that back, and the days that were given away."))(unshare)
    group.command(
        "assign", help=N_("Say whose alone a shared identifier was for some days: who drove the pool vehicle when.")
    )(assign)
    group.command("unassign", help=N_("Take days back."))(unassign)


def show(tenant: TenantOption, subject_kind: KindOption, as_json: JsonOption = False) -> None:
    """The identifier is asked for, never shown."""
    from hub.kvkk import links
    from hub.kvkk.person import find_person

    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        pair = _asked_for(hub, tenant_id, subject_kind)
        person = find_person(hub.database, hub.keyring, tenant_id, [pair])
        made = links.links_of(hub.database, hub.keyring, tenant_id, pair)
        doubts = _reviews(hub).doubts(person, [pair])
    if as_json:
        show_json(
            {
                "subjects": person.subjects,
                "identifiers": sorted(
                    [
                        {"kind": each.kind, "pseudonym": each.pseudonym, "strength": each.strength}
                        for each in person.identifiers
                    ],
                    key=lambda each: (each["kind"], each["pseudonym"]),
                ),
                "periods": [
                    {"kind": each.kind, "pseudonym": each.pseudonym, "since": each.since, "until": each.until}
                    for each in sorted(person.periods, key=str)
                ],
                "links": made,
                "uncertain": sorted(person.uncertain),
                "doubts": doubts,
            }
        )
        return
    reached = {"strong": _("proved"), "link": _("linked"), "weak": _("uncertain")}
    show_table(
        [_("Subject"), _("Reached by")],
        [
            *([subject, reached[how]] for subject, how in sorted(person.subjects.items())),
            *([subject, reached["weak"]] for subject in sorted(person.uncertain)),
        ],
    )
    strengths = {"strong": _("strong"), "weak": _("weak")}
    show_table(
        [_("Identifier"), _("Pseudonym"), _("Strength")],
        [[each.kind, each.pseudonym, strengths[each.strength]] for each in sorted(person.identifiers)],
    )
    if made:
        show_table(
            [_("Link"), _("Subject"), _("Other subject"), _("Reason"), _("By"), _("Since")],
            [
                [
                    str(each.link_id),
                    each.subject_id,
                    each.other_subject_id,
                    each.reason,
                    each.made_by,
                    moment(each.made_at),
                ]
                for each in made
            ],
        )
    _show_doubts(doubts)


def review(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """Deciding is `hub kvkk requests`' part."""
    with opened() as hub:
        found = _reviews(hub).waiting(hub.tenant_id(tenant))
    if as_json:
        show_json(found)
        return
    if not found:
        say(_("Nothing waits for a reviewer."))
    for each in found:
        say(
            _("Request {request}: {count} subjects to decide on.").format(
                request=each.request_id, count=len(each.subjects)
            )
        )
        _show_doubts(each.doubts)


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
        one, other = (_asked_for(hub, tenant_id, kind) for kind in (subject_kind, other_kind))
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


def shared(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """By pseudonym."""
    from hub.kvkk import shared_identifiers

    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        found = shared_identifiers.shared(hub.database, tenant_id)
        periods = shared_identifiers.periods(hub.database, tenant_id)
    if as_json:
        show_json({"shared": found, "periods": periods})
        return
    show_table(
        [_("Identifier"), _("Pseudonym"), _("Reason"), _("By"), _("Since")],
        [[each.kind, each.pseudonym, each.reason, each.noted_by, moment(each.noted_at)] for each in found],
    )
    if periods:
        show_table(
            [_("Id"), _("Pseudonym"), _("Subject"), _("From"), _("Until"), _("Reason"), _("By")],
            [
                [
                    str(each.period_id),
                    each.pseudonym,
                    each.subject_id,
                    _day(each.since),
                    _day(each.until),
                    each.reason,
                    each.noted_by,
                ]
                for each in periods
            ],
        )


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
        pair = _asked_for(hub, tenant_id, subject_kind)
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
        pair = _asked_for(hub, tenant_id, subject_kind)
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
        pair, holder = (_asked_for(hub, tenant_id, kind) for kind in (subject_kind, holder_kind))
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


def _asked_for(hub: Hub, tenant_id: str, kind: str) -> Pair:
    from hub.kvkk.identifiers import identified, require_kind

    value = entering.hidden_value(_("The person's {kind}").format(kind=require_kind(kind)))
    return identified(hub.keyring, tenant_id, kind, value)


def _reviews(hub: Hub) -> Reviews:
    from connectors.registry import PROVIDERS
    from hub.kvkk.review import Reviews

    return Reviews(hub.database, hub.keyring, PROVIDERS, hub.policies)


def _show_doubts(doubts: Sequence[Doubt]) -> None:
    whose = {"this_person": _("this person"), "another": _("somebody else"), "nobody": _("not settled")}
    for doubt in doubts:
        say(
            _(
                "{pseudonym}: {subjects} subjects may be this person; {mentions} texts mention it; reason: {reason}."
            ).format(
                pseudonym=doubt.pseudonym,
                subjects=len(doubt.subjects),
                mentions=doubt.mentions,
                reason=doubt.reason or _("weak or contested"),
            )
        )
        if doubt.days:
            show_table(
                [_("Table"), _("From"), _("Last day"), _("Rows"), _("Whose")],
                [
                    [each.table, _day(each.first), _day(each.last), str(each.rows), whose[each.whose]]
                    for each in doubt.days
                ],
            )


def _parsed(option: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise HubError("date_malformed", option=option) from None


def _day(day: date | None) -> str:
    return day.strftime("%d.%m.%Y") if day else "–"
