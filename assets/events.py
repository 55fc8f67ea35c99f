"""Logs a check of one partition in a range run, which Dagster accepts from an op but types for assets only."""

from __future__ import annotations

from typing import Any, cast

from dagster import AssetCheckEvaluation, OpExecutionContext


def log_evaluation(context: OpExecutionContext, evaluation: AssetCheckEvaluation) -> None:
    """Write the evaluation to the event log at once."""
    context.log_event(cast("Any", evaluation))
