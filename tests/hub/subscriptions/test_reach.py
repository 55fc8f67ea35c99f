"""Nothing inside can be reached by a webhook: not by an address, nor a name, nor a name that changes its mind."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest
import trustme

from hub.errors import HubError
from hub.settings import Settings
from hub.subscriptions.networks import is_refused
from hub.subscriptions.reach import Reach, reach_of
from hub.subscriptions.sending import Answer, Event, send
from hub.subscriptions.signing import new_secret
from hub.subscriptions.target import target
from tests.hub.subscriptions.conftest import LOOPBACK, Site
from tests.hub.subscriptions.receiver import receiving

INSIDE = (
    "0.0.0.0",  # noqa: S104 - an address to refuse
    "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.8.8.8", "168.63.129.16",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.168.1.1", "198.18.0.1", "198.51.100.7",
    "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1",
    "2001::1", "2001:db8::1", "2002:7f00:1::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1",
    "fec0::1", "ff02::1",
)  # fmt: skip
OUTSIDE = ("8.8.8.8", "172.15.0.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4017::200e")


def answering(*answers: Sequence[str]) -> Reach:
    """A resolver that gives these in turn, and the last one for ever."""
    left = list(answers)

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return Reach(resolve=resolve)


def addresses(reach: Reach, address: str) -> Sequence[str]:
    return asyncio.run(reach.addresses(target(address, reach.ports)))


def posted(reach: Reach, address: str) -> Answer:
    from datetime import UTC, datetime

    async def run() -> Answer:
        whereto = target(address, reach.ports)
        async with reach.pool(whereto, 1) as pool:
            return await send(pool, whereto, Event("evt_1", "x", datetime.now(UTC), {}), "t", [new_secret()])

    return asyncio.run(run())


def test_what_is_inside_is_refused_and_what_is_outside_is_not() -> None:
    assert [text for text in INSIDE if not is_refused(ip_address(text))] == []
    assert [text for text in OUTSIDE if is_refused(ip_address(text))] == []


def test_an_operator_opens_networks_and_never_those_that_hand_out_credentials() -> None:
    allowed = [ip_network(text) for text in ("10.0.0.0/8", "169.254.0.0/16", "fd00::/8")]

    assert not is_refused(ip_address("10.1.2.3"), allowed)
    assert is_refused(ip_address("192.168.1.1"), allowed)
    assert is_refused(ip_address("::ffff:10.1.2.3"), allowed)
    assert is_refused(ip_address("169.254.169.254"), allowed)
    assert is_refused(ip_address("fd00:ec2::254"), allowed)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_every_spelling_of_this_machine_is_refused(host: str) -> None:
    with pytest.raises(HubError, match=r"webhook_address_internal|webhook_name_unknown|webhook_address_malformed"):
        addresses(Reach(), f"https://{host}/")


def test_one_address_inside_among_others_refuses_all() -> None:
    with pytest.raises(HubError, match="webhook_address_internal"):
        addresses(answering(["8.8.8.8", "10.0.0.1"]), "https://ornek.com.tr/")
    assert addresses(answering(["8.8.8.8"]), "https://ornek.com.tr/") == ["8.8.8.8"]


def test_a_name_that_means_this_machine_by_the_time_it_is_called_is_not_called(site: Site) -> None:
    rebinding = answering(["93.184.215.14"], ["127.0.0.1"])
    rebinding = replace(rebinding, ports=frozenset({site.receiver.port}))
    address = f"https://ornek.com.tr:{site.receiver.port}/"
    shown = site.subscribe("integration.paused", address=address, reach=rebinding)
    site.happen()
    site.drain(outgoing=replace(site.outgoing, reach=rebinding))

    assert site.receiver.calls == []
    (tried,) = site.deliveries(shown)[0].tries
    assert (tried["status"], tried["code"]) == (None, "webhook_address_internal")


def test_the_address_that_was_judged_is_the_one_that_is_called_under_the_names_certificate() -> None:
    authority = trustme.CA()
    server, client = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.issue_cert("ornek.com.tr").configure_cert(server)
    authority.configure_trust(client)
    asked: list[str] = []

    async def resolve(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with receiving(server) as receiver:
        reach = Reach(frozenset({receiver.port}), (LOOPBACK,), resolve, client)
        assert posted(reach, f"https://ornek.com.tr:{receiver.port}/yol").fate == "delivered"
        assert asked == ["ornek.com.tr"]
        assert receiver.calls[0].headers["host"] == f"ornek.com.tr:{receiver.port}"
        other = posted(reach, f"https://baska.com.tr:{receiver.port}/")
        untrusting = posted(
            replace(reach, trust=ssl.create_default_context()), f"https://ornek.com.tr:{receiver.port}/"
        )
        assert (other.code, untrusting.code) == ("webhook_tls_failed", "webhook_tls_failed")
        assert len(receiver.calls) == 1


def test_the_environments_proxy_is_not_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        site.subscribe("integration.paused")
        site.happen()
        assert site.drain()["delivered"] == 1
        assert proxy.calls == []


def test_without_tls_nothing_leaves_this_machine() -> None:
    reach = replace(answering(["10.0.0.5"]), private=(ip_network("10.0.0.0/8"),), ports=frozenset({80, 443}))

    assert addresses(reach, "https://ic.ornek/") == ["10.0.0.5"]
    with pytest.raises(HubError, match="webhook_address_not_https"):
        addresses(reach, "http://ic.ornek/")


@pytest.mark.parametrize(
    "address",
    [
        "", "ornek.com.tr", "ftp://ornek.com.tr/", "https:///yol", "https://a:b@ornek.com.tr/", "https://ornek.com.tr/#x",
        " https://ornek.com.tr/", "https://ornek.com.tr/\r\nHost: x", "unix:///run/x",
        "https://ornek.com.tr/" + "a" * 2000,
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(HubError, match="webhook_address_malformed"):
        target(address, {443})


def test_other_ports_are_refused() -> None:
    with pytest.raises(HubError, match="webhook_port_refused"):
        target("https://ornek.com.tr:6379/", Reach().ports)
    with pytest.raises(HubError, match="webhook_port_refused"):
        target("https://ornek.com.tr:0/", Reach().ports)
    assert target("https://ornek.com.tr:8443/", Reach().ports).port == 8443


def test_a_name_in_turkish_is_called_by_its_ascii_form() -> None:
    assert target("https://örnek.com.tr/", {443}).host == "xn--rnek-4qa.com.tr"


def test_a_name_that_leads_nowhere_is_named() -> None:
    with pytest.raises(HubError, match="webhook_name_unknown"):
        addresses(answering([]), "https://ornek.com.tr/")


def test_a_receiver_that_does_not_answer_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    from hub.subscriptions import sending

    monkeypatch.setattr(sending, "TOTAL_SECONDS", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        answer = posted(Reach(frozenset({port}), (LOOPBACK,)), f"http://127.0.0.1:{port}/")
    assert (answer.fate, answer.code) == ("unheard", "webhook_too_slow")


def test_networks_and_ports_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_WEBHOOKS_ALLOW_PRIVATE", "10.20.0.0/16, fd12::/48")
    monkeypatch.setenv("HUB_WEBHOOKS_PORTS", "443,9443")
    reach = reach_of(Settings.load())

    assert reach.private == (ip_network("10.20.0.0/16"), ip_network("fd12::/48"))
    assert reach.ports == {443, 9443}
    monkeypatch.setenv("HUB_WEBHOOKS_ALLOW_PRIVATE", "10.20.0.1/16")
    with pytest.raises(HubError, match="HUB_WEBHOOKS_ALLOW_PRIVATE"):
        Settings.load()
