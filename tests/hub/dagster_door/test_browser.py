"""Dagster's pages in a real browser, through the door: scripts, styles and the websocket come through as well."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import trustme
from dagster._core.test_utils import create_run_for_test

from hub.identity.permissions import Role
from tests.hub.dagster_door.house import COOKIE, Dagster, House, house
from tests.support.browser import chromium, with_browser

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = with_browser


@pytest.fixture(scope="module")
def over_tls(behind: Dagster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Browsers keep a `__Host-` cookie for TLS alone."""
    certificate = tmp_path_factory.mktemp("tls") / "certificate.pem"
    trustme.CA().issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    with house(behind, ssl_certfile=str(certificate)) as door:
        yield door


@pytest.fixture(scope="module")
def context(over_tls: House) -> Iterator[BrowserContext]:
    """It closes its connections before the server waits for their end, hence the server as an argument."""
    del over_tls
    with chromium() as browser:
        yield browser.new_context(viewport={"width": 1200, "height": 700}, ignore_https_errors=True)


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    context.clear_cookies()
    opened = context.new_page()
    yield opened
    opened.close()


def signed_in(context: BrowserContext, door: House, role: Role) -> None:
    session = door.sessions.open(role)
    context.add_cookies([{"name": COOKIE, "value": session, "url": door.base, "httpOnly": True, "secure": True}])


def test_an_analyst_sees_dagsters_pages_and_its_websocket_opens(
    context: BrowserContext, page: Page, over_tls: House
) -> None:
    run = create_run_for_test(over_tls.instance, job_name="sync_seen_here", run_id=str(uuid4()))
    failed: list[str] = []
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.on("console", lambda said: failed.append(said.text) if said.type == "error" else None)
    signed_in(context, over_tls, Role.PLATFORM_ANALYST)

    with page.expect_websocket() as websocket, page.expect_worker() as worker:
        page.goto(f"{over_tls.base}/dagster/runs")
    acknowledged = websocket.value.wait_for_event("framereceived")
    page.get_by_text(run.run_id[:8]).wait_for()
    page.get_by_text("sync_seen_here").wait_for()

    assert websocket.value.url == over_tls.base.replace("https", "wss") + "/dagster/graphql"
    assert "connection_ack" in str(acknowledged)
    assert page.title() == "Runs | All"
    # A worker obeys the policy of its own script: it loads further ones of ours and asks us, and nobody else.
    script = page.locator("script[src*='_ssgManifest']").get_attribute("src")
    assert worker.value.evaluate("script => typeof importScripts(script)", f"{over_tls.base}{script}") == "undefined"
    assert worker.value.evaluate("fetch('/dagster/server_info').then(answer => answer.status)") == 200
    assert failed == []
    assert worker.value.evaluate("fetch('data:,x').then(() => 'open', () => 'closed')") == "closed"
    # Dagster's own word that nothing may be done here.
    asked = "fetch('/dagster/graphql', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: %s})"
    body = json.dumps(json.dumps({"query": "mutation { reloadWorkspace { __typename } }"}))
    assert page.evaluate(f"{asked % body}.then(answer => answer.json())")["code"] == "dagster_operate_missing"


def test_a_browser_without_a_session_lands_at_the_sign_in(page: Page, over_tls: House) -> None:
    page.goto(f"{over_tls.base}/dagster/runs?view=all")

    assert page.url == f"{over_tls.base}/sign-in?next=%2Fdagster%2Fruns%3Fview%3Dall"
