"""`hub up` as a person starts it: a process of its own, with Dagster's daemon, code server and webserver below it.

And as a person sees it: through the front door, in a real browser. One hub serves all of these tests.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import psutil
import pytest
import segno
from pyotp.totp import TOTP

from connectors.sandbox.server import Sandbox
from connectors.secret import Secret
from hub.control import status
from hub.db.database import Database
from hub.identity import users
from hub.identity.caller import PLATFORM_SCOPE
from hub.identity.permissions import Role
from hub.identity.record import NewUser
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk import audit
from tests.support.browser import chromium, with_browser
from tests.support.running_hub import ROOT, Up, engage, running_hub
from tests.support.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, WebSocket

    PersonAt = Callable[..., Page]

pytestmark = pytest.mark.long(100)

SYNC_SECONDS = 180
"""The schedule looks once a minute; then a run has to start and to sync. A browser is as patient on a slow machine."""
PASSWORD = "yaylada üç kırmızı at"


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with running_hub() as serving:
        yield serving


@pytest.fixture(scope="module")
def due(up: Up) -> Iterator[str]:
    """A tenant that the daemon will find due: while it does, the tests that come first look at pages."""
    with Sandbox(seed=7) as sandbox:
        yield engage(up.settings, sandbox)


@pytest.fixture(scope="module")
def browser(due: str) -> Iterator[Browser]:
    """Started last: as long as Playwright runs, nothing else in this thread can be awaited."""
    del due
    with chromium() as launched:
        yield launched


def someone(up: Up, role: Role, tenant_id: str = PLATFORM_SCOPE, *, password: str | None = PASSWORD) -> tuple[str, str]:
    """A new user's address, and the path of the invitation where no password is given."""
    database = Database(up.settings)
    try:
        keyring = Keyring(database, read_master_key(up.settings.master_key_file))
        email = f"{role.value}-{uuid4().hex[:8]}@ornek.com.tr"
        new = NewUser(email=email, name="Ayşe Yılmaz", role=role)
        secret = Secret(password) if password else None
        added = users.add(database, keyring, tenant_id, new, actor=audit.Actor("test", "operator"), password=secret)
    finally:
        database.close()
    return email, added.one_time.path if added.one_time else ""


@pytest.fixture
def person_at(browser: Browser, up: Up) -> Iterator[PersonAt]:
    """A page of a browser that nobody has used, by its language."""
    contexts: list[BrowserContext] = []

    def opened(language: str = "tr-TR") -> Page:
        viewport: ViewportSize = {"width": 1200, "height": 800}
        contexts.append(browser.new_context(base_url=up.door, locale=language, viewport=viewport))
        contexts[-1].set_default_timeout(1000 * SYNC_SECONDS)
        return contexts[-1].new_page()

    yield opened
    for context in contexts:
        context.close()


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.locator("#login").fill(email)
    page.locator("#password").fill(password)
    page.get_by_role("button").click()


def _listen(socket: WebSocket, sent: list[str], heard: list[str]) -> None:
    socket.on("framesent", lambda frame: sent.append(str(frame)))
    socket.on("framereceived", lambda frame: heard.append(str(frame)))


@with_browser
def test_the_description_of_the_api_shows_every_part_and_asks_no_other_host(up: Up, person_at: PersonAt) -> None:
    page = person_at()
    asked: set[str] = set()
    complaints: list[str] = []
    page.on("request", lambda request: asked.add(request.url.split("?")[0]))
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    described = httpx.get(f"{up.door}/api/openapi.json", timeout=60).json()

    page.goto("/api/docs")
    page.locator('.opblock-tag[data-tag="data"]').click()
    operation = page.locator("#operations-data-read_rows_api_v1_data__dataset__get")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_text("column:operator:value").wait_for()

    parts = {operation["tags"][0] for path in described["paths"].values() for operation in path.values()}
    assert set(page.locator(".opblock-tag").evaluate_all("all => all.map(one => one.dataset.tag)")) == parts
    answers = described["paths"]["/api/v1/data/{dataset}"]["get"]["responses"]
    assert operation.locator("tr.response").evaluate_all("all => all.map(one => one.dataset.code)") == sorted(answers)
    assert {address for address in asked if not address.startswith((f"{up.door}/", "data:"))} == set()
    assert complaints == []


