"""GİB's list of users as the file that integrators hand on: XML in a zip."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

from connectors.sandbox.gib import taxpayers

LISTED = 40
_TIME = "%Y-%m-%dT%H:%M:%S"


def user_list(seed: int) -> bytes:
    """A zip with some of the users."""
    users = "".join(map(_user, taxpayers.sample(seed, LISTED)))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("users.xml", f'<?xml version="1.0" encoding="UTF-8"?><UserList>{users}</UserList>')
    return packed.getvalue()


def _user(user: taxpayers.User) -> str:
    aliases = "".join(map(_alias, user.mailboxes))
    since = user.mailboxes[0].since.strftime(_TIME)
    return (
        f"<User><Identifier>{user.number}</Identifier><Title>{escape(user.title)}</Title><Type>OZEL</Type>"
        f"<FirstCreationTime>{since}</FirstCreationTime><AccountType>OZELENTEGRASYON</AccountType>"
        f'<Documents><Document type="Invoice">{aliases}</Document></Documents></User>'
    )


def _alias(box: taxpayers.Mailbox) -> str:
    end = "" if box.until is None else f"<DeletionTime>{box.until.strftime(_TIME)}</DeletionTime>"
    since = box.since.strftime(_TIME)
    return f"<Alias><Name>{box.name}</Name><CreationTime>{since}</CreationTime>{end}</Alias>"
