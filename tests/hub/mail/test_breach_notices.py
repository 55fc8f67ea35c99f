"""The notice of a breach by mail: to each person once, whatever breaks, with what became of it in counts."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from hub.errors import HubError
from hub.keys.vault import Known, Vault
from hub.kvkk.audit_listing import entries
from hub.kvkk.breach.mailing import Mailing, deliver, mailing, note_sent, send_notices
from hub.kvkk.breach.register import close, register
from hub.kvkk.breach.told import tell_persons
from hub.kvkk.export.scope import Scope
from hub.kvkk.export.sections_records import mails_to
from hub.kvkk.person import Person
from hub.kvkk.stores import Hub
from hub.kvkk.stores.desk import DeskStore
from hub.mail import queue
from kvkk_policies.canonical import canonical
from kvkk_policies.gated import Gated, Identifier, Original
from tests.hub.kvkk.breach.conftest import ACTOR, WHOLE
from tests.hub.mail.conftest import PostOffice, empty_queue
from tests.support.shop import tckn

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.keys.keyring import Keyring


@dataclass
class Case:
    """A breach of a tenant, and those whom it concerns."""

    database: Database
    keyring: Keyring
    tenant: str
    breach: UUID
    listed: list[UUID] = field(default_factory=list[UUID])

    def person(self, number: int, *emails: str, kind: str = "tckn") -> UUID:
        """Somebody with these addresses in the vault, listed among those concerned; their subject."""
        keys = self.keyring.tenant(self.tenant)
        made = keys.pseudonymiser()
        anchor = (kind, made.one(kind, tckn(number)))
        gated = Gated(table=None, undeclared={}, masked={}, texts_dropped=0)  # pyright: ignore[reportArgumentType]
        gated.identifiers = [Identifier(*anchor, anchor, "strong" if kind == "tckn" else "weak", kind)]
        for email in emails:
            pseudonym = made.one("email", canonical("email", email) or email)
            gated.originals.append(Original("email", pseudonym, anchor, email))
            gated.identifiers.append(Identifier("email", pseudonym, anchor, "weak", "email"))
        Vault(self.database, self.keyring).store(self.tenant, "x.y", gated, Known())
        return self.list(UUID(keys.subject_id(*anchor)))

    def list(self, subject: UUID) -> UUID:
        self.sql(
            "INSERT INTO hub.breach_subjects (tenant_id, breach_id, subject_id, found_by) VALUES (%s, %s, %s, 'audit')",
            self.tenant,
            self.breach,
            subject,
        )
        self.listed.append(subject)
        return subject

    def link(self, one: UUID, other: UUID) -> None:
        with self.database.tenant(self.tenant, "vault") as connection:
            connection.execute(
                "INSERT INTO vault.links (tenant_id, subject_id, other_subject_id, reason, made_by)"
                " VALUES (%s, %s, %s, 'same_person', 'reviewer')",
                (self.tenant, *sorted((one, other))),
            )

    def send(self) -> Mailing:
        return send_notices(self.database, self.keyring, self.tenant, self.breach, language="tr", actor=ACTOR)

    def sql(self, statement: str, *given: Any) -> list[tuple[Any, ...]]:
        with self.database.tenant(self.tenant, "app") as connection:
            cursor = connection.execute(statement, given or None)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def make_due(self) -> None:
        self.sql("UPDATE hub.mails SET next_try_at = now() WHERE state IN ('pending', 'sending')")

    def proofs(self) -> dict[UUID, str | None]:
        return dict(self.sql("SELECT subject_id, evidence_ref FROM hub.breach_subjects"))  # type: ignore[arg-type]


@pytest.fixture
def case(database: Database, keyring: Keyring, make_tenant: Callable[..., str]) -> Iterator[Case]:
    empty_queue(database)
    tenant = make_tenant()
    breach = register(database, keyring, tenant, learned_at=datetime.now(UTC), fields=WHOLE, actor=ACTOR)
    one = Case(database, keyring, tenant, breach.breach_id)
    yield one
    one.sql("DELETE FROM hub.mails")
    with contextlib.suppress(HubError):
        close(database, tenant, breach.breach_id, false_alarm=True, actor=ACTOR)


def to(office: PostOffice) -> list[str]:
    return sorted(str(mail["To"]) for mail in office.mails)


def test_everybody_is_mailed_once_and_counts_as_told(case: Case, office: PostOffice) -> None:
    ali, can = case.person(100_000_001, "ali@ornek.com.tr"), case.person(100_000_002, "can@ornek.com.tr")
    nobody = case.person(100_000_003)

    assert case.send() == Mailing(3, queued=2, waiting=2, no_address=1)
    assert deliver(case.database, case.keyring, office.server) == {"sent": 2}
    assert case.send() == Mailing(3, sent=2, no_address=1)
    assert deliver(case.database, case.keyring, office.server) == {}

    assert to(office) == ["ali@ornek.com.tr", "can@ornek.com.tr"]
    text = office.mails[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert office.mails[0]["Subject"].endswith("kişisel verilerinizle ilgili ihlal bildirimi")
    assert "Bilmediğiniz numaraları açmayın." in text
    proofs = case.proofs()
    assert {str(each).partition(":")[0] for each in (proofs[ali], proofs[can])} == {"mail"}
    assert proofs[nobody] is None


def test_addresses_are_read_for_the_purpose_by_count_and_nothing_in_the_log_or_the_queue_shows_one(
    case: Case,
) -> None:
    for number in range(3):
        case.person(100_000_010 + number, f"kisi{number}@ornek.com.tr")
    case.send()

    reads = [each for each in entries(case.database, case.tenant) if each.action == "original_read"]
    assert [(each.purpose, each.count, each.object) for each in reads] == [
        ("breach_notice", 3, f"breach:{case.breach}")
    ]
    queued = [each for each in entries(case.database, case.tenant) if each.action == "breach.notices_queued"]
    assert [each.count for each in queued] == [3]
    stored = case.sql("SELECT m::text FROM hub.mails m") + case.sql("SELECT a::text FROM hub.audit_log a")
    assert "ornek.com.tr" not in str(stored)


def test_subjects_of_one_person_get_one_mail_and_are_all_told_by_it(case: Case, office: PostOffice) -> None:
    first = case.person(100_000_020, "ayse@ornek.com.tr")
    second = case.person(100_000_021, "a.yilmaz@ornek.com.tr", kind="device")
    case.link(first, second)
    same = case.person(100_000_022, "AYSE@ornek.com.tr", kind="phone")

    assert case.send() == Mailing(1, queued=1, waiting=1)
    deliver(case.database, case.keyring, office.server)

    assert [each.lower() for each in to(office)] == ["ayse@ornek.com.tr"]  # which two of the three have
    assert len({case.proofs()[each] for each in (first, second, same)}) == 1
    assert case.send() == Mailing(1, sent=1)


def test_a_link_that_is_made_after_the_mail_brings_no_second_one(case: Case, office: PostOffice) -> None:
    mailed = case.person(100_000_030, "once@ornek.com.tr")
    case.send()
    late = case.person(100_000_031, "baska@ornek.com.tr")
    case.link(mailed, late)

    assert case.send() == Mailing(1, waiting=1)
    deliver(case.database, case.keyring, office.server)
    assert to(office) == ["once@ornek.com.tr"]


def test_people_with_different_identity_numbers_and_addresses_are_different(case: Case, office: PostOffice) -> None:
    case.person(100_000_040, "bir@ornek.com.tr")
    case.person(100_000_041, "iki@ornek.com.tr")
    case.send()
    deliver(case.database, case.keyring, office.server)

    assert to(office) == ["bir@ornek.com.tr", "iki@ornek.com.tr"]


def test_people_with_different_identity_numbers_at_one_mailbox_get_one_mail_there(
    case: Case, office: PostOffice
) -> None:
    both = [case.person(100_000_045 + number, "aile@ornek.com.tr") for number in range(2)]
    assert case.send() == Mailing(1, queued=1, waiting=1)
    deliver(case.database, case.keyring, office.server)

    assert to(office) == ["aile@ornek.com.tr"]
    assert None not in {case.proofs()[each] for each in both}


def test_an_unknown_outcome_is_shown_and_never_sent_again_by_itself(case: Case, office: PostOffice) -> None:
    subject = case.person(100_000_050, "belki@ornek.com.tr")
    case.send()
    ((mail_id,),) = case.sql("SELECT mail_id FROM hub.mails")
    assert queue.claim(case.database, case.keyring.tenant(case.tenant), mail_id) is not None  # and the process dies
    case.make_due()
    assert deliver(case.database, case.keyring, office.server) == {"unknown": 1}

    assert case.send() == Mailing(1, unknown=1)
    assert deliver(case.database, case.keyring, office.server) == {}
    assert office.mails == []
    assert case.proofs()[subject] is None
    queue.decide(case.database, case.tenant, mail_id, "sent", ACTOR)  # a person has looked
    assert case.send() == Mailing(1, sent=1)
    assert case.proofs()[subject] == f"mail:{mail_id}"


def test_a_process_that_dies_after_the_mail_and_before_the_proof_is_made_good(case: Case, office: PostOffice) -> None:
    from hub.mail.drain import drain

    subject = case.person(100_000_060, "oldu@ornek.com.tr")
    case.send()
    drain(case.database, case.keyring, office.server)  # what `deliver` does before it notes
    assert case.proofs()[subject] is None

    assert note_sent(case.database, case.tenant, case.breach) == 1
    assert note_sent(case.database, case.tenant, case.breach) == 0
    assert len(office.mails) == 1


def test_queueing_that_is_broken_off_goes_on_where_it_was(
    case: Case, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hub.kvkk.breach import mailing as module

    monkeypatch.setattr(module, "AT_ONCE", 1)
    for number in range(3):
        case.person(100_000_070 + number, f"sira{number}@ornek.com.tr")
    real, calls = module.enqueue, 0

    def breaks(*given: Any, **more: Any) -> bool:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise RuntimeError
        return real(*given, **more)

    monkeypatch.setattr(module, "enqueue", breaks)
    with pytest.raises(RuntimeError):
        case.send()
    assert mailing(case.database, case.tenant, case.breach) == Mailing(3, waiting=2, without_mail=1)
    assert case.send() == Mailing(3, queued=1, waiting=3)
    deliver(case.database, case.keyring, office.server)
    assert to(office) == [f"sira{number}@ornek.com.tr" for number in range(3)]


def test_a_refused_address_fails_and_the_others_go(case: Case, office: PostOffice) -> None:
    office.refuse_recipients = {"yok@ornek.com.tr": "550 no such user"}
    refused = case.person(100_000_080, "yok@ornek.com.tr")
    case.person(100_000_081, "var@ornek.com.tr")
    case.send()
    deliver(case.database, case.keyring, office.server)

    assert case.send() == Mailing(2, sent=1, failed=1)
    assert case.proofs()[refused] is None


def test_an_address_that_no_mail_can_go_to_gives_way_to_the_next_and_a_destroyed_one_is_none(
    case: Case, office: PostOffice
) -> None:
    two = case.person(100_000_090, "ayşe yılmaz@örnek", "ikinci@ornek.com.tr")
    gone = case.person(100_000_091, "silindi@ornek.com.tr")
    with case.database.tenant_keys(case.tenant) as connection:
        connection.execute(
            "UPDATE keys.subject_keys SET wrapped_key = NULL, destroyed_at = now() WHERE subject_id = %s", (gone,)
        )

    assert case.send() == Mailing(2, queued=1, waiting=1, no_address=1)
    deliver(case.database, case.keyring, office.server)
    assert to(office) == ["ikinci@ornek.com.tr"]
    assert case.proofs()[two] is not None


def test_whoever_was_told_another_way_is_not_mailed(case: Case) -> None:
    told = case.person(100_000_100, "posta@ornek.com.tr")
    tell_persons(
        case.database, case.tenant, case.breach, how="direct", evidence={told: "posta-1"}, at=None, actor=ACTOR
    )

    assert case.send() == Mailing(1, told=1)
    assert case.sql("SELECT 1 FROM hub.mails") == []


def test_a_mailbox_noted_as_several_peoples_is_nobodys(case: Case) -> None:
    case.person(100_000_110, "info@ornek.com.tr")
    with case.database.tenant(case.tenant, "vault") as connection:
        connection.execute(
            "INSERT INTO vault.shared_identifiers (tenant_id, kind, pseudonym, reason, noted_by)"
            " SELECT tenant_id, kind, pseudonym, 'switchboard', 'x' FROM vault.identifiers WHERE kind = 'email'"
        )

    assert case.send() == Mailing(1, no_address=1)


def test_a_dry_run_reads_nothing_and_queues_nothing(case: Case) -> None:
    case.person(100_000_120, "sayim@ornek.com.tr")

    assert mailing(case.database, case.tenant, case.breach) == Mailing(1, without_mail=1)
    assert case.sql("SELECT 1 FROM hub.mails") == []
    assert "original_read" not in {each.action for each in entries(case.database, case.tenant)}


def test_a_closed_breach_and_an_unfinished_notice_send_nothing(case: Case, make_tenant: Callable[..., str]) -> None:
    case.person(100_000_130, "kapali@ornek.com.tr")
    bare = register(
        case.database,
        case.keyring,
        case.tenant,
        learned_at=datetime.now(UTC),
        fields={"sources": ["loss"]},
        actor=ACTOR,
    )
    with pytest.raises(HubError, match="breach_notice_incomplete"):
        send_notices(case.database, case.keyring, case.tenant, bare.breach_id, language="tr", actor=ACTOR)
    for each in (bare.breach_id, case.breach):
        close(case.database, case.tenant, each, false_alarm=True, actor=ACTOR)
    with pytest.raises(HubError, match="breach_closed"):
        case.send()
    with pytest.raises(HubError, match="breach_unknown"):
        mailing(case.database, make_tenant(), case.breach)


def test_an_erasure_takes_the_notice_with_the_address(case: Case) -> None:
    subject, other = case.person(100_000_140, "silinecek@ornek.com.tr"), case.person(100_000_141, "kalan@ornek.com.tr")
    case.send()
    hub = Hub(case.database, case.keyring, {}, {})
    person = Person(case.tenant, {subject.hex: "strong"}, frozenset(), frozenset())
    store = DeskStore(hub, case.database.settings.home / "exports")

    scope = Scope(case.tenant, frozenset({subject.hex}), (), frozenset(), frozenset(), frozenset())
    assert [each["template"] for each in mails_to(case.database, scope)] == ["breach_notice"]  # in an export until then
    assert [(each.dataset, each.records) for each in store.find(person)] == [("hub.mails", 1)]
    store.erase(person, before=None)  # type: ignore[arg-type]
    assert store.find(person) == []
    assert case.sql("SELECT split_part(about, ':', 3) FROM hub.mails") == [(other.hex,)]
