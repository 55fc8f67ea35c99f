from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.einvoice.contract import Alias, Taxpayer
from connectors.einvoice.ubl import read_head
from connectors.einvoice.user_list import moment, read_user_list
from connectors.failure import ProviderFailure

SIGNED = Path(__file__).parents[4] / "shared" / "ubl-tr/samples/made-here/temelfatura_signed.xml"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
USER = (
    "<User><Identifier>1234567808</Identifier><Title>Deneme &amp; Oğulları</Title><Type>OZEL</Type>"
    "<FirstCreationTime>2019-01-01T00:00:00</FirstCreationTime><Documents>"
    "<Document type='DespatchAdvice'><Alias><Name>urn:mail:irsaliye@a</Name>"
    "<CreationTime>2019-01-01T00:00:00</CreationTime></Alias></Document>"
    "<Document type='Invoice'><Alias><Name>urn:mail:old@a</Name><CreationTime>2019-01-01T00:00:00</CreationTime>"
    "<DeletionTime>2020-01-01T12:00:00</DeletionTime></Alias>"
    "<Alias><Name>urn:mail:pk@a</Name><CreationTime>2020-01-01T00:00:00</CreationTime></Alias></Document>"
    "</Documents></User>"
)


def packed(content: str, names: tuple[str, ...] = ("users.xml",)) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, content)
    return buffer.getvalue()


class TestUserList:
    def test_only_mailboxes_of_the_kind_asked_for_are_read(self) -> None:
        (user,) = read_user_list(packed(f"<UserList>{USER}<User><Title>x</Title></User></UserList>"))
        assert (user.number, user.title) == ("1234567808", "Deneme & Oğulları")
        assert user.mailboxes(NOW) == ("urn:mail:pk@a",)
        assert [alias.name for alias in user.aliases] == ["urn:mail:old@a", "urn:mail:pk@a"]
        (despatch,) = read_user_list(packed(f"<UserList>{USER}</UserList>"), document="DespatchAdvice")
        assert despatch.mailboxes(NOW) == ("urn:mail:irsaliye@a",)

    @pytest.mark.parametrize(
        "zipped",
        [
            b"no zip",
            packed(f"<UserList>{USER}"),
            packed(f"<UserList>{USER}</UserList>", ("a.xml", "b.xml")),
            packed("<!DOCTYPE a [<!ENTITY b 'c'>]><UserList><User>&b;</UserList>"),
            packed("<UserList/>")[:-30],
        ],
        ids=["no zip", "cut xml", "two files", "entity", "cut zip"],  # an archive holds its time, and names must not
    )
    def test_what_is_no_list_is_malformed_and_quotes_nothing(self, zipped: bytes) -> None:
        with pytest.raises(ProviderFailure) as caught:
            list(read_user_list(zipped))
        assert caught.value.code == "answer_malformed"
        assert caught.value.__context__ is None

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("2020-01-01T12:00:00", datetime(2020, 1, 1, 9, tzinfo=UTC)),
            ("2020-01-01T12:00:00+00:00", datetime(2020, 1, 1, 12, tzinfo=UTC)),
            ("2020-01-01T12:00:00Z", datetime(2020, 1, 1, 12, tzinfo=UTC)),
            ("", None),
            (None, None),
            ("yesterday", None),
        ],
    )
    def test_a_time_without_offset_is_istanbuls(self, text: str | None, expected: datetime | None) -> None:
        assert moment(text) == expected


def test_a_mailbox_dies_at_its_hour() -> None:
    alias = Alias("urn:mail:pk@a", until=NOW)
    assert Taxpayer("1", "", (alias,)).mailboxes(NOW - timedelta(seconds=1)) == ("urn:mail:pk@a",)
    assert Taxpayer("1", "", (alias,)).mailboxes(NOW) == ()


class TestHead:
    def test_an_invoice_says_who_it_is_and_prints_nobody(self) -> None:
        if not SIGNED.exists():
            pytest.skip("the reference material is not here")
        head = read_head(SIGNED.read_bytes())
        assert (head.profile, len(head.number), len(head.ettn)) == ("TEMELFATURA", 16, 36)
        assert (head.supplier, head.customer) == ("1234567808", "10000000146")
        assert head.customer not in repr(head)
        assert head.customer_name
        assert head.customer_name not in repr(head)

    @pytest.mark.parametrize("content", [b"", b"text", b"<a/>", b"<!DOCTYPE a><Invoice/>"])
    def test_anything_else_is_refused(self, content: bytes) -> None:
        with pytest.raises(ProviderFailure) as caught:
            read_head(content)
        assert (caught.value.kind, caught.value.field) == ("permanent", "xml_base64")


def test_a_file_may_stand_in_one_text_where_that_is_said() -> None:
    from connectors.xml import parse, text_at

    long = b"<a><b>" + b"A" * 11_000_000 + b"</b></a>"
    assert len(text_at(parse(long, long_texts=True), "b")) == 11_000_000
    with pytest.raises(ProviderFailure, match="answer_malformed"):
        parse(long)
