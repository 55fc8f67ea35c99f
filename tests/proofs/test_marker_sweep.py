"""Proof 3: planted personal data is nowhere in clear, after success, after a crash in each stage, after an error body.

Everything the hub writes lies under one directory and in two clusters. It is searched as a thief would search it. The
acts marked `prove` are the long form: a kill in each stage, checks and marts that fail or die.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.proofs.controls import LEFT_LOAD
from tests.proofs.stage import FAULTS, SICK_SHOPS, STAGES, Stage
from tests.proofs.stage import stage as the_stage

pytestmark = pytest.mark.long(60)

KILLED_IN_THE_SMALL_FORM = "staged"
"""Between the vault and landing, when masked rows lie in files."""
_DIRTY = "UPDATE hub.sync_state SET modelled_at = NULL"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with the_stage() as play:
        done = play.sick_sync()
        quoting = {"error_with_personal_data", "wrong_type"}
        assert done == {
            "succeeded": True,
            "failed": {"siparis": len(SICK_SHOPS)} | dict.fromkeys(play.providers, len(quoting & {*FAULTS})),
            "models": True,
        }
        yield play


def test_the_sweep_sees_a_control_in_every_kind_of_store(stage: Stage) -> None:
    assert stage.unseen_controls == []


def test_after_a_batch_of_good_quoting_and_crashing_tenants_nothing_is_in_clear(stage: Stage) -> None:
    assert stage.scalar("SELECT count(*) FROM landing.siparis_orders WHERE note ~ '<PERSON:'") > 0
    assert stage.scalar("SELECT count(*) FROM landing.iyzico_subscription_customers") > 0
    assert stage.scalar("SELECT count(*) FROM vault.originals") > 0
    assert stage.scalar("SELECT count(*) FROM marts.payments") > 0
    assert stage.in_clear() == {}


@pytest.mark.parametrize(
    "where",
    [
        pytest.param(where, marks=[] if where == KILLED_IN_THE_SMALL_FORM else [pytest.mark.prove], id=where)
        for where in STAGES
    ],
)
def test_after_a_kill_in_any_stage_nothing_is_in_clear(stage: Stage, where: str) -> None:
    stage.kill_at(where)
    assert stage.in_clear() == {}


KILLS = pytest.mark.parametrize("kill", [False, True], ids=["failing", "killed"])


@pytest.mark.prove
@KILLS
def test_after_checks_that_fail_nothing_is_in_clear(stage: Stage, kill: bool) -> None:
    odd = "UPDATE landing.siparis_orders SET status = 'odd', customer_phone = 'no pseudonym'"
    stage.execute(odd, _DIRTY)
    done = stage.house.run(do="models", kill_at="check" if kill else None)
    assert done == (None if kill else {"succeeded": True, "failed_checks": ["quality", "quality_batch"]})
    assert stage.in_clear() == {}


@pytest.mark.prove
@KILLS
def test_after_marts_that_cannot_be_built_nothing_is_in_clear(stage: Stage, kill: bool) -> None:
    refusing = "ALTER TABLE marts.payments ADD CONSTRAINT refuses_every_row CHECK (false) NOT VALID"
    well = "UPDATE landing.siparis_orders SET status = 'NEW', customer_phone = NULL"
    stage.execute(well, _DIRTY, refusing)
    try:
        done = stage.house.run(do="models", kill_at="dbt" if kill else None)
    finally:
        stage.execute("ALTER TABLE marts.payments DROP CONSTRAINT refuses_every_row")
    assert done is None if kill else done is not None and not done["succeeded"]
    assert bool(list((stage.house.settings.home / "work").glob("dbt-*"))) is kill
    assert stage.in_clear() == {}


@pytest.mark.prove
def test_the_next_sync_clears_away_what_killed_processes_left(stage: Stage) -> None:
    stage.kill_at("gated")
    stage.house.run(do="sync", providers=["siparis"], models=True)
    left = {path.name for path in (stage.house.settings.home / "work").iterdir()}
    assert not {name for name in left if name.startswith(("load-", "dbt-"))} - {LEFT_LOAD}
    assert stage.in_clear() == {}
