"""Caps of what actions may cost."""

from hub.i18n import N_

TEXTS = {
    "spend_cap_count": N_(
        "The tenant's cap of actions a day at this provider is reached. Raise it or wait for tomorrow, then retry:"
        " hub actions caps set, hub actions retry"
    ),
    "spend_cap_amount": N_(
        "It would cost more than the tenant allows this provider a day. Raise it or wait for tomorrow, then retry:"
        " hub actions caps set, hub actions retry"
    ),
    "spend_cap_currency": N_(
        "It costs in another currency than the tenant's cap for this provider is in. Set the cap anew: hub actions caps"
        " set"
    ),
}
