"""Reverse proxies in front of a served hub, from the files that `deploy/` gives to whoever installs it.

Only what belongs to a machine is put in its place: the name, ports, certificates, and where the hub listens.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.waiting import until

if TYPE_CHECKING:
    import trustme

DEPLOY = Path(__file__).parents[2] / "deploy"
NAME = "kopru.example.com"
# Debian keeps servers where only root looks; Caddy comes along for developers.
_PLACES = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"], "/usr/sbin"))
NGINX, CADDY = shutil.which("nginx", path=_PLACES), shutil.which("caddy", path=_PLACES)
_START_SECONDS = 30


@dataclass(frozen=True)
class Site:
    """What a machine gives to a proxy."""

    directory: Path
    port: int
    """Where TLS is spoken."""
    plain_port: int
    hub: str
    """Where the hub listens: `127.0.0.1:8400`."""
    authority: trustme.CA

    def certificate(self) -> tuple[Path, Path]:
        """Files of a certificate for the name, and of its key."""
        issued = self.authority.issue_cert(NAME)
        chain, key = self.directory / "chain.pem", self.directory / "key.pem"
        chain.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(key)
        return chain, key


def nginx_configuration(site: Site) -> Path:
    """A file for `nginx -c`, which takes deploy/nginx.conf in as /etc/nginx/nginx.conf does on Debian."""
    chain, key = site.certificate()
    text = (DEPLOY / "nginx.conf").read_text()
    for pattern, becomes in (
        (r"\n *listen \[::\]:[^;]*;", ""),  # not every machine has IPv6
        (r"listen 443", f"listen 127.0.0.1:{site.port}"),
        (r"listen 80", f"listen 127.0.0.1:{site.plain_port}"),
        (r"127\.0\.0\.1:8400", site.hub),
        (r"/etc/letsencrypt/\S*/fullchain\.pem", str(chain)),
        (r"/etc/letsencrypt/\S*/privkey\.pem", str(key)),
    ):
        text, times = re.subn(pattern, becomes, text)
        assert times, pattern
    (site.directory / "kopru.conf").write_text(text)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {site.directory}/{kind};" for kind in kinds)
    whole = site.directory / "nginx.conf"
    # gzip and the access log are on for everybody there, as on Debian.
    whole.write_text(
        f"daemon off; pid {site.directory}/pid; error_log {site.directory}/error.log info; worker_processes 2;"
        " events { worker_connections 512; }\n"
        f"http {{ access_log {site.directory}/access.log; gzip on; gzip_types *; {places}"
        f" include {site.directory}/kopru.conf; }}\n"
    )
    return whole


def caddy_configuration(site: Site) -> Path:
    """deploy/Caddyfile with a certificate of ours in the place of ACME's."""
    chain, key = site.certificate()
    text = (DEPLOY / "Caddyfile").read_text()
    for pattern, becomes in (
        (r"\badmin off", f"admin off\n\thttp_port {site.plain_port}\n\thttps_port {site.port}"),
        (r"\{\$KOPRU_DOMAIN:localhost\} \{", f"{NAME} {{\n\tbind 127.0.0.1\n\ttls {chain} {key}"),
        (r"hub:8400", site.hub),
    ):
        text, times = re.subn(pattern, becomes, text)
        assert times == 1, pattern
    whole = site.directory / "Caddyfile"
    whole.write_text(text)
    return whole


@contextmanager
def proxy(name: str, site: Site) -> Generator[subprocess.Popen[bytes]]:
    """One of both, in front of the hub until the block ends."""
    if name == "nginx":
        command = [str(NGINX), "-p", str(site.directory), "-c", str(nginx_configuration(site))]
    else:
        command = [str(CADDY), "run", "--adapter", "caddyfile", "--config", str(caddy_configuration(site))]
    own = {"HOME": str(site.directory), "XDG_DATA_HOME": str(site.directory), "XDG_CONFIG_HOME": str(site.directory)}
    with (site.directory / "said").open("wb") as said:
        process = subprocess.Popen(command, env=os.environ | own, stdout=said, stderr=said)
    try:
        until(f"{name} listens", lambda: _listens(process, site), seconds=_START_SECONDS)
        yield process
    finally:
        process.terminate()
        process.wait()


def _listens(process: subprocess.Popen[bytes], site: Site) -> bool:
    from hub.orchestration.ports import answers

    assert process.poll() is None, (site.directory / "said").read_text()
    return answers(site.port)
