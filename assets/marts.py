"""The marts: dbt's models as assets, built once a batch for every tenant whose landing changed.

The same op judges the batch's rows before dbt reads them, so that no way to a mart, be it the schedule, a person's
Materialize or `hub sync`, leads past the quality checks.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    Failure,
    MaterializeResult,
    MetadataValue,
)

from assets.landing import INFRASTRUCTURE_RETRY, landing_key
from assets.quality_checks import judge
from connectors.contract import Provider
from hub.models.without_dbt import without_dbt
from resources.engine import HubResource

with without_dbt():
    from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject, dbt_assets

if TYPE_CHECKING:
    from hub.models.dbt_results import ModelRun

MARTS_GROUP = "marts"


class MartTranslator(DagsterDbtTranslator):
    """Names marts `marts/<model>` and finds landing tables by the provider and stream they belong to."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_source_tests_as_checks=False))
        self._landing = {
            f"{provider.name}_{stream.name}": landing_key(provider.name, stream.name)
            for provider in providers.values()
            for stream in provider.streams
        }

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> AssetKey:
        """A source is a landing asset, a model is `marts/<name>`."""
        if dbt_resource_props["resource_type"] == "source":
            name = str(dbt_resource_props["name"])
            return self._landing.get(name, AssetKey(["landing", name]))
        return AssetKey(["marts", str(dbt_resource_props["name"])])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """All marts in one group."""
        del dbt_resource_props
        return MARTS_GROUP

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The model's own words, without its SQL: whoever browses the graph reads what a mart says, not how."""
        return str(dbt_resource_props.get("description") or dbt_resource_props["name"])

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        """Columns with types and descriptions, and the table's name as an analyst writes it, without the database."""
        named = dict(super().get_metadata(dbt_resource_props))
        return named | {"dagster/table_name": f"{dbt_resource_props['schema']}.{dbt_resource_props['name']}"}

    def get_asset_check_spec(
        self, asset_spec: AssetSpec, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> AssetCheckSpec | None:
        """A dbt test with its own description (dagster-dbt looks for it in `meta`). A finding withholds no mart."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        if spec is None:
            return None
        description = str(self.get_resource_props(manifest, unique_id).get("description") or "").strip()
        return AssetCheckSpec(
            spec.name,
            asset=spec.asset_key,
            description=description or spec.description,
            additional_deps=spec.additional_deps,
            metadata=spec.metadata,
            blocking=False,
        )


def mart_assets(manifest: Mapping[str, Any], providers: Mapping[str, Provider]) -> AssetsDefinition:
    """Every mart of the manifest, built by one dbt process for all dirty tenants together."""
    translator = MartTranslator(providers)

    @dbt_assets(
        manifest=manifest,
        name="marts",
        dagster_dbt_translator=translator,
        pool="dbt",
        retry_policy=INFRASTRUCTURE_RETRY,
    )
    def marts(context: AssetExecutionContext, hub: HubResource) -> Iterator[Any]:
        from hub.models.dbt import build_models, mart_rows

        engine = hub.engine
        run = build_models(
            engine.database,
            hub.settings,
            before=lambda dirty: judge(context.op_execution_context, engine, providers, dirty),
        )
        context.log.info("%d tenants modelled, %d models, %d tests", len(run.tenants), len(run.models), len(run.tests))
        built = [model.name for model in run.models if model.state == "built"]
        yield from mart_events(run, mart_rows(engine.database, built))

    return marts


def mart_events(run: "ModelRun", rows: Mapping[str, int]) -> Iterator[Any]:
    """Materializations of what was built, results of the tests; a Failure when a mart could not be built.

    `rows` is what each built mart holds now, over all tenants.
    """
    failed: list[str] = []
    for model in run.models:
        if model.state == "built":
            yield MaterializeResult(
                asset_key=AssetKey(["marts", model.name]),
                metadata={
                    "dagster/row_count": rows[model.name],
                    "rows_written": model.rows,
                    "tenants": len(run.tenants),
                    "seconds": MetadataValue.float(model.seconds),
                },
            )
        else:
            failed.append(f"{model.name}:{model.reason or model.state}")
    built = {model.unique_id: model.name for model in run.models if model.state == "built"}
    for test in run.tests:
        if test.model_id in built and test.state in {"passed", "failed"}:
            yield AssetCheckResult(
                asset_key=AssetKey(["marts", built[test.model_id]]),
                check_name=test.name,
                passed=test.state == "passed",
                severity=AssetCheckSeverity.WARN if test.warns else AssetCheckSeverity.ERROR,
                metadata={"failing_rows": sum(test.failing.values()), "failing_tenants": len(test.failing)},
            )
    if failed:
        raise Failure(f"marts not built: {', '.join(sorted(failed))}", allow_retries=False)
