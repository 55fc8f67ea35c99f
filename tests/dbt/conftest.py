"""A dbt project that a test may break, beside the real one."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from hub.models import dbt_process
from hub.models.dbt_process import project_directory
from hub.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from hub.db.database import Database


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project, which takes the real one's place for this test."""
    copy = tmp_path / "project"
    shutil.copytree(project_directory(), copy, ignore=shutil.ignore_patterns("target", "logs"))
    monkeypatch.setattr(dbt_process, "project_directory", lambda: copy)
    return copy


@pytest.fixture
def own_settings(installation: Settings, tmp_path: Path) -> Settings:
    """The installation's database with a manifest of this test's own."""
    return installation.model_copy(update={"dbt_manifest": tmp_path / "manifest" / "manifest.json"})


@pytest.fixture(scope="module", autouse=True)
def nobody_else_is_dirty(database: Database) -> None:
    """Tenants that other modules of the session left dirty would bring their own findings into this one's run."""
    with database.crossing("transformer") as connection:
        connection.execute("UPDATE hub.sync_state SET modelled_at = clock_timestamp() WHERE changed_at IS NOT NULL")
