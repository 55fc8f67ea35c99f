"""Ports of 127.0.0.1, the only address that anything of ours listens on."""

from __future__ import annotations

import socket

from hub.errors import HubError

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def require_free(port: int) -> None:
    """HubError `port_taken` when somebody listens on this port, or we may not."""
    with socket.socket() as probe:
        # As servers do: what earlier connections to a server of ours left behind is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            raise HubError("port_taken", port=port) from None


def answers(port: int) -> bool:
    """Whether somebody accepts connections."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0
