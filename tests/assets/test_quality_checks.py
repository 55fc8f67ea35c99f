"""Quality as Dagster sees it: real rows, real suites, Dagster's own event log on Postgres."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from dagster import AssetCheckKey, DagsterEventType, DagsterInstance, OpExecutionContext, job, op
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus as Status

from assets.landing import landing_key
from assets.quality.batch import Judgement, judge_batch
from assets.quality.run import CheckResult
from assets.quality_checks import QUALITY, QUALITY_BATCH, evaluations, judge
from connectors.registry import PROVIDERS
from hub.db.database import Database
from hub.settings import Settings
from hub.sync.batch import Engine
from kvkk_policies.policy import load_policies
from tests.dbt.payment_rows import paid
from tests.dbt.warehouse import land, mart
from tests.support.dagster_home import dagster_instance

pytestmark = pytest.mark.long(20)

TRANSACTIONS = ("iyzico", "transactions")
MARKER = "SIZINTI-Ayşe-Yılmaz"
POLICIES = load_policies()


@pytest.fixture(scope="module")
def instance(installation: Settings) -> Iterator[DagsterInstance]:
    with dagster_instance(installation) as opened:
        yield opened


@pytest.fixture
def look(instance: DagsterInstance, database: Database) -> Callable[..., str]:
    """Judges tenants in a Dagster run and returns its id."""
    engine = Engine(database, None, None, None, POLICIES)  # type: ignore[arg-type] - judging needs no keys

    def run(*tenants: str, only_new: bool = True) -> str:
        @op
        def judging(context: OpExecutionContext) -> None:
            judge(context, engine, PROVIDERS, {TRANSACTIONS: set(tenants)}, only_new=only_new)

        @job
        def judging_job() -> None:
            judging()

        return judging_job.execute_in_process(instance=instance).run_id

    return run


def verdicts(instance: DagsterInstance, run_id: str) -> dict[tuple[str, str | None], Any]:
    """Metadata and outcome by check and tenant, as one run logged them."""
    found: dict[tuple[str, str | None], Any] = {}
    for entry in instance.all_logs(run_id, of_type=DagsterEventType.ASSET_CHECK_EVALUATION):
        evaluation = entry.dagster_event.asset_check_evaluation_data  # type: ignore[union-attr]
        assert evaluation.asset_key == landing_key(*TRANSACTIONS)
        metadata = {name: value.value for name, value in evaluation.metadata.items()}
        found[(evaluation.check_name, evaluation.partition)] = (evaluation.passed, metadata)
    return found


def state(instance: DagsterInstance, tenant_id: str) -> Status | None:
    """What Dagster shows for the tenant's partition of the check."""
    infos = instance.event_log_storage.get_asset_check_partition_info(
        [AssetCheckKey(landing_key(*TRANSACTIONS), QUALITY)], partition_keys=[tenant_id]
    )
    return infos[0].latest_execution_status if infos else None


def modelled(database: Database, *tenants: str) -> None:
    """As after dbt: what has landed is in the marts, and the hour of overlap is over."""
    for tenant_id in tenants:
        with database.tenant(tenant_id, "loader") as connection:
            connection.execute("UPDATE landing.iyzico_transactions SET _loaded_at = now() - interval '1 day'")
    with database.crossing("transformer") as connection:
        connection.execute(
            "UPDATE hub.sync_state SET modelled_at = changed_at WHERE tenant_id = ANY(%s)", (list(tenants),)
        )


def test_a_failing_tenant_fails_alone_and_the_batch_is_summed_up(
    instance: DagsterInstance, database: Database, make_tenant: Callable[..., str], look: Callable[..., str]
) -> None:
    well, ill = make_tenant(), make_tenant()
    land(database, well, "transactions", [paid("p")])
    land(database, ill, "transactions", [paid("p", price=-1), paid("q", transaction_currency=MARKER)])

    run_id = look(well, ill)

    rules = {"in_range:price": 1, "allowed:transaction_currency": 1}
    found = verdicts(instance, run_id)
    assert found[(QUALITY, ill)] == (False, {"failing_rows": rules, "findings": 2})
    passed, summary = found[(QUALITY_BATCH, None)]
    assert not passed
    assert (summary["rows"], summary["failing_tenants"], summary["failing_rows"]) == (3, 1, rules)
    assert (QUALITY, well) not in found
    assert (state(instance, ill), state(instance, well)) == (Status.FAILED, None)
    assert not any(MARKER in entry.to_json() for entry in instance.all_logs(run_id))


