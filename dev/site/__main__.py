"""Build the site into ``build/site``: ``python -m dev.site``, in the environment of ``dev/site/requirements.txt``."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from dev.site import mart_pages

HERE = Path(__file__).parent
PROJECT_DIR = HERE.parents[1]
WORK = PROJECT_DIR / "build" / "site_pages"
SITE = PROJECT_DIR / "build" / "site"
PAGES = [
    *(PROJECT_DIR / name for name in ("README.md", "CONTRIBUTING.md", "DECISIONS.md", "CHANGELOG.md")),
    *sorted((PROJECT_DIR / "docs").rglob("*.md")),
    *sorted((PROJECT_DIR / "models").rglob("README.md")),
]
LINK = re.compile(r"\]\(([^)\s#]+)[^)]*\)")
CODE = re.compile(r"```.*?```", flags=re.S)
DIAGRAM = re.compile(r"^```mermaid\n(.*?)^```$", flags=re.M | re.S)
# On white in dark pages too; a text that this machine sets wider than the renderer measured is not cut.
STYLE = "<style>svg{background:#fff}foreignObject{overflow:visible}</style>"


def linked_files(page: Path) -> list[Path]:
    """The files of the repository, no pages themselves, that a page links to or shows."""
    links = LINK.findall(CODE.sub("", page.read_text(encoding="utf-8")))
    targets = [(page.parent / link).resolve() for link in links if "://" not in link]
    files = [target for target in targets if target.is_file() and target not in PAGES]
    return [file for file in files if file.is_relative_to(PROJECT_DIR)]


def copy_page(page: Path, copy: Path) -> None:
    """The page as it is, but for its diagrams, which become pictures."""
    from merman import MermanEngine

    def picture(found: re.Match[str]) -> str:
        file = copy.with_name(f"{copy.stem}-{found.start()}.svg")
        svg = MermanEngine(None, None).render_svg(found[1], None)
        file.write_text(svg.replace("</style>", f"</style>{STYLE}", 1), encoding="utf-8")
        return f"![Diagram]({file.name})"

    copy.write_text(DIAGRAM.sub(picture, page.read_text(encoding="utf-8")), encoding="utf-8")


def configuration() -> str:
    """The configuration of the site, with a page for each published table in the navigation."""
    return mart_pages.navigation((HERE / "zensical.toml").read_text(encoding="utf-8"))


def main() -> int:
    """Copy pages and linked files, build strictly (a broken link ends it), put the site in its place."""
    shutil.rmtree(WORK, ignore_errors=True)
    for file in dict.fromkeys([*PAGES, *(target for page in PAGES for target in linked_files(page))]):
        copy = WORK / "pages" / file.relative_to(PROJECT_DIR)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if file in PAGES:
            copy_page(file, copy)
        else:
            shutil.copyfile(file, copy)
    for path, text in mart_pages.pages().items():
        (WORK / "pages" / path).parent.mkdir(exist_ok=True)
        (WORK / "pages" / path).write_text(text, encoding="utf-8")
    tables = WORK / "pages" / mart_pages.OVERVIEW.relative_to(PROJECT_DIR)
    tables.write_text(mart_pages.overview(tables.read_text(encoding="utf-8")), encoding="utf-8")
    (WORK / "zensical.toml").write_text(configuration(), encoding="utf-8")
    (WORK / "pages" / "assets").mkdir()
    shutil.copyfile(HERE / "worker.js", WORK / "pages" / "assets" / "iframe-worker.js")
    zensical = Path(sys.executable).with_name("zensical")
    built = subprocess.run([zensical, "build", "--strict"], cwd=WORK, check=False)
    if built.returncode:
        return built.returncode
    shutil.rmtree(SITE, ignore_errors=True)
    shutil.move(WORK / "site", SITE)
    print("Open build/site/index.html.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
