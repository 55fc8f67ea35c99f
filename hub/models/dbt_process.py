"""dbt as a process: its project, its prebuilt manifest, and a run of it whose words go nowhere.

dbt writes what Postgres says into its log, its results and its standard output, and Postgres quotes key values. So a
run has a directory of its own which ends with it, no log file, and output that nobody reads; what leaves is what
hub/models/dbt_results.py picks out: names, states and counts.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from hub.errors import HubError
from hub.scratch import scratch_directory
from hub.secrets_file import private_directory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from hub.settings import Settings

RUN_TIMEOUT_SECONDS = 3600
"""A batch of thousands of tenants takes minutes; a process that takes longer waits for something that will not come."""

_PARTIAL_PARSE = "partial_parse.msgpack"
_DIGEST = "kopru_digest"
_START = """\
import gc
gc.disable()
from dbt.cli.main import cli
gc.freeze()
gc.set_threshold(100_000)
gc.enable()
cli()
"""
"""`python -m dbt.cli.main` without the fifth of its CPU that goes into looking for garbage where there is none: dbt
imports a thousand modules and keeps what it parses to its end."""
_WORKED = frozenset({0, 1})
"""dbt's exit status: 0 well, 1 a model or test failed, 2 dbt itself did."""

_WORK_PREFIX = "dbt-"
_SOURCES = (".sql", ".yml", ".md")


def project_directory() -> Path:
    """The dbt project: inside the wheel `hub/_dbt`, in a checkout `dbt`."""
    packaged = Path(__file__).resolve().parents[1] / "_dbt"
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[2] / "dbt"


def manifest_path(settings: Settings) -> Path:
    """Where the prebuilt manifest lies: as configured, else `target/manifest.json` of the project."""
    return settings.dbt_manifest or project_directory() / "target" / "manifest.json"


def load_manifest(settings: Settings) -> dict[str, Any]:
    """The prebuilt manifest as dbt wrote it (version 12). Opens no connection.

    Raises HubError 'dbt_manifest_missing', or 'dbt_manifest_stale' when the project changed after it was built.
    """
    path = manifest_path(settings)
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        raise HubError("dbt_manifest_missing", path=str(path)) from None
    if not _is_current(path):
        raise HubError("dbt_manifest_stale", path=str(path))
    return cast("dict[str, Any]", content)


def ensure_manifest(settings: Settings) -> Path:
    """Build the manifest unless the present one is current (about 8 s, no database). Returns its path.

    Raises HubError 'dbt_failed' when the project cannot be parsed, 'dbt_manifest_unwritable' when there is no place.
    """
    path = manifest_path(settings)
    return path if path.exists() and _is_current(path) else build_manifest(settings)


def build_manifest(settings: Settings) -> Path:
    """Parse the project, without a database connection, and put the result in place file by file, manifest last."""
    path = manifest_path(settings)
    digest = project_digest()
    with work_directory(settings) as work:
        run_dbt(settings, ("parse",), work=work, environment={})
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            (work / _DIGEST).write_text(digest)
            _put(work / _DIGEST, path.with_name(_DIGEST))
            _put(work / "target" / "manifest.json", path)
        except OSError:
            raise HubError("dbt_manifest_unwritable", path=str(path.parent)) from None
    return path


def project_digest() -> str:
    """SHA-256 over the project's files, by relative name, so that a moved checkout stays current."""
    root = project_directory()
    digest = hashlib.sha256()
    for folder in (root, root / "models", root / "macros", root / "tests"):
        pattern = "*" if folder == root else "**/*"
        for file in sorted(each for each in folder.glob(pattern) if each.suffix in _SOURCES):
            digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def work_directory(settings: Settings) -> AbstractContextManager[Path]:
    """A private directory (0700) for one dbt process, gone after the block."""
    return scratch_directory(settings, _WORK_PREFIX)


def run_dbt(settings: Settings, command: Sequence[str], *, work: Path, environment: Mapping[str, str]) -> Path:
    """Run dbt in `work`; returns its target directory. A node that failed shows in its results, not here.

    The process gets these variables and no others: none of ours, no secret but the database password in `environment`.
    Raises HubError 'dbt_failed' with the exit status when dbt itself did not work, 'dbt_timeout'.
    """
    target = work / "target"
    # Parsing costs seconds; what dbt remembers of the last time (nothing but the project) is kept with the home.
    remembered = settings.home / "dbt" / _PARTIAL_PARSE
    arguments = [
        *("--quiet", "--no-use-colors", "--no-version-check", "--no-send-anonymous-usage-stats"),
        *("--log-level", "none", "--log-level-file", "none", "--log-path", str(work / "logs")),
        *command,
        *("--project-dir", str(project_directory()), "--profiles-dir", str(project_directory())),
        *("--target-path", str(target)),
    ]
    if remembered.exists():
        arguments += ["--partial-parse-file-path", str(remembered)]
    variables = {
        "PATH": os.defpath,
        "HOME": str(work),
        "TMPDIR": str(work),
        "LANG": "C.UTF-8",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "0",
        "DO_NOT_TRACK": "1",
        **environment,
    }
    status = _exit_status(arguments, work=work, variables=variables)
    if status not in _WORKED:
        raise HubError("dbt_failed", status=status)
    if (target / _PARTIAL_PARSE).exists():
        private_directory(remembered.parent)
        _put(target / _PARTIAL_PARSE, remembered)
    return target


def _exit_status(arguments: Sequence[str], *, work: Path, variables: Mapping[str, str]) -> int:
    try:
        done = subprocess.run(  # noqa: S603 - our interpreter, our arguments
            [sys.executable, "-P", "-c", _START, *arguments],
            cwd=work,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=RUN_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise HubError("dbt_timeout", seconds=RUN_TIMEOUT_SECONDS) from None
    return done.returncode


def _is_current(manifest: Path) -> bool:
    try:
        return manifest.with_name(_DIGEST).read_text() == project_digest()
    except OSError:
        return False


def _put(source: Path, destination: Path) -> None:
    """Copy beside the destination, then rename: readers see the old file or the new one."""
    draft = destination.with_name(f".{destination.name}.{secrets.token_hex(4)}")
    try:
        shutil.copyfile(source, draft)
        draft.replace(destination)
    finally:
        draft.unlink(missing_ok=True)


def main() -> None:
    """`make manifest`: a checkout's manifest, which is no installation's and leaves nothing in a home."""
    from hub.settings import Settings

    with tempfile.TemporaryDirectory(prefix="kopru-manifest-") as home:
        ensure_manifest(Settings.load(home=Path(home)))


if __name__ == "__main__":
    main()
