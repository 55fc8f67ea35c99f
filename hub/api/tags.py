"""The parts of the API, as its page heads them."""

from __future__ import annotations

from hub.i18n import N_

TAGS: dict[str, str] = {
    "sign-in": N_("Tokens, passwords, the keys that sign."),
    "account": N_("Whoever calls: their own account, sessions and second factor."),
    "tenants": N_("Companies, and one's own company's profile."),
    "users": N_("People of a company, and the operator's."),
    "api-keys": N_("Keys for programs."),
    "integrations": N_("Accounts at providers: stored, tested, paused, synced."),
    "status": N_("How syncs went and how fresh the data is."),
    "data": N_("Reading the data, masked as it stands."),
    "analysts": N_("Logins with SQL."),
    "inbox": N_("What providers pushed, and the addresses they call."),
    "actions": N_("What goes out: followed, decided, paid for."),
    "messages": N_("SMS, one-time passwords, WhatsApp, İYS."),
    "templates": N_("Message templates and the settings of messages."),
    "findeks": N_("Ordering Findeks reports."),
    "invoices": N_("Issuing invoices, and answering those that came in."),
    "webhooks": N_("Addresses of one's own that are told what happens."),
    "consents": N_("Consents and other legal bases."),
    "requests": N_("Applications of data subjects (KVKK art. 11, 13)."),
    "subjects": N_("Who is one person."),
    "breaches": N_("Breaches (KVKK art. 12/5): told to the Board and to persons."),
    "destruction": N_("Retention, legal holds and destruction."),
    "inventory": N_("The inventory of processing."),
    "policies": N_("A company's own choices for columns."),
    "audit": N_("Who did what."),
    "mails": N_("Mails of the hub's own."),
    "usage": N_("What is used of the plan."),
    "system": N_("Whether the hub is well, and which it is."),
}
