from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from connectors.secret import Secret
from hub.control import consents, grounds
from hub.control.consent_record import NewConsent
from hub.db.database import Database
from hub.errors import HubError
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.audit import Actor
from hub.kvkk.audit_listing import entries
from hub.migrations.connections import outside_transaction
from hub.settings import Settings
from hub.validation import InvalidInput, checked

MakeTenant = Callable[..., str]
TCKN = "10000000146"
GIVEN = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def keyring(settings: Settings, database: Database) -> Keyring:
    return Keyring(database, read_master_key(settings.master_key_file))


@pytest.fixture
def tenant_id(make_tenant: MakeTenant) -> str:
    return make_tenant()


def values(**changes: Any) -> dict[str, Any]:
    return {
        "purpose": "credit_assessment",
        "data_categories": ["KIMLIK", "FINANS"],
        "retention_period": "P1Y",
        "consent_text": "Kredi raporumun sorgulanmasına açık rıza veriyorum.",
        "text_version": "v3",
        "notice_id": "aydinlatma-2026-01",
        "given_at": GIVEN.isoformat(),
        "channel": "web",
        "evidence_ref": "form-4711",
        **changes,
    }


def recorded(database: Database, tenant_id: str, subject: str = "tckn_aaa", **changes: Any) -> consents.Consent:
    return consents.record(
        database, tenant_id, kind="tckn", subject=subject, new=checked(NewConsent, values(**changes))
    )


def problems(**changes: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        checked(NewConsent, values(**changes))
    return {problem.field: problem.code for problem in refused.value.problems}


class TestFields:
    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [
            ("purpose", "Kredi sorgusu", "field_not_a_purpose"),
            ("legal_basis", "contract", "field_not_in_list"),
            ("data_categories", [], "field_empty"),
            ("data_categories", ["FINANCE"], "field_not_a_category"),
            ("data_categories", ["SAGLIK"], "field_basis_not_special"),
            ("retention_period", "forever", "field_not_a_duration"),
            ("retention_period", "P0D", "field_not_a_duration"),
            ("retention_period", 0, "field_not_a_duration"),
            ("consent_text", "", "field_empty"),
            ("given_at", "2026-03-01T09:30:00", "field_without_time_zone"),
            ("given_at", "2126-03-01T09:30:00+03:00", "field_in_the_future"),
            ("expires_at", GIVEN.isoformat(), "field_expires_before_given"),
            ("ip_address", "300.1.1.1", "field_not_an_address"),
            ("channel", "pigeon", "field_not_in_list"),
        ],
    )
    def test_a_wrong_field_is_named_with_its_reason(self, field: str, value: object, code: str) -> None:
        found = problems(**{field: value})

        assert found == {("legal_basis" if code == "field_basis_not_special" else field): code}

    @pytest.mark.parametrize("missing", ["purpose", "consent_text", "notice_id", "evidence_ref", "retention_period"])
    def test_what_makes_a_consent_provable_is_required(self, missing: str) -> None:
        stated = values()
        del stated[missing]

        with pytest.raises(InvalidInput) as refused:
            checked(NewConsent, stated)
        assert [problem.code for problem in refused.value.problems] == ["field_missing"]

    def test_days_become_a_duration(self) -> None:
        assert checked(NewConsent, values(retention_period=90)).retention_period == "P90D"

    def test_special_categories_need_the_special_basis(self) -> None:
        checked(NewConsent, values(data_categories=["SAGLIK"], legal_basis="s_explicit_consent"))


class TestSubject:
    def test_a_person_is_known_by_the_pseudonym_of_the_tenants_data(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant
    ) -> None:
        one, other = make_tenant(), make_tenant()
        pseudonym = grounds.subject_pseudonym(keyring, one, "tckn", Secret("100 000 001 46"))

        assert pseudonym == keyring.tenant(one).pseudonymiser().one("tckn", TCKN)
        assert pseudonym != grounds.subject_pseudonym(keyring, other, "tckn", Secret(TCKN))
        assert TCKN not in pseudonym

    @pytest.mark.parametrize(
        ("kind", "value"), [("tckn", "10000000147"), ("tckn", "x"), ("vkn", "1234567891"), ("email", "ali")]
    )
    def test_what_is_no_such_identifier_is_refused_without_repeating_it(
        self, keyring: Keyring, tenant_id: str, kind: Any, value: str
    ) -> None:
        with pytest.raises(HubError, match="subject_malformed") as refused:
            grounds.subject_pseudonym(keyring, tenant_id, kind, Secret(value))
        assert value not in str(refused.value.params.values())


