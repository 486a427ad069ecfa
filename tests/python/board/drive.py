"""Open boards in Chromium and write what was seen as JSON: ``drive.py <plan> <findings>``.

Runs in the environment of requirements.txt beside it. The plan says which file, which views to look at and take pictures of,
which to take numbers from, and which to ask axe of.
"""

from __future__ import annotations

import json
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.keys import Keys

ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What a reader gets who opens the details of each panel and downloads its CSV.
NUMBERS = """
const done = arguments[0];
const texts = [];
URL.createObjectURL = (blob) => { texts.push(blob.text()); return 'data:,'; };
HTMLAnchorElement.prototype.click = () => {};
for (const details of document.querySelectorAll('details')) details.open = true;
setTimeout(async () => {
  const found = [];
  for (const panel of document.querySelectorAll('.panel')) {
    panel.querySelector('button.csv').click();
    found.push({ id: panel.id.slice(6), sql: panel.querySelector('pre').textContent, csv: await texts[texts.length - 1],
      idle: (panel.querySelector('.idle') || {}).textContent || '' });
  }
  done(found);
}, 60);
"""
# Texts of charts that reach over the edge of what holds them, and texts that lie on one another.
CUT = """
const found = [];
for (const chart of document.querySelectorAll('.chart')) {
  const box = chart.getBoundingClientRect();
  const placed = [];
  for (const text of chart.querySelectorAll('svg text')) {
    const own = text.getBoundingClientRect();
    if (!own.width || getComputedStyle(text).visibility === 'hidden') continue;
    for (const other of placed) {
      const wide = Math.min(own.right, other.box.right) - Math.max(own.left, other.box.left);
      const high = Math.min(own.bottom, other.box.bottom) - Math.max(own.top, other.box.top);
      if (wide > 2 && high > 4) found.push(chart.closest('.panel').id + ': ' + text.textContent + ' on ' + other.text);
    }
    placed.push({ box: own, text: text.textContent });
    const inside = own.left > box.left - 2 && own.right < box.right + 2 && own.top > box.top - 2 && own.bottom < box.bottom + 2;
    if (!inside) {
      found.push(chart.closest('.panel').id + ': ' + text.textContent);
    }
  }
}
return found;
"""


def browser() -> webdriver.Chrome:
    """Chromium without a window, which keeps logs of the console and of the network."""
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ARGUMENTS:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))


