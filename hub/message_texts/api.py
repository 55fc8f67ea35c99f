"""What the API says: calls that are not well formed, not allowed or too many."""

from hub.i18n import N_

TEXTS = {
    "request_malformed": N_("The call is not well formed."),
    "field_not_json": N_("is not JSON. Check brackets, quotation marks and commas."),
    "field_not_text": N_("holds characters that no text has (NUL or half of a pair). Remove them."),
    "field_unexpected": N_("is not a field of this call. Remove it; the API's description lists the fields."),
    "parameter_unknown": N_("is not a parameter of this call. Known: {known}."),
    "parameter_of_none": N_("is not a parameter of this call, which takes none in its address."),
    "parameter_repeated": N_("stands twice in the address; give it once."),
    "body_not_json": N_("The body must be JSON, sent as Content-Type: application/json."),
    "body_not_form": N_("Send the fields as a form: Content-Type: application/x-www-form-urlencoded."),
    "body_compressed": N_("Send the body as it is: compressed bodies are not taken."),
    "body_too_large": N_("The body is too large."),
    "too_slow": N_("The call took too long to arrive."),
    "header_too_large": N_("The address and the headers are too large together. Send long values in the body."),
    "too_many_connections": N_("Too many calls are being served. Call again in a moment."),
    "host_unknown": N_("The hub does not answer under this name. See HUB_ALLOWED_HOSTS."),
    "cross_origin_refused": N_(
        "A page of this site may not call the hub so: its address (HUB_CORS_ORIGINS), the method or a header is not"
        " among those that are open to other sites."
    ),
    "not_found": N_("There is nothing here."),
    "method_not_allowed": N_("This cannot be done with this address. The API's description lists what can."),
    "not_acceptable": N_("There is no such form of this. Ask for application/json."),
    "credential_missing": N_("Sign in first, and send the token or the API key as Authorization: Bearer."),
    "permission_missing": N_("Your role or key does not hold the permission {permission}."),
    "originals_need_second_factor": N_(
        "This shows personal data in clear, or decides whether it is: set up a second factor, then sign in with it."
    ),
    "role_needs_second_factor": N_("Your role needs a second factor: set one up, then sign in with it."),
    "suspended_reads_only": N_(
        "Your company is suspended: everything can be read, but nothing is sent, fetched or set up until the operator"
        " lets it go on. Data subjects' applications, breaches, consents, users and keys go on."
    ),
    "tenant_not_yours": N_("Your credential belongs to another tenant."),
    "tenant_header_missing": N_("Name the tenant that this call is about in the header {header}."),
    "cursor_malformed": N_("That is not a cursor of this list. Begin without one."),
    "idempotency_key_missing": N_("Give the header Idempotency-Key: what this call sends must not be sent twice."),
    "idempotency_key_malformed": N_("Idempotency-Key must be 1 to 128 letters, digits or signs without spaces."),
    "idempotency_key_of_another_call": N_(
        "This Idempotency-Key stands for another call. Use a new one for each thing."
    ),
    "idempotency_key_in_use": N_("The first call with this Idempotency-Key is still being worked on. Ask again soon."),
    "idempotent_answer_not_kept": N_("This was done. Its answer held a secret, which is told once and not kept."),
    "version_differs": N_("Somebody changed this since you read it. Read it again and repeat your change."),
    "precondition_not_here": N_(
        "{header} is not heeded by this call, so nothing was done. Send it without, or where an answer has an ETag."
    ),
    "too_many_calls": N_("Too many calls. Go on after {retry_seconds} seconds."),
    "hub_failed": N_("Something went wrong in the hub. Nothing is half done; the request id finds it in the log."),
    "service_unavailable": N_("The hub cannot serve this now. Try again in a few seconds."),
    "token_request_incomplete": N_(
        "A field is missing: `password` needs username and password, `client_credentials` client_id and client_secret,"
        " `refresh_token` refresh_token."
    ),
    "grant_type_unknown": N_("grant_type must be one of {known}."),
    "scope_unknown_here": N_("scope names a permission that does not exist."),
    "sign_in_from_elsewhere": N_("This form is taken from the hub's own page only. Open it anew and try again."),
    "integration_not_active": N_("{provider} is {state}: test or resume it first."),
    "daemon_silent": N_("Dagster's daemon gives no sign of life. Is `hub up` running?"),
}
