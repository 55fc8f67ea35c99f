"""WhatsApp: what is wrong with a message before it is sent, and why it was refused."""

from hub.i18n import N_

TEXTS = {
    "recipient_unreachable": N_("The recipient cannot be reached on this channel; use another one, such as SMS."),
    "recipient_opted_out": N_("The recipient wants no more such messages; this is recorded and holds."),
    "recipient_spared": N_("The provider lets no more messages through to this recipient for now; it is tried later."),
    "template_refused": N_("The provider refuses the template or what fills it. See: hub whatsapp templates"),
    "window_closed": N_(
        "More than 24 hours have passed since the recipient last wrote; only a message by template may go."
    ),
    "whatsapp_one_of": N_("must hold exactly one of {names}."),
    "whatsapp_too_many": N_("has too many entries: at most {limit}."),
    "whatsapp_phone": N_("is not a telephone number. Write it as +905321234567."),
    "whatsapp_user_id": N_("is not a WhatsApp user id. It is like TR.1348912086553027."),
    "whatsapp_link": N_("must be an address that begins with https://."),
    "whatsapp_not_base64": N_("is not base64."),
    "whatsapp_file_too_large": N_("is too large: at most {limit} bytes; give larger files as a link."),
    "whatsapp_not_with_type": N_("is possible with these types only: {types}."),
    "whatsapp_only_with": N_("makes sense together with {other} only."),
    "whatsapp_alike": N_("has entries with the same {name}; each needs its own."),
    "whatsapp_breaks_lines": N_("must not hold line ends, tabs or more than four spaces in a row."),
    "whatsapp_template_unknown": N_("names no template of the account. See: hub whatsapp templates"),
    "whatsapp_template_not_approved": N_("names a template that Meta does not let through (state {status})."),
    "whatsapp_template_parameters": N_("must fill exactly these: {names}."),
    "whatsapp_template_header": N_("does not fit the template, whose header takes: {needs}."),
}
