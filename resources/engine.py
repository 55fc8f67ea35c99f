"""The hub's engine as a Dagster resource: opened on first use, so that loading the definitions opens no connection."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dagster import ConfigurableResource, InitResourceContext
from pydantic import PrivateAttr

if TYPE_CHECKING:
    from hub.settings import Settings
    from hub.sync.batch import Engine


class HubResource(ConfigurableResource):  # pyright: ignore[reportMissingTypeArgument]
    """Settings come from the environment, read once a process; there is nothing to configure here."""

    _engine: Engine | None = PrivateAttr(default=None)

    @property
    def settings(self) -> Settings:
        """The installation's settings."""
        from hub.settings import Settings

        return Settings.load()

    @property
    def engine(self) -> Engine:
        """Database, keys, vault and gate of this process."""
        if self._engine is None:
            from hub.sync.engine import open_engine

            self._engine = open_engine(self.settings)
        return self._engine

    def setup_for_execution(self, context: InitResourceContext) -> None:
        """Show that the run's process lives. A tick of a schedule or sensor is no run."""
        if context.run is not None and context.instance is not None:
            from hub.orchestration.run_launcher import hold

            hold(Path(context.instance.root_directory), context.run.run_id)

    def teardown_after_execution(self, context: InitResourceContext) -> None:
        """Close the connection pools when the run ends."""
        if self._engine is not None:
            self._engine.database.close()
            self._engine = None
