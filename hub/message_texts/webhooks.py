"""Webhooks out: addresses that are refused, receivers that do not take in what they are told."""

from hub.i18n import N_

TEXTS = {
    "event_not_kept": N_("There is no event {event} of this tenant; events are kept for {days} days."),
    "paused_by_person": N_("A person paused it."),
    "resend_what": N_("Name an event, or a time with --from, and not both."),
    "webhook_address_internal": N_(
        "{host} is no address of the internet. For a network of your own: HUB_WEBHOOKS_ALLOW_PRIVATE"
    ),
    "webhook_address_malformed": N_(
        "The address must be such as https://ornek.com.tr/kopru, without user and fragment."
    ),
    "webhook_address_not_https": N_("The address must begin with https://."),
    "webhook_disabled": N_("The webhook is disabled."),
    "webhook_failed_for_long": N_("Every attempt of five days failed."),
    "webhook_gone": N_("The receiver answered that it is gone (410)."),
    "webhook_name_unknown": N_("The name {host} leads nowhere."),
    "webhook_notify_whom": N_("Give --notify with an address, or --notify-nobody, and not both."),
    "webhook_port_refused": N_("Port {port} is not allowed; allowed are {ports} (HUB_WEBHOOKS_PORTS)."),
    "webhook_redirects": N_("The receiver answered with a redirect, which is not followed."),
    "webhook_tls_failed": N_("The receiver's certificate is not trusted, or TLS failed."),
    "webhook_too_slow": N_("The receiver did not answer in time (15 s)."),
    "webhook_type_unknown": N_("There is no such event. There are: {known}."),
    "webhook_unknown": N_("The tenant has no webhook {webhook}."),
    "webhook_unreachable": N_("The receiver cannot be reached, or broke the connection off."),
    "webhooks_too_many": N_("A tenant has at most {most} webhooks."),
}
