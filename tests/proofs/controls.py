"""A person planted in every kind of store, so that a sweep which finds nothing else is known to have looked there.

Each store has a person of its own. What stands in a database file and no longer in a table (a deleted row, a long value
moved out and compressed), or only in the write-ahead log, is planted so that only the files can show it.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.proofs.identity import Identity
from tests.proofs.stores import superuser
from tests.support.dagster_home import dagster_instance

if TYPE_CHECKING:
    from dagster import DagsterInstance

    from hub.settings import ClusterName, Settings
    from tests.proofs.sweep import Found

_LONG_VALUE = """
    INSERT INTO public.emptied
    SELECT %s || string_agg(md5(n::text) || 'aaaaaaaaaaaaaaaaaaaaaaa', '') FROM generate_series(1, 400) n
"""
"""Regular enough to be compressed, too long to stay in its row."""

KINDS = ("tckn", "phone", "email", "name", "plate", "card")
CONTROL = "control: "
LEFT_LOAD = "load-left"
"""As if a killed process had left it: without an owner's lock nobody tidies it up."""
_FIRST_NUMBER = 500

PLACES = {
    "file": r"hub/work/left\.txt",
    "file's name": r"hub/work/Sayın .*",
    "zipped file": r"hub/work/left\.zip",
    "compressed file": r"home/left\.json\.gz",
    "parquet": r"hub/work/load-left/rows\.parquet",
    "temporary directory": r"tmp/left/page\.json",
    "captured output": r"captured/left\.err",
    "server log": r"hub/.*/server\.log",
    "table": r"data:hub\.public\.control",
    "table of keys": r"keys:.*\.public\.control",
    "statistics": r"data:hub\.pg_catalog\.pg_statistic",
    "deleted row": r"hub/.*/base/\d+/\d+",
    "deleted long value": r"hub/.*/base/\d+/\d+",
    "write-ahead log": r"hub/.*/pg_wal/[0-9A-F]{24}",
    "run config": r"data:dagster\.public\.runs",
    "run tag": r"data:dagster\.public\.run_tags",
    "event": r"data:dagster\.public\.event_logs",
    "event of an exception": r"data:dagster\.public\.event_logs",
    "asset metadata": r"data:dagster\.public\.asset_keys",
    "partition key": r"data:dagster\.public\.dynamic_partitions",
    "sensor cursor": r"data:dagster\.public\.kvs",
    "compute log": r"hub/dagster/storage/left/compute_logs/step\.err",
}
"""Where each store's person must be found: a whole place's name."""

PEOPLE = {
    store: Identity.invented(CONTROL + store, _FIRST_NUMBER + number, name="Güldüren Iğdırlıoğlu")
    for number, store in enumerate(PLACES)
}


def unseen(found: Found) -> list[tuple[str, str]]:
    """Stores in which the sweep did not find its person, each with what was missed; empty when it is not blind."""
    missed: list[tuple[str, str]] = []
    for store, pattern in PLACES.items():
        whats = [what for place, what in found.items() if re.fullmatch(pattern, place)]
        seen = {kind for what in whats for label, kind in what if label == PEOPLE[store].label}
        # Names of people are alike, so the name is no proof of this person; everything else is.
        missed += [(store, kind) for kind in KINDS if kind not in seen]
    return missed


def without_controls(found: Found) -> Found:
    """What was found of others."""
    others = {place: {what for what in whats if not what[0].startswith(CONTROL)} for place, whats in found.items()}
    return {place: whats for place, whats in others.items() if whats}


def plant(root: Path, settings: Settings) -> None:
    """Put everybody in place."""
    _in_files(root, {store: person.sentence() for store, person in PEOPLE.items()})
    _in_databases(settings)
    with dagster_instance(settings) as instance:
        _in_dagster(instance, settings.home / "dagster")


