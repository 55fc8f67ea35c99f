"""Dagster's mutations by name, of the version that is locked: names from here alone get into the audit log.

A name of a mutation is free text to whoever writes the request. One that Dagster does not know goes nowhere anyway; one
that a later version adds is refused until it stands here, and a test compares the list with Dagster's schema.
"""

from __future__ import annotations

MUTATIONS = frozenset(
    {
        "addDynamicPartition",
        "cancelPartitionBackfill",
        "deleteAppManagedComponent",
        "deleteConcurrencyLimit",
        "deleteDynamicPartitions",
        "deletePipelineRun",
        "deleteRun",
        "freeConcurrencySlots",
        "freeConcurrencySlotsForRun",
        "launchMultipleRuns",
        "launchPartitionBackfill",
        "launchPipelineExecution",
        "launchPipelineReexecution",
        "launchRun",
        "launchRunReexecution",
        "logTelemetry",
        "reexecutePartitionBackfill",
        "refreshComponentState",
        "reloadRepositoryLocation",
        "reloadWorkspace",
        "reportAssetCheckEvaluations",
        "reportRunlessAssetEvents",
        "resetSchedule",
        "resetSensor",
        "resumePartitionBackfill",
        "scheduleDryRun",
        "sensorDryRun",
        "setAppManagedComponent",
        "setAutoMaterializePaused",
        "setConcurrencyLimit",
        "setNuxSeen",
        "setSensorCursor",
        "shutdownRepositoryLocation",
        "startSchedule",
        "startSensor",
        "stopRunningSchedule",
        "stopSensor",
        "terminatePipelineExecution",
        "terminateRun",
        "terminateRuns",
        "wipeAssets",
    }
)
