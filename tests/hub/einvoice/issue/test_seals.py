"""A tenant's own seal, in a file and on a token, as issuing uses it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from connectors.secret import Secret
from hub.einvoice.issue import seals, series
from hub.einvoice.seal.token import TokenSigner
from hub.einvoice.seal.verify import verify
from hub.errors import HubError
from hub.kvkk.audit import SYSTEM
from tests.conftest import MakeTenant
from tests.hub.einvoice.issue.conftest import Shop
from tests.hub.einvoice.seal.test_token import DRIVER, LABEL, PIN, TOKEN, hold_certificates, run
from tests.proofs.numbering_child import Unasked
from tests.support.seals import Seal, make_seal

NOW = datetime.now(UTC)


@pytest.fixture
def desk(shop: Shop) -> Shop:
    shop.issuing = replace(shop.issuing, checker=Unasked())
    return shop


@pytest.fixture(scope="module")
def valid() -> Seal:
    return make_seal(start=NOW - timedelta(days=1), end=NOW + timedelta(days=1))


def hold(shop: Shop, seal: Seal, password: str | None = None) -> None:
    seals.set_file_seal(
        shop.database,
        shop.keyring.tenant(shop.tenant),
        key=seal.key_file(password.encode() if password else None),
        certificates=seal.certificate_file(),
        password=Secret(password) if password else None,
        actor=SYSTEM,
    )


def test_a_certificate_that_expired_takes_no_number_and_its_successor_signs(desk: Shop, valid: Seal) -> None:
    expired = make_seal(start=NOW - timedelta(days=9), end=NOW - timedelta(days=1))
    hold(desk, expired)
    with pytest.raises(HubError, match="seal_certificate_expired"):
        desk.ask("siparis-1")
    assert series.listed(desk.database, desk.tenant) == []
    hold(desk, valid, "gizli")
    issued = desk.ask("siparis-2")
    assert issued.document.number.endswith("000000001")
    assert all(each.holds for each in verify(desk.content(issued)))


def test_without_a_seal_the_integrator_signs(desk: Shop, valid: Seal) -> None:
    hold(desk, valid)
    assert desk.ask().document.sealed_here
    seals.remove_seal(desk.database, desk.tenant, actor=SYSTEM)
    assert not desk.ask().document.sealed_here
    with pytest.raises(HubError, match="einvoice_seal_missing"):
        seals.remove_seal(desk.database, desk.tenant, actor=SYSTEM)


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory, valid: Seal) -> Iterator[seals.Token]:
    if DRIVER is None or shutil.which("softhsm2-util") is None:
        pytest.skip("softhsm2 is not installed")
    home = tmp_path_factory.mktemp("softhsm")
    (home / "tokens").mkdir()
    (home / "softhsm2.conf").write_text(f"directories.tokendir = {home}/tokens\nobjectstore.backend = file\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(home / "softhsm2.conf"))
        run("softhsm2-util", "--init-token", "--free", "--label", TOKEN, "--so-pin", "0000", "--pin", PIN.decode())
        file = home / "key.pem"
        file.write_bytes(valid.key_file())
        run("softhsm2-util", "--import", str(file), "--token", TOKEN, "--label", LABEL, "--id", "01",
            "--pin", PIN.decode())  # fmt: skip
        hold_certificates(DRIVER, {b"\x01": valid})
        yield seals.Token(Path(DRIVER), TOKEN, LABEL)
        import pkcs11

        pkcs11.unload(str(DRIVER))


def plug(shop: Shop, token: seals.Token, pin: bytes = PIN) -> None:
    keys = shop.keyring.tenant(shop.tenant)
    seals.set_token_seal(shop.database, keys, token, Secret(pin.decode()), actor=SYSTEM)


def test_a_token_signs_in_one_session_that_is_ended_before_another_begins(
    desk: Shop, token: seals.Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    plug(desk, token)
    assert all(each.holds for each in verify(desk.content(desk.ask())))
    monkeypatch.setattr(seals, "_KEPT_SECONDS", 0.0)
    assert desk.ask().document.sealed_here  # a session that is in use does not grow old
    plug(desk, token)
    assert desk.ask().document.sealed_here  # stored anew: the session before is ended, since a login there is one too
    desk.issuing.seals.forget(desk.tenant)


def test_a_refused_pin_takes_no_number_and_is_not_tried_until_the_card_is_locked(
    desk: Shop, token: seals.Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = list[str]()

    def counted(*arguments: Any) -> Any:
        tried.append("")
        return TokenSigner(*arguments)

    monkeypatch.setattr("hub.einvoice.seal.token.TokenSigner", counted)
    plug(desk, token, b"9999")
    for _ in range(3):
        with pytest.raises(HubError, match="seal_pin_refused"):
            desk.ask()
    assert len(tried) == 1
    assert series.listed(desk.database, desk.tenant) == []
    plug(desk, token)
    assert desk.ask().document.sealed_here
    desk.issuing.seals.forget(desk.tenant)


def test_a_session_that_broke_is_opened_anew_for_the_next_invoice(desk: Shop, token: seals.Token) -> None:
    plug(desk, token)
    desk.ask()
    with desk.database.tenant(desk.tenant, "app") as connection:
        signer = desk.issuing.seals.of(connection, desk.keyring.tenant(desk.tenant))
    assert signer is not None
    signer.close()  # type: ignore[attr-defined]
    with pytest.raises(HubError, match="seal_token_failed"):
        desk.ask()
    assert desk.ask().document.number.endswith("000000002")
    desk.issuing.seals.forget(desk.tenant)


@pytest.mark.parametrize("closing", [False, True])
def test_a_token_that_does_not_answer_holds_up_nobody_elses_seal(
    desk: Shop, valid: Seal, make_tenant: MakeTenant, monkeypatch: pytest.MonkeyPatch, *, closing: bool
) -> None:
    """While it is opened, and while it is closed because nobody has used it for long."""
    silent, answer = Event(), Event()

    class Silent:
        certificate = None

        def __init__(self, *_place: Any) -> None:
            if not closing:
                self.close()

        def close(self) -> None:
            silent.set()
            answer.wait(30)

    def opened(tenant: str) -> Any:
        with desk.database.tenant(tenant, "app") as connection:
            return kept.of(connection, desk.keyring.tenant(tenant))

    monkeypatch.setattr("hub.einvoice.seal.token.TokenSigner", Silent)
    monkeypatch.setattr(seals, "_KEPT_SECONDS", 0.0)
    kept = seals.Seals()
    plug(desk, seals.Token(Path("/driver.so"), TOKEN, LABEL))
    neighbour = replace(desk, tenant=make_tenant())
    hold(neighbour, valid)
    with ThreadPoolExecutor(2) as pool:
        own = pool.submit(opened, desk.tenant)
        if closing:
            own.result(20)
        else:
            assert silent.wait(20)
        try:
            assert pool.submit(opened, neighbour.tenant).result(20) is not None
            assert silent.wait(20)
        finally:
            answer.set()
        assert isinstance(own.result(20), Silent)
