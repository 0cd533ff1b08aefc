"""A headless Chromium with a fresh profile, which reports what a page logs and whom it asks."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--allow-file-access-from-files",
)
PATIENCE_SECONDS = 120
CHANGING = (StaleElementReferenceException,)
DESKTOP = (1280, 900)
PHONE = (390, 844)


class Browser:
    """One browser window; sizes in CSS pixels."""

    def __init__(self, chrome: Chrome) -> None:
        self.chrome = chrome

    def show_as(self, size: tuple[int, int], *, dark: bool) -> None:
        """Pretend to be a screen of this size whose user likes it light or dark."""
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})

    def open(self, address: str) -> None:
        """Open a page and forget what earlier ones logged and asked for."""
        self.errors()
        self.requests()
        self.chrome.get(address)

    def errors(self) -> list[str]:
        """What was logged as an error or warning since the last call."""
        return [entry["message"] for entry in self.chrome.get_log("browser")]

    def requests(self) -> list[str]:
        """Addresses asked for since the last call."""
        messages = [json.loads(entry["message"])["message"] for entry in self.chrome.get_log("performance")]
        return [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]

    def run(self, script: str, *arguments: object) -> Any:
        """What a script in the page returns."""
        return self.chrome.execute_script(script, *arguments)

    def wait_for_text(self, text: str) -> None:
        """Wait until the page shows some words, in whatever case; raises TimeoutException where it never does."""
        shown = "return document.body.innerText.toLowerCase().includes(arguments[0].toLowerCase())"
        WebDriverWait(self.chrome, PATIENCE_SECONDS).until(lambda _: self.run(shown, text), f"no {text!r}")

    def wait_for(self, css: str, text: str = "") -> WebElement:
        """Wait for an element that can be seen and holds some words; raises TimeoutException where there never is."""

        def find(chrome: Chrome) -> WebElement | None:
            found = chrome.find_elements(By.CSS_SELECTOR, css)
            return next((element for element in found if text in element.text and element.is_displayed()), None)

        element = WebDriverWait(self.chrome, PATIENCE_SECONDS, ignored_exceptions=CHANGING).until(
            find, f"no {css} {text}"
        )
        assert element is not None
        return element


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser that is ended afterwards; without one the test is skipped, but fails for root, who has it by setup."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        give_up = pytest.fail if os.getuid() == 0 else pytest.skip
        give_up("there is no Chromium: make setup as root installs it, or: sudo apt-get install chromium-driver")
    with TemporaryDirectory(prefix="guanxi-browser-") as profile:
        options = ChromeOptions()
        options.binary_location = program
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        chrome = Chrome(options=options, service=Service(driver))
        try:
            yield Browser(chrome)
        finally:
            chrome.quit()
