"""What deploy/ holds fits this program: units verified, the compose file whole, commands and variables real."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from lantern.commands import COMMANDS
from lantern.config import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
VARIABLES = {field.metadata["env"] for field in Settings.__dataclass_fields__.values()}
COMPOSE = DEPLOY / "container" / "compose.yml"


def compose():
    return yaml.safe_load(COMPOSE.read_text())


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path):
    (tmp_path / "bin").mkdir()
    python = shutil.which("python3")
    for unit in UNITS:
        text = unit.read_text().replace("/opt/lantern/.venv/bin/python", str(python))
        (tmp_path / unit.name.replace("@.", "@8080.")).write_text(text)
    (tmp_path / "lantern.target").write_text((DEPLOY / "systemd" / "lantern.target").read_text())
    files = sorted(str(path) for path in tmp_path.iterdir() if path.suffix)

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *files], capture_output=True, text=True, timeout=120, check=False
    )

    ours = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "lantern" in line]
    assert (done.returncode, ours) == (0, [])


def test_every_command_that_is_started_is_one_of_ours():
    started = [word for unit in UNITS for word in re.findall(r"-m lantern (\w+)", unit.read_text())]
    started += [
        service["command"][0]
        for service in compose()["services"].values()
        if service.get("image") == "lantern:latest" and "command" in service
    ]

    assert {"web", "bot", "delivery", "clock"} <= set(started) <= set(COMMANDS)


def test_every_variable_that_is_set_is_one_of_ours():
    example = (DEPLOY / "systemd" / "lantern.env.example").read_text()
    named = set(re.findall(r"^([A-Z_]+)=", example, re.M))
    for unit in UNITS:
        named |= set(re.findall(r"\b(LANTERN_[A-Z_]+)=", unit.read_text()))
    named |= set(compose()["x-lantern"]["environment"])

    assert len(named) > 8
    assert named <= VARIABLES


def test_services_run_as_nobody_special_and_keep_the_master_key_outside_the_data():
    for unit in UNITS:
        text = unit.read_text()
        assert {"User=lantern", "NoNewPrivileges=yes", "ProtectSystem=strict", "LimitCORE=0"} <= set(text.splitlines())
        assert "LANTERN_MASTER_KEY_FILE=%d/master-key" in text
    for name, service in compose()["services"].items():
        if service["image"] == "lantern:latest":
            assert service["cap_drop"] == ["ALL"], name
            assert service["read_only"], name


def test_only_nginx_is_reached_from_outside_and_the_runner_reaches_nobody():
    services = compose()["services"]

    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]
    assert all("networks" not in services[name] for name in ("web-a", "web-b")), (
        "network_mode and networks exclude another"
    )
    assert services["runner"]["networks"] == services["postgres"]["networks"] == ["inside"]
    assert compose()["networks"]["inside"]["internal"] is True
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)
        assert set(service.get("secrets", [])) <= set(compose()["secrets"])


def test_the_image_holds_every_room_and_what_the_model_is_made_of():
    copied = set(re.findall(r"^COPY (\S+)", (DEPLOY / "container" / "Containerfile").read_text(), re.M))
    rooms = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()} - {"tests", "benchmarks"}

    assert rooms | {"nlu_data", "stories", "requirements.lock"} <= copied
