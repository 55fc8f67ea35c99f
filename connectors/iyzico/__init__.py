"""iyzico: card payments of online shops and their subscriptions."""

from __future__ import annotations

from datetime import timedelta

from connectors.contract import CredentialField, Provider
from connectors.iyzico import settings
from connectors.iyzico.session import open_session
from connectors.iyzico.streams import payments, payouts, settlement, subscriptions, transactions

PROVIDER = Provider(
    name="iyzico",
    title="iyzico",
    description="Card payments, refunds, payouts and subscriptions of an online shop.",
    credential_fields=(
        CredentialField("api_key", "API anahtarı"),
        CredentialField("secret_key", "Güvenlik anahtarı"),
    ),
    environments={"live": settings.LIVE, "sandbox": settings.SANDBOX},
    streams=(
        transactions.STREAM,
        payments.PAYMENTS,
        payments.ITEMS,
        payments.REFUNDS,
        payments.CANCELS,
        payouts.STREAM,
        settlement.STREAM,
        subscriptions.SUBSCRIPTIONS,
        subscriptions.ORDERS,
        subscriptions.ATTEMPTS,
        subscriptions.CUSTOMERS,
    ),
    open=open_session,
    rate=settings.RATE,
    interval=timedelta(hours=1),
    setting_names=settings.SETTING_NAMES,
)

__all__ = ["PROVIDER"]
