"""Events of a run over thousands of partitions: logged at once, and not kept by the step that logged them."""

from __future__ import annotations

from collections import deque
from typing import Any, cast

from dagster import AssetCheckEvaluation, OpExecutionContext


def log_evaluation(context: OpExecutionContext, evaluation: AssetCheckEvaluation) -> None:
    """Write the check of one partition to the event log at once: Dagster accepts it from an op, but types others."""
    context.log_event(cast("Any", evaluation))


def forget_logged(context: OpExecutionContext) -> None:
    """Let go of the events logged so far.

    Dagster writes an event to its log when it is logged, and keeps it besides: until the step ends in the context, and
    until the run ends with whoever executes the plan (`dagster/_core/execution/plan/compute.py`, `execute_plan.py`).
    Only hooks and callers of `execute_in_process` look at those copies, and nobody here does.
    """
    deque(context.consume_events(), maxlen=0)
