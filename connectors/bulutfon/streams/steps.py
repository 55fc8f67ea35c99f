"""The way of an answered call through menus and groups, and whose telephones rang: only this tells who took it."""

from __future__ import annotations

from datetime import timedelta

from connectors.bulutfon.parties import PARTY_KINDS
from connectors.bulutfon.settings import STEPS_EVERY, STEPS_SPAN, STEPS_TRAILING
from connectors.bulutfon.streams.calls import moment
from connectors.contract import Belonging, Hours, Stream
from connectors.fields import RecordMap, field

STEP = RecordMap(
    (
        field(None, "text", "The call", name="call_id", required=True),
        field(None, "int", "Place in the call's way, from 1", name="step", required=True, minimum=1),
        field(None, "text", "Number that was reached", name="callee"),
        field(None, "text", "What was reached", name="callee_kind", required=True, allowed=PARTY_KINDS),
        field("start_time", "timestamp", "When it was reached", convert=moment),
        field("answer_time", "timestamp", "When it was answered there", convert=moment),
        field("hangup_time", "timestamp", "When it ended there", convert=moment),
        field("redirection", "text", "What happened next, for example REDIRECTED_TO_GROUP"),
        field(None, "text", "Number to which it was redirected", name="redirection_target"),
    )
)

TARGET = RecordMap(
    (
        field(None, "text", "The call", name="call_id", required=True),
        field(None, "int", "The step in which it rang", name="step", required=True, minimum=1),
        field(None, "int", "Place among those that rang, from 1", name="target", required=True, minimum=1),
        field(None, "text", "Number that rang", name="destination"),
        field(None, "text", "What rang", name="destination_kind", required=True, allowed=PARTY_KINDS),
        field("start_time", "timestamp", "When it began to ring", convert=moment),
        field("answer_time", "timestamp", "When it was picked up", convert=moment),
        field("hangup_time", "timestamp", "When it stopped", convert=moment),
        field("result", "text", "What came of it, for example ANSWERED or LOSE_RACE"),
    )
)

# A first sync goes back a week only: at one request a second, the calls of three months would take hours, or days.
# `hub sync --from` reads older ones.
_PLAN = Hours(trailing=STEPS_TRAILING, span=STEPS_SPAN, first_depth=timedelta(days=7))

STEPS = Stream(
    name="call_steps",
    title="Bulutfon call steps",
    description="Menus, groups and extensions that an answered incoming call went through.",
    columns=STEP.columns,
    key=("call_id", "step"),
    plan=_PLAN,
    every=STEPS_EVERY,
    belongs_to=(Belonging("calls", ("call_id",), ("call_id",)),),
)
TARGETS = Stream(
    name="call_step_targets",
    title="Bulutfon call step targets",
    description="Telephones that rang in each step of a call, and the one that was picked up.",
    columns=TARGET.columns,
    key=("call_id", "step", "target"),
    plan=_PLAN,
    parent=STEPS.name,
    belongs_to=(Belonging(STEPS.name, ("call_id", "step"), ("call_id", "step")),),
)
