"""`hub up` under load: a worker that is killed is replaced, and SIGTERM ends nothing that was begun or acknowledged.

Several clients send providers' calls to two workers, again until they are answered. The judge reads the inbox, after the
end with servers of its own.
"""

from __future__ import annotations

import http.client
import json
import random
import signal
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from connectors.secret import Secret
from hub.db import postgres
from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from tests.proofs.webhook_calls import PATIENCE, Shop, Street, deliveries, shop
from tests.support.new_tenant import add_tenant
from tests.support.running_hub import Up, running_hub
from tests.support.waiting import until

pytestmark = pytest.mark.prove
