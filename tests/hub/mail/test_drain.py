"""From the queue to the server: sent once, or left for a person, whatever breaks."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from connectors.secret import Secret
from hub.errors import HubError
from hub.kvkk.audit import Actor
from hub.mail import queue
from hub.mail.drain import drain
from hub.mail.queue import WAITS
from hub.mail.server import Conversation
from tests.hub.codes import ROOT
from tests.hub.mail.conftest import PASSWORD, USER, PostOffice, empty_queue

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.settings import Settings

TO = "irtibat@kiraci.invalid"
FIELDS = {"breach": "b-1", "due": "01.04.2026 23:30", "hours_left": "12"}


class Queue:
    def __init__(self, database: Database, keyring: Keyring, tenant_id: str) -> None:
        self.database, self.keyring, self.tenant_id = database, keyring, tenant_id

    def add(self, about: str = "breach:1", to: str = TO) -> UUID:
        with self.database.tenant(self.tenant_id, "app") as connection:
            queue.enqueue(
                connection,
                self.keyring.tenant(self.tenant_id),
                template_name="breach_escalation",
                language="tr",
                recipient=Secret(to),
                fields=FIELDS,
                about=about,
            )
        return next(each.mail_id for each in self.mails() if each.about == about)

    def mails(self) -> list[queue.Mail]:
        return queue.listed(self.database, self.tenant_id, only_open=False)

    def states(self) -> dict[str, str]:
        return {each.about: each.state for each in self.mails()}

    def sql(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with self.database.tenant(self.tenant_id, "app") as connection:
            cursor = connection.execute(statement, parameters or None)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def make_due(self) -> None:
        self.sql("UPDATE hub.mails SET next_try_at = now() WHERE state IN ('pending', 'sending')")


@pytest.fixture
def mails(database: Database, keyring: Keyring, make_tenant: Callable[..., str]) -> Iterator[Queue]:
    empty_queue(database)
    one = Queue(database, keyring, make_tenant())
    yield one
    one.sql("DELETE FROM hub.mails")


def test_a_mail_is_sent_once_in_both_forms_and_forgotten(mails: Queue, office: PostOffice) -> None:
    mail_id = mails.add()
    assert drain(mails.database, mails.keyring, office.server) == {"sent": 1}
    assert drain(mails.database, mails.keyring, office.server) == {}

    [mail] = office.mails
    plain, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert mail["To"] == TO
    assert mail["Subject"] == "b-1 ihlali: Kurula bildirim için 12 saat kaldı"
    assert mail["Message-ID"] == f"<{mail_id}@hub.invalid>"
    assert "72" not in plain.get_content()  # type: ignore[union-attr]
    assert "01.04.2026 23:30" in html.get_content()  # type: ignore[union-attr]
    assert mails.sql("SELECT state, attempts, octet_length(fields_cipher), sent_at IS NOT NULL FROM hub.mails") == [
        ("sent", 1, 0, True)
    ]


def test_the_same_warning_is_queued_once(mails: Queue) -> None:
    mails.add()
    with mails.database.tenant(mails.tenant_id, "app") as connection:
        again = queue.enqueue(
            connection,
            mails.keyring.tenant(mails.tenant_id),
            template_name="breach_escalation",
            language="en",
            recipient=Secret("other@kiraci.invalid"),
            fields=FIELDS,
            about="breach:1",
        )

    assert again is False
    assert len(mails.mails()) == 1


def test_neither_recipient_nor_fields_stand_in_the_table_in_clear(mails: Queue) -> None:
    mails.add()
    row = b"".join(bytes(each) for each in mails.sql("SELECT recipient_cipher, fields_cipher FROM hub.mails")[0])

    assert TO.encode() not in row
    assert b"01.04.2026" not in row


def test_it_is_written_down_before_the_server_hears_of_it(mails: Queue, office: PostOffice) -> None:
    seen: list[str] = []
    office.at_data = lambda: seen.append(mails.states()["breach:1"])
    mails.add()
    drain(mails.database, mails.keyring, office.server)

    assert seen == ["sending"]


def test_a_mail_whose_process_died_is_unknown_and_never_sent_by_itself(mails: Queue, office: PostOffice) -> None:
    mail_id = mails.add()
    assert queue.claim(mails.database, mails.keyring.tenant(mails.tenant_id), mail_id) is not None
    assert drain(mails.database, mails.keyring, office.server) == {}  # it may still be under way
    mails.make_due()
    assert drain(mails.database, mails.keyring, office.server) == {"unknown": 1}
    mails.make_due()
    assert drain(mails.database, mails.keyring, office.server) == {}

    assert mails.states() == {"breach:1": "unknown"}
    assert office.mails == []


def test_a_lost_reply_is_a_persons_to_settle(mails: Queue, office: PostOffice) -> None:
    first, second = mails.add("breach:1"), mails.add("breach:2")
    office.hang_up = True
    assert drain(mails.database, mails.keyring, office.server) == {"unknown": 2}
    office.hang_up = False
    actor = Actor("memur", "desk")
    queue.decide(mails.database, mails.tenant_id, first, "sent", actor)
    queue.decide(mails.database, mails.tenant_id, second, "again", actor)
    assert drain(mails.database, mails.keyring, office.server) == {"sent": 1}

    assert mails.states() == {"breach:1": "sent", "breach:2": "sent"}
    assert mails.sql("SELECT action, actor FROM hub.audit_log ORDER BY seq") == [
        ("mail.sent", "memur"),
        ("mail.again", "memur"),
    ]


def test_only_a_mail_that_is_stuck_is_a_persons(mails: Queue) -> None:
    mail_id = mails.add()
    codes: list[str] = []
    for each in (mail_id, UUID(int=0)):
        with pytest.raises(HubError) as refused:
            queue.decide(mails.database, mails.tenant_id, each, "again", Actor("memur", "desk"))
        codes.append(refused.value.code)

    assert codes == ["mail_not_stuck", "mail_unknown"]


def test_a_server_that_is_busy_is_asked_again_later_and_not_for_ever(mails: Queue, office: PostOffice) -> None:
    mails.add()
    waits: list[timedelta] = []
    while mails.states() == {"breach:1": "pending"}:
        office.replies = ["451 greylisted"]
        mails.make_due()
        drain(mails.database, mails.keyring, office.server)
        [(left, code)] = mails.sql("SELECT next_try_at - now(), failure_code FROM hub.mails")
        waits.append(left)
        assert code == "smtp_try_later"

    assert mails.states() == {"breach:1": "failed"}
    assert len(waits) == len(WAITS) + 1
    assert all(wait - timedelta(minutes=1) < left <= wait for wait, left in zip(WAITS, waits, strict=False))


def test_a_refused_recipient_hinders_no_other_mail(mails: Queue, office: PostOffice) -> None:
    office.refuse_recipients = {"yok@kiraci.invalid": "550 no such user"}
    mails.add("breach:1", "yok@kiraci.invalid")
    mails.add("breach:2")

    assert drain(mails.database, mails.keyring, office.server) == {"failed": 1, "sent": 1}
    assert mails.states() == {"breach:1": "failed", "breach:2": "sent"}


def test_a_server_that_is_away_costs_a_mail_no_attempt(mails: Queue, office: PostOffice, free_port: int) -> None:
    mails.add("breach:1")
    mails.add("breach:2")
    away = replace(office.server, port=free_port)

    assert drain(mails.database, mails.keyring, away) == {"postponed": 2}
    assert drain(mails.database, mails.keyring, away) == {}  # not asked again at once
    assert {(each.state, each.attempts, each.failure_code) for each in mails.mails()} == {
        ("pending", 0, "smtp_unreachable")
    }
    mails.make_due()
    assert drain(mails.database, mails.keyring, office.server) == {"sent": 2}


def test_a_server_that_goes_away_in_between_leaves_the_rest_for_later(
    mails: Queue, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        mails.add(f"breach:{number}")
        mails.sql("UPDATE hub.mails SET next_try_at = now() WHERE about = %s", f"breach:{number}")
    opened = Conversation._open

    def once(conversation: Conversation) -> Any:
        monkeypatch.setattr(Conversation, "_open", lambda _self: opened(away))
        return opened(conversation)

    away = Conversation(replace(office.server, password=Secret("changed meanwhile")))
    monkeypatch.setattr(Conversation, "_open", once)
    office.hang_up = True
    counts = drain(mails.database, mails.keyring, office.server)

    assert counts == {"unknown": 1, "postponed": 2}
    states = {(each.about, each.state, each.failure_code) for each in mails.mails()}
    assert states == {
        ("breach:1", "unknown", "smtp_reply_lost"),
        ("breach:2", "pending", "smtp_login_refused"),
        ("breach:3", "pending", "smtp_login_refused"),
    }


def test_a_mail_that_was_altered_fails_alone(mails: Queue, office: PostOffice) -> None:
    altered = mails.add("breach:1")
    other = mails.add("breach:2")
    mails.sql(
        "UPDATE hub.mails SET recipient_cipher ="
        " (SELECT recipient_cipher FROM hub.mails WHERE mail_id = %s) WHERE mail_id = %s",
        other,
        altered,
    )

    assert drain(mails.database, mails.keyring, office.server) == {"failed": 1, "sent": 1}
    assert mails.states() == {"breach:1": "failed", "breach:2": "sent"}


def test_an_address_that_is_none_is_not_queued(mails: Queue) -> None:
    with pytest.raises(HubError) as refused:
        mails.add(to="irtibat@kiraci.invalid\r\nRCPT TO:<x@y>")
    assert refused.value.code == "mail_address_malformed"
    assert "kiraci" not in str(refused.value)


_DRAIN = """
import sys
from pathlib import Path
from connectors.secret import Secret
from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.mail.drain import drain
from hub.mail.server import MailServer
from hub.settings import Settings

