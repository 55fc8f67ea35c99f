"""What plans allow a day or altogether, how often one may call, and who may watch."""

from hub.i18n import N_

TEXTS = {
    "plan_used_up_today": N_(
        "The tenant's limit for one day is reached: {allowed} {limit}. It goes on after midnight in Istanbul, or the"
        " operator raises the limit."
    ),
    "plan_actions_today": N_("The plan's actions of today are used; it goes tomorrow."),
    "metrics_token_unfit": N_(
        "{path} must hold the token for the metrics page, {least} characters at least, and be readable by its owner"
        " alone."
    ),
    "sentry_dsn_unfit": N_("The address for error reports is none. Set HUB_SENTRY_DSN, or HUB_SENTRY_DSN_FILE."),
    "storage_full": N_(
        "The tenant's storage is full. Raise the plan or shorten retention, then: hub integrations resume. Nothing is"
        " lost; what came since is fetched then."
    ),
}
