"""The documentation site: `make site` builds it, its links lead somewhere, no page asks another host, no page is forgotten.

`make test-site` runs this; `make test` does not, as the site has an environment of its own.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from oracle.environments import differences

from dev.site import mart_pages
from dev.site.__main__ import PAGES, SITE, WORK, configuration
from lifecycle_tools.build import PROJECT_DIR

HERE = PROJECT_DIR / "dev" / "site"
ENVIRONMENT = PROJECT_DIR / "build" / "site_environment" / "bin"
DOCS = [page for page in PAGES if page.is_relative_to(PROJECT_DIR / "docs")]
# Asks the search for a word as a reader does, and notes what it shows where the dump of the page has it.
ASK = """<script>
const soon = (what) => setTimeout(what, 1500);
addEventListener("load", () => soon(() => {
  document.querySelector(".md-search__button").click();
  soon(() => {
    const { shadowRoot } = [...document.querySelectorAll("*")].find((each) => each.shadowRoot);
    const input = shadowRoot.querySelector("input");
    input.value = "churn_window_calibration";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    soon(() => { document.body.dataset.found = shadowRoot.textContent.slice(0, 1000); });
  });
}));
</script>"""
FETCHED = ("script", "link", "img", "iframe", "source", "video", "audio", "object", "embed")


class Page(HTMLParser):
    """What a page links to, what it fetches, and the anchors that it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.anchors |= {values[name] for name in ("id", "name") if values.get(name)}
        places = [values[name] for name in ("src", "href", "data", "srcset", "action") if values.get(name)]
        (self.fetched if tag in FETCHED or "action" in values else self.links).extend(places)


@pytest.fixture(scope="module")
def pages() -> dict[Path, Page]:
    built = subprocess.run(["make", "--silent", "site"], cwd=PROJECT_DIR, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return {path: Page(path.read_text(encoding="utf-8")) for path in sorted(SITE.rglob("*.html"))}


def named(entries: Any) -> Iterator[str]:
    """The files that a navigation names, at any depth."""
    if isinstance(entries, str):
        yield entries
    else:
        for entry in entries.values() if isinstance(entries, dict) else entries:
            yield from named(entry)


def test_the_environment_of_the_site_is_its_lock_file(pages: dict[Path, Page]) -> None:
    assert not (different := differences(HERE / "requirements.txt", ENVIRONMENT / "python")), different


def test_every_page_is_in_the_navigation_once() -> None:
    navigation = tomllib.loads(configuration())["project"]["nav"]
    pages = [page.relative_to(PROJECT_DIR).as_posix() for page in PAGES]
    assert sorted(named(navigation)) == sorted([*pages, *mart_pages.pages()])


def test_each_question_leads_to_the_page_of_its_table(pages: dict[Path, Page]) -> None:
    """From docs/marts.html, and there the query stands with its result."""
    overview = pages[SITE / "docs" / "marts.html"]
    assert "lifecycle_customers" not in overview.anchors
    for path in mart_pages.pages():
        page = SITE / Path(path).with_suffix(".html")
        assert f"marts/{page.name}" in overview.links
        assert {"traps", "on-the-demo", "columns"} <= pages[page].anchors


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.stem)
def test_every_page_says_first_whom_it_is_for(page: Path) -> None:
    title, lead, _ = page.read_text(encoding="utf-8").split("\n\n", 2)
    assert title.startswith("# ")
    assert re.match(r"For (analysts|engineers|marketers|readers|users) who ", lead)
    assert page.name == "glossary.md" or "glossary.md)" in lead


def test_every_page_is_built_and_can_be_searched(pages: dict[Path, Page]) -> None:
    assert len(pages) == len(PAGES) + len(mart_pages.pages()) + 1  # and the page of a link that leads nowhere
    index = (SITE / "search.js").read_text(encoding="utf-8")
    missing = [
        path.name for path in pages if path.name != "404.html" and path.relative_to(SITE).as_posix() not in index
    ]
    assert not missing


def test_no_page_asks_another_host(pages: dict[Path, Page]) -> None:
    asked = [
        f"{path.relative_to(SITE)}: {place}" for path, page in pages.items() for place in page.fetched if _host(place)
    ]
    asked += [
        f"{path.relative_to(SITE)}: a style that fetches"
        for path in [*SITE.rglob("*.css"), *SITE.rglob("*.html"), *SITE.rglob("*.svg")]
        for text in [path.read_text(encoding="utf-8")]
        if any(f"{start}{mark}" in text for start in ("url(", "url('", 'url("', "@import '") for mark in ("http", "//"))
    ]
    # The script of the theme fetches Mermaid for diagrams that are not drawn yet, and others for what no page here has.
    asked += [str(path.relative_to(SITE)) for path in pages if 'class="mermaid"' in path.read_text(encoding="utf-8")]
    assert not asked, asked


def test_links_of_the_site_lead_somewhere(pages: dict[Path, Page]) -> None:
    broken = []
    for path, page in pages.items():
        for place in [*page.links, *page.fetched]:
            if _host(place) or place.startswith(("mailto:", "javascript:", "data:")) or path.name == "404.html":
                continue
            parts = urlsplit(place)
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            anchors = pages[target].anchors if target in pages else {parts.fragment}
            if not target.exists() or (parts.fragment and unquote(parts.fragment) not in anchors):
                broken.append(f"{path.relative_to(SITE)}: {place}")
    assert not broken, broken


@pytest.mark.skipif(not shutil.which("chromium"), reason="needs chromium (on Debian: apt-get install chromium)")
def test_search_finds_a_word_without_a_server(pages: dict[Path, Page], tmp_path: Path) -> None:
    shutil.copytree(SITE, tmp_path / "site")
    index = tmp_path / "site" / "index.html"
    index.write_text(index.read_text(encoding="utf-8").replace("</body>", f"{ASK}</body>"), encoding="utf-8")
    options = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        f"--user-data-dir={tmp_path}/profile",
    ]
    command = ["chromium", *options, "--virtual-time-budget=10000", "--dump-dom", index.as_uri()]
    seen = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    assert re.search(r'data-found="[^"]*\d+ results[^"]*Final models', seen), seen[seen.find("<body") :][:2000]


@pytest.mark.parametrize("link", ["nowhere.md", "glossary.md#nowhere", "#nowhere"])
def test_a_broken_link_stops_the_site(pages: dict[Path, Page], tmp_path: Path, link: str) -> None:
    shutil.copytree(WORK, tmp_path / "work")
    with (tmp_path / "work" / "pages" / "docs" / "board.md").open("a") as page:
        page.write(f"\n[a link]({link})\n")
    built = subprocess.run(
        [ENVIRONMENT / "zensical", "build", "--strict"], cwd=tmp_path / "work", capture_output=True, check=False
    )
    assert built.returncode != 0


def _host(place: str) -> str:
    return urlsplit(place).netloc
