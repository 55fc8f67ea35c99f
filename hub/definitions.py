"""Everything Dagster knows, by name: a table of contents. Loading it opens no connection."""

from __future__ import annotations

import warnings

from dagster import (
    AssetSelection,
    Definitions,
    define_asset_job,  # pyright: ignore[reportUnknownVariableType] - Dagster's annotation is incomplete
    in_process_executor,
)
from dagster_shared.utils.warnings import BetaWarning, PreviewWarning

from assets.landing import provider_assets
from assets.marts import MARTS_GROUP, mart_assets
from assets.quality_checks import quality_checks
from assets.sync_checks import sync_checks
from connectors.registry import PROVIDERS
from hub.models.dbt_process import load_manifest
from hub.orchestration.partitions import TENANTS
from hub.settings import Settings
from kvkk_policies.policy import check_policies, load_policies
from resources.engine import HubResource
from schedules.audit_heads import audit_heads_job, audit_heads_schedule
from schedules.breach_escalations import breach_escalations_job, breach_escalations_schedule
from schedules.consent_expiry import consent_expiry_job, consent_expiry_schedule
from schedules.event_log import trim_job, trim_schedule
from schedules.exports import expire_exports_job, expire_exports_schedule
from schedules.freshness import freshness_job, freshness_schedule
from schedules.inbox import expire_inbox_job, expire_inbox_schedule
from schedules.iys import iys_job, iys_schedule
from schedules.request_warnings import request_warnings_job, request_warnings_schedule
from schedules.retention import retention_job, retention_schedule
from schedules.subscriptions import expire_webhooks_job, expire_webhooks_schedule
from schedules.syncs import sync_schedule
from sensors.failures import failures_sensor
from sensors.inbox import inbox_job, inbox_sensor
from sensors.mails import mails_job, mails_sensor
from sensors.models import models_sensor
from sensors.outbox import outbox_job, outbox_sensor
from sensors.subject_requests import subject_requests_job, subject_requests_sensor
from sensors.subscriptions import webhooks_job, webhooks_sensor

# Checks by partition are in preview in the release we pin, and Dagster gives every sensor an owner, which is in beta; a
# note for each would bury what a person should read.
warnings.filterwarnings("ignore", category=PreviewWarning)
warnings.filterwarnings("ignore", category=BetaWarning)

settings = Settings.load()
policies = load_policies(settings.policies_dir)
check_policies(policies, PROVIDERS)

landing = {name: provider_assets(provider, policies[name]) for name, provider in PROVIDERS.items()}
status_checks = {name: sync_checks(provider) for name, provider in PROVIDERS.items()}
marts = mart_assets(load_manifest(settings), PROVIDERS)

sync_jobs = {
    name: define_asset_job(
        f"sync_{name}",
        selection=AssetSelection.assets(assets).without_checks(),
        partitions_def=TENANTS,
        description=f"Syncs {PROVIDERS[name].title} for a batch of tenants.",
    )
    for name, assets in landing.items()
}
models_job = define_asset_job(
    "models",
    selection=AssetSelection.groups(MARTS_GROUP),
    description="Judges what landed, then builds the marts of every tenant whose landing changed.",
)
freshness = freshness_job(PROVIDERS)
trim_event_log = trim_job()
audit_heads = audit_heads_job()
breach_escalations = breach_escalations_job()
consent_expiry = consent_expiry_job()
expire_exports = expire_exports_job()
expire_inbox = expire_inbox_job()
expire_webhooks = expire_webhooks_job()
inbox = inbox_job()
iys = iys_job()
subject_requests = subject_requests_job()
request_warnings = request_warnings_job()
mails = mails_job()
outbox = outbox_job()
webhooks = webhooks_job()
periodic_destruction = retention_job()

defs = Definitions(
    assets=[*landing.values(), marts],
    asset_checks=[*status_checks.values(), quality_checks(PROVIDERS)],
    jobs=[
        *sync_jobs.values(),
        models_job,
        freshness,
        trim_event_log,
        audit_heads,
        expire_exports,
        expire_inbox,
        expire_webhooks,
        inbox,
        iys,
        subject_requests,
        request_warnings,
        mails,
        outbox,
        webhooks,
        periodic_destruction,
        breach_escalations,
        consent_expiry,
    ],
    schedules=[
        *(sync_schedule(PROVIDERS[name], job) for name, job in sync_jobs.items()),
        freshness_schedule(freshness),
        trim_schedule(trim_event_log),
        audit_heads_schedule(audit_heads),
        breach_escalations_schedule(breach_escalations),
        consent_expiry_schedule(consent_expiry),
        expire_exports_schedule(expire_exports),
        expire_inbox_schedule(expire_inbox),
        expire_webhooks_schedule(expire_webhooks),
        iys_schedule(iys),
        retention_schedule(periodic_destruction),
        request_warnings_schedule(request_warnings),
    ],
    sensors=[
        models_sensor(models_job),
        failures_sensor(),
        subject_requests_sensor(subject_requests),
        mails_sensor(mails),
        inbox_sensor(inbox),
        outbox_sensor(outbox),
        webhooks_sensor(webhooks),
    ],
    resources={"hub": HubResource()},
    executor=in_process_executor,
)
