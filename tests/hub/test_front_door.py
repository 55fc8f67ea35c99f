"""What `hub doctor` and `hub up` say of a front door that is open, or shut, without anybody noticing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.front_door import troubles
from hub.settings import Settings

PUBLIC = "https://kopru.example.com"


def codes(home: Path, **given: Any) -> list[str]:
    return [each.code for each in troubles(Settings.apart(home, **given))]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, []),
        ({"api_host": "::1"}, []),
        ({"public_url": "http://127.0.0.1:8400"}, []),
        ({"api_host": "0.0.0.0"}, ["front_door_in_clear", "front_door_nameless"]),  # noqa: S104 - what is warned of
        ({"api_host": "10.0.0.7", "public_url": PUBLIC}, ["front_door_in_clear"]),
        ({"api_host": "10.0.0.7", "public_url": PUBLIC, "trusted_proxies": ["172.30.84.0/28"]}, []),
        ({"trusted_proxies": ["10.0.0.7"]}, ["front_door_nameless"]),
        ({"public_url": PUBLIC, "trusted_proxies": ["caddy"]}, ["front_door_proxy_malformed"]),
        ({"public_url": PUBLIC, "trusted_proxies": ["*"]}, ["front_door_proxy_anybody"]),
        ({"public_url": PUBLIC, "trusted_proxies": ["0.0.0.0/0", "::/0"]}, ["front_door_proxy_anybody"] * 2),
        ({"public_url": "kopru.example.com"}, ["front_door_name_malformed"]),
        ({"public_url": "http://kopru.example.com"}, ["front_door_name_in_clear"]),
        ({"public_url": PUBLIC, "allowed_hosts": ["127.0.0.1"]}, ["front_door_name_refused"]),
        ({"public_url": PUBLIC, "allowed_hosts": ["127.0.0.1", "Kopru.example.com"]}, []),
        ({"public_url": PUBLIC, "tls_cert_file": Path("/nowhere/a.pem")}, ["front_door_tls_half"]),
        (
            {"public_url": PUBLIC, "tls_cert_file": Path("/nowhere/a.pem"), "tls_key_file": Path("/nowhere/b.pem")},
            ["front_door_tls_unfit"],
        ),
    ],
)
def test_what_is_wrong_with_the_front_door_is_named(tmp_path: Path, given: dict[str, Any], found: list[str]) -> None:
    assert codes(tmp_path, **given) == found