@with_browser
def test_who_is_invited_to_a_tenant_sets_a_password_and_finds_a_page_and_no_dagster(
    up: Up, person_at: PersonAt, due: str
) -> None:
    email, path = someone(up, Role.ENGINEER, due, password=None)
    page = person_at()
    page.goto(path)
    page.locator("#password").fill("kısa")
    page.get_by_role("button").click()
    page.get_by_role("alert").get_by_text("12").wait_for()
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button").click()
    page.wait_for_url("/sign-in")

    page.get_by_role("link", name="Parolanızı mı unuttunuz?").click()
    page.get_by_role("heading", name="Unutulan parola").wait_for()
    assert "e-posta göndermiyor" in page.locator("main").inner_text()  # no mail server is set up here
    page.get_by_role("link").click()
    page.wait_for_url("/sign-in")

    page.goto("/sign-in?next=/dagster/")
    sign_in(page, email)
    page.wait_for_url("/account")
    seen = page.locator("main").inner_text()
    assert all(part in seen for part in ("Ayşe Yılmaz", email, "Deneme Ltd. Şti.", "mühendis", "API'nin açıklaması"))
    assert "Dagster" not in seen
    answer = page.goto("/dagster/")
    assert answer is not None
    assert answer.status == 404
    page.goto("/")
    assert page.url == f"{up.door}/account"


@with_browser
def test_an_administrator_must_set_a_second_factor_up_and_is_asked_for_it_from_then_on(
    up: Up, person_at: PersonAt
) -> None:
    email, _ = someone(up, Role.PLATFORM_ADMIN)
    page = person_at("en-GB")
    page.goto("/sign-in")
    sign_in(page, email)
    page.wait_for_url("/account/second-factor")
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button").click()
    secret = page.locator("code").inner_text().replace(" ", "")
    totp = TOTP(secret)
    drawn = page.get_by_role("img", name="QR code of the secret").locator("path").get_attribute("d")
    uri = totp.provisioning_uri(name=email, issuer_name="Köprü")
    assert f'd="{drawn}"' in segno.make(uri, error="m", micro=False).svg_inline(scale=4, border=4, omitsize=True)

    page.locator("#code").fill("not a code")
    page.get_by_role("button").click()
    page.get_by_role("alert").wait_for()
    assert secret not in page.content().replace(" ", "")
    page.locator("#code").fill(totp.now())
    page.get_by_role("button").click()
    page.get_by_role("heading", name="The second factor is set up").wait_for()
    codes = page.locator("li").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("link").click()
    page.get_by_role("link", name="Runs and data in Dagster").wait_for()

    page.get_by_role("button", name="Sign out").click()
    sign_in(page, email)
    page.locator("#code").fill(codes[0])
    sign_in(page, email)
    page.wait_for_url("/dagster/**")


def test_a_due_tenant_is_synced_by_the_daemon_without_anybody_asking(up: Up, due: str) -> None:
    database = Database(up.settings)
    try:

        def attempted() -> status.IntegrationStatus | None:
            (found,) = status.read(database, tenant_id=due)
            return found if all(stream.state != "never" for stream in found.streams) else None

        found = until("every stream attempted", attempted, seconds=SYNC_SECONDS)
        own = {stream.stream: stream.failure_code for stream in found.streams if stream.state != "ok"}
        assert set(own) <= {"settlement_files"}, own
        with database.tenant(due, "loader") as connection:
            (rows,) = connection.execute("SELECT count(*) FROM landing.iyzico_transactions").fetchone() or (0,)
        assert rows > 0
    finally:
        database.close()

    runs = up.ask("{ runsOrError { ... on Runs { results { jobName tags { key value } } } } }")["runsOrError"][
        "results"
    ]
    (sync,) = [run for run in runs if run["jobName"] == "sync_iyzico"]
    tags = {tag["key"]: tag["value"] for tag in sync["tags"]}
    assert tags["dagster/schedule_name"] == "iyzico_due"
    assert tags["dagster/asset_partition_range_start"] == due


