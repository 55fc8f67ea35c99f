"""A real Redis for the session, on a socket of its own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.support.rooms import new_directory


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Where a Redis of this session's own listens."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed (Debian: redis-server)")
    home = new_directory("kopru-redis-")
    socket = home / "redis.sock"
    process = subprocess.Popen(
        [program, "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", home],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if "eady to accept connections" in line or "now ready" in line:
                break
        assert socket.exists()
        yield f"unix://{socket}"
    finally:
        process.terminate()
        process.communicate(timeout=10)
        shutil.rmtree(home, ignore_errors=True)
