from __future__ import annotations

import logging
import traceback

import pytest

from connectors.failure import ProviderFailure
from connectors.netgsm import account
from connectors.netgsm.session import NetgsmSession
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import Sandbox
from tests.connectors.meanings import MEANINGS
from tests.connectors.netgsm.acting import act, asked, attempted, in_session, look_up, perform, refused, sms, spec_of


class TestFaults:
    # Unpacking 96 MiB four times is dear; a send does it once.
    @pytest.mark.parametrize("kind", [kind for kind in MEANINGS if kind not in ("bomb", "wrong_type")])
    def test_a_question_means_and_is_asked_again_as_with_every_provider(
        self, sandbox: Sandbox, kind: FaultKind
    ) -> None:
        company, path = f"ask-{kind}", "/sms/rest/v2/msgheader"
        sandbox.world.faults.add(Fault(kind, company=company, seconds=30))
        timeout = 0.2 if kind in ("slow", "late") else 30
        connection = spec_of(sandbox, company, request_timeout_seconds=timeout)
        failure = refused(lambda: asked(connection, account.headers))
        expected_kind, code, requests = MEANINGS[kind]
        assert (failure.kind, failure.code) == (expected_kind, code)
        assert sandbox.world.requests["netgsm", company, path] == requests

    def test_a_code_of_another_type_is_no_success(self, sandbox: Sandbox) -> None:
        sandbox.world.faults.add(Fault("wrong_type", company="typed"))
        failure = refused(lambda: asked(spec_of(sandbox, "typed"), account.headers))
        assert (failure.code, failure.field) == ("wrong_type", "code")

    @pytest.mark.parametrize("kind", ["wrong_type", "undeclared_column"])
    def test_a_spoilt_report_is_read_as_far_as_it_goes(self, sandbox: Sandbox, kind: FaultKind) -> None:

        perform(spec_of(sandbox, f"spoilt-{kind}"), [act("s", sms())])
        sandbox.world.faults.add(Fault(kind, company=f"spoilt-{kind}"))
        (found,) = look_up(spec_of(sandbox, f"spoilt-{kind}"), [attempted(act("s", sms()))])
        assert getattr(found, "state", None) == "accepted"


KINDS: tuple[FaultKind | None, ...] = (
    None,
    "rate_limited",
    "credentials_expired",
    "error_with_personal_data",
    "truncated",
    "cut_after",
)


class TestSecrets:
    def test_credentials_and_people_are_in_no_repr_log_or_exception(
        self, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
    ) -> None:
        credentials = sandbox.credentials("silent", "netgsm")
        person = sandbox.world.company("silent").customer(0)
        connection = spec_of(sandbox, "silent")
        said: list[str] = [repr(connection), repr(act("r", sms(person.phone)))]

        async def work(session: NetgsmSession) -> None:
            said.extend([repr(session), repr(vars(session)), repr(vars(session.client))])
            await session.test()
            await account.balance(session.client)

        with caplog.at_level(logging.DEBUG):
            for kind in KINDS:
                sandbox.world.faults.clear()
                if kind is not None:
                    sandbox.world.faults.add(Fault(kind, company="silent"))
                try:
                    said.append(repr(perform(connection, [act("r", sms(person.phone, person.name))])))
                    in_session(connection, work)
                except ProviderFailure as failure:
                    said.append("".join(traceback.format_exception(failure)))
        said.append(caplog.text)
        assert len(said) > 2 * len(KINDS)
        hidden = (credentials["password"], person.phone[3:], person.surname, person.tckn, person.email, "Basic ")
        for text in said:
            assert not any(value in text for value in hidden)
