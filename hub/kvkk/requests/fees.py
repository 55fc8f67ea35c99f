"""What an answer may cost (Communiqué on applications to the controller, art. 7)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from hub.errors import HubError

AnswerForm = Literal["electronic", "paper", "medium"]
"""By e-mail, KEP or a link; written on paper; on a CD, memory stick or the like."""
ANSWER_FORMS: tuple[AnswerForm, ...] = ("electronic", "paper", "medium")

FREE_PAGES = 10
LIRA_A_PAGE = Decimal(1)


@dataclass(frozen=True)
class Delivery:
    """How an answer is given. `medium_cost` is what the medium itself cost, in lira."""

    form: AnswerForm = "electronic"
    pages: int = 0
    medium_cost: Decimal = Decimal(0)
    own_fault: bool = False
    """Whether the application arose from the controller's own fault: what was paid is given back."""


def highest_fee(delivery: Delivery) -> Decimal:
    """The most that may be asked, in lira. HubError `fee_figures_wrong`."""
    if delivery.pages < 0 or not delivery.medium_cost.is_finite() or delivery.medium_cost < 0:
        raise HubError("fee_figures_wrong")
    if delivery.own_fault or delivery.form == "electronic":
        return Decimal(0)
    if delivery.form == "medium":
        return delivery.medium_cost.quantize(Decimal("0.01"))
    return LIRA_A_PAGE * max(delivery.pages - FREE_PAGES, 0)
