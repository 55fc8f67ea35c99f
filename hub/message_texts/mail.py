"""Mail: the server's settings, what becomes of a mail, and what a person may do with it."""

from hub.i18n import N_

TEXTS = {
    "mail_address_malformed": N_("That is no address to which a mail can be sent."),
    "mail_fields_wrong": N_("The mail {template} lacks or does not know these fields: {fields}."),
    "mail_not_stuck": N_("The mail {mail} is {state}; only one that failed or is unknown waits for a person."),
    "mail_restored": N_("It came back with a backup: it may have been sent since. Look, then retry or settle it."),
    "mail_template_unknown": N_("There is no mail of the name {template}."),
    "mail_unknown": N_("There is no mail {mail}."),
    "smtp_login_refused": N_("The mail server {host}:{port} refused user or password."),
    "smtp_process_lost": N_("Its process ended while it was sent: it may have arrived. Look, then retry or settle it."),
    "smtp_refused": N_("The mail server refused it for good: sender, recipient or content."),
    "smtp_reply_lost": N_("The mail server's last reply was lost: it may have arrived. Look, then retry or settle it."),
    "smtp_settings_wrong": N_("The mail server's settings do not go together: {names}."),
    "smtp_tls_failed": N_("The mail server {host}:{port} offered no TLS connection that can be trusted."),
    "smtp_try_later": N_("The mail server asked to try again later."),
    "smtp_unreachable": N_("The mail server {host}:{port} cannot be reached."),
}
