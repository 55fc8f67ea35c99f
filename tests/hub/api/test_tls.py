"""The hub ends TLS itself, where no proxy does, with the certificate and key that the settings name."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import httpx
import pytest
import trustme

from hub.identity.permissions import Role
from tests.hub.api.attacking import served_with
from tests.hub.api.conftest import PASSWORD
from tests.hub.api.test_pages import OWN

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hub.api.conftest import Door


def test_with_a_certificate_and_key_it_speaks_tls_and_nothing_else(door: Door, tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    certificate.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(key)
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(trust)
    with served_with(door, tls_cert_file=certificate, tls_key_file=key) as url:
        with httpx.Client(base_url=url.replace("http:", "https:"), verify=trust, timeout=30) as client:
            assert client.get("/healthz").status_code == 200
            login = door.people[door.own, Role.ENGINEER].email
            answer = client.post("/sign-in", data={"login": login, "password": PASSWORD}, headers=OWN)
        assert answer.headers["set-cookie"].startswith("__Host-hub_session=")
        assert "; Secure" in answer.headers["set-cookie"]
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{url}/healthz")
