"""The picture docs/lineage.svg: which folder of models reads which, made from dbt's manifest: ``python -m dev.lineage``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from lifecycle_tools.build import PROJECT_DIR, run_dbt

PICTURE = PROJECT_DIR / "docs" / "lineage.svg"
WIDTH, HEIGHT, ACROSS, DOWN, MARGIN = 118, 34, 132, 66, 16
STYLE = """
    text { font: 12px system-ui, sans-serif; fill: #1f2328; text-anchor: middle; }
    .count { font-size: 10px; fill: #59636e; }
    rect { fill: #eef3f8; stroke: #7a8794; }
    .public rect { fill: #dcefe0; stroke: #4c8f5d; }
    path { fill: none; stroke: #a3adb8; }
    marker path { fill: #a3adb8; stroke: none; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .count { fill: #a5b0bb; }
      rect { fill: #1c2733; stroke: #62707e; }
      .public rect { fill: #14331f; stroke: #4c8f5d; }
      path { stroke: #56616c; }
      marker path { fill: #56616c; stroke: none; }
    }
"""


def folders(manifest: Any) -> tuple[dict[str, int], dict[str, set[str]]]:
    """The number of models in each folder, and the folders that each folder reads; base and staging count as one each."""
    place = {
        unique_id: _folder(Path(node.original_file_path))
        for unique_id, node in manifest.nodes.items()
        if node.resource_type == "model"
    }
    reads: dict[str, set[str]] = {folder: set() for folder in sorted(set(place.values()))}
    for unique_id, folder in place.items():
        parents = {place[parent] for parent in manifest.nodes[unique_id].depends_on.nodes if parent in place}
        reads[folder] |= parents - {folder}
    return dict(Counter(place.values())), reads


def _folder(path: Path) -> str:
    layer, *inner = path.parts[1:-1]
    return inner[0] if layer == "intermediate" else f"{layer}/{inner[0]}" if layer == "marts" else layer


def picture(counts: Mapping[str, int], reads: Mapping[str, set[str]]) -> str:
    """The picture: folders from top to bottom, each below all that it reads; arrows that others imply are left out."""
    levels: dict[str, int] = {}

    def level(folder: str, on_the_way: tuple[str, ...] = ()) -> int:
        if folder not in levels:
            parents = [parent for parent in sorted(reads[folder]) if parent not in on_the_way]
            levels[folder] = max((level(parent, (*on_the_way, folder)) + 1 for parent in parents), default=0)
        return levels[folder]

    for folder in sorted(reads):
        level(folder)
    arrows = {
        folder: {parent for parent in reads[folder] if not _is_implied(parent, folder, reads)}
        for folder in sorted(reads)
    }
    numbers = range(max(levels.values()) + 1)
    rows = [[folder for folder in sorted(levels) if levels[folder] == number] for number in numbers]
    place: dict[str, float] = {}
    widest = max(len(row) for row in rows)
    for row in rows:
        row.sort(key=lambda folder: (_middle([place[parent] for parent in arrows[folder] if parent in place]), folder))
        for number, folder in enumerate(row):
            place[folder] = number + (widest - len(row)) / 2
    corner = {folder: (MARGIN + place[folder] * ACROSS, MARGIN + levels[folder] * DOWN) for folder in sorted(levels)}
    width, height = 2 * MARGIN + (widest - 1) * ACROSS + WIDTH, 2 * MARGIN + (len(rows) - 1) * DOWN + HEIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img">',
        "  <title>Folders of models, from raw tables to marts; an arrow means that the lower one reads the upper one</title>",
        f"  <style>{STYLE}  </style>",
        '  <defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0,0 L8,4 L0,8 z"/></marker></defs>',
    ]
    for folder, parents in arrows.items():
        for parent in sorted(parents):
            from_x, from_y = corner[parent][0] + WIDTH / 2, corner[parent][1] + HEIGHT
            to_x, to_y = corner[folder][0] + WIDTH / 2, corner[folder][1]
            bend = max((to_y - from_y) / 2, 20)
            parts.append(
                f'  <path d="M{from_x:g},{from_y:g} C{from_x:g},{from_y + bend:g} {to_x:g},{to_y - bend:g} {to_x:g},{to_y:g}" '
                'marker-end="url(#head)"/>'
            )
    for folder, (left, top) in corner.items():
        is_public = folder.startswith("marts/") or folder in ("metrics", "quality")
        parts += [
            f"  <g{' class=' + chr(34) + 'public' + chr(34) if is_public else ''}>"
            f'<rect x="{left:g}" y="{top:g}" width="{WIDTH}" height="{HEIGHT}" rx="5"/>'
            f'<text x="{left + WIDTH / 2:g}" y="{top + 15:g}">{escape(folder)}</text>'
            f'<text class="count" x="{left + WIDTH / 2:g}" y="{top + 28:g}">'
            f"{counts[folder]} model{'s' if counts[folder] > 1 else ''}</text></g>"
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _is_implied(parent: str, folder: str, reads: Mapping[str, set[str]]) -> bool:
    """Whether ``folder`` reads ``parent`` by way of another folder as well."""
    seen: set[str] = set()
    waiting = [other for other in reads[folder] if other != parent]
    while waiting:
        other = waiting.pop()
        if other not in seen and other != folder:
            seen.add(other)
            waiting += reads[other]
    return parent in seen


def _middle(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0


def main() -> None:
    """Write the picture."""
    parsed = run_dbt(["parse"], warehouse_path=":memory:")
    if not parsed.success:
        raise SystemExit("\n".join(parsed.problems))
    PICTURE.write_text(picture(*folders(parsed.manifest)), encoding="utf-8")


if __name__ == "__main__":
    main()
