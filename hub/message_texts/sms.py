"""SMS: what is wrong with a message, and why one was refused."""

from hub.i18n import N_

TEXTS = {
    "action_commercial_differs": N_(
        "does not agree with what was asked for: say commercial in both places, or in neither; the provider checks İYS"
        " by the one, the hub consent by the other."
    ),
    "iys_not_set_up": N_("The account may not send commercial messages: its İYS brand is missing, or the right to it."),
    "package_missing": N_("The package for this service is used up, or was never bought at the provider."),
    "recipient_flooded": N_("Too many messages went to this number in a minute; it is sent later."),
    "sender_refused": N_("The provider has not approved this sender name. See: hub sms headers"),
    "sms_code_malformed": N_("must be 4 to 8 digits in quotation marks."),
    "sms_commercial_scheduled": N_(
        "must not stand in a commercial message: a refusal in the meantime would not stop it. Use not_before, which"
        " waits in the hub."
    ),
    "sms_header_malformed": N_("is no sender name: 3 to 11 characters without Turkish letters."),
    "sms_letters_outside": N_(
        "holds {count} characters that {encoding} does not have. Take them out, or another encoding; auto finds one."
    ),
    "sms_otp_too_long": N_("must fit into one SMS: {characters} of at most {limit} characters."),
    "sms_otp_turkish": N_("cannot hold Turkish letters in a one-time password: write s for ş, i for ı."),
    "sms_phone_not_mobile": N_("is no Turkish mobile number. Write it as +905321234567."),
    "sms_schedule_gap": N_("must lie 1 to 21 hours after start."),
    "sms_text_too_long": N_("is too long in {encoding}: {characters} of at most {limit} characters, six parts."),
}
