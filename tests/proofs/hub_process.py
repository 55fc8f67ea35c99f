"""One process of the hub whose end a proof decides: migrates, syncs, models, receives and sends, as Dagster runs.

    python -m tests.proofs.hub_process '{"do": "sync", "providers": ["siparis"], "kill_at": "gated"}'

The fixture provider is in its registry. Everything else is the hub's own, as `hub sync` calls it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from connectors.registry import PROVIDERS
from hub.db import postgres
from hub.settings import Settings
from tests.fixtures.siparis import PROVIDER

if TYPE_CHECKING:
    from hub.sync.stages import Stage


def main() -> None:
    given: dict[str, Any] = json.loads(sys.argv[1])
    PROVIDERS[PROVIDER.name] = PROVIDER
    settings = Settings.load()
    with postgres.running(settings):
        doing = {"migrate": _migrate, "sync": _sync, "models": _models, "receive": _receive, "job": _job}
        doing[given.pop("do")](settings, **given)


def _migrate(settings: Settings) -> None:
    from hub.db.migrate import migrate

    migrate(settings)


def _sync(
    settings: Settings,
    providers: Sequence[str],
    kill_at: Stage | None = None,
    raise_at: Mapping[str, tuple[Stage, str]] | None = None,
    models: bool = False,
) -> None:
    """`raise_at` gives, by tenant, a stage and the words of an exception there. Models follow the last provider."""
    from hub.orchestration.sync_command import launch
    from hub.sync import batch

    def hook(stage: Stage, tenant_id: str) -> None:
        if stage == kill_at:
            _die()
        where, words = (raise_at or {}).get(tenant_id, (None, ""))
        if stage == where:
            raise ValueError(words)

    batch.sync_batch = partial(batch.sync_batch, hook=hook)
    answer: dict[str, Any] = {"succeeded": True, "failed": {}, "models": None}
    for provider in providers:
        run = launch(settings, provider, models=models and provider == providers[-1])
        answer["succeeded"] &= run.succeeded
        answer["failed"][provider] = run.failed
        answer["models"] = run.models_succeeded
    print(json.dumps(answer))


def _models(settings: Settings, kill_at: str | None = None) -> None:
    """The run that judges and models. It may die between a check's verdict and its counts, or behind dbt's results."""
    from dagster import DagsterEventType

    from assets.quality import run
    from hub.definitions import defs
    from hub.models import dbt
    from hub.orchestration.dagster_home import open_instance

    run_dbt = dbt.run_dbt
    if kill_at == "check":
        run._count = lambda *_: _die()
    if kill_at == "dbt":
        dbt.run_dbt = lambda *arguments, **named: (run_dbt(*arguments, **named), _die())[0]
    with open_instance(settings) as instance:
        run = defs.resolve_job_def("models").execute_in_process(instance=instance, raise_on_error=False)
        evaluation = DagsterEventType.ASSET_CHECK_EVALUATION
        logged = [event.asset_check_evaluation_data for event in run.all_events if event.event_type == evaluation]
    # What the stand-ins invent for marts to find is beside the point: the checks of landing are.
    failed = {each.check_name for each in logged if not each.passed and each.asset_key.path[0] == "landing"}
    print(json.dumps({"succeeded": run.success, "failed_checks": sorted(failed)}))


def _receive(settings: Settings, calls: Sequence[Mapping[str, Any]]) -> None:
    """Calls (`path`, `headers`, `body`) over real HTTP to the receiver as `hub inbox serve` makes it."""
    from hub.db.database import Database
    from hub.inbox.receive import Receiver
    from hub.inbox.receiver import receiver_app
    from hub.keys.daily import DailyKeys
    from hub.keys.keyring import Keyring
    from hub.keys.master_key import read_master_key
    from tests.hub.inbox.conftest import served

    database = Database(settings)
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    with served(receiver_app(Receiver(database, keyring, DailyKeys(database, keyring)))) as client:
        statuses = [
            client.post(call["path"], content=call["body"].encode(), headers=call["headers"]).status_code
            for call in calls
        ]
    database.close()
    print(json.dumps({"statuses": statuses}))


def _job(settings: Settings, name: str, kill_at: str | None = None, words: str | None = None) -> None:
    """A run of `outbox` or `inbox`. It may die before or behind the call, or break with an exception of these words."""
    os.environ["HUB_OUTBOX_LINGER_SECONDS"] = "0"
    from hub.definitions import defs
    from hub.inbox.handling import Handling
    from hub.orchestration.dagster_home import open_instance
    from hub.outbox import perform

    def breaks(*_: object, **__: object) -> Any:
        raise ValueError(words)

    if kill_at is not None:
        setattr(perform, {"before the call": "_outcomes", "behind the call": "_settled"}[kill_at], lambda *_: _die())
    if words is not None:
        perform._settle = breaks
        Handling._one = breaks  # type: ignore[method-assign]
    with open_instance(settings) as instance:
        run = defs.resolve_job_def(name).execute_in_process(instance=instance, raise_on_error=False)
    print(json.dumps({"succeeded": run.success}))


def _die() -> None:
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
