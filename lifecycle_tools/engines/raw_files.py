"""The raw files of a directory, read and checked by the project's own macros, for engines that cannot read files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from lifecycle_tools.build import run_dbt

CONTRACT_TABLES = (
    "customers", "orders", "order_items", "refunds", "products", "carts", "subscriptions", "campaigns",
    "ad_performance", "touchpoints", "engagements", "messages", "social_daily", "podcast_daily", "survey_responses",
    "support_tickets", "referrals", "affiliate_sales", "reviews", "identity_links", "erasure_requests",
)  # fmt: skip


@contextmanager
def raw_warehouse(raw_data_dir: Path, dbt_target_path: Path | None = None, raw_schema: str = "raw") -> Iterator[Path]:
    """Make a DuckDB file, gone afterwards, whose schema ``raw_schema`` holds what ``raw_data_dir`` holds.

    One reader for all engines: what stops a build on DuckDB (a misspelt file, a broken line, a missing column) stops
    here with the same sentence. Raises ValueError with that sentence. ``dbt_target_path`` may hold the project as
    parsed before, which saves parsing it again.
    """
    with tempfile.TemporaryDirectory(prefix="lifecycle_raw_") as directory:
        warehouse = Path(directory) / "files.duckdb"
        result = run_dbt(
            ["run-operation", "load_raw_files", "--target", "duckdb"],
            raw_data_dir=Path(raw_data_dir).resolve(),
            raw_schema=raw_schema,
            warehouse_path=warehouse,
            dbt_target_path=dbt_target_path or Path(directory) / "target",
            dbt_log_path=Path(directory) / "logs",
        )
        if not result.success:
            raise ValueError("\n".join(result.problems) or f"{raw_data_dir} could not be read.")
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(
                f'drop table "{raw_schema}"._loaded_files'
            )  # meant for the next build in the same DuckDB file
        yield warehouse
