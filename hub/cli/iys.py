"""`hub iys status|push|pull|reconcile|opt-out`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli import entering
from hub.cli.kvkk_acting import ActingOption, acting
from hub.cli.opening import Hub, opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import moment, note, say, show_json, show_table
from hub.errors import HubError
from hub.i18n import N_, _
from hub.messages import text_of

if TYPE_CHECKING:
    from hub.iys.accounts import Account

_PUSHES = {
    "waiting": N_("waiting"),
    "unpushable": N_("number not in the vault"),
    "submitted": N_("brought in, not answered yet"),
    "accepted": N_("accepted"),
    "refused": N_("refused by İYS"),
    "needless": N_("not known to İYS, nothing to refuse"),
}
_DIFFERENCES = {
    "refused_at_iys": N_("permitted here, refused at İYS"),
    "missing_at_iys": N_("permitted here, unknown to İYS"),
    "allowed_at_iys": N_("taken back here, permitted at İYS"),
    "unknown_here": N_("number not in the vault"),
    "not_asked": N_("not answered in time"),
}


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("status", help=N_("Show how a tenant stands with İYS, in counts."))(status)
    group.command("push", help=N_("Bring permissions and refusals to İYS, and hear what became of earlier ones."))(push)
    group.command("pull", help=N_("Read what people changed at İYS; refusals hold at once."))(pull)
    group.command("reconcile", help=N_("Compare the permissions recorded here with İYS's word."))(reconcile)
    group.command(
        "opt-out", help=N_("Record that somebody wants no more messages. Their number or address is asked for.")
    )(opt_out)


def status(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """Exit status 1 where the third business day is over for something."""
    from hub.iys.overview import overview
    from hub.iys.work import clock

    with opened() as hub:
        found = overview(hub.database, hub.keyring, hub.tenant_id(tenant), clock(hub.database))
    if as_json:
        show_json(found)
    else:
        account = found.account or "–"
        if not found.usable:
            account = _("{account}, not usable").format(account=account)
        _counts(
            {
                _("Account"): account,
                _("Last run"): moment(found.run.ran_at),
                _("Last pull"): moment(found.run.pulled_at),
                _("Last comparison"): moment(found.run.reconciled_at),
                _("Last failure"): text_of(found.run.failure_code) if found.run.failure_code else "–",
                _("Past the second business day"): str(found.late),
                _("Past the third business day"): str(found.overdue),
                **{_(_PUSHES[state]): str(count) for state, count in found.pushes.items()},
            }
        )
    if found.overdue:
        raise typer.Exit(1)


def push(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """What is not in the vault cannot be brought in, and is counted."""
    from hub.iys import owed
    from hub.iys import push as pushes
    from hub.iys.work import clock

    with opened() as hub:
        tenant_id, account = _account(hub, tenant)
        now = clock(hub.database)
        collected = owed.collect(hub.database, tenant_id, now)
        settled = pushes.listen(hub.database, hub.keyring, tenant_id, account, now)
        pushed = pushes.submit(hub.database, hub.keyring, tenant_id, account, now)
    if as_json:
        show_json({"collected": collected, **pushed._asdict(), **settled._asdict()})
        return
    _counts(
        {
            _("Newly recorded"): str(collected),
            _("Brought in"): str(pushed.submitted),
            _("Number not in the vault"): str(pushed.unpushable),
            _("Not fit for İYS"): str(pushed.unfit),
            _("Accepted"): str(settled.accepted),
            _("Refused by İYS"): str(settled.refused + settled.needless),
        }
    )


def pull(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """From where the last pull ended."""
    from hub.iys import changes
    from hub.iys.work import clock

    with opened() as hub:
        tenant_id, account = _account(hub, tenant)
        heard = changes.pull(hub.database, hub.keyring, tenant_id, account, clock(hub.database))
    if as_json:
        show_json(heard._asdict() if heard is not None else None)
    elif heard is None:
        note(_("This account tells changes by webhook only."))
    else:
        _counts(
            {
                _("Changes"): str(heard.movements),
                _("Refusals"): str(heard.refusals),
                _("Permissions that ended here"): str(heard.withdrawn),
            }
        )


def reconcile(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """Exit status 1 where anything differs. People appear as pseudonyms."""
    from hub.iys import reconcile as comparing
    from hub.iys.work import clock

    with opened() as hub:
        tenant_id, account = _account(hub, tenant)
        found = comparing.reconcile(hub.database, hub.keyring, tenant_id, account, clock(hub.database))
    if as_json:
        show_json(found)
    else:
        say(_("Compared: {count}, alike: {alike}").format(count=found.compared, alike=found.agreeing))
        show_table(
            [_("Difference"), _("Permissions"), _("People")],
            [
                [_(_DIFFERENCES[difference]), str(count), ", ".join(found.people[difference][:10])]
                for difference, count in found.counts.items()
            ],
        )
    if found.counts:
        raise typer.Exit(1)


def opt_out(
    tenant: TenantOption,
    channel: Annotated[str, typer.Option(help=N_("sms, whatsapp, email or call."))],
    everything: Annotated[
        bool, typer.Option("--all", help=N_("They want no service messages by this channel either."))
    ] = False,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """The number goes into the vault, since İYS must hear of the refusal."""
    from hub.iys import opt_out as word

    actor = acting(by)
    person = entering.hidden_value(_("The person's {kind}").format(kind=word.kind_asked_for(channel)))
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        recipient = word.opt_out(
            hub.database, hub.keyring, tenant_id, channel, person, everything=everything, actor=actor
        )
    if as_json:
        show_json({"recipient": recipient, "channel": channel})
        return
    done = _("{subject} gets no more messages by {channel} that need a permission.")
    if everything:
        done = _("{subject} gets no more messages by {channel}.")
    say(done.format(subject=recipient, channel=channel))


def _account(hub: Hub, tenant: str) -> tuple[str, Account]:
    from hub.iys.accounts import account_of

    tenant_id = hub.tenant_id(tenant)
    account = account_of(hub.database, hub.keyring, tenant_id)
    if account is None or account.spec is None:
        raise HubError("iys_not_connected")
    return tenant_id, account


def _counts(rows: Mapping[str, str]) -> None:
    show_table([_("What"), _("Value")], [[name, value] for name, value in rows.items()])
