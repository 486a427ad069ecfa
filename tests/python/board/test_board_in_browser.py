"""The board in Chromium: no error, no request, the numbers of SQL under every filter, accessible, and a picture of every page.

Pictures are kept in build/board_screenshots: look at them when the board has changed.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import duckdb
import pytest
import yaml
from oracle.boards import ENDING, HOSTILE, opened, published_demo, run_of, with_hostile_names, with_whatif
from oracle.environments import differences, python_with

from lifecycle_tools.board import BOARD, make_board
from lifecycle_tools.board.data import PANELS
from lifecycle_tools.build import PROJECT_DIR

HERE = Path(__file__).parent
LOCK = HERE / "requirements.txt"
LEFT_OUT = ("playwright", "pyee", "greenlet")  # never run: see requirements.in
PICTURES = PROJECT_DIR / "build" / "board_screenshots"
PAGES = yaml.safe_load(PANELS.read_text())["pages"]
WIDTHS, LANGUAGES, THEMES = (1360, 390), ("en", "fr"), ("light", "dark")
FIRST_DRAW = 1500  # milliseconds, on a machine with nothing else to do: the median of all views is asked


@pytest.fixture(scope="module")
def python() -> Path:
    return python_with(LOCK, "board", LEFT_OUT)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another file than the demo's, when LIFECYCLE_BOARD_OF names one."""
    if named := os.environ.get("LIFECYCLE_BOARD_OF"):
        return Path(named).absolute()
    demo = published_demo(tmp_path_factory.mktemp("board"))
    with_whatif(demo, run_of(demo))
    return demo


def views_of(published: Path) -> list[str]:
    """What is chosen in the filters: nothing, a period, each of them alone, and all of them together."""
    with duckdb.connect(str(published), read_only=True) as connection:
        brand, channel, country, segment = connection.execute(
            "select brand, acquisition_channel, country_code, segment from marts.order_metrics_monthly "
            "where segment <> 'unknown' group by all order by sum(order_count) desc, 1, 2, 3, 4 limit 1"
        ).fetchone()
        first, last = connection.execute(
            "select strftime(min(month_date) + interval 3 month, '%Y-%m'), strftime(max(month_date) - interval 2 month, '%Y-%m') "
            "from marts.order_metrics_monthly"
        ).fetchone()
    period = {"from": first, "to": last}
    everything = {**period, "brand": brand, "channel": channel, "country": country, "segment": segment}
    return [urlencode(each) for each in (
        {}, period, {"brand": brand}, {"channel": channel}, {"country": country}, {"segment": segment}, everything,
        {"channel": channel, "choose.churn_cuts": "country", "choose.cohort_customers": "purchasing_customer_rate",
         "choose.metric_over_time": "nps", "choose.forecast": "channel", "choose.attribution": "conversion_count"},
    )]  # fmt: skip


