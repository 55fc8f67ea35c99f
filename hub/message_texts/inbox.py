"""The inbox: addresses that providers call, calls that are refused, events that wait for a person."""

from hub.i18n import N_

TEXTS = {
    "daily_key_destroyed": N_("The key of {day} is destroyed already: the key store's clock has gone back or ahead."),
    "event_expired": N_("Its day's key is destroyed: nobody can open it any more."),
    "event_failed": N_("What it asks for failed; it is tried again."),
    "event_kept_failing": N_("Every attempt to handle it ended its process."),
    "event_malformed": N_("It does not say what such an event says. After a correction: hub inbox replay --aside"),
    "event_replayed": N_("Its signed time is so long ago that the provider does not send it any more: a replay."),
    "event_source_unknown": N_("Nobody understands this provider's events any more."),
    "event_unreadable": N_("It was altered, or belongs to another row or key."),
    "webhook_closed": N_("The tenant is suspended, or its account at the provider is gone."),
    "webhook_exists": N_(
        "{provider} has an address already. For another one: --rotate, or --at-once if others know it."
    ),
    "webhook_malformed": N_("The call does not say what the provider's calls say."),
    "webhook_never_sent": N_("{provider} calls nobody. Those who do: {known}."),
    "webhook_signature_wrong": N_("The call's signature is not the account's."),
    "webhook_unproved": N_("The call carries no signature, and this provider signs its calls."),
}
