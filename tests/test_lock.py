"""The locked environment: complete, verified by hash, and silent about where packages come from (SEC-12)."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).resolve().parents[1]
LOCKS = ["requirements.lock", "requirements-test.lock"]


def pins(name: str) -> dict[str, str]:
    """The version of each package in a lock file."""
    found = re.findall(r"^([\w.-]+)==([^\s;]+)", (PROJECT / name).read_text(), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in found}


def declared(*extras: str) -> list[Requirement]:
    """What pyproject.toml asks for, with the extras named."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    optional = [line for extra in extras for line in project["optional-dependencies"][extra]]
    return [Requirement(line) for line in (*project["dependencies"], *optional)]


@pytest.mark.parametrize(("name", "extras"), [(LOCKS[0], ()), (LOCKS[1], ("test", "redis", "rabbitmq"))])
def test_every_declared_package_is_locked_at_an_allowed_version(name: str, extras: tuple[str, ...]) -> None:
    locked = pins(name)
    unmet = [
        str(wanted) for wanted in declared(*extras) if locked.get(canonicalize_name(wanted.name)) is None
    ]
    assert unmet == [], f"run `make lock`: {name} lacks them"
    for wanted in declared(*extras):
        assert wanted.specifier.contains(locked[canonicalize_name(wanted.name)]), f"run `make lock`: {wanted}"


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_its_hashes_and_no_address(name: str) -> None:
    text = (PROJECT / name).read_text().replace("\\\n", " ")
    assert [line for line in text.splitlines() if "--hash=sha256:" not in line] == []
    assert "//" not in text
    assert "--index" not in text


def test_the_product_runs_without_the_test_tools() -> None:
    runtime, everything = pins(LOCKS[0]), pins(LOCKS[1])
    assert runtime.items() <= everything.items()
    assert {"pytest", "ruff", "mypy", "pyx12", "playwright"}.isdisjoint(runtime)