@with_browser
def test_an_analyst_of_the_hub_signs_in_and_sees_dagster_without_changing_anything(up: Up, person_at: PersonAt) -> None:
    email, _ = someone(up, Role.PLATFORM_ANALYST)
    runs = "{ runsOrError(filter: {statuses: [SUCCESS]}) { ... on Runs { results { runId } } } }"
    found = until("a run that ended well", lambda: up.ask(runs)["runsOrError"]["results"] or None, seconds=SYNC_SECONDS)
    run = found[0]["runId"]
    page = person_at()
    page.goto("/dagster/runs")
    sign_in(page, email, "yanlış bir parola denemesi")
    assert page.get_by_role("alert").inner_text() == "Kullanıcı adı ya da parola doğru değil veya hesap etkin değil."
    english = person_at("en-GB")
    english.goto("/sign-in")
    sign_in(english, email, "yanlış bir parola denemesi")
    assert english.get_by_role("alert").inner_text() == "Login or password is not right, or the account is not active."
    assert english.locator("html").get_attribute("lang") == "en"

    failed: list[str] = []
    sent: list[str] = []
    heard: list[str] = []
    # Dagster asks for a run's favicon without its prefix, where there is nothing.
    page.on("response", lambda got: failed.append(f"{got.status} {got.url}") if got.status >= 400 else None)
    page.on("websocket", lambda socket: _listen(socket, sent, heard))
    sign_in(page, email)
    page.wait_for_url("/dagster/runs")
    page.get_by_text("sync_iyzico").first.wait_for()
    with page.expect_websocket() as opened:
        page.goto(f"/dagster/runs/{run}")
    page.get_by_text("RUN_SUCCESS").first.wait_for()
    assert opened.value.url == up.door.replace("http", "ws") + "/dagster/graphql"
    assert any("subscription" in frame and run in frame for frame in sent)
    assert any('"type":"data"' in frame.replace(" ", "") for frame in heard)
    assert [each for each in failed if "favicon" not in each] == []
    asked = """mutation => fetch("/dagster/graphql", {method: "POST", headers: {"Content-Type": "application/json"},
        body: JSON.stringify({query: mutation})}).then(answer => answer.json())"""
    assert page.evaluate(asked, "mutation { reloadWorkspace { __typename } }")["code"] == "dagster_operate_missing"

    page.goto("/account")
    page.get_by_role("button", name="Oturumu kapat").click()
    page.goto("/dagster/runs")
    assert page.url == f"{up.door}/sign-in?next=%2Fdagster%2Fruns"


def test_the_webserver_refuses_to_launch_and_to_stop_a_schedule(up: Up) -> None:
    location = {"repositoryName": "__repository__", "repositoryLocationName": "hub"}
    launch = up.ask(
        "mutation ($p: ExecutionParams!) { launchRun(executionParams: $p) { __typename } }",
        p={"selector": {"jobName": "models", **location}, "runConfigData": {}},
    )
    reset = up.ask(
        "mutation ($s: ScheduleSelector!) { startSchedule(scheduleSelector: $s) { __typename } }",
        s={"scheduleName": "iyzico_due", **location},
    )
    wipe = up.ask(
        'mutation { wipeAssets(assetPartitionRanges: [{assetKey: {path: ["marts", "payments"]}}]) { __typename } }'
    )
    assert [*launch.values(), *reset.values(), *wipe.values()] == [{"__typename": "UnauthorizedError"}] * 3
    runs = up.ask("{ runsOrError { ... on Runs { results { tags { key } } } } }")["runsOrError"]["results"]
    assert all({"dagster/schedule_name", "dagster/sensor_name"} & {tag["key"] for tag in run["tags"]} for run in runs)


def test_code_server_daemon_and_webserver_run_and_the_web_listens_on_loopback_only(up: Up) -> None:
    commands = {child.pid: " ".join(child.cmdline()) for child in psutil.Process(up.process.pid).children()}
    for part in ("api grpc", "dagster._daemon run", "dagster_webserver"):
        assert any(part in command for command in commands.values()), part
    (web,) = [pid for pid, command in commands.items() if "dagster_webserver" in command]
    assert "--read-only" in commands[web]
    addresses = {each.laddr.ip for each in psutil.Process(web).net_connections() if each.status == "LISTEN"}
    assert addresses == {"127.0.0.1"}
    daemons = up.ask("{ instance { daemonHealth { allDaemonStatuses { daemonType required healthy } } } }")
    required = [each for each in daemons["instance"]["daemonHealth"]["allDaemonStatuses"] if each["required"]]
    assert "SCHEDULER" in {each["daemonType"] for each in required}


def test_a_second_hub_up_is_refused_and_leaves_the_first_one_as_it_was(up: Up) -> None:
    before = {name: (up.settings.home / name).read_bytes() for name in ("dagster/workspace.yaml", "logs/daemon.log")}
    second = subprocess.run(
        [sys.executable, "-c", "import sys; from hub.cli import main; sys.exit(main(['--lang', 'en', 'up']))"],
        cwd=ROOT,
        env=os.environ | {"HUB_HOME": str(up.settings.home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert second.returncode == 1
    assert "serves" in second.stderr
    assert (up.settings.home / "dagster/workspace.yaml").read_bytes() == before["dagster/workspace.yaml"]
    assert (up.settings.home / "logs/daemon.log").read_bytes().startswith(before["logs/daemon.log"])
    assert up.process.poll() is None


def test_one_ctrl_c_ends_everything(up: Up) -> None:
    children = psutil.Process(up.process.pid).children(recursive=True)
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(60) == 0
    until("every process gone", lambda: not any(map(_alive, children)), seconds=30)
    with pytest.raises(httpx.ConnectError):
        httpx.get(up.url, timeout=5)


def _alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
