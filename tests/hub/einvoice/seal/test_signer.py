from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256K1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as elliptic_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from hub.einvoice.seal.certificates import identity_of, read_certificates, require_valid
from hub.einvoice.seal.distinguished import names_the_same, written
from hub.einvoice.seal.secret import read_secret
from hub.einvoice.seal.signer import key_signer
from hub.errors import HubError
from tests.support.seals import NOW, Seal, make_seal


def refused(*, key: bytes, certificates: bytes, password: bytes | None = None) -> str:
    with pytest.raises(HubError) as refusal:
        key_signer(key=key, certificates=certificates, password=password)
    return refusal.value.code


class TestKeyFiles:
    def test_a_key_in_pem_and_in_der(self, seal: Seal) -> None:
        der = seal.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

        for key in (seal.key_file(), der):
            assert key_signer(key=key, certificates=seal.certificate_file()).certificate == seal.certificate

    def test_a_key_with_a_password(self, seal: Seal) -> None:
        closed, certificate = seal.key_file(b"gizli"), seal.certificate_file()

        assert key_signer(key=closed, certificates=certificate, password=b"gizli").certificate == seal.certificate
        assert refused(key=closed, certificates=certificate) == "seal_key_password_missing"
        assert refused(key=closed, certificates=certificate, password=b"yanlis") == "seal_key_password_wrong"

    def test_a_password_for_a_key_that_has_none_is_not_needed(self, seal: Seal) -> None:
        signer = key_signer(key=seal.key_file(), certificates=seal.certificate_file(), password=b"gizli")

        assert signer.certificate == seal.certificate

    def test_what_is_no_key_or_no_certificate(self, seal: Seal) -> None:
        assert refused(key=b"no key", certificates=seal.certificate_file()) == "seal_key_unreadable"
        assert refused(key=seal.key_file(), certificates=b"none") == "seal_certificate_unreadable"

    @pytest.mark.parametrize(
        "key",
        [
            elliptic_key(SECP256K1()),
            Ed25519PrivateKey.generate(),
            generate_private_key(65537, 1024),  # noqa: S505 - that it is too short is the point
        ],
    )
    def test_a_key_of_another_kind_or_one_that_is_too_short_is_refused(self, key: Any, seal: Seal) -> None:
        written = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

        assert refused(key=written, certificates=seal.certificate_file()) == "seal_key_unknown"

    def test_a_certificate_of_another_key_is_refused(self, seal: Seal) -> None:
        assert refused(key=seal.key_file(), certificates=make_seal().certificate_file()) == "seal_key_mismatch"

    def test_neither_key_nor_password_is_in_what_is_printed(self, seal: Seal) -> None:
        assert repr(key_signer(key=seal.key_file(), certificates=seal.certificate_file())) == "KeySigner(...)"


class TestChains:
    def test_the_keys_own_certificate_comes_first_whatever_the_order(self) -> None:
        root = make_seal(name="Kök")
        between = make_seal(name="Ara", issuer=root)
        seal = make_seal(issuer=between)

        signer = key_signer(key=seal.key_file(), certificates=seal.certificate_file(root, between))

        assert signer.chain == (seal.certificate, between.certificate, root.certificate)

    def test_a_certificate_that_certifies_nothing_is_refused(self, seal: Seal) -> None:
        stranger = make_seal(name="Yabancı")

        assert refused(key=seal.key_file(), certificates=seal.certificate_file(stranger)) == "seal_chain_broken"


class TestCertificates:
    @pytest.mark.parametrize("after", [timedelta(days=-31), timedelta(days=301)])
    def test_a_certificate_is_valid_from_its_first_to_its_last_moment(self, seal: Seal, after: timedelta) -> None:
        require_valid(seal.certificate, at=seal.certificate.not_valid_before_utc)
        require_valid(seal.certificate, at=seal.certificate.not_valid_after_utc)
        with pytest.raises(HubError, match="seal_certificate_"):
            require_valid(seal.certificate, at=NOW + after)

    @pytest.mark.parametrize(
        ("written_as", "number"),
        [
            ("1234567808", "1234567808"),
            ("10000000146", "10000000146"),
            ("PNOTR-10000000146", "10000000146"),
            ("VKN:1234567808", "1234567808"),
            ("12345", None),
            ("123456780899", None),
        ],
    )
    def test_the_taxpayers_number_is_read_from_the_subject(self, written_as: str, number: str | None) -> None:
        assert identity_of(make_seal(identity=written_as).certificate) == number

    def test_a_damaged_certificate_is_unreadable_at_once_and_not_later(self, seal: Seal) -> None:
        content = bytearray(seal.certificate.public_bytes(Encoding.DER))
        content[content.index(b"\x02\x01\x02") + 2] = 10  # the version

        with pytest.raises(HubError, match="seal_certificate_unreadable"):
            read_certificates(bytes(content))


class TestNames:
    @pytest.mark.parametrize(
        "text",
        [
            'CN="Öz, Ara + Oğul"; SERIALNUMBER=1234567808; C=TR',
            r"2.5.4.3=Öz\, Ara \+ Oğul,2.5.4.5=1234567808,2.5.4.6=TR",
            r"serialNumber = 1234567808 , c = TR , cn = \C3\96z\, Ara \+ Oğul",
            "CN=#0C10C3967A2C20417261202B204FC49F756C,C=TR,OID.2.5.4.5=1234567808",
        ],
    )
    def test_one_name_has_many_spellings(self, text: str) -> None:
        name = make_seal(name="Öz, Ara + Oğul").certificate.subject

        assert names_the_same(text, name)
        assert names_the_same(written(name), name)

    @pytest.mark.parametrize("text", [None, "", "CN=Öz", "CN=Öz, Ara + Oğul,C=TR,serialNumber=1234567809", "=,=", "#"])
    def test_another_name_is_another(self, text: str | None) -> None:
        assert not names_the_same(text, make_seal(name="Öz, Ara + Oğul").certificate.subject)


class TestSecrets:
    def test_a_secret_comes_from_a_file_or_a_variable_named_to_us(self, tmp_path: Path) -> None:
        file = tmp_path / "pin"
        file.write_bytes(b"12 34\r\n")

        assert read_secret(file=file, variable=None, environment={}) == b"12 34"
        assert read_secret(file=None, variable="PIN", environment={"PIN": "ş1"}) == "ş1".encode()
        assert read_secret(file=None, variable=None, environment={"PIN": "1"}) is None

    def test_what_is_not_there_is_named(self, tmp_path: Path) -> None:
        for file, variable, code in (
            (tmp_path / "none", None, "seal_secret_file_unreadable"),
            (None, "NONE", "seal_secret_variable_missing"),
            (tmp_path, "NONE", "seal_secret_twice"),
        ):
            with pytest.raises(HubError) as refusal:
                read_secret(file=file, variable=variable, environment={})
            assert refusal.value.code == code
