"""The request desk when people sign in: who may handle a request, and who may approve what."""

from hub.i18n import N_

TEXTS = {
    "erasure_starter_unknown": N_(
        "The work was started by a name that nobody signed in with: assign the request to a user and start it again."
    ),
    "request_handler_unfit": N_("Requests are handled by active users whose role allows it: {role}."),
}
