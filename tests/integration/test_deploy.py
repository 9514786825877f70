"""The files for Docker, Prometheus and Grafana name only what exists."""

import json
import re
from pathlib import Path

import psycopg
import pytest
import yaml
from pydantic_settings import BaseSettings
from typer.testing import CliRunner

from delivery.settings import DeliverySettings
from models.settings import DatabaseSettings
from scheduler.__main__ import build
from scheduler.settings import BounceSettings, WorkerSettings

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OURS = {
    name: service
    for name, service in COMPOSE["services"].items()
    if service["image"].startswith("tidings")
}
SOURCES = yaml.safe_load((ROOT / "deploy/grafana/provisioning/datasources/tidings.yml").read_text())
PANELS = [
    panel
    for file in (ROOT / "deploy/grafana/dashboards").glob("*.json")
    for panel in json.loads(file.read_text())["panels"]
]


def settings() -> set[str]:
    classes: list[type[BaseSettings]] = [
        DatabaseSettings, DeliverySettings, WorkerSettings, BounceSettings,
    ]  # fmt: skip
    return {f"TIDINGS_{field.upper()}" for each in classes for field in each.model_fields}


def macros_replaced(sql: str) -> str:
    """What Grafana makes of its macros, near enough."""
    sql = re.sub(r"\$__timeGroupAlias\((\w+),[^)]*\)", r'date_trunc(\'minute\', \1) AS "time"', sql)
    return re.sub(r"\$__timeFilter\((\w+)\)", r"\1 > '2026-01-01'", sql).replace("\\'", "'")


@pytest.mark.parametrize("name", OURS)
def test_a_service_is_a_command_with_options_that_it_takes(name: str):
    command, *options = OURS[name]["command"]
    shown = CliRunner().invoke(build(command), [command, "--help"])
    assert shown.exit_code == 0, shown.stderr
    assert all(option in shown.stdout for option in options if option.startswith("--"))


def test_compose_sets_only_settings_that_exist():
    named = {key for service in OURS.values() for key in service["environment"]}
    assert named <= settings()


def test_the_example_env_file_names_only_settings_that_exist():
    named = re.findall(r"^# (TIDINGS_\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert named
    assert set(named) <= settings()


def test_everything_compose_mounts_is_there():
    mounts = [
        mount for service in COMPOSE["services"].values() for mount in service.get("volumes", [])
    ]
    files = [mount.split(":")[0] for mount in mounts if mount.startswith("./")]
    assert files
    assert all((ROOT / file).exists() for file in files)


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_reads_what_exists(panel: dict, database_url: str):
    known = {source["uid"] for source in SOURCES["datasources"]}
    for target in panel["targets"]:
        assert target["datasource"]["uid"] in known
        if "rawSql" in target:
            with psycopg.connect(database_url) as connection:
                connection.execute(macros_replaced(target["rawSql"]))
