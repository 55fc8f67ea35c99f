"""When a breach began and ended, as a person states it."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict


class Times(BaseModel):
    """Aware times; None where it is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    began_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
