"""`hub kvkk subjects show|review|shared`: who is one person, as far as it is known, and what waits to be decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from hub.cli.kvkk_subject_options import KindOption, asked_for
from hub.cli.opening import Hub, opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import moment, say, show_json, show_table
from hub.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from hub.kvkk.review import Doubt, Reviews


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("show", help=N_("Whom an identifier names: pseudonyms, links, and what a reviewer must decide."))(
        show
    )
    group.command("review", help=N_("Requests that wait for a reviewer, with counts and without values."))(review)
    group.command("shared", help=N_("Identifiers that several people have, and whose they were when."))(shared)


def show(tenant: TenantOption, subject_kind: KindOption, as_json: JsonOption = False) -> None:
    """The identifier is asked for, never shown."""
    from hub.kvkk import links
    from hub.kvkk.person import find_person

    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        pair = asked_for(hub, tenant_id, subject_kind)
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


def _day(day: date | None) -> str:
    return day.strftime("%d.%m.%Y") if day else "–"
