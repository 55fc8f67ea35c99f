"""An older data dump under the newer keys: whoever was erased in between is gone before anybody can look.

Two installations. In the first one people are loaded, the data are dumped, then somebody is erased, somebody who came
later is erased too, a tenant is forgotten, and the keys are dumped. The second one is what is left of it: two dumps,
the master key from its envelope, and the signed heads of the audit logs.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from dagster import AssetKey, AssetMaterialization

from hub.backup import restore as restoring
from hub.backup.dump import back_up
from hub.backup.replay import Replayed, replay
from hub.backup.restore import Dumps, Restored, restore
from hub.control import analysts
from hub.db import postgres
from hub.db.database import Database
from hub.db.endpoints import data_directory
from hub.db.migrate import migrate
from hub.db.postgres_programs import binaries
from hub.einvoice.issue import series
from hub.einvoice.issue.profile import IssuerProfile, set_profile
from hub.errors import HubError
from hub.keys.vault import original_identity
from hub.kvkk.audit_heads import SigningKey, export_heads
from hub.kvkk.audit_heads_file import read_heads
from hub.kvkk.audit_verify import verify_chain
from hub.kvkk.forget import tombstones
from hub.kvkk.forget.removal import remove
from hub.orchestration.dagster_home import open_instance
from hub.orchestration.partitions import PARTITIONS_NAME
from hub.settings import Settings
from tests.hub.einvoice.issue.conftest import PROFILE
from tests.proofs.identity import Identity
from tests.proofs.site import OPERATOR, Site, site, told_of
from tests.proofs.stores import CLUSTERS, files, superuser, tables
from tests.proofs.sweep import Sweep
from tests.support.accounts import add_tenant
from tests.support.homes import HOMES
from tests.support.rooms import new_directory
from tests.support.telling import connect_all, sync_told

pytestmark = pytest.mark.long(30)


@pytest.fixture
def homes() -> Iterator[tuple[Path, Path]]:
    """Two empty homes."""
    made = [new_directory("kopru-test-") for _ in range(2)]
    yield made[0], made[1]
    for home in made:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(autouse=True)
def dagster_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening Dagster's instance sets variables: whatever it sets is undone."""
    for name in ("DAGSTER_HOME", "HUB_HOME", "HUB_DAGSTER_STORAGE_URL", "DAGSTER_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
        monkeypatch.setenv(name, "")


@dataclass
class Before:
    """What the first installation was when it was lost."""

    tenant: str
    forgotten: str
    erased: list[Identity]
    staying: list[Identity]
    late: Identity
    pseudonyms: list[str]
    late_marks: set[bytes]
    others_pseudonyms: list[str]
    others_originals: set[str]
    dumps: Dumps


def lived_through(first: Site, places: Path, *, people: int) -> Before:
    """Load, dump the data, erase, forget, dump the keys."""
    engine, settings = first.engine, first.settings
    tenant, forgotten = add_tenant(engine.database), add_tenant(engine.database)
    # Namesakes: a name alone tells nobody apart.
    crowd = [Identity.invented(f"k{number}", 400 + number, name="Gülşen Çağlayan") for number in range(2 * people)]
    erased, staying = crowd[:people], crowd[people:]
    late = Identity.invented("late", 900, name="Tarık Öztürk")
    for tenant_id in (tenant, forgotten):
        connect_all(engine.database, engine.keyring, tenant_id)
        sync_told(engine, tenant_id, told_of(crowd))
    with open_instance(settings) as instance:
        instance.add_dynamic_partitions(PARTITIONS_NAME, [tenant, forgotten])
        for tenant_id in (tenant, forgotten):
            instance.report_runless_asset_event(AssetMaterialization("landed", partition=tenant_id))
    analysts.add(settings, engine.database, tenant, label="Mehmet")
    set_profile(engine.database, tenant, IssuerProfile.model_validate(PROFILE), actor=OPERATOR)
    series.add(engine.database, tenant, "ARS", 2026, "earchive", first=7)
    export_heads(settings, engine.database, actor=OPERATOR)
    data = back_up(settings, engine.database, "data", places / "data", actor=OPERATOR)
    history = back_up(settings, engine.database, "dagster", places / "data", actor=OPERATOR)

    sync_told(engine, tenant, told_of([*crowd, late]))
    pseudonyms = [pseudonym for who in erased for _, pseudonym in first.pairs(tenant, who)]
    for who in (*erased, late):
        first.erase(tenant, who)
    with engine.database.tenant(tenant, "app") as connection:
        marks = {bytes(row[0]) for row in connection.execute("SELECT mark FROM hub.suppressions")}
    tombstones.raise_for(engine.database, forgotten, uuid4())
    remove(engine.database, forgotten)
    export_heads(settings, engine.database, actor=OPERATOR)
    keys = back_up(settings, engine.database, "keys", places / "keys", actor=OPERATOR)
    assert keys.manifest.journal_entries == people + 1
    return Before(
        tenant=tenant,
        forgotten=forgotten,
        erased=erased,
        staying=staying,
        late=late,
        pseudonyms=pseudonyms,
        late_marks=marks,
        others_pseudonyms=[pseudonym for who in staying for _, pseudonym in first.pairs(tenant, who)],
        others_originals=set(first.originals(tenant).split("\n")),
        dumps=Dumps(data.path, keys.path, history.path),
    )


def assert_closed(settings: Settings) -> None:
    """Neither a command nor a migration, and so no `hub up`, gets in."""
    pools = Database(settings)
    for opens in (
        lambda: pools.crossing("platform"),
        pools.master_keys,
        lambda: pools.tenant("t" + "a" * 11, "loader"),
    ):
        with pytest.raises(HubError) as refused, opens():
            pass
        assert refused.value.code == "restore_unfinished"
    pools.close()
    with pytest.raises(HubError) as migrating:
        migrate(settings)
    assert migrating.value.code == "restore_unfinished"


def assert_unreadable(settings: Settings, before: Before) -> None:
    """The dump has brought the erased people's ciphertexts back, and nothing that opens them."""
    admitted = site(settings.for_restore())
    with superuser(settings, "data", "hub") as admin:
        rows = admin.execute(
            "SELECT o.kind, o.pseudonym, replace(o.subject_id::text, '-', ''), o.key_generation, o.ciphertext"
            " FROM vault.originals o WHERE o.tenant_id = %s AND EXISTS (SELECT FROM vault.identifiers i WHERE"
            " i.tenant_id = o.tenant_id AND i.subject_id = o.subject_id AND i.pseudonym = ANY(%s))",
            (before.tenant, before.pseudonyms),
        ).fetchall()
    assert {row[0] for row in rows} >= {"tckn", "phone", "email"}
    with superuser(settings, "keys", "keys") as admin:
        living = admin.execute(
            "SELECT count(*) FROM keys.subject_keys WHERE tenant_id = %s AND wrapped_key IS NOT NULL"
            " AND replace(subject_id::text, '-', '') = ANY(%s)",
            (before.tenant, [row[2] for row in rows]),
        ).fetchone()
    assert living == (0,)
    # Asking for a key makes a new one, which opens nothing of before.
    keys = admitted.engine.keyring.subjects(before.tenant, {row[2] for row in rows})
    for kind, pseudonym, subject, generation, sealed in rows:
        with pytest.raises(HubError) as refused:
            keys[subject].open(original_identity(before.tenant, kind, pseudonym, subject, generation), bytes(sealed))
        assert refused.value.code == "ciphertext_invalid"
    admitted.database.close()


def assert_nobody_in_clear(settings: Settings, before: Before, *, in_servers_files: bool) -> None:
    """Neither in the dumps, as what they would tell a database, nor anywhere below the home or in a table.

    Pages and logs of the servers are read in the long form alone: they hold what the tables held.
    """
    sweep = Sweep([*before.erased, before.late, *before.staying])
    for dump in (before.dumps.data, before.dumps.keys, before.dumps.dagster):
        assert dump is not None
        told = subprocess.run(
            [str(binaries() / "pg_restore"), "--file=-", str(dump)], check=True, capture_output=True
        ).stdout
        assert b"COPY " in told
        assert sweep.find([(dump.name, [dump.name.encode(), told])]) == {}
    servers = [data_directory(settings, cluster) for cluster in CLUSTERS]
    assert sweep.find(files(settings.home, servers, servers_too=in_servers_files)) == {}
    assert sweep.find(chain(*(tables(settings, cluster) for cluster in CLUSTERS))) == {}


def assert_right(second: Site, before: Before, report: Restored) -> None:
    """The erased and the forgotten are nowhere, everybody else is as before."""
    cleaned = report.cleaned
    assert (cleaned.tenants, cleaned.forgotten_again) == (1, 1)
    assert (cleaned.erasures.again, cleaned.erasures.known) == (len(before.erased) + 1, 0)
    found = second.found([*before.pseudonyms, before.forgotten, *before.others_pseudonyms])
    assert {word for words in found.values() for word in words} == set(before.others_pseudonyms)
    assert set(second.originals(before.tenant).split("\n")) == before.others_originals
    numbers = second.landed(before.tenant, "iyzico_subscription_customers", "identity_number")
    assert sorted(number is None for number in numbers) == [False] * len(before.staying) + [True] * len(before.erased)
    with second.database.tenant(before.tenant, "app") as connection:
        marks = {bytes(row[0]) for row in connection.execute("SELECT mark FROM hub.suppressions")}
        causes = {row[0] for row in connection.execute("SELECT cause FROM hub.destructions")}
        with pytest.raises(HubError, match="einvoice_series_doubted"):  # numbers may have been given after the dump
            series.hold(connection, before.tenant, "ARS", date(2026, 12, 1), "earchive")
    assert marks == before.late_marks  # of those too who came after the dump
    assert causes == {"replay"}
    assert report.signatures_checked
    assert report.analysts_ended == 1
    assert [each.revoked_at is None for each in analysts.listed(second.database, before.tenant)] == [False]
    with open_instance(second.settings) as instance:
        assert instance.get_dynamic_partitions(PARTITIONS_NAME) == [before.tenant]
        assert instance.get_materialized_partitions(AssetKey("landed")) == {before.tenant}


@pytest.mark.parametrize(
    ("people", "cut_short"), [(1, False), pytest.param(40, True, marks=pytest.mark.prove, id="prove")]
)
def test_who_was_erased_after_the_dump_is_gone_before_a_restored_database_opens(
    homes: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, people: int, cut_short: bool
) -> None:
    lost, fresh = (Settings.apart(home) for home in homes)
    HOMES.lay_whole(lost.home)
    with postgres.running(lost):
        first = site(lost)
        before = lived_through(first, tmp_path, people=people)
        first.database.close()
        with pytest.raises(HubError) as full:
            restore(lost, before.dumps, actor=OPERATOR)
        assert full.value.code == "restore_not_empty"
    shutil.copy(lost.master_key_file, fresh.master_key_file)
    shutil.copytree(lost.audit_heads_file.parent, fresh.audit_heads_file.parent)

    seen: list[str] = []

    def before_replay(*given: Any, **more: Any) -> Replayed:
        """Everything is loaded and migrated, and nobody has been erased again."""
        seen.append("loaded")
        assert_closed(fresh)
        assert_unreadable(fresh, before)
        if cut_short and len(seen) == 1:
            raise InterruptedError
        return replay(*given, **more)

    monkeypatch.setattr(restoring, "replay", before_replay)
    with postgres.running(fresh):
        if cut_short:
            with pytest.raises(InterruptedError):
                restore(fresh, before.dumps, actor=OPERATOR)
            assert_closed(fresh)
        report = restore(fresh, before.dumps, actor=OPERATOR)
        assert seen == ["loaded"] * (1 + cut_short)
        second = site(fresh)
        assert_right(second, before, report)
        assert_nobody_in_clear(fresh, before, in_servers_files=cut_short)

        # The signed heads know more than the dump: the audit log says what is missing, and does not hide it.
        exported = read_heads(fresh.audit_heads_file, SigningKey(fresh.audit_signing_key_file).public)
        assert report.cleaned.audit_newer[before.tenant] >= 2
        assert verify_chain(second.database, before.tenant, exported).findings != ()

        sync_told(second.engine, before.tenant, told_of([*before.erased, before.late, *before.staying]))
        assert second.found(before.pseudonyms) == {}
        second.database.close()
        migrate(fresh)
