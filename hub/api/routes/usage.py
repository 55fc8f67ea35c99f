"""What a tenant uses of what its plan allows."""

from __future__ import annotations

from pydantic import Field

from hub.api.asked import Call
from hub.api.models import Answer
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.control.plans import Plan
from hub.control.usage import usage_of
from hub.identity.permissions import Permission

router = make_router("usage", "/usage")


class Used(Answer):
    """One limit; `used` is null for a rate, which is bounded and not counted. Days are Istanbul's."""

    name: str = Field(examples=["actions_per_day"])
    used: int | None
    allowed: int


class Usage(Answer):
    """The plan with every limit of it."""

    tenant_id: str
    plan: Plan
    usage: list[Used]


@router.get("", summary="What is used of the plan?")
@needs(Permission.USAGE_READ)
def show_usage(call: Call) -> Usage:
    """Now."""
    return Usage.model_validate(usage_of(call.database, call.tenant))
