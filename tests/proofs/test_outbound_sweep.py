"""People in what goes out and in what providers tell stand nowhere in clear: not in rows, runs, logs or files.

An installation of its own, whose runs of `outbox` and `inbox` are Dagster's and are written to its storage. Everything
it ever wrote is searched, the controls among it, after runs that went well, broke quoting people, or were killed.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from connectors.sandbox.faults import Fault
from connectors.sandbox.meta import people
from connectors.sandbox.netgsm.desk import desk_of
from connectors.sandbox.server import Sandbox
from connectors.secret import Secret
from hub.db.database import Database
from hub.inbox import endpoints
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.audit import Actor
from tests.hub.inbox.conftest import payment
from tests.proofs import controls
from tests.proofs.identity import Identity, folded
from tests.proofs.outbox_cases import CASES, COMPANY, SEED, Case
from tests.proofs.outbox_doings import _CUSTOMER  # whose report is ordered
from tests.proofs.planted import House, house
from tests.proofs.stores import superuser
from tests.proofs.sweep import Found, Sweep
from tests.proofs.test_outbox_crashes import Trial, Trials
from tests.support.accounts import add_tenant

pytestmark = pytest.mark.prove

_ACTOR = Actor("test", "operator")
_NAMES = ("Çiğdem Karaca", "İsmail Şimşek", "Gülşen Öztürk", "Oğuz Yıldırım", "Büşra Işık", "İbrahim Çakır")
_ROUNDS = ("well", "broken", "killed before the call", "killed behind the call")
_KINDS = tuple(case for case in CASES if case.provider != "uyumsoft" and case.kind != "nilvera.einvoice")
"""One integrator is as the other; a registered taxpayer is a company of the sandbox's."""
_FAULTY = ("netgsm.sms", "iyzico.refund", "iyzico.payment_link", "whatsapp.template", "nilvera.earchive")


def _person(label: str, number: int) -> Identity:
    return Identity.invented(label, 900 + number, name=_NAMES[number % len(_NAMES)])


PEOPLE = {
    (act, case.kind): _person(f"{act}: {case.kind}", len(_KINDS) * at + of)
    for at, act in enumerate(_ROUNDS)
    for of, case in enumerate(_KINDS)
}
CALLERS = {act: _person(f"called: {act}", 200 + at) for at, act in enumerate(_ROUNDS)}


def payload_of(person: Identity, case: Case, values: dict[str, Any]) -> dict[str, Any]:
    """The case's request, about this person: in whatever it sends to somebody, and in all its free texts."""
    given = dict(values)
    if case.issues:
        first, _, last = person.name.rpartition(" ")
        given["customer"] |= {"identity": person.tckn, "name": None, "first_name": first, "family_name": last}
        given["customer"] |= {"email": person.email, "telephone": f"+90{person.phone}"}
        given["customer"] = {name: value for name, value in given["customer"].items() if value is not None}
        given["notes"] = [person.sentence()]
        return given
    if "to" in given:
        given["to"] = f"+90{person.phone}"
    for name in ("text", "description", "name"):
        if name in given:
            given[name] = person.sentence()
    if case.kind == "netgsm.otp":
        given["text"] = f"Sayin {folded(person.name)}, kodunuz 123456"
    if case.kind in ("nilvera.cancel", "nilvera.answer"):
        given["reason" if case.kind.endswith("cancel") else "note"] = person.sentence()
    if "body" in given:
        given["body"] = [person.name, person.sentence()]
    if case.kind in ("iyzico.refund", "iyzico.cancel"):
        given |= {"description": person.sentence(), "reason": "BUYER_REQUEST"}
    return given


@dataclass
class Play:
    """The installation, its tenant at every provider, and whom the sweep looks for."""

    house: House
    trials: Trials
    sweep: Sweep
    addresses: Mapping[str, str]
    asked: list[Trial] = field(default_factory=list[Trial])

    def ask(self, act: str) -> None:
        for at, case in enumerate(_KINDS):
            index = 100 * _ROUNDS.index(act) + at
            person = PEOPLE[act, case.kind]

            def about(sandbox: Sandbox, number: int, case: Case = case, person: Identity = person) -> dict[str, Any]:
                return payload_of(person, case, case.payload(sandbox, number))

            if case.kind in ("whatsapp.text", "whatsapp.media", "whatsapp.interactive"):
                people.writes(self.trials.sandbox.world, COMPANY, f"90{person.phone}", person.sentence())
            self.asked.append(self.trials.ask(replace(case, payload=about), index))

    def tell(self, act: str) -> list[int]:
        """What providers tell: states, texts, and calls that nobody understands or signed."""
        person, world = CALLERS[act], self.trials.sandbox.world
        people.writes(world, COMPANY, f"90{person.phone}", person.sentence())
        desk_of(world).receive(COMPANY, person.phone, person.sentence())
        self.trials.sandbox.advance(minutes=3)
        calls = [
            {"path": self.addresses[hook.provider], "headers": dict(hook.headers), "body": hook.body.decode()}
            for hook in world.hooks.waiting(company=COMPANY)
        ]
        body, headers = payment(act, buyer=person.sentence(), email=person.email)
        odd = json.dumps({"paymentId": person.sentence(), "token": person.tckn})
        plain = {"content-type": "application/json"}
        calls += [
            {"path": self.addresses["iyzico"], "headers": headers, "body": body.decode()},
            *({"path": path, "headers": plain, "body": odd} for path in self.addresses.values()),
            {"path": f"/hooks/netgsm/{person.phone}?ad={person.email}", "headers": plain, "body": odd},
            {"path": self.addresses["netgsm"], "headers": plain, "body": f'{{"mesaj": "{person.sentence()}'},
        ]
        done = self.house.run(do="receive", calls=calls)
        assert done is not None
        return done["statuses"]

    def job(self, name: str, **how: Any) -> dict[str, Any] | None:
        return self.house.run(do="job", name=name, **how)

    def in_clear(self) -> Found:
        return controls.without_controls(self.house.swept(self.sweep))

    def scalar(self, query: str, database: str = "hub") -> Any:
        with superuser(self.house.settings, "data", database) as admin:
            row = admin.execute(query.encode()).fetchone()
        return row[0] if row else None


