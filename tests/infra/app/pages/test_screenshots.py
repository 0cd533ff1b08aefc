"""The pages as a browser shows them: at desktop and phone width, light and dark, every page of a small home."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.infra.app.pages.small_site import Written
from tests.support.browser import DESKTOP, PHONE, Browser, browser

LOOK = Path(__file__).with_name("look.js").read_text()
OPEN_ALL = "document.querySelectorAll('details').forEach(details => details.open = true)"
LOOKS = {
    "desktop, light": (DESKTOP, False),
    "desktop, dark": (DESKTOP, True),
    "phone, light": (PHONE, False),
    "phone, dark": (PHONE, True),
}
COLOURS = """
const [picture, done] = arguments;
const image = new Image();
image.onload = () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const pixels = new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer);
  done(new Set(pixels).size);
};
image.src = `data:image/png;base64,${picture}`;
"""
BOXES = """
return [...document.querySelectorAll(".lineage a")].map(box => {
  const { left, top, right, bottom } = box.querySelector("rect").getBoundingClientRect();
  return { left, top, right, bottom, name: box.querySelector(".name").textContent };
});
"""


@dataclass
class Visit:
    """A browser at the pages of the small home."""

    browser: Browser
    site: Path

    def open(self, page: str) -> None:
        file, mark, place = page.partition("#")
        self.browser.open((self.site / file).as_uri() + mark + place)

    def look(self, size: tuple[int, int], *, dark: bool) -> dict[str, dict[str, list[str]]]:
        """Open every page: what there is to complain about, by kind and page."""
        complaints: dict[str, dict[str, list[str]]] = {"errors": {}, "other hosts": {}}
        self.browser.show_as(size, dark=dark)
        for page in sorted(str(file.relative_to(self.site)) for file in self.site.rglob("*.html")):
            if page.startswith("dbt/"):
                continue
            self.open(page)
            self.browser.run(OPEN_ALL)
            found: dict[str, list[str]] = self.browser.run(LOOK)
            found["errors"] = self.browser.errors()
            found["other hosts"] = self.others()
            for kind, words in found.items():
                complaints.setdefault(kind, {}).update({page: words} if words else {})
        return complaints

    def others(self) -> list[str]:
        """Addresses asked for that are not in the folder of the pages."""
        own = (self.site.as_uri(), "data:", "blob:")
        return [address for address in self.browser.requests() if not address.startswith(own)]


@pytest.fixture(scope="module")
def visit(written: Written) -> Iterator[Visit]:
    with browser() as chromium:
        yield Visit(chromium, written.out)


@pytest.fixture(scope="module", params=LOOKS)
def complaints(request: pytest.FixtureRequest, visit: Visit) -> dict[str, dict[str, list[str]]]:
    size, dark = LOOKS[request.param]
    return visit.look(size, dark=dark)


@pytest.mark.parametrize(
    "kind",
    [
        "errors",
        "other hosts",
        "wider than the window",
        "text cut off",
        "text hard to read",
        "headings out of order",
        "broken pictures",
    ],
)
def test_there_is_nothing_to_complain_about(complaints: dict[str, dict[str, list[str]]], kind: str) -> None:
    assert complaints[kind] == {}


def test_the_picture_of_the_lineage_shows_every_dataset(visit: Visit, written: Written) -> None:
    visit.browser.show_as(DESKTOP, dark=False)
    visit.open("lineage.html")
    boxes = visit.browser.run(BOXES)

    assert {box["name"] for box in boxes} == {name.partition(".")[2] for name in written.app.datasets.all}
    assert [b for b in boxes if b["right"] - b["left"] < 20 or b["bottom"] - b["top"] < 20] == []
    assert [b for b in boxes if b["left"] < 0 or b["right"] > DESKTOP[0]] == []


@pytest.mark.parametrize("dark", [False, True])
def test_the_picture_of_the_lineage_is_not_blank(visit: Visit, dark: bool) -> None:
    visit.browser.show_as(DESKTOP, dark=dark)
    visit.open("lineage.html")
    picture = visit.browser.chrome.find_element("css selector", "svg.lineage").screenshot_as_base64

    assert visit.browser.chrome.execute_async_script(COLOURS, picture) > 10


def test_on_a_phone_the_whole_picture_can_be_reached(visit: Visit) -> None:
    visit.browser.show_as(PHONE, dark=False)
    visit.open("lineage.html")

    visit.browser.run("document.querySelector('.picture').scrollLeft = 10_000")

    assert max(box["right"] for box in visit.browser.run(BOXES)) <= PHONE[0]


def test_every_entry_of_the_navigation_leads_to_a_page_that_says_where_one_is(visit: Visit) -> None:
    visit.browser.show_as(PHONE, dark=False)
    visit.open("index.html")
    entries = [link.text for link in visit.browser.chrome.find_elements("css selector", "header nav a")]
    assert entries[:2] == ["Guanxi", "Lineage and plan"]

    for entry in entries[:-1]:
        visit.browser.chrome.find_element("link text", entry).click()
        current = visit.browser.chrome.find_element("css selector", "[aria-current=page]")
        assert (current.text, "· Guanxi" in visit.browser.chrome.title) == (entry, True)


def test_what_is_held_leads_to_its_gate_and_the_broken_check(visit: Visit) -> None:
    visit.browser.show_as(DESKTOP, dark=False)
    visit.open("index.html")

    visit.browser.chrome.find_element("link text", "Gate history").click()

    broken = visit.browser.chrome.find_element("css selector", "details[open] tr.broken")
    assert "unit_price must be between" in broken.text
    assert broken.is_displayed()


def test_dbts_docs_show_a_mart_and_ask_no_other_host(visit: Visit) -> None:
    visit.browser.show_as(DESKTOP, dark=False)
    visit.open("dbt/index.html#!/model/model.guanxi.source_balance")

    visit.browser.wait_for_text("One row per source and landing object version")

    assert visit.others() == []
