"""`hub kvkk erase`: a person out of every store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from hub.cli import entering
from hub.cli.consents import kind_named, subject_asked_for
from hub.cli.kvkk_acting import ActingOption, acting
from hub.cli.opening import Hub, opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import say, show_json, show_table
from hub.errors import HubError
from hub.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.kvkk.erasure.run import Eraser, Mandate, Report
    from hub.kvkk.person import Person


PLATE = "plate"
"""Names whoever drives the vehicle; consents are never given under it."""


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command(
        "erase",
        help=N_("Erase a person from every store. Identifiers are asked for, or read from standard input."),
    )(erase)
    group.command(
        "renew",
        help=N_("Note a new relation with somebody who was erased: lists without dates name them again."),
    )(renew)


def erase(
    tenant: TenantOption,
    subject_kind: Annotated[
        list[str] | None,
        typer.Option(
            "--subject-kind",
            metavar="KIND",
            help=N_("tckn, vkn, phone, email or plate: what names the person; may be repeated, each is asked for."),
        ),
    ] = None,
    request: Annotated[
        UUID | None, typer.Option("--request", metavar="ID", help=N_("The request of the person; it says whom."))
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=N_("Only count what would go, store by store."))] = False,
    by: ActingOption = None,
    approved_by: Annotated[
        str | None,
        typer.Option("--approved-by", metavar="NAME", help=N_("Who else approves it, where many are meant.")),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Exit status 3 when something is kept or refused, 1 when the search afterwards found something.

    Where nothing was held, that is said (`nothing`) and is no failure.
    """
    from dataclasses import replace

    from hub.identity.naming import known_as
    from hub.kvkk.erasure import handle
    from hub.kvkk.erasure.run import Mandate

    actor = acting(by)
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        eraser = _eraser(hub)
        actor = replace(actor, name=known_as(hub.database, hub.keyring, tenant_id, actor.name))
        approver = known_as(hub.database, hub.keyring, tenant_id, approved_by) if approved_by else None
        mandate: Mandate = Mandate(actor, request, approver)
        if dry_run:
            _show_scope(eraser, _whom(hub, tenant_id, subject_kind or [], request)(), as_json=as_json)
            return
        if request is not None:
            report = handle.erase(eraser, hub.database, hub.keyring, tenant_id, mandate, request)
        else:
            report = eraser.find_and_erase(tenant_id, _whom(hub, tenant_id, subject_kind or [], None), mandate)
        days = hub.settings.key_backup_days
    if as_json:
        show_json(report)
    else:
        _show(report)
        if report.outcome in ("erased", "partly"):
            say(
                _(
                    "Until {day} a backup may still hold the destroyed keys ({days} days): name that day in the answer."
                ).format(day=f"{datetime.now(UTC) + timedelta(days=days):%d.%m.%Y}", days=days)
            )
    if report.outcome in ("left", "refused", "partly"):
        raise typer.Exit(1 if report.outcome == "left" else 3)


def renew(
    tenant: TenantOption,
    subject_kind: Annotated[
        list[str],
        typer.Option(
            "--subject-kind",
            metavar="KIND",
            help=N_("tckn, vkn, phone, email or plate: what names the person; may be repeated, each is asked for."),
        ),
    ],
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Records from before the erasure stay empty, and later ones load without this."""
    from hub.kvkk.suppression import renew as renew_relation

    actor = acting(by)
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        pairs = _pairs(hub, tenant_id, subject_kind)
        count = renew_relation(hub.database, hub.keyring.tenant(tenant_id), pairs, actor=actor)
    if as_json:
        show_json({"renewed": count})
    else:
        say(_("Identifiers that were suppressed: {count}").format(count=count))


def _eraser(hub: Hub) -> Eraser:
    from connectors.registry import PROVIDERS
    from hub.kvkk.erasure.open import open_eraser

    return open_eraser(hub.database, hub.keyring, PROVIDERS, hub.policies)


def _whom(hub: Hub, tenant_id: str, kinds: list[str], request: UUID | None) -> Callable[[], Person]:
    """What finds the person; identifiers are asked for at once, so that nothing waits for somebody typing."""
    from hub.kvkk.erasure.handle import concerned
    from hub.kvkk.erasure.named import with_named
    from hub.kvkk.person import find_person

    if request is not None:
        return lambda: concerned(hub.database, hub.keyring, tenant_id, request)
    if not kinds:
        raise HubError("request_unknown_to_erase")
    pairs = _pairs(hub, tenant_id, kinds)

    def found() -> Person:
        person = find_person(hub.database, hub.keyring, tenant_id, pairs)
        return with_named(hub.database, hub.keyring.tenant(tenant_id), person, pairs)

    return found


def _pairs(hub: Hub, tenant_id: str, kinds: list[str]) -> list[tuple[str, str]]:
    for kind in kinds:  # before the first one is asked for
        if kind != PLATE:
            kind_named(kind)
    return [(kind, _pseudonym(hub, tenant_id, kind)) for kind in kinds]


def _pseudonym(hub: Hub, tenant_id: str, kind: str) -> str:
    """Of the identifier that is asked for. HubError `subject_malformed`."""
    if kind != PLATE:
        return subject_asked_for(hub, tenant_id, kind_named(kind))
    from kvkk_policies.canonical import canonical

    form = canonical(PLATE, entering.hidden_value(_("The person's {kind}").format(kind=kind)).reveal())
    if form is None:
        raise HubError("subject_malformed", kind=kind)
    return hub.keyring.tenant(tenant_id).pseudonymiser().one(PLATE, form)


def _show_scope(eraser: Eraser, person: Person, *, as_json: bool) -> None:
    scope = eraser.scope(person)
    if as_json:
        show_json({"subjects": len(person.subjects), "uncertain": len(person.uncertain), "held": scope})
        return
    show_table(
        [_("Store"), _("Dataset"), _("Category"), _("Records")],
        [
            [store, each.dataset, each.category, str(each.records)]
            for store, of_store in scope.items()
            for each in of_store
        ],
    )
    _say_uncertain(len(person.uncertain))


def _show(report: Report) -> None:
    texts = {
        "erased": _("Erased and verified: nothing was found afterwards."),
        "partly": _("Erased, except for what a statute keeps:"),
        "refused": _("Nothing was erased: it is under a legal hold."),
        "nothing": _("Nothing was held of this person, so nothing was erased."),
        "left": _("The search afterwards found records; the erasure is not complete."),
    }
    say(texts[report.outcome])
    if report.outcome == "nothing" and report.erasure_id is not None:
        say(_("They are on the suppression list: what a sync brings of before now loads without them."))
    for hold in report.blocked_by:
        say(f"  {hold.reason}: {hold.legal_ref} ({hold.hold_id})")
    for kept in report.kept:
        text = _("  {dataset}: {records} values under {article}; destroyed by itself on {due}")
        say(text.format(dataset=kept.dataset, records=kept.records, article=kept.article, due=kept.due.isoformat()))
    for store, count in report.left.items():
        say(f"  {store}: {count}")
    _say_uncertain(report.uncertain)


def _say_uncertain(count: int) -> None:
    if count:
        text = _("{count} subjects share only a weak identifier with the person; a reviewer decides on them.")
        say(text.format(count=count))