def test_a_tenant_is_well_again_only_when_its_old_rows_are(
    instance: DagsterInstance, database: Database, make_tenant: Callable[..., str], look: Callable[..., str]
) -> None:
    tenant_id = make_tenant()
    land(database, tenant_id, "transactions", [paid("bad", price=-1)])
    look(tenant_id)
    modelled(database, tenant_id)

    land(database, tenant_id, "transactions", [paid("good")])
    look(tenant_id)
    assert state(instance, tenant_id) == Status.FAILED

    with database.tenant(tenant_id, "loader") as connection:
        connection.execute("UPDATE landing.iyzico_transactions SET price = 1, _loaded_at = now()")
    healed = verdicts(instance, look(tenant_id))
    assert healed[(QUALITY, tenant_id)] == (True, {})
    assert state(instance, tenant_id) == Status.SUCCEEDED

    assert set(verdicts(instance, look(tenant_id))) == {(QUALITY_BATCH, None)}


def test_a_stream_without_new_rows_costs_no_event(
    instance: DagsterInstance, database: Database, make_tenant: Callable[..., str], look: Callable[..., str]
) -> None:
    tenant_id = make_tenant()
    land(database, tenant_id, "transactions", [paid("p")])
    modelled(database, tenant_id)

    assert verdicts(instance, look(tenant_id)) == {}
    assert verdicts(instance, look(tenant_id, only_new=False))[(QUALITY_BATCH, None)][1]["rows"] == 1


def test_a_suite_that_cannot_run_fails_the_batch_and_heals_nobody(database: Database, settings: Settings) -> None:
    locked_out = Database(settings.model_copy(update={"role_prefix": "stranger"}))
    tenant_id = "t" + "a" * 11
    found = list(
        judge_batch(locked_out, PROVIDERS, POLICIES, {TRANSACTIONS: {tenant_id}}, failed_before=lambda *_: {tenant_id})
    )
    assert found
    for judgement in found:
        (summary,) = evaluations(judgement)
        assert (summary.check_name, summary.passed) == (QUALITY_BATCH, False)
        assert summary.metadata["error"].value == judgement.error is not None


def test_a_check_that_could_not_be_carried_out_is_named_and_no_pass() -> None:
    broken = Judgement("iyzico", "refunds", rows=1, checks=(CheckResult("present:x", "x", False, broken=True),))
    (summary,) = evaluations(broken)
    assert not summary.passed
    assert summary.metadata["not_carried_out"].value == ["present:x"]


def test_a_tenant_that_decided_otherwise_for_a_column_is_not_measured_by_the_policys_rule(
    database: Database, make_tenant: Callable[..., str]
) -> None:
    decided, neighbour = make_tenant(), make_tenant()
    number = {"reference_code": "c", "identity_number": "10000000146"}
    for tenant_id in (decided, neighbour):
        land(database, tenant_id, "subscription_customers", [number])
    with database.tenant(decided, "app") as connection:
        connection.execute(
            "INSERT INTO hub.policy_overrides (tenant_id, provider, stream, column_name, action, legal_basis,"
            " retention, decided_by) VALUES (%s, 'iyzico', 'subscription_customers', 'identity_number', 'pseudonymise',"
            " 'contract', 'P1Y', 'test')",
            (decided,),
        )
    (found,) = judge_batch(
        database,
        PROVIDERS,
        POLICIES,
        {("iyzico", "subscription_customers"): {decided, neighbour}},
        failed_before=lambda *_: set(),
    )
    assert (found.rows, set(found.failing)) == (2, {neighbour})


def test_the_models_run_judges_before_dbt_and_withholds_no_mart(
    instance: DagsterInstance, database: Database, installation: Settings, make_tenant: Callable[..., str]
) -> None:
    from hub.definitions import defs

    tenant_id = make_tenant()
    land(database, tenant_id, "transactions", [paid("p", three_ds=True, installment=-5), paid("q")])

    done = defs.resolve_job_def("models").execute_in_process(instance=instance, raise_on_error=False)

    assert done.success
    assert {row["payment_id"] for row in mart(database, "payments", tenant_id)} == {"p", "q"}
    judged = [
        record.storage_id
        for record in records(instance, done.run_id, DagsterEventType.ASSET_CHECK_EVALUATION)
        if record.event_log_entry.dagster_event.asset_check_evaluation_data.check_name in {QUALITY, QUALITY_BATCH}
    ]
    built = records(instance, done.run_id, DagsterEventType.ASSET_MATERIALIZATION)
    assert judged
    assert {record.event_log_entry.dagster_event.asset_key.path[0] for record in built} == {"marts"}
    assert max(judged) < min(record.storage_id for record in built)


def records(instance: DagsterInstance, run_id: str, kind: DagsterEventType) -> list[Any]:
    return list(instance.get_records_for_run(run_id, of_type=kind).records)
