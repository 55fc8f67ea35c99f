"""Messages to people: templates, a tenant's settings, İYS, and why one is not sent."""

from hub.i18n import N_

TEXTS = {
    "field_not_mersis": N_("must be a MERSİS number: 16 digits."),
    "field_not_a_channel": N_("must name channels: {known}."),
    "field_not_hours": N_("must be two different times such as 21:00-09:00, Istanbul time."),
    "template_unknown": N_("There is no template {template} of this language in use."),
    "template_retired": N_("The template {template} is retired: nothing is sent by it any more."),
    "template_name_wrong": N_("names begin with a small letter; letters, digits and underscores follow; at most 40."),
    "template_type_unknown": N_("must be one of {known}, with a question mark behind it if it may be absent."),
    "template_variable_unknown": N_("holds variables that the template does not declare: {count}."),
    "template_variable_undeclared": N_("uses {name}, which is not declared among the variables."),
    "template_variable_unused": N_("is declared and not used in the text."),
    "template_value_wrong": N_("is no value of the type {type}. Write it as {example}."),
    "template_syntax": N_("is not a template that can be read; look at line {line}."),
    "template_not_allowed": N_(
        "holds what a template may not have ({what}, line {line}); values, conditions and one loop are allowed."
    ),
    "template_filter_unknown": N_("uses a filter that there is none of, in line {line}; there are {known}."),
    "template_filter_wrong": N_("uses a filter on a value that it does not fit."),
    "template_loop_wrong": N_("loops over something else than a list variable, or in another loop (line {line})."),
    "template_purpose_missing": N_(
        "is missing: a commercial template names the purpose that consents are looked up by."
    ),
    "template_channel_differs": N_("is made for the channel {channel}, by which {kind} does not go."),
    "template_text_given": N_("is the template's; leave it out."),
    "template_empty": N_("leave nothing of the text."),
    "template_too_long": N_("make the text too long."),
    "template_not_fillable": N_("cannot be filled into the text."),
    "messaging_closing_missing": N_(
        "is commercial, so the tenant must set the sender's title and the opt-out text first: hub tenants messaging"
    ),
    "messaging_hours_wrong": N_("--quiet-hours takes CHANNEL=21:00-09:00, or CHANNEL= to take them away."),
    "opted_out": N_("The recipient does not want commercial messages."),
    "opted_out_of_all": N_("The recipient does not want any message by this channel."),
    "consent_missing": N_("There is no consent of the recipient to this purpose."),
    "consent_withdrawn": N_("The recipient's consent to this purpose has been withdrawn or is over."),
    "permission_withdrawn": N_("The recipient took back the permission for commercial messages (law 6563)."),
    "purpose_missing": N_("The message is commercial and names no purpose."),
    "iys_refused": N_("İYS has a refusal (RET) of the recipient."),
    "iys_no_permission": N_("İYS has no permission (ONAY) of the recipient."),
    "iys_not_connected": N_(
        "The tenant has no working İYS account, and nothing commercial goes out without: hub integrations set iys"
    ),
    "iys_recipient_unfit": N_(
        "İYS knows Turkish mobile numbers and e-mail addresses only, so this recipient cannot be asked for."
    ),
    "iys_recipient_unknown": N_("The recipient's number is not in the vault, so İYS cannot be asked."),
    "iys_unreachable": N_("İYS could not be asked; nothing commercial goes out until it answers."),
    "iys_asking": N_("İYS is being asked; the message waits for its turn."),
    "quiet_hours": N_("The tenant's quiet hours; it goes out when they are over."),
}
