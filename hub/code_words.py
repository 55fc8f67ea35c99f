"""Words for the codes that stand inside a sentence for a person: states, steps, kinds, roles.

A program reads codes in fields of their own. What a reader would have to type stays a code too (`{known}`,
`{expected}`). A code without a word here is shown as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from hub.i18n import N_, _

_STATES = {
    "new": N_("new, without a passed test"),
    "active": N_("active"),
    "paused": N_("paused"),
    "received": N_("received"),
    "identity_check": N_("in the check of the identity"),
    "info_needed": N_("waiting for information"),
    "in_progress": N_("in progress"),
    "answered": N_("answered"),
    "closed": N_("closed"),
    "none": N_("not started"),
    "pending": N_("waiting"),
    "running": N_("running"),
    "done": N_("done"),
    "failed": N_("failed"),
    "leased": N_("being sent"),
    "sending": N_("being sent"),
    "sent": N_("sent"),
    "accepted": N_("taken by the provider"),
    "delivered": N_("delivered"),
    "dead": N_("given up"),
    "unknown": N_("of unknown outcome"),
    "issued": N_("issued"),
    "refused": N_("refused"),
    "void": N_("void"),
    "cancelled": N_("cancelled"),
    "building": N_("being made"),
    "ready": N_("ready"),
    "downloaded": N_("downloaded"),
    "expired": N_("expired"),
}
_ACTS = {
    "name_identifiers": N_("adding identifiers"),
    "confirm_identity": N_("the check of the identity"),
    "doubt_identity": N_("the check of the identity"),
    "ask": N_("asking for what is missing"),
    "assign": N_("assigning"),
    "review": N_("a decision about a subject"),
    "start": N_("starting the work"),
    "approve": N_("approving the erasure"),
    "answer": N_("answering"),
    "refuse": N_("refusing"),
    "close": N_("closing"),
    "work_begun": N_("the hub's own work"),
    "work_done": N_("the hub's own work"),
    "work_failed": N_("the hub's own work"),
    "warn": N_("a warning"),
}
_IDENTIFIERS = {
    "tckn": N_("identity number (TCKN)"),
    "vkn": N_("tax number (VKN)"),
    "phone": N_("telephone number"),
    "email": N_("e-mail address"),
    "plate": N_("number plate"),
}
_REQUESTS = {
    "access": N_("access"),
    "info": N_("information"),
    "third_parties": N_("recipients"),
    "rectify": N_("rectification"),
    "erase": N_("erasure"),
    "notify_recipients": N_("notice to recipients"),
    "object_automated": N_("objection to automated analysis"),
    "compensation": N_("compensation"),
}
_METHODS = {
    "matched_identifiers": N_("matched identifiers"),
    "registered_email": N_("registered e-mail address"),
    "in_person": N_("appearance in person"),
    "wet_signature": N_("handwritten signature"),
    "kep": N_("registered electronic mail (KEP)"),
    "secure_e_signature": N_("secure electronic signature"),
    "mobile_signature": N_("mobile signature"),
    "application_login": N_("sign-in to an application"),
}
_ROLES = {
    "owner": N_("owner"),
    "engineer": N_("engineer"),
    "analyst": N_("analyst"),
    "dpo": N_("data protection officer"),
    "platform_admin": N_("platform administrator"),
    "platform_analyst": N_("platform analyst"),
    "machine": N_("machine"),
    "desk": N_("desk"),
}
_LIMITS = {
    "integrations": N_("integrations"),
    "analysts": N_("logins of analysts"),
    "actions_per_day": N_("actions"),
    "syncs_per_day": N_("syncs that were asked for"),
}

WORDS: Mapping[str, Mapping[str, str]] = {
    "state": _STATES,
    "act": _ACTS,
    "kind": _IDENTIFIERS,
    "type": _REQUESTS,
    "method": _METHODS,
    "role": _ROLES,
    "limit": _LIMITS,
}
"""By the parameter of a text that takes the code."""


def in_words(parameter: str, value: object) -> object:
    """The value of a text's parameter as its reader says it. `allowed` is in words where it lists states."""
    if not isinstance(value, str):
        return value
    if parameter == "allowed":
        parts = value.split(", ")
        known = all(part in _STATES for part in parts)
        return ", ".join(dict.fromkeys(_(_STATES[part]) for part in parts)) if known else value
    word = WORDS.get(parameter, {}).get(value)
    return value if word is None else _(word)
