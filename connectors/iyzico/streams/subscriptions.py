"""Subscriptions with their orders and payment attempts, and the customers who hold them."""

from __future__ import annotations

from connectors.contract import Belonging, Snapshot, Stream
from connectors.fields import Field, RecordMap, field, snake_case
from connectors.iyzico.settings import SLOW_STREAMS_EVERY

SUBSCRIPTION = RecordMap(
    (
        field("referenceCode", "text", "The subscription", required=True),
        field("parentReferenceCode", "text", "Reference that stays the same when the plan is changed"),
        field("pricingPlanName", "text", "Name of the price plan"),
        field("pricingPlanReferenceCode", "text", "The price plan"),
        field("productName", "text", "Name of the product"),
        field("productReferenceCode", "text", "The product"),
        field("customerEmail", "text", "The customer's e-mail address"),
        field("customerGsmNumber", "text", "The customer's mobile number"),
        field("customerReferenceCode", "text", "The customer"),
        field(
            "subscriptionStatus",
            "text",
            "State of the subscription",
            allowed=("ACTIVE", "PENDING", "UNPAID", "UPGRADED", "CANCELED", "EXPIRED"),
        ),
        field("trialDays", "int", "Days free of charge", minimum=0),
        field("trialStartDate", "timestamp", "Start of the free days"),
        field("trialEndDate", "timestamp", "End of the free days"),
        field("createdDate", "timestamp", "When it was made"),
        field("startDate", "timestamp", "Start of the subscription"),
        field("endDate", "timestamp", "End of the subscription"),
    )
)

ORDER = RecordMap(
    (
        field(None, "text", "The subscription", name="subscription_reference_code", required=True),
        field("referenceCode", "text", "The period that is paid for", required=True),
        field("price", "decimal", "Price of the period", minimum=0),
        field("currencyCode", "text", "Currency", allowed=("TRY", "USD", "EUR")),
        field("startPeriod", "timestamp", "Start of the period"),
        field("endPeriod", "timestamp", "End of the period"),
        field("orderStatus", "text", "State of the period", allowed=("WAITING", "SUCCESS", "FAILED")),
    )
)

ATTEMPT = RecordMap(
    (
        field(None, "text", "The subscription", name="subscription_reference_code", required=True),
        field(None, "text", "The period that should be paid for", name="order_reference_code", required=True),
        field(
            None,
            "text",
            "Tells attempts of one period apart: their time in epoch milliseconds",
            name="attempt_id",
            required=True,
        ),
        field("conversationId", "text", "Reference of the request"),
        field("createdDate", "timestamp", "When the card was tried"),
        field("paymentStatus", "text", "Whether the card was charged", allowed=("SUCCESS", "FAILED")),
        field("paymentId", "text", "The payment, when there was one"),
        field("errorCode", "text", "iyzico's code when there was none"),
        field("errorMessage", "text", "What iyzico said of it"),
    )
)


NESTED_ADDRESSES = ("billingAddress", "shippingAddress")


def _address_fields(nested: str, name: str) -> tuple[Field, ...]:
    """Fields of a nested address; the reader puts them beside the others under `nested.part`."""
    parts = (
        ("address", "street address"),
        ("zipCode", "postcode"),
        ("contactName", "who to ask for"),
        ("city", "city"),
        ("district", "district"),
        ("country", "country"),
    )
    return tuple(
        field(f"{nested}.{part}", "text", f"{name.capitalize()}: {text}", name=f"{name}_{snake_case(part)}")
        for part, text in parts
    )


CUSTOMER = RecordMap(
    (
        field("referenceCode", "text", "The customer", required=True),
        field("createdDate", "timestamp", "When the record was made"),
        field("status", "text", "State of the record"),
        field("name", "text", "Given name"),
        field("surname", "text", "Surname"),
        field("identityNumber", "text", "National identity number (TCKN)"),
        field("email", "text", "E-mail address"),
        field("gsmNumber", "text", "Mobile number"),
        field("contactEmail", "text", "E-mail address for notices"),
        field("contactGsmNumber", "text", "Mobile number for notices"),
        *_address_fields("billingAddress", "billing"),
        *_address_fields("shippingAddress", "shipping"),
    )
)

SUBSCRIPTIONS = Stream(
    name="subscriptions",
    title="iyzico subscriptions",
    description="Subscriptions as they stand, each with its customer's contact.",
    columns=SUBSCRIPTION.columns,
    key=("reference_code",),
    plan=Snapshot(),
    every=SLOW_STREAMS_EVERY,
)
ORDERS = Stream(
    name="subscription_orders",
    title="iyzico subscription orders",
    description="The paid periods of each subscription.",
    columns=ORDER.columns,
    key=("reference_code",),
    plan=Snapshot(),
    parent=SUBSCRIPTIONS.name,
    belongs_to=(Belonging(SUBSCRIPTIONS.name, ("subscription_reference_code",), ("reference_code",)),),
)
ATTEMPTS = Stream(
    name="subscription_attempts",
    title="iyzico subscription payment attempts",
    description="Every try to charge a card for a subscription's period.",
    columns=ATTEMPT.columns,
    key=("order_reference_code", "attempt_id"),
    plan=Snapshot(),
    parent=SUBSCRIPTIONS.name,
    belongs_to=(Belonging(SUBSCRIPTIONS.name, ("subscription_reference_code",), ("reference_code",)),),
)
CUSTOMERS = Stream(
    name="subscription_customers",
    title="iyzico subscription customers",
    description="People and companies who hold subscriptions: the only identities that iyzico's API tells.",
    columns=CUSTOMER.columns,
    key=("reference_code",),
    plan=Snapshot(),
    every=SLOW_STREAMS_EVERY,
)
