"""What the API says of what it is asked to do: messages, actions, reports, events."""

from hub.i18n import N_

TEXTS = {
    "template_says_it": N_("is said by the template. Leave it out."),
    "template_or_text": N_("must be given, or a template; not both."),
    "action_kind_elsewhere": N_("The action {kind} is asked for by a call of its own: {path}."),
    "otp_code_missing": N_("must be given for a password by WhatsApp."),
    "order_token_wrong": N_("That is not an order of yours under way, or it is too old. Begin it anew."),
    "event_unknown": N_("There is no such event, or it waits already."),
    "event_too_old": N_("The key of that event's day is destroyed, so it cannot be opened any more."),
    "webhook_missing": N_("There is no address for calls of {provider}. Make one first."),
}