home, port, ca_file, user, password = sys.argv[1:]
settings = Settings.apart(Path(home))
database = Database(settings)
server = MailServer("127.0.0.1", int(port), "starttls", "kopru@hub.invalid", user, Secret(password), Path(ca_file))
drain(database, Keyring(database, read_master_key(settings.master_key_file)), server)
"""


def test_a_process_killed_between_acceptance_and_commit_sends_nothing_twice(
    mails: Queue, office: PostOffice, settings: Settings
) -> None:
    mails.add("breach:1")
    arguments = (settings.home, office.server.port, office.server.ca_file, USER, PASSWORD)
    process = subprocess.Popen([sys.executable, "-c", _DRAIN, *map(str, arguments)], cwd=ROOT)
    office.at_data = process.kill  # the whole mail is here, its sender is gone
    assert process.wait(timeout=60) == -signal.SIGKILL
    office.at_data = lambda: None

    assert drain(mails.database, mails.keyring, office.server) == {}
    mails.make_due()
    assert drain(mails.database, mails.keyring, office.server) == {"unknown": 1}
    assert len(office.mails) == 1


def test_what_waited_in_a_backup_is_not_sent_again_by_itself(mails: Queue, office: PostOffice) -> None:
    mails.add("breach:1")
    mails.add("breach:2")
    mails.sql("UPDATE hub.mails SET state = 'sending' WHERE about = 'breach:2'")

    assert queue.doubt(mails.database, mails.tenant_id) == 2

    mails.make_due()
    assert drain(mails.database, mails.keyring, office.server) == {}
    assert mails.states() == {"breach:1": "unknown", "breach:2": "unknown"}