class TestRecord:
    def test_every_field_is_kept_and_the_texts_hash_with_it(self, database: Database, tenant_id: str) -> None:
        consent = recorded(
            database, tenant_id, ip_address="192.0.2.7", recipients=["KKB"], transfer_abroad=True, source="HS_WEB"
        )

        with database.tenant(tenant_id, "app") as connection:
            row = connection.execute(
                "SELECT encode(sha256(convert_to(consent_text, 'UTF8')), 'hex') = consent_text_sha256,"
                " host(ip_address), recipients, transfer_abroad, source, data_subject FROM hub.consents WHERE id = %s",
                (consent.consent_id,),
            ).fetchone()
        assert row == (True, "192.0.2.7", ["KKB"], True, "HS_WEB", "tckn_aaa")
        assert consent.data_categories == ("KIMLIK", "FINANS")

    def test_a_recorded_consent_cannot_be_changed_or_deleted(self, database: Database, tenant_id: str) -> None:
        recorded(database, tenant_id)

        for statement in (
            "UPDATE hub.consents SET purpose = 'other'",
            "UPDATE hub.consents SET given_at = now()",
            "DELETE FROM hub.consents",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), database.tenant(tenant_id, "app") as connection:
                connection.execute(statement)

    def test_a_renewal_supersedes_the_same_persons_consent_to_the_same_purpose_only(
        self, database: Database, tenant_id: str
    ) -> None:
        first = recorded(database, tenant_id)
        renewed = recorded(database, tenant_id, supersedes_id=str(first.consent_id))

        assert renewed.supersedes_id == first.consent_id
        for subject, changes in (("tckn_bbb", {}), ("tckn_aaa", {"purpose": "marketing"})):
            with pytest.raises(HubError, match="consent_unknown"):
                recorded(database, tenant_id, subject, supersedes_id=str(first.consent_id), **changes)

    def test_another_tenants_consent_cannot_be_superseded_or_withdrawn(
        self, database: Database, make_tenant: MakeTenant, tenant_id: str
    ) -> None:
        foreign = recorded(database, make_tenant())

        with pytest.raises(HubError, match="consent_unknown"):
            recorded(database, tenant_id, supersedes_id=str(foreign.consent_id))
        with pytest.raises(HubError, match="consent_unknown"):
            consents.withdraw(database, tenant_id, foreign.consent_id, channel="web", reason=None)


class TestActive:
    def active(self, database: Database, tenant_id: str, at: datetime, **changes: str) -> bool:
        asked = {"subject": "tckn_aaa", "purpose": "credit_assessment", **changes}
        return consents.active(database, tenant_id, asked["subject"], asked["purpose"], at) is not None

    def test_a_consent_is_active_from_its_giving_until_its_expiry(self, database: Database, tenant_id: str) -> None:
        recorded(database, tenant_id, expires_at=(GIVEN + timedelta(days=10)).isoformat())

        assert not self.active(database, tenant_id, GIVEN - timedelta(seconds=1))
        assert self.active(database, tenant_id, GIVEN)
        assert self.active(database, tenant_id, GIVEN + timedelta(days=10, microseconds=-1))
        assert not self.active(database, tenant_id, GIVEN + timedelta(days=10))

    def test_a_consent_serves_its_own_person_purpose_and_tenant_only(
        self, database: Database, make_tenant: MakeTenant, tenant_id: str
    ) -> None:
        recorded(database, tenant_id)

        assert not self.active(database, tenant_id, GIVEN, subject="tckn_bbb")
        assert not self.active(database, tenant_id, GIVEN, purpose="marketing")
        assert not self.active(database, make_tenant(), GIVEN)

    def test_a_withdrawn_consent_is_active_at_no_time(self, database: Database, tenant_id: str) -> None:
        consent = recorded(database, tenant_id)
        after = consents.withdraw(database, tenant_id, consent.consent_id, channel="email", reason="asked")

        assert after.withdrawn_at is not None
        assert not self.active(database, tenant_id, GIVEN)
        assert not self.active(database, tenant_id, datetime.now(UTC) + timedelta(days=1))

    def test_one_query_answers_for_a_page_of_people(self, database: Database, tenant_id: str) -> None:
        one = recorded(database, tenant_id, "tckn_aaa")
        two = recorded(database, tenant_id, "tckn_bbb")

        found = consents.active_many(
            database, tenant_id, ["tckn_aaa", "tckn_bbb", "tckn_ccc"], "credit_assessment", GIVEN
        )
        assert found == {"tckn_aaa": one.consent_id, "tckn_bbb": two.consent_id}


