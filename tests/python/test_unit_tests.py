"""The unit tests of the models, all of them: ``make demo`` and ``make build`` leave them out, as they test no data."""

from pathlib import Path

from oracle.runs import NAME, demo, project, run_dbt

from lifecycle_tools.build import PROJECT_DIR


def test_every_unit_test_passes(tmp_path: Path) -> None:
    """They read the columns of tables that are there, so a built warehouse stands by."""
    settings = {"warehouse_path": demo(tmp_path, "UTC"), "raw_data_dir": PROJECT_DIR / "seeds" / "demo"}
    settings |= {"dbt_target_path": tmp_path / "target", "dbt_log_path": tmp_path / "logs"}
    assert settings["warehouse_path"].name == NAME
    result = run_dbt(["test", "--select", "test_type:unit"], **settings)
    assert result.success, "\n".join(result.problems)
    passed = {unique_id for unique_id, status in result.statuses.items() if status == "pass"}
    assert passed == set(project(settings).unit_tests)
