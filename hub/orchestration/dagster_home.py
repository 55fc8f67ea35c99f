"""Dagster's home: its configuration, generated under HUB_HOME, and the instance that reads it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from hub.secrets_file import private_directory
from hub.settings import dagster_storage_url

if TYPE_CHECKING:
    from dagster import DagsterInstance

    from hub.settings import Settings

STORAGE_URL_VARIABLE = "HUB_DAGSTER_STORAGE_URL"
"""Holds a password, so it is in the environment of our processes and in no file."""

_CONFIGURATION = """\
# Written by hub/orchestration/dagster_home.py at every start.
storage:
  custom:
    module: hub.orchestration.dagster_storage
    class: Storage
    config:
      postgres_url:
        env: {variable}
local_artifact_storage:
  module: dagster._core.storage.root
  class: LocalArtifactStorage
  config:
    base_dir: {home}
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
run_coordinator:
  module: dagster._core.run_coordinator
  class: QueuedRunCoordinator
  config:
    dequeue_interval_seconds: 1
concurrency:
  pools:
    default_limit: 1
    granularity: run
  runs:
    max_concurrent_runs: 8
run_launcher:
  module: hub.orchestration.run_launcher
  class: LocalRunLauncher
run_monitoring:
  enabled: true
  poll_interval_seconds: 30
  start_timeout_seconds: 180
  max_resume_run_attempts: 0
run_retries:
  enabled: true
  max_retries: 1
  retry_on_asset_or_op_failure: false
retention:
  schedule:
    purge_after_days:
      skipped: 1
      success: 7
      failure: 30
  sensor:
    purge_after_days:
      skipped: 1
      success: 7
      failure: 30
telemetry:
  enabled: false
nux:
  enabled: false
"""


def prepare(settings: Settings) -> Path:
    """Write dagster.yaml under HUB_HOME and return Dagster's home. Compute logs are off: a print might hold a value."""
    home = settings.home / "dagster"
    private_directory(home)
    home.chmod(0o700)
    (home / "dagster.yaml").write_text(_CONFIGURATION.format(variable=STORAGE_URL_VARIABLE, home=home))
    return home


def environment(settings: Settings) -> dict[str, str]:
    """What Dagster's processes need in their environment, besides the hub's own settings."""
    return {
        "DAGSTER_HOME": str(prepare(settings)),
        STORAGE_URL_VARIABLE: dagster_storage_url(settings),
        "HUB_HOME": str(settings.home),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        "DO_NOT_TRACK": "1",
    }


def open_instance(settings: Settings) -> DagsterInstance:
    """Dagster's instance on the installation's storage. Dispose of it, or use it as a context manager."""
    from dagster import DagsterInstance

    # Dagster resolves `env:` itself, whenever it opens the storage.
    os.environ.update(environment(settings))
    return DagsterInstance.from_config(str(prepare(settings)))