class TestWithdraw:
    def test_a_consent_is_withdrawn_once(self, database: Database, tenant_id: str) -> None:
        consent = recorded(database, tenant_id)
        first = consents.withdraw(database, tenant_id, consent.consent_id, channel="web", reason=None)

        with pytest.raises(HubError, match="consent_already_withdrawn"):
            consents.withdraw(database, tenant_id, consent.consent_id, channel="email", reason=None)
        assert consents.listed(database, tenant_id)[0].withdrawn_at == first.withdrawn_at

    def test_an_unknown_consent_cannot_be_withdrawn(self, database: Database, tenant_id: str) -> None:
        with pytest.raises(HubError, match="consent_unknown"):
            consents.withdraw(database, tenant_id, uuid4(), channel="web", reason=None)


class TestProof:
    def test_is_the_exact_text_with_its_hash_version_and_notice(self, database: Database, tenant_id: str) -> None:
        text = "Kredi raporumun\n sorgulanmasına  açık rıza veriyorum. "
        consent = recorded(database, tenant_id, consent_text=text)
        proof = consents.proof(database, tenant_id, consent.consent_id)
        assert (proof.consent_text, proof.text_verified, proof.language) == (text, True, "tr")
        assert (proof.consent.text_version, proof.notice_id) == ("v3", "aydinlatma-2026-01")

    def test_does_not_hold_where_text_and_hash_were_exchanged_together(
        self, settings: Settings, database: Database, tenant_id: str
    ) -> None:
        consent = recorded(database, tenant_id)
        with outside_transaction(settings, "data") as owner:
            owner.execute("ALTER TABLE hub.consents DISABLE TRIGGER consents_append_only")
            try:
                owner.execute(
                    "UPDATE hub.consents SET consent_text = 'Pazarlamaya izin veriyorum.', consent_text_sha256 ="
                    " encode(sha256(convert_to('Pazarlamaya izin veriyorum.', 'UTF8')), 'hex')"
                    " WHERE tenant_id = %s AND id = %s",
                    (tenant_id, consent.consent_id),
                )
            finally:
                owner.execute("ALTER TABLE hub.consents ENABLE TRIGGER consents_append_only")
        assert not consents.proof(database, tenant_id, consent.consent_id).text_verified

    def test_every_act_with_a_consent_is_in_the_audit_log_by_whom_it_was_done(
        self, database: Database, tenant_id: str
    ) -> None:
        actor = Actor("ayşe", "operator")
        new = checked(NewConsent, values())
        consent = consents.record(database, tenant_id, kind="tckn", subject="tckn_aaa", new=new, actor=actor)
        consents.withdraw(database, tenant_id, consent.consent_id, channel="web", reason=None, actor=actor)
        consents.proof(database, tenant_id, consent.consent_id, actor=actor)
        logged = [line for line in entries(database, tenant_id) if line.action.startswith("consent.")]
        assert [line.action for line in logged] == ["consent.recorded", "consent.withdrawn", "consent.shown"]
        assert {(line.actor, line.object, line.purpose) for line in logged} == {
            ("ayşe", f"consent:{consent.consent_id}", "credit_assessment")
        }

    def test_a_withdrawal_that_is_refused_leaves_no_entry(self, database: Database, tenant_id: str) -> None:
        consent = recorded(database, tenant_id)
        consents.withdraw(database, tenant_id, consent.consent_id, channel="web", reason=None)
        before = len(list(entries(database, tenant_id)))
        with pytest.raises(HubError, match="consent_already_withdrawn"):
            consents.withdraw(database, tenant_id, consent.consent_id, channel="web", reason=None)
        assert len(list(entries(database, tenant_id))) == before


class TestListed:
    def test_the_list_is_narrowed_by_person_purpose_and_time(self, database: Database, tenant_id: str) -> None:
        old = recorded(database, tenant_id, expires_at=(GIVEN + timedelta(days=1)).isoformat())
        new = recorded(database, tenant_id, given_at=(GIVEN + timedelta(days=5)).isoformat())
        other = recorded(database, tenant_id, "tckn_bbb", purpose="marketing")

        def ids(**narrow: Any) -> set[object]:
            return {consent.consent_id for consent in consents.listed(database, tenant_id, **narrow)}

        assert ids() == {old.consent_id, new.consent_id, other.consent_id}
        assert ids(subject="tckn_bbb") == {other.consent_id}
        assert ids(purpose="credit_assessment", active_at=GIVEN + timedelta(days=6)) == {new.consent_id}