@pytest.fixture(scope="module")
def play() -> Iterator[Play]:
    with house() as here, Sandbox(seed=SEED) as sandbox:
        database = Database(here.settings)
        keyring = Keyring(database, read_master_key(here.settings.master_key_file))
        trials = Trials(here.settings, database, keyring, sandbox, add_tenant(database))
        trials.connect(_KINDS)
        company = sandbox.world.company(COMPANY)
        whom = [*PEOPLE.values(), *CALLERS.values(), *controls.PEOPLE.values()]
        whom.append(Identity.of_sandbox("whose report is ordered", company.customer(_CUSTOMER)))
        secrets = {
            f"{case.provider} {name}": value
            for case in _KINDS
            for name, value in sandbox.credentials(COMPANY, case.provider).items()
            if name in ("api_key", "secret_key", "password", "access_token", "app_secret")
        }
        controls.plant(here.root, here.settings)
        addresses = {
            name: endpoints.issue(database, trials.tenant, name, actor=_ACTOR).path
            for name in ("iyzico", "netgsm", "whatsapp")
        }
        secrets |= {f"address of {name}": path.rpartition("/")[2] for name, path in addresses.items()}
        found = Play(here, trials, Sweep(whom, secrets), addresses)
        assert controls.unseen(here.swept(found.sweep)) == []
        yield found
        database.close()


def test_the_sweep_sees_what_a_run_or_a_row_would_give_away(play: Play) -> None:
    """Forms in which an action or event could leak: as JSON, in a wamid, behind a job's number."""
    person = _person("control: in a wamid", 300)
    wamid = base64.b64encode(f"HBgM90{person.phone}VAgARGBI".encode()).decode()
    seeing = Sweep([person])
    for text in (json.dumps({"to": f"+90{person.phone}"}), f"wamid.{wamid}", f"178/{person.phone}", person.tckn):
        assert seeing.search(text.encode()), text


@pytest.mark.parametrize("act", _ROUNDS)
def test_nothing_of_anybody_stands_in_clear_after_a_run(play: Play, act: str) -> None:
    how: dict[str, Any] = {}
    if act == "broken":
        how = {"words": CALLERS[act].sentence()}
        faults: tuple[Any, ...] = ("error_with_personal_data", "truncated", "not_json", "cut_after", "server_error")
        for case, fault in zip([each for each in _KINDS if each.kind in _FAULTY], faults, strict=True):
            play.trials.sandbox.world.faults.add(Fault(fault, case.provider, COMPANY, case.path, times=3))
    elif act.startswith("killed"):
        how = {"kill_at": act.removeprefix("killed ")}
    play.ask(act)
    done = play.job("outbox", **how)
    assert (done is None) is act.startswith("killed")
    play.trials.pass_time()
    assert play.job("outbox") == {"succeeded": True}
    play.trials.sandbox.world.faults.clear()
    statuses = Counter(play.tell(act))
    assert statuses[200] > 3, statuses
    assert play.job("inbox", **{name: value for name, value in how.items() if name == "words"}) == {"succeeded": True}
    assert play.job("inbox") == {"succeeded": True}

    assert play.in_clear() == {}
    states = Counter(state for state, _ in play.trials.states().values())
    events = play.scalar("SELECT count(*) FROM hub.inbox_events")
    runs = play.scalar("SELECT count(*) FROM public.runs", "dagster")
    print(f"{act}: {len(play.asked)} actions {dict(states)}, {events} events {dict(statuses)}, {runs} runs")
    assert states["accepted"] + states["delivered"] > 0


def test_what_was_sent_was_about_them(play: Play) -> None:
    """Nothing in clear proves little where nothing was said: the stand-ins were told the people's data."""
    messages = desk_of(play.trials.sandbox.world).of_company(COMPANY)
    person = PEOPLE["well", "netgsm.sms"]
    assert [each.text for each in messages if each.number == person.phone] == [person.sentence()]
    with play.trials.database.tenant(play.trials.tenant, "app") as connection:
        rows = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE recipient IS NOT NULL) FROM hub.actions WHERE tenant_id = %s",
            (play.trials.tenant,),
        ).fetchone()
    assert rows is not None
    assert rows[0] == len(_ROUNDS) * len(_KINDS)
    assert Secret(person.phone).reveal() not in str(rows)
