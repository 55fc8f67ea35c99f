"""The tree of commands. Each stands in a file of its own and imports what is heavy when it runs."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli import (
    action_caps,
    action_decisions,
    action_link,
    actions,
    actions_batch,
    analysts,
    api_keys,
    backup,
    bases,
    consents,
    demo,
    doctor,
    einvoice,
    findeks,
    inbox,
    integrations,
    iys,
    keys,
    keys_signing,
    kvkk_audit,
    kvkk_breach,
    kvkk_erase,
    kvkk_export,
    kvkk_holds,
    kvkk_inventory,
    kvkk_mails,
    kvkk_requests,
    kvkk_retention,
    kvkk_reveal,
    kvkk_subject_decisions,
    kvkk_subjects,
    kvkk_withheld,
    migrate,
    overrides,
    pii,
    pii_scan,
    refusals,
    restore,
    sms,
    sql,
    status,
    sync,
    templates,
    tenants,
    tenants_messaging,
    tenants_usage,
    up,
    users,
    users_changes,
    webhook_change,
    webhook_deliveries,
    webhooks,
    whatsapp,
)
from hub.cli.localise import HELP_NAMES
from hub.i18n import N_

app = typer.Typer(
    help=N_("Köprü: four providers into one masked, tenant-isolated warehouse."),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # importing rich's Markdown for the help would double the time that `hub --help` takes
    pretty_exceptions_enable=False,  # a traceback with local variables would show data and secrets
    context_settings={"help_option_names": HELP_NAMES},
)


@app.callback()
def root(
    lang: Annotated[str | None, typer.Option("--lang", metavar="tr|en", help=N_("Language of what is shown."))] = None,
) -> None:
    """Takes the options before the command; `hub.cli.main` has read the language already."""
    from hub.errors import HubError
    from hub.i18n import LANGUAGES, parse_language

    if lang is not None and parse_language(lang) is None:
        raise HubError("language_unknown", known=", ".join(LANGUAGES))


def _group(help_text: str) -> typer.Typer:
    return typer.Typer(help=help_text, no_args_is_help=True, rich_markup_mode=None)


demo.register(app)
up.register(app)
doctor.register(app)
migrate.register(app)
status.register(app)
sync.register(app)
sql.register(app)
restore.register(app)

tenants_group = _group(N_("Tenants of this installation."))
tenants.register(tenants_group)
tenants_messaging.register(tenants_group)
tenants_usage.register(tenants_group)
analyst_group = _group(N_("People with SQL access to one tenant's data."))
analysts.register(analyst_group)
tenants_group.add_typer(analyst_group, name="analyst")
app.add_typer(tenants_group, name="tenants")

users_group = _group(N_("Who may sign in: a tenant's people, and the platform's own."))
users.register(users_group)
users_changes.register(users_group)
app.add_typer(users_group, name="users")
api_keys_group = _group(N_("API keys, with which a tenant's machines call."))
api_keys.register(api_keys_group)
app.add_typer(api_keys_group, name="api-keys")

backup_group = _group(N_("Back up data, keys and Dagster's storage, each apart."))
backup.register(backup_group)
app.add_typer(backup_group, name="backup")

integrations_group = _group(N_("A tenant's accounts at the providers."))
integrations.register(integrations_group)
inbox.register_webhook(integrations_group)
app.add_typer(integrations_group, name="integrations")

inbox_group = _group(N_("What providers told us, and what became of it."))
inbox.register(inbox_group)
app.add_typer(inbox_group, name="inbox")
webhooks_group = _group(N_("Webhooks: a tenant's own programs are told what happens."))
webhooks.register(webhooks_group)
webhook_change.register(webhooks_group)
webhook_deliveries.register(webhooks_group)
app.add_typer(webhooks_group, name="webhooks")
whatsapp_group = _group(N_("Messages through WhatsApp."))
whatsapp.register(whatsapp_group)
app.add_typer(whatsapp_group, name="whatsapp")
templates_group = _group(N_("Texts of the messages that a tenant sends."))
templates.register(templates_group)
app.add_typer(templates_group, name="templates")

iys_group = _group(N_("Permissions for commercial messages at İYS (law 6563)."))
iys.register(iys_group)
app.add_typer(iys_group, name="iys")
actions_group = _group(N_("Messages, invoices, refunds and orders: each is done once."))
actions.register(actions_group)
action_link.register(actions_group)
action_decisions.register(actions_group)
caps_group = _group(N_("How much a tenant's actions may cost a day."))
action_caps.register(caps_group)
actions_group.add_typer(caps_group, name="caps")
actions_batch.register(actions_group)
app.add_typer(actions_group, name="actions")

findeks_group = _group(N_("Findeks reports, ordered one by one."))
findeks.register(findeks_group)
app.add_typer(findeks_group, name="findeks")
sms_group = _group(N_("SMS through Netgsm: what a text would cost, and what the account has."))
sms.register(sms_group)
app.add_typer(sms_group, name="sms")

keys_group = _group(N_("The keys under which everything is sealed."))
keys.register(keys_group)
rotate_group = _group(N_("Put a new key in the place of one that is in force, while the hub works."))
keys.register_rotation(rotate_group)
keys_group.add_typer(rotate_group, name="rotate")
signing_group = _group(N_("The keys that sign access tokens."))
keys_signing.register(signing_group)
keys_group.add_typer(signing_group, name="signing")
app.add_typer(keys_group, name="keys")

einvoice_group = _group(N_("e-Fatura and e-Arşiv: check, sign, verify and show UBL-TR documents."))
einvoice.register(einvoice_group)
app.add_typer(einvoice_group, name="einvoice")

pii_group = _group(N_("Find or mask personal data in texts; look what a new source holds."))
pii.register(pii_group)
pii_scan.register(pii_group)
app.add_typer(pii_group, name="pii")

kvkk_group = _group(N_("Duties under the Turkish data protection law (KVKK)."))
consents_group = _group(N_("Consents of data subjects."))
consents.register(consents_group)
kvkk_group.add_typer(consents_group, name="consents")
bases_group = _group(N_("Legal bases other than consent."))
bases.register(bases_group)
kvkk_group.add_typer(bases_group, name="bases")
refusals.register(kvkk_group)
overrides_group = _group(N_("A tenant's own choices for columns, where the policy allows them."))
overrides.register(overrides_group)
kvkk_group.add_typer(overrides_group, name="overrides")
audit_group = _group(N_("The audit log: who did what to whose data."))
kvkk_audit.register(audit_group)
kvkk_group.add_typer(audit_group, name="audit")
kvkk_inventory.register(kvkk_group)
breach_group = _group(N_("Personal data breaches: register, clock, form, persons, notices."))
kvkk_breach.register(breach_group)
kvkk_group.add_typer(breach_group, name="breach")
subjects_group = _group(N_("Who is one person, and what several people share."))
kvkk_subjects.register(subjects_group)
kvkk_subject_decisions.register(subjects_group)
kvkk_group.add_typer(subjects_group, name="subjects")
export_group = typer.Typer(rich_markup_mode=None)
kvkk_export.register(export_group)
kvkk_group.add_typer(export_group, name="export")
kvkk_reveal.register(kvkk_group)
revealers_group = _group(N_("Who may reveal single values of a tenant."))
kvkk_reveal.register_revealers(revealers_group)
kvkk_group.add_typer(revealers_group, name="revealers")
withheld_group = _group(N_("What statutes keep of people who were erased."))
kvkk_withheld.register(withheld_group)
kvkk_group.add_typer(withheld_group, name="withheld")
requests_group = _group(N_("Applications of data subjects, from receipt to answer."))
kvkk_requests.register(requests_group)
kvkk_group.add_typer(requests_group, name="requests")
mails_group = _group(N_("Warnings, escalations and one-time links by mail."))
kvkk_mails.register(mails_group)
kvkk_group.add_typer(mails_group, name="mails")
kvkk_erase.register(kvkk_group)
holds_group = _group(N_("Legal holds: what is not destroyed while somebody needs it."))
kvkk_holds.register(holds_group)
kvkk_group.add_typer(holds_group, name="holds")
retention_group = _group(N_("Periodic destruction of what policies keep no longer."))
kvkk_retention.register(retention_group)
kvkk_group.add_typer(retention_group, name="retention")
app.add_typer(kvkk_group, name="kvkk")
