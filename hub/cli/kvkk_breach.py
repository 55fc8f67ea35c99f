"""`hub kvkk breach register|list|show|update|notify|close`; `subjects` and `draft` stand beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli import entering, kvkk_breach_papers, kvkk_breach_send, kvkk_breach_subjects
from hub.cli.kvkk_acting import ActingOption, acting
from hub.cli.kvkk_breach_options import BreachArgument, clock_text, time_given
from hub.cli.opening import opened
from hub.cli.options import FromFile, JsonOption, TenantOption
from hub.cli.output import moment, say, show_json, show_table
from hub.errors import HubError
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.kvkk.breach.record import Breach


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("register", help=N_("Register a breach: the Board must be told within 72 hours of learning of it."))(
        register_
    )
    group.command("list", help=N_("List breaches with the time that is left; all tenants' without --tenant."))(list_)
    group.command("show", help=N_("Show a breach: clock, what the form misses, the timeline."))(show)
    group.command("update", help=N_("Fill in the Board's form from a JSON file; null takes a field back."))(update)
    group.command("notify", help=N_("Note that the Board or the persons were told, with the proof of it."))(
        kvkk_breach_papers.notify
    )
    group.command("subjects", help=N_("Find whom a breach concerns, or list them."))(kvkk_breach_subjects.subjects)
    group.command("draft", help=N_("Write the Board's form or the notice to the persons."))(kvkk_breach_papers.draft)
    group.command("send", help=N_("Mail the notice to the persons concerned, each once; how many were reached."))(
        kvkk_breach_send.send
    )
    group.command("close", help=N_("Close a breach once the Board and the persons were told."))(close)


def register_(
    tenant: TenantOption,
    learned_at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help=N_("When the controller learned of it, with time zone: the 72 hours begin.")),
    ] = None,
    what: Annotated[
        str | None, typer.Option(metavar="TEXT", help=N_("What happened, in a few words that name nobody."))
    ] = None,
    from_file: FromFile = None,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Everything but when it was learned of and what happened may follow later; a file may say the latter too."""
    from hub.kvkk.breach import register as acts

    actor = acting(by)
    learned = time_given("learned_at", learned_at)
    fields = entering.document(from_file) if from_file else {}
    if what is not None:
        fields["source_details"] = what
    with opened() as hub:
        breach = acts.register(
            hub.database, hub.keyring, hub.tenant_id(tenant), learned_at=learned, fields=fields, actor=actor
        )
    _tell(breach, _("Breach {breach} is registered. The Board must be told by {due} (Istanbul)."), as_json=as_json)


def list_(
    tenant: Annotated[str | None, typer.Option("--tenant", metavar="TENANT", help=N_("Only this tenant's."))] = None,
    everything: Annotated[bool, typer.Option("--all", help=N_("Closed ones too."))] = False,
    as_json: JsonOption = False,
) -> None:
    """Open ones first, the most pressing on top."""
    from hub.kvkk.breach.directory import directory
    from hub.kvkk.breach.vocabulary import STATE_NAMES

    with opened() as hub:
        found = directory(hub.database, tenant_id=hub.tenant_id(tenant) if tenant else None, closed=everything)
    if as_json:
        show_json([each.plain() for each in found])
        return
    show_table(
        [_("Breach"), _("Tenant"), _("State"), _("Learned"), _("Board by"), _("Left")],
        [
            [
                str(each.breach_id),
                each.tenant_id,
                _(STATE_NAMES[each.state]),
                moment(each.learned_at),
                moment(each.board_due_at),
                clock_text(each.remaining),
            ]
            for each in found
        ],
    )


def show(breach: BreachArgument, tenant: TenantOption, by: ActingOption = None, as_json: JsonOption = False) -> None:
    """The form itself is written by `draft`."""
    from hub.kvkk.breach.form import LABELS
    from hub.kvkk.breach.overview import overview
    from hub.kvkk.breach.vocabulary import STATE_NAMES

    actor = acting(by)
    with opened() as hub:
        seen = overview(hub.database, hub.keyring, hub.tenant_id(tenant), breach, actor=actor)
    if as_json:
        show_json(seen.plain())
        return
    lines = [
        (_("State"), _(STATE_NAMES[seen.breach.state])),
        (_("Learned"), moment(seen.breach.learned_at)),
        (_("Board by"), moment(seen.breach.board_due_at)),
        (_("Left"), clock_text(seen.breach.remaining(seen.now))),
        (_("Board told"), moment(seen.breach.board_notified_at)),
        (_("Persons told"), moment(seen.breach.persons_notified_at)),
        (
            _("Escalated at"),
            ", ".join(_("{hours} h").format(hours=hours) for hours in seen.breach.escalated_hours) or "–",
        ),
        (_("Persons concerned"), _("{count}, of them told: {told}").format(count=seen.subjects, told=seen.told)),
        (_("Missing in the form"), ", ".join(_(LABELS[name]) for name in seen.missing) or "–"),
    ]
    show_table([_("Field"), _("Value")], [list(line) for line in lines])
    say("")
    show_table(
        [_("Number"), _("Time"), _("Who"), _("Event"), _("Details")],
        [[str(each.number), moment(each.at), each.actor, each.event, _details(each.details)] for each in seen.timeline],
        title=_("Timeline"),
    )


def update(
    breach: BreachArgument,
    tenant: TenantOption,
    from_file: FromFile,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """`began_at` and `ended_at` may stand among the fields."""
    from hub.kvkk.breach import register as acts

    actor = acting(by)
    if from_file is None:
        raise HubError("breach_nothing_to_update")
    fields = entering.document(from_file)
    with opened() as hub:
        updated = acts.update(hub.database, hub.keyring, hub.tenant_id(tenant), breach, fields=fields, actor=actor)
    _tell(updated, _("Breach {breach} is updated."), as_json=as_json)


def close(
    breach: BreachArgument,
    tenant: TenantOption,
    false_alarm: Annotated[bool, typer.Option("--false-alarm", help=N_("It turned out to be no breach."))] = False,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """The register keeps it, with everything that was done."""
    from hub.kvkk.breach import register as acts

    actor = acting(by)
    with opened() as hub:
        closed = acts.close(hub.database, hub.tenant_id(tenant), breach, false_alarm=false_alarm, actor=actor)
    _tell(closed, _("Breach {breach} is closed."), as_json=as_json)


def _tell(breach: Breach, said: str, *, as_json: bool) -> None:
    if as_json:
        show_json(breach)
    else:
        say(said.format(breach=breach.breach_id, due=moment(breach.board_due_at)))


def _details(details: Any) -> str:
    return ", ".join(f"{name}={value}" for name, value in details.items())
