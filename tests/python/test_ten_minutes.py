"""docs/ten_minutes.md: its file of five orders gives the stages that the page says, and its commands and settings exist."""

from __future__ import annotations

import re
from pathlib import Path

from conftest import Builder

from lifecycle_tools.build import PROJECT_DIR

TEXT = (PROJECT_DIR / "docs" / "ten_minutes.md").read_text(encoding="utf-8")


def test_the_five_orders_give_the_stages_of_the_page(builder: Builder, tmp_path: Path) -> None:
    (orders,) = re.findall(r"```csv\n(.*?)```", TEXT, flags=re.S)
    (tmp_path / "orders.csv").write_text(orders)
    build = builder.build("ten_minutes", tmp_path, as_of_date=None)
    stages = build.rows("select customer_id, current_stage from marts.lifecycle_customers order by customer_id")
    assert stages == re.findall(r"^\| (\w+) \| (\w+) \| bought", TEXT, flags=re.M)
    assert len(stages) == 3


def test_its_commands_and_settings_exist() -> None:
    makefile = (PROJECT_DIR / "Makefile").read_text(encoding="utf-8")
    readme = (PROJECT_DIR / "README.md").read_text(encoding="utf-8")
    blocks = "".join(re.findall(r"```sh\n(.*?)```", TEXT, flags=re.S))
    commands = re.findall(r"make ([\w-]+)", blocks)
    assert {"demo", "explain", "check-data", "build"} <= set(commands)
    assert all(re.search(rf"^{command}: ", makefile, flags=re.M) for command in commands)
    named = {name for name in re.findall(r"(\w+)=", blocks) if name != "CUSTOMER"}
    assert all(f"| `{name}`" in readme for name in named)
