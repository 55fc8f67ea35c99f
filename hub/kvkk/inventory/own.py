"""What the hub itself processes beside the streams, and which tables hold it: a reviewed list.

A tenant table that stands in neither `ACTIVITIES` nor `NO_ACTIVITY` fails a test (tests/hub/kvkk/test_inventory.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hub.i18n import N_
from hub.kvkk.inventory.rows import Row

_EVERYBODY = ("ürün veya hizmet alan kişi", "potansiyel ürün veya hizmet alıcısı", "çalışan", "diğer")


@dataclass(frozen=True)
class Activity:
    """One thing that the hub does on its own. `items` are the categories with their columns in words."""

    code: str
    process: str
    purpose: str
    tables: tuple[str, ...]
    items: tuple[tuple[str, tuple[str, ...]], ...]
    subject_groups: tuple[str, ...]
    legal_basis: str
    source: str
    retention: str
    retention_basis: str
    recipients: tuple[str, ...] = ()


ACTIVITIES: tuple[Activity, ...] = (
    Activity(
        code="hub.consents",
        process=N_("Consents and other legal bases"),
        purpose=N_("Proving on what processing rests"),
        tables=("hub.consents", "hub.legal_bases", "hub.refusals", "hub.erasure_checks"),
        items=(
            ("KIMLIK", (N_("pseudonym of the person"),)),
            ("ISLEM_GUV", (N_("IP address"), N_("browser"), N_("channel and reference of the evidence"))),
        ),
        subject_groups=_EVERYBODY,
        legal_basis="legal_obligation",
        source=N_("the person, through the tenant's forms"),
        retention="P10Y",
        retention_basis="relation",
    ),
    Activity(
        code="hub.requests",
        process=N_("Applications of data subjects"),
        purpose=N_("Answering applications under KVKK art. 11 and 13"),
        tables=(
            "hub.requests",
            "hub.request_events",
            "hub.request_identifiers",
            "hub.request_subjects",
            "hub.exports",
            "hub.mails",
        ),
        items=(
            ("KIMLIK", (N_("name"), N_("identity or passport number"), N_("pseudonym of the person"))),
            ("ILETISIM", (N_("address"), N_("e-mail"), N_("phone"))),
            ("HUKUKI", (N_("what was asked and what was answered"),)),
        ),
        subject_groups=_EVERYBODY,
        legal_basis="legal_obligation",
        source=N_("the person"),
        retention="P10Y",
        retention_basis="limitation",
        recipients=("Kişisel Verileri Koruma Kurulu",),
    ),
    Activity(
        code="hub.inbox",
        process=N_("Calls of the providers"),
        purpose=N_("Learning at once what became of a message or payment, and who wrote"),
        tables=("hub.inbox_events", "hub.conversations"),
        items=(
            ("ILETISIM", (N_("phone"), N_("pseudonym of the person"), N_("what a provider tells, encrypted"))),
            ("ISLEM_GUV", (N_("kind and time of what is told"),)),
        ),
        subject_groups=_EVERYBODY,
        legal_basis="legitimate_interest",
        source=N_("the providers"),
        retention="P31D",
        retention_basis="policy",
    ),
    Activity(
        code="hub.messages",
        process=N_("Permissions for messages"),
        purpose=N_("Sending commercial messages to nobody who did not permit it (law 6563)"),
        tables=("hub.opt_outs", "hub.iys_states", "hub.iys_pushes"),
        items=(
            ("ILETISIM", (N_("pseudonym of a phone number or an e-mail address"),)),
            ("PAZARLAMA", (N_("permission or refusal, with source and time"),)),
        ),
        subject_groups=_EVERYBODY,
        legal_basis="legal_obligation",
        source=N_("the person, İYS"),
        retention="P10Y",
        retention_basis="relation",
        recipients=("İleti Yönetim Sistemi A.Ş.",),
    ),
    Activity(
        code="hub.audit",
        process=N_("Audit log"),
        purpose=N_("Showing who accessed which personal data"),
        tables=("hub.audit_log", "hub.policy_decisions", "hub.policy_overrides"),
        items=(("ISLEM_GUV", (N_("name of whoever acts"), N_("IP address"), N_("act and time"))),),
        subject_groups=("çalışan",),
        legal_basis="legal_obligation",
        source=N_("use of the hub"),
        retention="P3Y",
        retention_basis="access_records",
        recipients=("Kişisel Verileri Koruma Kurulu",),
    ),
    Activity(
        code="hub.destruction",
        process=N_("Erasure and destruction"),
        purpose=N_("Proving destruction, and keeping the erased from coming back"),
        tables=("hub.destructions", "hub.erasures", "keys.erasure_journal", "hub.suppressions", "hub.legal_holds"),
        items=(("KIMLIK", (N_("keyed hashes and pseudonyms that lead to no readable data"),)),),
        subject_groups=_EVERYBODY,
        legal_basis="legal_obligation",
        source=N_("use of the hub"),
        retention="P3Y",
        retention_basis="destruction_records",
    ),
    Activity(
        code="hub.breaches",
        process=N_("Personal data breaches"),
        purpose=N_("Telling the Board and the persons concerned of breaches, and keeping the register of them"),
        tables=("hub.breaches", "hub.breach_events", "hub.breach_subjects"),
        items=(
            ("KIMLIK", (N_("pseudonym of the person"), N_("name of the contact person"))),
            ("ILETISIM", (N_("e-mail"), N_("phone"))),
        ),
        subject_groups=_EVERYBODY,
        legal_basis="legal_obligation",
        source=N_("use of the hub"),
        retention="P10Y",
        retention_basis="limitation",
        recipients=("Kişisel Verileri Koruma Kurulu",),
    ),
    Activity(
        code="hub.outbox",
        process=N_("Messages, invoices and other actions"),
        purpose=N_("Sending what the tenant asks for once, and knowing what became of it"),
        tables=("hub.actions", "hub.action_attempts"),
        items=(
            ("KIMLIK", (N_("pseudonym of the person"),)),
            ("ILETISIM", (N_("phone"), N_("text of a message, encrypted"))),
        ),
        subject_groups=_EVERYBODY,
        legal_basis="contract",
        source=N_("the tenant"),
        retention="P3Y",
        retention_basis="limitation",
    ),
    Activity(
        code="hub.invoices",
        process=N_("Issued electronic invoices"),
        purpose=N_("Issuing invoices, and keeping them for as long as the law asks"),
        tables=("hub.documents", "hub.invoice_series", "hub.invoice_seals"),
        items=(
            ("KIMLIK", (N_("name"), N_("tax or identity number"))),
            ("ILETISIM", (N_("address"),)),
            ("MUSTERI_ISLEM", (N_("goods, services and amounts of an invoice"),)),
        ),
        subject_groups=("ürün veya hizmet alan kişi",),
        legal_basis="legal_obligation",
        source=N_("the tenant"),
        retention="P10Y",
        retention_basis="statutory",
        recipients=("Gelir İdaresi Başkanlığı", "özel entegratör"),
    ),
    Activity(
        code="hub.sign_in",
        process=N_("Sign-in of the hub's users"),
        purpose=N_("Knowing who comes in, and keeping others out"),
        tables=(
            "hub.users",
            "hub.user_credentials",
            "hub.sessions",
            "hub.refresh_tokens",
            "hub.user_tokens",
            "hub.sign_in_sources",
        ),
        items=(
            ("KIMLIK", (N_("name"),)),
            ("ILETISIM", (N_("e-mail"),)),
            (
                "ISLEM_GUV",
                (
                    N_("hash of the password, secret of the second factor"),
                    N_("sessions with network and browser"),
                    N_("failed attempts under keyed hashes"),
                ),
            ),
        ),
        subject_groups=("çalışan",),
        legal_basis="contract",
        source=N_("the tenant"),
        retention="P10Y",
        retention_basis="relation",
    ),
    Activity(
        code="hub.users",
        process=N_("Users and tenants of the hub"),
        purpose=N_("Giving access to those who may have it, and billing"),
        tables=("hub.tenants", "hub.integrations", "hub.analyst_logins", "hub.subscriptions"),
        items=(
            ("KIMLIK", (N_("tax or identity number of a sole trader"), N_("name of an analyst"))),
            ("ILETISIM", (N_("e-mail"),)),
            ("ISLEM_GUV", (N_("login names"), N_("credentials for the providers, encrypted"))),
        ),
        subject_groups=("çalışan", "hissedar/ortak"),
        legal_basis="contract",
        source=N_("the tenant"),
        retention="P10Y",
        retention_basis="relation",
    ),
)

_FOLLOWS_THE_STREAMS = "originals and index of columns that the streams' own rows name"
NO_ACTIVITY: dict[str, str] = {
    "hub.tenant_events": "ids, codes and counts of what happened",
    "hub.deliveries": "ids, times and status codes",
    "hub.api_answers": "answers of calls, sealed and gone after a day",
    "hub.action_holds": "names of providers, codes and times",
    "hub.api_keys": "names that a tenant gave to its keys, hashes and times",
    "hub.signing_keys": "keys of the platform, which sign tokens",
    "hub.sync_state": "cursors and failure codes of a tenant's streams",
    "hub.sync_history": "counts and failure codes of syncs",
    "hub.message_templates": "texts of the tenant's own, with places for values",
    "hub.iys_runs": "cursors, counts and failure codes",
    "hub.policy_rewrites": "names of columns whose rows wait to be rewritten",
    "hub.spend": "counts and sums of what a tenant's actions cost",
    "hub.spend_caps": "numbers that a tenant chose",
    "hub.rate_buckets": "names of limits and keyed hashes of networks, which go when the bucket is full again",
    "hub.usage_days": "counts of what a tenant did a day",
    "hub.storage": "counts of a tenant's rows",
    "vault.subjects": _FOLLOWS_THE_STREAMS,
    "vault.identifiers": _FOLLOWS_THE_STREAMS,
    "vault.originals": _FOLLOWS_THE_STREAMS,
    "vault.texts": _FOLLOWS_THE_STREAMS,
    "vault.mentions": _FOLLOWS_THE_STREAMS,
    "vault.links": _FOLLOWS_THE_STREAMS,
    "vault.shared_identifiers": _FOLLOWS_THE_STREAMS,
    "vault.withheld": _FOLLOWS_THE_STREAMS,
    "vault.identifier_periods": _FOLLOWS_THE_STREAMS,
    "hub.webhook_endpoints": "hashes of the secrets in a tenant's addresses",
    "vault.key_floors": "numbers of a tenant's keys",
    "hub.key_floors": "numbers of a tenant's keys",
    "keys.tenant_keys": "wrapped keys of the tenant",
    "keys.daily_keys": "wrapped keys of the tenant",
    "keys.subject_keys": "wrapped keys under random ids",
}
"""Tenant tables without a row of their own, and why."""


def own_rows() -> Iterator[Row]:
    """The hub's own rows, in the language in use."""
    from hub.i18n import _

    for activity in ACTIVITIES:
        for category, items in activity.items:
            yield Row(
                process=_(activity.process),
                activity=activity.code,
                category=category,
                items=tuple(_(item) for item in items),
                subject_groups=activity.subject_groups,
                purpose=_(activity.purpose),
                legal_bases=(activity.legal_basis,),
                source=_(activity.source),
                retention=activity.retention,
                retention_basis=activity.retention_basis,
                recipients=activity.recipients,
                transfers=(),
                destruction=("delete",),
            )