@pytest.fixture(scope="module")
def findings(python: Path, published: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the driver saw."""
    if not shutil.which("chromium") or not shutil.which("chromedriver"):
        raise RuntimeError("The board is tested in Chromium (on Debian: apt-get install chromium chromium-driver).")
    directory = tmp_path_factory.mktemp("browser")
    make_board(published, directory / BOARD)
    make_board(with_hostile_names(published, directory), directory / "hostile.html")
    make_board(directory / "hostile.duckdb", directory / "none.html")  # beside it there is no what-if
    for name, run_id in (("older", "20200101T000000000000Z"), ("unpublished", None)):
        (directory / name).mkdir()
        shutil.copyfile(published.resolve(), directory / name / "current.duckdb")
        with_whatif(directory / name / "current.duckdb", run_id, HOSTILE.replace("/", ""))
        make_board(directory / name / "current.duckdb", directory / f"{name}.html")
    views = [
        {
            "name": f"{page}_{width}_{language}_{theme}",
            "width": width,
            "address": f"{page}?lang={language}&theme={theme}",
        }
        for page in PAGES
        for width in WIDTHS
        for language in LANGUAGES
        for theme in THEMES
    ]
    plan = {
        "board": str(directory / BOARD),
        "hostile": str(directory / "hostile.html"),
        "whatif": [str(directory / f"{name}.html") for name in (BOARD[:-5], "none", "older", "unpublished")],
        "pages": PAGES,
        "pictures": str(PICTURES),
        "views": views,
        "numbers": [f"{page}?{choice}" for page in PAGES for choice in views_of(published)],
        "axe": [
            (f"{page}?lang={language}&theme={theme}", width)
            for page in PAGES
            for language, theme, width in (("en", "light", 1360), ("fr", "dark", 390))
        ],
    }
    (directory / "plan.json").write_text(json.dumps(plan))
    finished = subprocess.run(
        [python, HERE / "drive.py", directory / "plan.json", directory / "findings.json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr[-3000:]
    return json.loads((directory / "findings.json").read_text())


def test_the_environment_is_its_lock_file(python: Path) -> None:
    assert not differences(LOCK, python)


def test_nothing_is_wrong_in_the_console(findings: dict[str, Any]) -> None:
    assert not [(view["name"], view["console"]) for view in findings["views"] if view["console"]]


def test_nothing_is_asked_of_any_host(findings: dict[str, Any]) -> None:
    asked = {url for view in findings["views"] for url in view["requests"]}
    assert any(url.endswith(BOARD) or BOARD + "#" in url for url in asked)
    assert not [url for url in asked if not url.startswith(("file:///", "about:", "data:", "chrome://new-tab-page"))]


def test_the_first_draw_is_quick(findings: dict[str, Any]) -> None:
    taken = sorted(view["milliseconds"] for view in findings["views"])
    print(f"\nfirst draw: median {taken[len(taken) // 2]} ms, slowest {taken[-1]} ms")
    assert taken[len(taken) // 2] < FIRST_DRAW


def test_every_page_fits_its_window(findings: dict[str, Any]) -> None:
    assert not [view["name"] for view in findings["views"] if view["overflows"]]


def test_no_text_of_a_chart_is_cut(findings: dict[str, Any]) -> None:
    assert not [(view["name"], view["cut"]) for view in findings["views"] if view["cut"]]


def test_there_is_a_picture_of_every_page(findings: dict[str, Any]) -> None:
    for view in findings["views"]:
        assert (PICTURES / f"{view['name']}.png").stat().st_size > 10_000, view["name"]


def test_every_panel_says_under_every_filter_what_its_query_says(findings: dict[str, Any], published: Path) -> None:
    compared = 0
    with opened(published) as connection:
        for view in findings["numbers"]:
            for panel in view["panels"]:
                where = (view["address"], panel["id"])
                result = connection.execute(panel["sql"])
                columns = [column[0] for column in result.description]
                expected = [dict(zip(columns, row, strict=True)) for row in result.fetchall()]
                found = list(csv.DictReader(io.StringIO(panel["csv"].removeprefix("\ufeff"))))
                assert len(found) == len(expected), where
                keys = [name for name in columns if not is_number(expected, name)]
                place = {tuple(text(row[name]) for name in keys): row for row in expected}
                assert len(place) == len(expected), where
                for row in found:
                    should = place[tuple(row[name].removeprefix("'") for name in keys)]
                    for name in columns:
                        if name in keys:
                            continue
                        if should[name] is None:
                            assert row[name] == "", (*where, name)
                        else:
                            assert float(row[name]) == pytest.approx(float(should[name]), rel=1e-9, abs=1e-6), (
                                *where,
                                name,
                            )
                        compared += 1
    print(f"\n{compared:,} numbers compared")
    assert compared > 10_000


def is_number(rows: list[dict[str, Any]], name: str) -> bool:
    """Whether a column of these rows is one of numbers, or of nothing."""
    values = [row[name] for row in rows if row[name] is not None]
    return not values or not (isinstance(values[0], str) or hasattr(values[0], "year"))


def text(value: Any) -> str:
    """A dimension as a CSV has it."""
    return "" if value is None else str(value)


def test_filters_act_or_say_that_they_do_not(findings: dict[str, Any]) -> None:
    """What a country changes is not idle, and what it does not change is."""
    plain = {
        panel["id"]: panel for view in findings["numbers"] if view["address"].endswith("?") for panel in view["panels"]
    }
    idle = acting = 0
    for view in findings["numbers"]:
        if view["address"].partition("?")[2].startswith("country="):
            for panel in view["panels"]:
                assert not plain[panel["id"]]["idle"], panel["id"]
                if panel["csv"] != plain[panel["id"]]["csv"]:
                    acting += 1
                    assert not panel["idle"], panel["id"]
                elif "country = " not in panel["sql"]:
                    idle += 1
                    assert "country" in panel["idle"], panel["id"]
    assert acting > 20
    assert idle > 20


def test_a_what_if_says_with_which_run_it_compared(findings: dict[str, Any]) -> None:
    current, none, older, unpublished = findings["notes"]
    assert "compared with this run" in current["note"] and not current["is_mark"]
    assert "customers" in current["sentence"] and "would be in another stage" in current["sentence"]
    assert none["note"] == "" and "make whatif THRESHOLDS=" in none["main"]
    assert "No other thresholds" in none["sentence"]
    assert older["is_mark"] and older["note"].startswith("An older run than this one")
    assert unpublished["is_mark"] and "not published" in unpublished["note"]
    assert HOSTILE.replace("/", "") in older["note"]
    assert not [each["console"] for each in findings["notes"] if each["console"]]


def test_axe_finds_nothing(findings: dict[str, Any]) -> None:
    assert all(each["passes"] > 10 for each in findings["axe"])
    assert not [
        (each["address"], each["width"], each["violations"][:4]) for each in findings["axe"] if each["violations"]
    ]


def test_the_keyboard_is_enough(findings: dict[str, Any]) -> None:
    seen = findings["keyboard"]
    assert seen["skipped_to"] == ["main", "#overview?lang=en"]
    assert seen["visited"][0] == "skip"
    assert {"language", "theme", "print", "filter-from", "filter-brand", "reset"} <= set(seen["visited"])
    assert "brand=" in seen["address"]
    assert seen["after"] != seen["before"]
    assert seen["focused"] == "filter-brand"
    assert seen["opened"] > 10
    assert seen["back"] == seen["before"]


def test_it_can_be_printed(findings: dict[str, Any]) -> None:
    assert findings["printed"]["characters"] > 20_000
    before, during, after = findings["printed"]["paper"]
    assert before == after
    assert before["theme"] == "dark" and during["theme"] == "light"
    assert before["right"] > 1000 and during["right"] <= 690


def test_markup_in_names_is_shown_as_text(findings: dict[str, Any]) -> None:
    seen = findings["hostile"]
    assert not [title for title in seen["titles"] if "taken" in title]
    assert seen["images"] == 0
    texts = "\n".join(seen["texts"])
    assert HOSTILE in texts
    assert ENDING in texts
    assert not seen["console"]