def size(driver: webdriver.Chrome, width: int, height: int) -> None:
    """Give the page so many pixels; narrow ones are a phone's."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def open_view(driver: webdriver.Chrome, file: str, address: str) -> int:
    """Load the file at an address, wait until it is drawn, and return after how many milliseconds it was."""
    driver.get("about:blank")
    driver.get(f"file://{file}#{address}")
    for _ in range(200):
        ready = driver.execute_script("return document.body && document.body.dataset.ready")
        if ready:
            return int(ready.rpartition("|")[2])
        time.sleep(0.05)
    raise TimeoutError(f"{address} was not drawn: {driver.get_log('browser')}")


def logged(driver: webdriver.Chrome) -> dict[str, list[str]]:
    """What the console said and what was asked for since the last call."""
    requests = []
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            requests.append(message["params"]["request"]["url"][:200])
    return {"console": [entry["message"] for entry in driver.get_log("browser")], "requests": requests}


def picture(driver: webdriver.Chrome, file: str, view: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Look at one page: how long it took, whether it is wider than the window, what is cut; and take its picture."""
    size(driver, view["width"], 900)
    took = open_view(driver, file, view["address"])
    wide, high = driver.execute_script(
        "return [document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    )
    cut = driver.execute_script(CUT)
    size(driver, view["width"], high)
    driver.save_screenshot(str(folder / f"{view['name']}.png"))
    return {**view, "milliseconds": took, "overflows": wide > view["width"], "cut": cut, **logged(driver)}


def go_to(driver: webdriver.Chrome, address: str) -> None:
    """Change the address of the open board, and wait until that view is drawn."""
    driver.execute_script("location.hash = arguments[0]", address)
    for _ in range(200):
        ready = driver.execute_script("return document.body.dataset.ready")
        if ready.rpartition("|")[0].lstrip("#") == address:
            return
        time.sleep(0.02)
    raise TimeoutError(f"{address} was not drawn: {driver.get_log('browser')}")


def numbers(driver: webdriver.Chrome, address: str) -> dict[str, Any]:
    """Query and CSV of every panel at an address."""
    go_to(driver, address)
    return {"address": address, "panels": driver.execute_async_script(NUMBERS)}


def accessibility(driver: webdriver.Chrome, address: str, width: int) -> dict[str, Any]:
    """What axe finds at an address."""
    size(driver, width, 900)
    go_to(driver, address)
    driver.execute_script(
        "for (const details of [...document.querySelectorAll('details')].slice(-2)) details.open = true"
    )
    script = Path(find_spec("axe_playwright_python").submodule_search_locations[0]) / "axe.min.js"
    if not driver.execute_script("return typeof axe !== 'undefined'"):
        driver.execute_script(script.read_text(encoding="utf-8"))
    run = "const done = arguments[1]; axe.run(document, { runOnly: arguments[0] }).then(done)"
    found = driver.execute_async_script(run, RULES)
    violations = [
        f"{each['id']}: {node['html'][:120]} {node.get('failureSummary', '')[:200]}"
        for each in found["violations"]
        for node in each["nodes"]
    ]
    return {"address": address, "width": width, "violations": violations, "passes": len(found["passes"])}


def by_keyboard(driver: webdriver.Chrome, file: str) -> dict[str, Any]:
    """Go through the page with the keyboard alone: to the content, through the filters, and choose a brand."""
    size(driver, 1360, 900)
    open_view(driver, file, "overview?lang=en")
    active = "return document.activeElement.id || document.activeElement.textContent.slice(0, 40)"
    driver.switch_to.active_element.send_keys(Keys.TAB)
    driver.switch_to.active_element.send_keys(Keys.ENTER)
    skipped_to = driver.execute_script(active), driver.execute_script("return location.hash")
    open_view(driver, file, "overview?lang=en")
    visited = []
    for _ in range(26):
        driver.switch_to.active_element.send_keys(Keys.TAB)
        visited.append(driver.execute_script(active))
    before = driver.find_element("css selector", "#panel-tile_active .value").text
    driver.execute_script("document.getElementById('filter-brand').focus()")
    driver.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    time.sleep(0.3)
    address = driver.execute_script("return location.hash")
    after = driver.find_element("css selector", "#panel-tile_active .value").text
    focused = driver.execute_script(active)
    driver.execute_script("document.querySelector('#details-stages_over_time summary').focus()")
    driver.switch_to.active_element.send_keys(Keys.ENTER)
    time.sleep(0.2)
    opened = driver.execute_script("return document.querySelectorAll('#details-stages_over_time td').length")
    driver.back()
    time.sleep(0.3)
    back = driver.find_element("css selector", "#panel-tile_active .value").text
    said = {"skipped_to": skipped_to, "visited": visited, "address": address, "focused": focused, "opened": opened}
    return said | {"before": before, "after": after, "back": back}


# How far to the right the charts reach, and whether the page is light, before, during and after printing.
PAPER = """
const seen = () => ({ theme: document.documentElement.dataset.theme,
  right: Math.max(...[...document.querySelectorAll('.chart svg')].map((svg) => svg.getBoundingClientRect().right)) });
const before = seen();
window.dispatchEvent(new Event('beforeprint'));
const during = seen();
window.dispatchEvent(new Event('afterprint'));
return [before, during, seen()];
"""


def printed(driver: webdriver.Chrome, file: str) -> dict[str, Any]:
    """A page with a wide chart, which is dark, as a PDF: how many bytes it has, and what becomes of the page for it."""
    size(driver, 1360, 900)
    open_view(driver, file, "retention?lang=en&theme=dark")
    pdf = driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"]
    return {"characters": len(pdf), "paper": driver.execute_script(PAPER)}


def notes(driver: webdriver.Chrome, files: list[str]) -> list[dict[str, Any]]:
    """What the page of the what-if says in each board."""
    size(driver, 1360, 900)
    found = []
    for file in files:
        open_view(driver, file, "whatif?lang=en")
        text = "return document.getElementById('note').hidden ? '' : document.getElementById('note').textContent"
        is_mark = "return document.getElementById('note').className === 'note'"
        said = {"note": driver.execute_script(text), "is_mark": driver.execute_script(is_mark)}
        said["sentence"] = driver.execute_script("return document.getElementById('sentence').textContent")
        said["main"] = driver.execute_script("return document.getElementById('main').innerText")
        found.append(said | logged(driver))
    return found


def hostile(driver: webdriver.Chrome, file: str, pages: list[str]) -> dict[str, Any]:
    """Pages of a board whose names are markup: whether any of it ran, and what is shown of it."""
    size(driver, 1360, 900)
    found: dict[str, Any] = {"titles": [], "images": 0, "texts": []}
    for page in pages:
        open_view(driver, file, f"{page}?lang=en")
        driver.execute_script("for (const details of document.querySelectorAll('details')) details.open = true")
        time.sleep(0.2)
        found["titles"].append(driver.title)
        found["images"] += driver.execute_script("return document.querySelectorAll('main img, main script').length")
        found["texts"].append(driver.execute_script("return document.body.innerText"))
    return found | logged(driver)


def main() -> None:
    """Carry out the plan."""
    plan = json.loads(Path(sys.argv[1]).read_text())
    folder = Path(plan["pictures"])
    folder.mkdir(parents=True, exist_ok=True)
    driver = browser()
    driver.set_script_timeout(120)
    try:
        findings = {
            "views": [picture(driver, plan["board"], view, folder) for view in plan["views"]],
            "keyboard": by_keyboard(driver, plan["board"]),
            "printed": printed(driver, plan["board"]),
            "numbers": [numbers(driver, address) for address in plan["numbers"]],
            "axe": [accessibility(driver, address, width) for address, width in plan["axe"]],
            "notes": notes(driver, plan["whatif"]),
            "hostile": hostile(driver, plan["hostile"], plan["pages"]),
        }
    finally:
        driver.quit()
    Path(sys.argv[2]).write_text(json.dumps(findings))


if __name__ == "__main__":
    main()
