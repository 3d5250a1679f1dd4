"""What a person gets who installs the package: the same requirements by pip and by conda, and no registry address."""

import re
import tomllib
from pathlib import Path

# conda-forge's name where it differs from the one pip uses
CONDA_NAMES: dict[str, str] = {}
CONDA_ONLY = {"python", "pip", "hatchling", "nodejs", "pytest", "libgdal", "libgdal-arrow-parquet", "libgdal-pg"}


def split(requirement: str) -> tuple[str, str]:
    found = re.fullmatch(r"([A-Za-z0-9_.-]+)(?:\[[a-z,]+\])?\s*(?:>=\s*([0-9.]+))?", requirement)
    assert found, f"cannot read the requirement {requirement!r}"
    return found[1].lower(), found[2] or ""


def conda(repository: Path) -> dict[str, str]:
    text = (repository / "environment.yml").read_text(encoding="utf-8")
    entries = re.findall(r"^ +- ([a-z][^:\n]*)$", text, re.MULTILINE)
    return dict(split(entry) for entry in entries if entry != "conda-forge")


def project(repository: Path) -> dict[str, object]:
    return tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_conda_and_pip_ask_for_the_same_packages_and_minimum_versions(repository: Path) -> None:
    pip = {CONDA_NAMES.get(name, name): version for name, version in map(split, project(repository)["dependencies"])}
    have = {name: version for name, version in conda(repository).items() if name not in CONDA_ONLY}
    assert have == pip


def test_conda_asks_for_the_same_python(repository: Path) -> None:
    assert ">=" + conda(repository)["python"] == project(repository)["requires-python"]


def test_every_dependency_has_a_minimum_version(repository: Path) -> None:
    everything = [*project(repository)["dependencies"], *project(repository)["optional-dependencies"]["dev"]]
    assert [entry for entry in everything if not split(entry)[1]] == []


def test_the_lockfile_names_no_registry(repository: Path) -> None:
    lock = (repository / "web" / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert '"integrity"' in lock