def _in_files(root: Path, words: dict[str, str]) -> None:
    work = root / "hub" / "work"
    for directory in (work / LEFT_LOAD, root / "tmp" / "left"):
        directory.mkdir(parents=True, exist_ok=True)
    (work / "left.txt").write_text(words["file"])
    (work / words["file's name"].replace("/", " ")).touch()
    with zipfile.ZipFile(work / "left.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside", words["zipped file"])
    document = json.dumps({"text": base64.b64encode(words["compressed file"].encode()).decode()})
    (root / "home" / "left.json.gz").write_bytes(gzip.compress(document.encode()))
    pq.write_table(pa.table({"note": [words["parquet"]]}), work / LEFT_LOAD / "rows.parquet")
    (root / "tmp" / "left" / "page.json").write_text(json.dumps([words["temporary directory"]]))
    (root / "captured" / "left.err").write_text(words["captured output"])


def _in_databases(settings: Settings) -> None:
    _execute(
        settings,
        "data",
        [
            ("DO $$ BEGIN RAISE LOG '%', $words$" + PEOPLE["server log"].sentence() + "$words$; END $$", None),
            ("CREATE TABLE public.control (note text)", None),
            ("INSERT INTO public.control VALUES (%s)", PEOPLE["table"].sentence()),
            # Half of all rows: a value common enough for the planner to keep it.
            ("INSERT INTO public.control SELECT %s FROM generate_series(1, 50)", PEOPLE["statistics"].sentence()),
            ("CREATE TABLE public.emptied (note text)", None),
            ("INSERT INTO public.emptied VALUES (%s)", PEOPLE["deleted row"].sentence()),
            (_LONG_VALUE, PEOPLE["deleted long value"].sentence()),
            ("DELETE FROM public.emptied", None),
            ("SELECT pg_logical_emit_message(false, 'control', %s)", PEOPLE["write-ahead log"].sentence()),
        ],
    )
    _execute(
        settings,
        "keys",
        [
            ("CREATE TABLE public.control (note text)", None),
            ("INSERT INTO public.control VALUES (%s)", PEOPLE["table of keys"].sentence()),
        ],
    )


def _execute(settings: Settings, cluster: ClusterName, statements: Iterable[tuple[str, str | None]]) -> None:
    with superuser(settings, cluster, "hub" if cluster == "data" else "keys") as admin:
        for statement, words in statements:
            admin.execute(statement.encode(), None if words is None else (words,))


def _in_dagster(instance: DagsterInstance, home: Path) -> None:
    from dagster._core.storage.compute_log_manager import ComputeIOType
    from dagster._core.storage.local_compute_log_manager import LocalComputeLogManager

    config = {
        "ops": {"control": {"config": {"words": PEOPLE["run config"].sentence()}}},
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
    }
    run = _job().execute_in_process(
        run_config=config, instance=instance, raise_on_error=False, tags={"control": PEOPLE["run tag"].sentence()}
    )
    if run.success:
        raise AssertionError("the control's op raises")
    instance.add_dynamic_partitions("control", [PEOPLE["partition key"].sentence()])
    instance.run_storage.set_cursor_values({"control": PEOPLE["sensor cursor"].sentence()})
    logs = LocalComputeLogManager(base_dir=str(home / "storage"))
    with logs.open_log_stream(["left", "compute_logs", "step"], ComputeIOType.STDERR) as stream:
        if stream is None:
            raise AssertionError("no compute log")
        stream.write(PEOPLE["compute log"].sentence())


def _job() -> Any:
    from dagster import AssetMaterialization, job, op

    @op(config_schema={"words": str})
    def control(context) -> None:  # Dagster resolves annotations itself, and not local ones
        context.log.info(PEOPLE["event"].sentence())
        metadata = {"words": PEOPLE["asset metadata"].sentence()}
        context.log_event(AssetMaterialization("control", metadata=metadata))
        raise ValueError(PEOPLE["event of an exception"].sentence())

    @job
    def controls() -> None:
        control()

    return controls
