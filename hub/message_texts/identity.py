"""Sign-in: users, passwords, second factors, sessions, API keys, the keys that sign tokens."""

from hub.i18n import N_

TEXTS = {
    "sign_in_refused": N_("Login or password is not right, or the account is not active."),
    "sign_in_locked": N_("Too many attempts. Try again in {retry_seconds} seconds."),
    "sign_in_busy": N_("Too many people are signing in at this moment. Try again in some seconds."),
    "tenant_needed": N_("This login has accounts at several tenants. Name one: {tenants}."),
    "second_factor_needed": N_("The code of the second factor is needed."),
    "second_factor_wrong": N_("The code is wrong, or it was used already."),
    "second_factor_exists": N_("There is a second factor already. Who manages the users can take it away."),
    "second_factor_unset": N_("This user has no second factor."),
    "second_factor_not_begun": N_("No second factor is being set up. Begin with it first."),
    "token_invalid": N_("The token is not valid. Sign in again."),
    "token_expired": N_("The token has expired."),
    "token_of_ended_key": N_(
        "The API key with which this token was got works no more, or has a new secret since. Get a token with one that"
        " works."
    ),
    "token_reused": N_("The refresh token was used before. The session has ended; sign in again."),
    "scope_not_granted": N_("This is more than may be granted: {scopes}."),
    "password_wrong": N_("The password is not right."),
    "one_time_token_invalid": N_("The link is mistyped, has been used already, or is too old. Ask for another one."),
    "users_of_whom": N_("Say whose: --tenant TENANT or --platform, and not both."),
    "user_unknown": N_("There is no such user."),
    "user_unnamed": N_("No user here has this id or address, or several have it. `hub users list` shows their ids."),
    "user_exists": N_("There is a user with this address already."),
    "user_changed": N_("The user was changed meanwhile (version {version}). Read it again, then decide."),
    "user_is_oneself": N_("Nobody changes this about themselves. Somebody else who manages users can."),
    "user_disabled": N_("The user is disabled."),
    "user_not_invited": N_("The user has come already; reset the password if it is lost."),
    "last_of_role": N_("This is the last active {role}. Make another one first."),
    "role_of_another_level": N_("The role {role} is not one of the roles here: platform and tenants have their own."),
    "session_unknown": N_("There is no such session, or it has ended."),
    "signing_key_missing": N_("There is no key to sign tokens with."),
    "signing_key_too_new": N_("The next key has not been public for long enough. It can sign in {minutes} minutes."),
    "client_refused": N_(
        "Client id and key do not go together, or the API key has expired or was revoked. Who manages the keys makes"
        " another one."
    ),
    "api_key_invalid": N_(
        "The API key is mistyped, has expired or was revoked. Who manages the keys makes another one."
    ),
    "api_key_unknown": N_("There is no such API key."),
    "api_key_ended": N_("The API key was revoked or has expired. Create another one."),
    "api_key_of_platform": N_("An API key belongs to a tenant; the platform has none."),
    "field_password_short": N_("must have at least {least} characters."),
    "field_password_common": N_("is one of those that are tried first. Choose several words that do not go together."),
    "field_password_names": N_("consists of your login, your name or the company's. Choose other words."),
}
