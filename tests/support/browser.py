"""A real browser for tests: it asks for nothing but what a page does, and reaches this machine alone."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = shutil.which("chromium")
with_browser = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here; .ci/run installs it")
_QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-proxy-server",
]


@contextmanager
def chromium(name: str = "") -> Generator[Browser]:
    """Closed at the end, with its connections: a server would wait for them. `name` leads to this machine."""
    from playwright.sync_api import sync_playwright

    ours = f"MAP {name} 127.0.0.1, " if name else ""
    rules = f"--host-resolver-rules={ours}MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*_QUIET, rules])
        try:
            yield browser
        finally:
            browser.close()
