"""A real PKCS#11 driver with a token in a file: SoftHSM2, as CI has it."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1
from cryptography.hazmat.primitives.serialization import Encoding

from hub.cli import main
from hub.einvoice.seal.sign import sign
from hub.einvoice.seal.token import TokenPlace, TokenSigner
from hub.einvoice.seal.verify import verify
from hub.errors import HubError
from tests.support.seals import NOW, Seal, make_seal
from tests.support.ubl_samples import draft

DRIVERS = [
    Path(folder) / "libsofthsm2.so"
    for folder in ("/usr/lib/softhsm", "/usr/lib/x86_64-linux-gnu/softhsm", "/usr/local/lib/softhsm")
]
DRIVER = next((path for path in DRIVERS if path.exists()), None)
PIN, LABEL, TOKEN = b"4321", "muhur", "mali-muhur"

pytestmark = pytest.mark.skipif(
    DRIVER is None or shutil.which("softhsm2-util") is None, reason="softhsm2 is not installed"
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, seal: Seal) -> Iterator[TokenPlace]:
    """A token that holds the session's seal, another key without a certificate, and another certificate."""
    home = tmp_path_factory.mktemp("softhsm")
    (home / "tokens").mkdir()
    (home / "softhsm2.conf").write_text(f"directories.tokendir = {home}/tokens\nobjectstore.backend = file\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(home / "softhsm2.conf"))
        other = make_seal(name="Başka")
        run("softhsm2-util", "--init-token", "--free", "--label", TOKEN, "--so-pin", "0000", "--pin", PIN.decode())
        curved = make_seal(curve=SECP384R1())
        for name, each, identity in ((LABEL, seal, "01"), ("bare", make_seal(), "02"), ("curved", curved, "03")):
            file = home / f"{name}.pem"
            file.write_bytes(each.key_file())
            run("softhsm2-util", "--import", str(file), "--token", TOKEN, "--label", name, "--id", identity,
                "--pin", PIN.decode())  # fmt: skip
        assert DRIVER is not None
        hold_certificates(DRIVER, {b"\x09": other, b"\x01": seal, b"\x03": curved})
        yield TokenPlace(DRIVER, TOKEN, LABEL)
        import pkcs11

        pkcs11.unload(str(DRIVER))


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, env=os.environ)


def hold_certificates(driver: Path, seals: dict[bytes, Seal]) -> None:
    import pkcs11
    from pkcs11.util.x509 import decode_x509_certificate

    with pkcs11.lib(str(driver)).get_token(token_label=TOKEN).open(rw=True, user_pin=PIN.decode()) as session:
        for identity, seal in seals.items():
            held = decode_x509_certificate(seal.certificate.public_bytes(Encoding.DER))
            session.create_object(held | {pkcs11.Attribute.TOKEN: True, pkcs11.Attribute.ID: identity})


def refused(place: TokenPlace, pin: bytes = PIN) -> str:
    with pytest.raises(HubError) as refusal:
        TokenSigner(place, pin)
    return refusal.value.code


def test_a_document_is_signed_with_the_tokens_key_and_certificate(place: TokenPlace, seal: Seal) -> None:
    with TokenSigner(place, PIN) as signer:
        signed = sign(draft(), signer, now=NOW)

    (verification,) = verify(signed)
    assert verification.holds
    assert verification.certificate == seal.certificate


def test_a_key_on_a_curve_signs_on_the_token_too(place: TokenPlace) -> None:
    with TokenSigner(TokenPlace(place.module, TOKEN, "curved"), PIN) as signer:
        signed = sign(draft(), signer, now=NOW)

    assert b"ecdsa-sha384" in signed
    assert verify(signed)[0].holds


def test_threads_wait_for_one_another_and_for_one_session(place: TokenPlace) -> None:
    with TokenSigner(place, PIN) as signer, ThreadPoolExecutor(8) as threads:
        signatures = list(threads.map(signer.sign, [b"%d" % number for number in range(24)]))

    assert len(set(signatures)) == 24


def test_the_token_is_asked_by_one_thread_only(place: TokenPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    asked_by: set[str] = set()

    class Key:
        def sign(self, content: bytes, **_mechanism: object) -> bytes:
            asked_by.add(threading.current_thread().name)
            return content

    with TokenSigner(place, PIN) as signer, ThreadPoolExecutor(8) as threads:
        monkeypatch.setattr(signer, "_key", Key())
        list(threads.map(signer.sign, [b"x"] * 64))

    assert len(asked_by) == 1


def test_what_is_wrong_with_a_token_is_named(place: TokenPlace, tmp_path: Path) -> None:
    assert refused(place, b"9999") == "seal_pin_refused"
    assert refused(TokenPlace(place.module, "none", LABEL)) == "seal_token_missing"
    assert refused(TokenPlace(place.module, TOKEN, "none")) == "seal_token_key_missing"
    assert refused(TokenPlace(place.module, TOKEN, "bare")) == "seal_token_certificate_missing"
    assert refused(TokenPlace(tmp_path / "none.so", TOKEN, LABEL)) == "seal_module_unusable"


def test_the_pin_is_not_in_what_is_printed(place: TokenPlace) -> None:
    with TokenSigner(place, PIN) as signer:
        assert repr(signer) == "TokenSigner(...)"


def test_the_command_signs_with_a_token_whose_pin_comes_from_a_variable(
    place: TokenPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in.xml").write_bytes(draft())
    monkeypatch.setenv("SEAL_PIN", PIN.decode())
    token = ("--pkcs11-module", str(place.module), "--token", TOKEN, "--key-label", LABEL)
    arguments = ("einvoice", "sign", str(tmp_path / "in.xml"), "--out", str(tmp_path / "out.xml"), *token)

    assert main([*arguments]) == 1
    assert main([*arguments, "--pin-env", "SEAL_PIN"]) == 0
    assert verify((tmp_path / "out.xml").read_bytes())[0].holds
