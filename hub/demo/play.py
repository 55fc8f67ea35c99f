"""The story: three tenants, a sync, a day passes, credentials expire, another sync, an analyst's query, a sale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from connectors.sandbox.faults import Fault
from connectors.sandbox.server import Sandbox
from hub.cli.output import note, progress
from hub.db import postgres
from hub.db.database import Database
from hub.db.migrate import migrate
from hub.demo.bases import count_refused, record_late_consents
from hub.demo.cast import Part, drop_files, engage, providers, sick_provider
from hub.demo.findings import Findings, ask_as_analyst, count_rows, failures, judge
from hub.demo.installation import demo_settings
from hub.demo.report import show
from hub.demo.selling import sell
from hub.i18n import _
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.models.dbt_process import ensure_manifest

if TYPE_CHECKING:
    from hub.orchestration.sync_command import SyncRun
    from hub.settings import Settings

SEED = 2026


def demo(*, serve: bool = False, as_json: bool = False) -> bool:
    """Play it; True when all that was expected happened. With `serve` the hub stays up until Ctrl-C."""
    with demo_settings() as settings, postgres.running(settings):
        note(_("Preparing the database …"))
        ensure_manifest(settings)
        migrate(settings)
        database = Database(settings)
        try:
            with Sandbox(seed=SEED, start=datetime.now(UTC) - timedelta(days=1)) as sandbox:
                findings, cast = _play(settings, database, sandbox)
                show(findings, cast, as_json=as_json)
                if serve:
                    _serve(settings)
        finally:
            database.close()
    return not findings.problems


def _play(settings: Settings, database: Database, sandbox: Sandbox) -> tuple[Findings, list[Part]]:
    note(_("Creating three tenants with {count} integrations each …").format(count=len(providers())))
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    cast = engage(database, keyring, sandbox, drops=settings.home / "drops")
    findings = Findings()
    runs = _sync_all(settings, findings, _("First sync"))
    before = count_rows(database, cast)
    findings.refused_at_first = count_refused(database, cast)
    note(_("A day passes; the credentials of {tenant} expire …").format(tenant=cast[-1].name))
    sandbox.advance(days=1)
    drop_files(sandbox, cast)
    record_late_consents(database, keyring, sandbox, cast)
    sandbox.world.faults.add(Fault("credentials_expired", provider=sick_provider(), company=cast[-1].company))
    runs += _sync_all(settings, findings, _("Second sync"))
    findings.rows = count_rows(database, cast)
    findings.refused = count_refused(database, cast)
    findings.failures = failures(database, cast)
    ask_as_analyst(settings, database, cast[0], findings)
    note(_("{tenant} invoices its newest payment and tells the buyer …").format(tenant=cast[0].name))
    findings.sale = sell(database, keyring, sandbox, cast[0])
    runs_ok = all(run.succeeded and run.models_succeeded is not False for run in runs)
    judge(findings, before, cast, runs_ok=runs_ok)
    return findings, cast


def _sync_all(settings: Settings, findings: Findings, title: str) -> list[SyncRun]:
    from hub.orchestration.sync_command import launch

    runs: list[SyncRun] = []
    names: Sequence[str] = providers()
    for name in names:
        with progress(f"{title}: {name}") as on_progress:
            # dbt takes seconds to start, so the marts are built once, after the last provider.
            run = launch(settings, name, models=name == names[-1], on_progress=on_progress)
        for category, count in run.masked.items():
            findings.masked[category] = findings.masked.get(category, 0) + count
        runs.append(run)
    return runs


def _serve(settings: Settings) -> None:
    import signal
    import threading

    from hub.orchestration.services import Services
    from hub.orchestration.up import serve

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())

    def ready(services: Services) -> None:
        note(_("Dagster: {url}").format(url=services.webserver_url))
        note(_("SQL as a tenant's analyst: HUB_HOME={home} hub sql --tenant TENANT").format(home=settings.home))
        note(_("Stop with Ctrl-C."))

    serve(settings, admin=False, web_port=None, on_ready=ready, stop=stop)
