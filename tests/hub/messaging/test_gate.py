"""A message is judged when it is sent: what was true when it was queued may be over by now."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta
from typing import Any

import psycopg
import pytest

from connectors.sandbox.faults import Fault
from hub.control import consents, messaging
from hub.iys import changes, states
from hub.keys.keyring import Keyring
from hub.messaging import opt_outs
from hub.messaging.checks import SEND, Refuse, SendCheck, Verdict, Wait
from hub.messaging.gate import UNREACHABLE_WAIT, ask_ahead, judge
from hub.templates import store
from hub.templates.new_template import NewTemplate
from tests.conftest import MakeTenant
from tests.support.brand import EMAIL, OTHER, PHONE, Brand

STATUS = "/consents/status"


def verdict(brand: Brand, check: SendCheck | None = None, now: datetime | None = None) -> Verdict:
    (found,) = judge(brand.database, brand.keyring, brand.tenant_id, [check or brand.check()], now or brand.now)
    return found


def asked(brand: Brand) -> int:
    return sum(count for (_, _, path), count in brand.sandbox.world.requests.items() if path.endswith(STATUS))


@pytest.fixture
def willing(brand: Brand) -> Brand:
    """Somebody who consented, and whose permission İYS has."""
    brand.says("marketing")
    brand.says("commercial_message")
    brand.at_iys("ONAY")
    return brand


class TestConsent:
    def test_who_consented_and_is_permitted_at_iys_is_sent_to(self, willing: Brand) -> None:
        assert verdict(willing) == SEND

    def test_a_consent_withdrawn_between_queue_and_send_refuses(self, brand: Brand) -> None:
        consent = brand.says("marketing")
        brand.at_iys("ONAY")
        assert verdict(brand) == SEND
        consents.withdraw(brand.database, brand.tenant_id, consent.consent_id, channel="web", reason=None)
        assert verdict(brand) == Refuse("consent_withdrawn")

    def test_a_withdrawal_is_meant_for_every_earlier_consent_to_the_purpose(self, willing: Brand) -> None:
        again = willing.says("marketing", ago=timedelta(hours=1))
        consents.withdraw(willing.database, willing.tenant_id, again.consent_id, channel="web", reason=None)
        assert verdict(willing) == Refuse("consent_withdrawn")

    def test_an_expired_consent_refuses(self, brand: Brand) -> None:
        brand.says("marketing", expires_at=brand.now - timedelta(minutes=1))
        brand.at_iys("ONAY")
        assert verdict(brand) == Refuse("consent_withdrawn")
        assert verdict(brand, now=brand.now - timedelta(minutes=2)) == SEND

    def test_a_permission_is_no_consent_and_a_consent_no_permission(self, brand: Brand) -> None:
        brand.says("commercial_message")
        brand.at_iys("ONAY")
        assert verdict(brand) == Refuse("consent_missing")
        brand.says("marketing", OTHER)
        assert verdict(brand, brand.check(OTHER)) == Refuse("iys_no_permission")

    def test_a_consent_to_another_purpose_or_of_another_tenant_does_not_count(
        self, willing: Brand, make_tenant: MakeTenant
    ) -> None:
        assert verdict(willing, willing.check(purpose="survey")) == Refuse("consent_missing")
        assert verdict(willing, willing.check(purpose=None)) == Refuse("purpose_missing")
        (found,) = judge(willing.database, willing.keyring, make_tenant(), [willing.check()], willing.now)
        assert found == Refuse("consent_missing")

    def test_a_permission_taken_back_here_holds_before_iys_has_heard_of_it(self, willing: Brand) -> None:
        (permission,) = consents.listed(willing.database, willing.tenant_id, purpose="commercial_message")
        consents.withdraw(willing.database, willing.tenant_id, permission.consent_id, channel="sms", reason=None)
        assert verdict(willing) == Refuse("permission_withdrawn")

    def test_a_consent_given_with_an_identity_number_is_its_owners_phones_too(self, brand: Brand) -> None:
        number = "10000000146"
        brand.says("marketing", number, kind="tckn")
        brand.at_iys("ONAY")
        assert verdict(brand) == Refuse("consent_missing")
        _known(brand, "tckn", number, PHONE)
        assert verdict(brand) == SEND
        _known(brand, "tckn", "10000000214", PHONE)
        assert verdict(brand) == Refuse("consent_missing"), "two people have the phone"


class TestOptOut:
    def test_a_stop_between_queue_and_send_refuses(self, willing: Brand) -> None:
        assert verdict(willing) == SEND
        _opt_out(willing)
        assert verdict(willing) == Refuse("opted_out")
        assert verdict(willing, willing.check(EMAIL)) != Refuse("opted_out")

    def test_a_service_message_goes_out_all_the_same_unless_nothing_is_wanted(self, brand: Brand) -> None:
        service = brand.check(commercial=False, purpose=None)
        _opt_out(brand)
        assert verdict(brand, service) == SEND
        _opt_out(brand, scope="all")
        assert verdict(brand, service) == Refuse("opted_out_of_all")
        _opt_out(brand, scope="commercial")
        assert verdict(brand, service) == Refuse("opted_out_of_all"), "the wider word stays"

    def test_a_later_permission_ends_it(self, willing: Brand) -> None:
        _opt_out(willing, at=willing.now - timedelta(minutes=30))
        assert verdict(willing) == Refuse("opted_out")
        willing.says("commercial_message", ago=timedelta(minutes=10))
        assert verdict(willing) == SEND

    def test_it_outlives_the_erasure_of_the_person(self, willing: Brand, keyring: Keyring) -> None:
        from connectors.registry import PROVIDERS
        from hub.kvkk.person import find_person
        from hub.kvkk.stores import Hub
        from hub.kvkk.stores.messaging import MessagingStore

        _opt_out(willing)
        verdict(willing, willing.check(OTHER))
        recipient = willing.pseudonym()
        subject = _known(willing, "phone", PHONE, PHONE)
        person = find_person(willing.database, keyring, willing.tenant_id, [("phone", recipient)])
        assert subject in person.subjects
        store = MessagingStore(Hub(willing.database, keyring, PROVIDERS, {}))
        later = datetime.now(UTC) + timedelta(minutes=1)
        assert store.verify(person, before=later) > 0
        assert {each.dataset for each in store.find(person)} >= {"hub.opt_outs"}
        store.erase(person, before=later)
        assert store.verify(person, before=later) == 0
        with willing.database.tenant(willing.tenant_id, "app") as connection:
            rows = connection.execute(
                "SELECT recipient FROM hub.opt_outs WHERE tenant_id = %s", (willing.tenant_id,)
            ).fetchall()
        assert rows
        assert recipient not in {row[0] for row in rows}
        assert verdict(willing) == Refuse("opted_out")


class TestIys:
    def test_a_refusal_at_iys_between_queue_and_send_refuses(self, willing: Brand) -> None:
        assert verdict(willing) == SEND
        willing.book.citizen(willing.company, recipient=PHONE, status="RET")
        assert verdict(willing, now=willing.now + states.FRESH) == Refuse("iys_refused")

    def test_a_refusal_that_was_heard_holds_at_once_whatever_was_answered_before(self, willing: Brand) -> None:
        from hub.iys.accounts import account_of

        assert verdict(willing) == SEND
        willing.book.citizen(willing.company, recipient=PHONE, status="RET")
        account = account_of(willing.database, willing.keyring, willing.tenant_id)
        assert account is not None
        heard = changes.pull(willing.database, willing.keyring, willing.tenant_id, account, willing.now)
        assert heard is not None
        assert heard.refusals >= 1
        assert verdict(willing) == Refuse("iys_refused")

    def test_an_answer_is_gone_by_for_a_day_and_not_longer(self, willing: Brand) -> None:
        assert verdict(willing) == verdict(willing, now=willing.now + states.FRESH - timedelta(seconds=1)) == SEND
        assert asked(willing) == 1
        assert verdict(willing, now=willing.now + states.FRESH) == SEND
        assert asked(willing) == 2

    def test_an_answer_from_the_future_is_not_gone_by(self, willing: Brand) -> None:
        verdict(willing, now=willing.now + timedelta(hours=5))
        assert verdict(willing) == SEND
        assert asked(willing) == 2

    def test_that_iys_has_nothing_is_remembered_too(self, brand: Brand) -> None:
        brand.says("marketing")
        assert [verdict(brand) for _ in range(2)] == [Refuse("iys_no_permission")] * 2
        assert asked(brand) == 1

    @pytest.mark.parametrize("kind", ["server_error", "credentials_expired", "redirect"])
    def test_while_iys_cannot_be_asked_nothing_commercial_goes_out(self, willing: Brand, kind: Any) -> None:
        willing.sandbox.world.faults.add(Fault(kind, company=willing.company))
        assert verdict(willing) == Wait(willing.now + UNREACHABLE_WAIT, "iys_unreachable")
        assert verdict(willing, willing.check(commercial=False)) == SEND
        willing.sandbox.world.faults.clear()
        assert verdict(willing) == SEND

    def test_what_iys_does_not_answer_in_time_waits(self, willing: Brand) -> None:
        willing.sandbox.world.faults.add(Fault("slow", company=willing.company, path="/sps/", seconds=30))
        given = (willing.database, willing.keyring, willing.tenant_id, [willing.check()], willing.now)
        unreachable = ask_ahead(*given, seconds=0.2)
        with willing.database.tenant(willing.tenant_id, "app") as connection:
            (found,) = judge(*given, connection=connection, unreachable=unreachable)
        assert found == Wait(willing.now + timedelta(minutes=1), "iys_asking")

    def test_a_tenant_without_an_account_sends_nothing_commercial_and_one_that_is_paused_waits(
        self, brand: Brand
    ) -> None:
        from hub.control import integrations

        brand.says("marketing")
        integrations.pause(brand.database, brand.tenant_id, "iys")
        assert verdict(brand) == Wait(brand.now + UNREACHABLE_WAIT, "iys_unreachable")
        with brand.database.tenant(brand.tenant_id, "app") as connection:
            connection.execute("DELETE FROM hub.integrations WHERE tenant_id = %s", (brand.tenant_id,))
        assert verdict(brand) == Refuse("iys_not_connected")

    def test_a_gateway_with_a_brand_is_asked_where_there_is_no_account_at_iys(self, willing: Brand) -> None:
        from connectors.netgsm import PROVIDER
        from connectors.sandbox.iys import tokens
        from tests.support.accounts import add_account

        willing.leave()
        codes = tokens.codes(willing.company)
        for settings, expected in (({}, Refuse("iys_not_connected")), ({"iys_brand_code": codes["brand_code"]}, SEND)):
            add_account(
                willing.database, willing.keyring, willing.sandbox, PROVIDER, willing.company,
                tenant_id=willing.tenant_id, **settings,
            )  # fmt: skip
            assert verdict(willing) == expected
        willing.book.citizen(willing.company, recipient=PHONE, status="RET")
        assert verdict(willing, now=willing.now + states.FRESH) == Refuse("iys_refused")

    def test_a_merchant_needs_no_permission_and_may_refuse(self, brand: Brand) -> None:
        merchant = brand.check(recipient_type="TACIR")
        assert verdict(brand, merchant) == SEND
        for status in ("ONAY", "RET"):
            brand.book.citizen(brand.company, recipient=PHONE, status=status, recipient_type="TACIR")
        assert verdict(brand, merchant, brand.now + states.FRESH) == Refuse("iys_refused")

    @pytest.mark.parametrize(
        ("changes_", "code"),
        [
            ({"value": "+902120000001"}, "iys_recipient_unfit"),
            ({"value": "90532-user", "kind": "whatsapp_user", "channel": "whatsapp"}, "iys_recipient_unfit"),
            ({"value": None, "pseudonym": "phone_aaaaaaaaaaaaaaaaaaaaaaaaaa"}, "iys_recipient_unknown"),
        ],
    )
    def test_whom_iys_cannot_know_is_refused_without_asking(
        self, brand: Brand, changes_: dict[str, Any], code: str
    ) -> None:
        check = brand.check(recipient_type="TACIR", **changes_)
        assert verdict(brand, check) == Refuse(code)
        assert asked(brand) == 0

    def test_a_number_that_only_the_vault_has_is_read_for_asking_with_an_entry_in_the_log(self, brand: Brand) -> None:
        from hub.kvkk.audit_listing import entries

        brand.says("marketing", keep=True)
        brand.at_iys("ONAY")
        assert verdict(brand, brand.check(None, pseudonym=brand.pseudonym())) == SEND
        read = [each for each in entries(brand.database, brand.tenant_id) if each.action == "original_read"]
        assert [(each.purpose, each.count) for each in read] == [("outbound_action", 1)]


class TestQuietHours:
    def test_commercial_messages_wait_for_the_morning_and_service_messages_do_not(self, willing: Brand) -> None:
        hour = willing.now.astimezone(messaging.ISTANBUL).time().replace(second=0, microsecond=0, tzinfo=None)
        until = time((hour.hour + 2) % 24, hour.minute)
        quiet = f"{hour:%H:%M}-{until:%H:%M}"
        messaging.change(willing.database, willing.tenant_id, {"quiet_hours": {"sms": quiet}})
        found = verdict(willing)
        assert isinstance(found, Wait)
        assert (found.code, found.until.astimezone(messaging.ISTANBUL).time()) == ("quiet_hours", until)
        assert asked(willing) == 0, "İYS is asked when the message may go out"
        assert verdict(willing, willing.check(commercial=False)) == SEND
        assert verdict(willing, now=found.until) == SEND


class TestBatches:
    def test_it_may_be_asked_from_where_an_event_loop_runs(self, willing: Brand) -> None:
        async def inside() -> Verdict:
            return verdict(willing)

        assert asyncio.run(inside()) == SEND

    def test_verdicts_stand_in_the_order_of_the_checks(self, willing: Brand) -> None:
        _opt_out(willing, OTHER)
        willing.says("marketing", OTHER)
        checks = [
            willing.check(OTHER),
            willing.check(),
            willing.check("+905320000003"),
            willing.check("+905320000003", commercial=False),
            willing.check(),
        ]
        found = judge(willing.database, willing.keyring, willing.tenant_id, checks, willing.now)
        assert list(found) == [Refuse("opted_out"), SEND, Refuse("consent_missing"), SEND, SEND]
        assert asked(willing) == 1
        assert judge(willing.database, willing.keyring, willing.tenant_id, [], willing.now) == []

    def test_a_batch_costs_no_more_statements_than_one_message(
        self, willing: Brand, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        counted = 0
        execute = psycopg.Connection.execute

        def counting(self: Any, *arguments: Any, **more: Any) -> Any:
            nonlocal counted
            counted += 1
            return execute(self, *arguments, **more)

        verdict(willing)
        monkeypatch.setattr(psycopg.Connection, "execute", counting)
        verdict(willing)
        alone, counted = counted, 0
        many = [willing.check(f"+90532{number:07}") for number in range(400)] + [willing.check()]
        found = judge(willing.database, willing.keyring, willing.tenant_id, many, willing.now)
        assert (found[-1], counted) == (SEND, alone)

    def test_a_commercial_template_makes_the_message_commercial(self, brand: Brand) -> None:
        new = NewTemplate("indirim", "sms", "commercial", "İndirim!", purpose="marketing")
        store.add(brand.database, brand.tenant_id, new)
        sly = brand.check(commercial=False, purpose=None, template="indirim")
        assert verdict(brand, sly) == Refuse("consent_missing")
        brand.says("marketing")
        brand.at_iys("ONAY")
        assert verdict(brand, sly) == SEND

    def test_a_check_hides_whom_it_is_about(self, brand: Brand) -> None:
        assert PHONE not in repr(brand.check())
        with pytest.raises(ValueError, match="names its recipient"):
            brand.check(None)


def _opt_out(brand: Brand, value: str = PHONE, **more: Any) -> None:
    opt_outs.record_opt_out(
        brand.database,
        brand.tenant_id,
        recipient=brand.pseudonym(value),
        channel="sms",
        source="stop_reply",
        **more,
    )


def _known(brand: Brand, kind: str, value: str, phone: str) -> str:
    """The subject index learns that this person has the phone."""
    from connectors.secret import Secret
    from hub.control import grounds

    number = grounds.subject_pseudonym(brand.keyring, brand.tenant_id, kind, Secret(value))  # type: ignore[arg-type]
    subject = brand.keyring.tenant(brand.tenant_id).subject_id(kind, number)
    with brand.database.tenant(brand.tenant_id, "vault") as connection:
        connection.execute(
            "INSERT INTO vault.subjects (tenant_id, subject_id) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (brand.tenant_id, subject),
        )
        for each, pseudonym in ((kind, number), ("phone", brand.pseudonym(phone))):
            connection.execute(
                "INSERT INTO vault.identifiers (tenant_id, kind, pseudonym, subject_id, strength, source)"
                " VALUES (%s, %s, %s, %s, 'strong', 'test') ON CONFLICT DO NOTHING",
                (brand.tenant_id, each, pseudonym, subject),
            )
    return subject
