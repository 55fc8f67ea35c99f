"""Actions: what is wrong with a request, and why an action stands where it stands."""

from hub.i18n import N_

TEXTS = {
    "absent_at_provider": N_("The provider knows nothing of it."),
    "account_missing": N_("The tenant has no account at the provider. Add one: hub integrations set."),
    "account_paused": N_("The account at the provider is paused. Go on: hub integrations resume."),
    "action_cannot_wait": N_("cannot be put off: a {kind} is of use at once or not at all. Leave it out."),
    "action_ends_before_it_begins": N_("lies before the time before which it must not be done."),
    "action_is_no_message": N_("is for messages; {kind} is none. Leave it out."),
    "action_kind_unknown": N_("There is no action {kind}. There are: {known}."),
    "action_never_tried": N_(
        "The action {action} was stopped before anything was sent, so nothing can have become of it. Ask for it anew,"
        " or retry it: hub actions retry."
    ),
    "action_link_gone": N_(
        "The address of the link of action {action} is not held here any more. The provider's pages show it, or make"
        " another link."
    ),
    "action_link_not_made": N_("The action {action} has made no link yet; look at its state."),
    "action_link_unknown": N_("The action {action} makes no payment link."),
    "action_not_stuck": N_(
        "The action {action} is {state}; a person decides only of one that failed, is dead or unknown."
    ),
    "action_not_waiting": N_("The action {action} is {state}; only one that waits can be withdrawn."),
    "action_payload_gone": N_("What the action {action} was to send has been destroyed; ask for it anew."),
    "action_state_unknown": N_("That is no state. There are: {known}."),
    "action_unknown": N_("There is no action {action}."),
    "actions_line_malformed": N_("Line {line} is no JSON object. Give one action a line."),
    "actions_too_many": N_("At most {most} actions at once; send them in parts."),
    "asked_before_retry": N_(
        "It came back with a backup and is to be tried again; its provider is asked first whether it was done since."
        " To have it tried without an answer: hub actions retry."
    ),
    "attempts_used_up": N_("It was tried as often as it may be. Look why, then retry it: hub actions retry."),
    "cap_reached": N_(
        "Today's limit for the provider is used up. Raise it (hub actions caps set) or wait for tomorrow."
    ),
    "delivery_failed": N_("The provider took it and could not deliver it."),
    "expired": N_("Its time was over before it could be done."),
    "field_between": N_("lies outside of {least} to {most}."),
    "field_in_the_past": N_("lies in the past."),
    "field_length": N_("is too short or too long: {least} to {most} characters."),
    "idempotency_key_reused": N_("Another request stands under this idempotency key. Take a key of its own for each."),
    "lease_lost": N_("The process that was at it is gone; it may have been done. The provider is asked."),
    "needs_decision": N_(
        "Nobody can tell whether it was done. Look at the provider, then: hub actions settle, or hub actions retry."
    ),
    "no_receipt": N_("The provider took it and never said whether it arrived."),
    "not_told": N_("The provider could not say yet what became of it; it is asked again."),
    "payload_outdated": N_("What was to be sent is not right any more; the rules changed since. Ask for it anew."),
    "payload_unreadable": N_("What was to be sent does not open: it was altered, or belongs to another key."),
    "recipient_erased": N_("The recipient's data was erased before it was sent."),
    "restored_absent": N_(
        "It came back with a backup, and its provider knows nothing of it. Settle it as failed, or retry it."
    ),
    "restored_from_backup": N_(
        "It came back with a backup: it may have been done since. Look, then retry or settle it."
    ),
    "settled_by_person": N_("A person settled it."),
    "tenant_suspended": N_("The tenant is suspended; its actions wait until it is resumed."),
    "withdrawn": N_("It was withdrawn before it was sent."),
}
