"""Downloads of public boundary sets, for those who have a network: by name, with licence, checksum, cache and resume.

Nothing else in ntmgis uses a network, and nothing is fetched unless a person asks for it by name.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pooch
import requests

from ntmgis.errors import InputError, UsageError, problem
from ntmgis.workspace import nearest

__all__ = ["Fetched", "PublicSet", "fetch", "public_sets"]

RECORD = "fetched.json"
_TIMEOUT = 60
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class PublicSet:
    """One entry of the catalogue of public sets."""

    id: str
    title: str
    via: str
    server: str
    path: str
    licence: str
    credit: str
    levels: tuple[int, ...] = ()
    level: int | None = None
    formats: tuple[str, ...] = ()
    checksum: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that was fetched (or was there already): where it is, what it is, and how it may be used."""

    id: str
    path: Path
    url: str
    licence: str
    credit: str
    sha256: str
    bytes: int
    cached: bool

    @property
    def snippet(self) -> str:
        """Lines for ntmgis.toml. The origin says on every product that the set is not official."""
        return (
            "[[source]]\n"
            f'id = "{self.id}"\n'
            'table = "unit"\n'
            f'path = "{self.path.as_posix()}"\n'
            f"origin = {json.dumps(f'{self.credit}; không phải số liệu chính thức', ensure_ascii=False)}\n"
            f"licence = {json.dumps(self.licence, ensure_ascii=False)}\n"
        )

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {**asdict(self), "path": str(self.path), "snippet": self.snippet}


@cache
def public_sets() -> Mapping[str, PublicSet]:
    """The catalogue, by name."""
    raw = tomllib.loads((files("ntmgis.intake") / "data" / "fetch.toml").read_text(encoding="utf-8"))
    made: dict[str, PublicSet] = {}
    for id_, entry in raw.items():
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
        made[id_] = PublicSet(id=id_, **values)
    return made


def fetch(
    name: str, folder: Path, *, level: int | None = None, server: str | None = None, update: bool = False
) -> Fetched:
    """Fetch a public set into `folder`.

    A file fetched before is checked against the checksum then recorded and not fetched again (`update` does);
    an interrupted download goes on where it stopped. `server` replaces the catalogue's, for a mirror. UsageError for
    an unknown name or level; InputError when the server does not answer, or the file is not what was announced.
    """
    wanted = public_sets().get(name)
    if wanted is None:
        known = ", ".join(public_sets())
        near = nearest(name, public_sets())
        raise UsageError(problem("E-CONFIG-VALUE", column="fetch", value=name, allowed=known, nearest=near))
    level = wanted.level if level is None else level
    if level is not None and level not in wanted.levels:
        allowed = ", ".join(map(str, wanted.levels))
        raise UsageError(problem("E-CONFIG-VALUE", column="--level", value=level, allowed=allowed, nearest=allowed))
    key = name if level is None else f"{name}-{level}"
    record = _read_record(folder)
    known_file = record.get(key)
    if known_file is not None and not update and (folder / known_file["file"]).is_file():
        return _again(key, wanted, folder, known_file)
    base = server or wanted.server
    url, licence = _locate(wanted, urljoin(base, wanted.path.format(level=level)))
    checksum = None if wanted.checksum is None else _get(urljoin(base, wanted.checksum)).text.split()[0]
    made = _download(url, folder, checksum)
    sha256 = str(pooch.file_hash(str(made)))
    entry = {"file": made.name, "url": url, "licence": licence, "sha256": sha256}
    _write_record(folder, {**record, key: entry})
    return Fetched(key, made, url, licence, wanted.credit, sha256, made.stat().st_size, cached=False)


def _again(key: str, wanted: PublicSet, folder: Path, entry: Mapping[str, str]) -> Fetched:
    path = folder / entry["file"]
    found = str(pooch.file_hash(str(path)))
    if found != entry["sha256"]:
        raise InputError(problem("E-FETCH-CHANGED", file=path.name))
    size = path.stat().st_size
    return Fetched(key, path, entry["url"], entry["licence"], wanted.credit, found, size, cached=True)


def _locate(wanted: PublicSet, url: str) -> tuple[str, str]:
    """The address of the file itself and its licence, as the server states them."""
    if wanted.via == "file":
        return url, wanted.licence
    try:
        told: dict[str, Any] = _get(url).json()
        if wanted.via == "geoboundaries":
            return urljoin(url, told["gjDownloadURL"]), told.get("boundaryLicense") or wanted.licence
        package = told["result"]
        for form in wanted.formats:
            for resource in package["resources"]:
                if str(resource.get("format", "")).lower() == form:
                    return urljoin(url, resource["url"]), package.get("license_title") or wanted.licence
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(problem("E-FETCH-ANSWER", value=url, reason=repr(error))) from error
    raise InputError(problem("E-FETCH-ANSWER", value=url, reason=f"không có định dạng {', '.join(wanted.formats)}"))


def _get(url: str, *, headers: Mapping[str, str] | None = None, stream: bool = False) -> requests.Response:
    if urlsplit(url).scheme not in {"http", "https"}:
        raise InputError(problem("E-FETCH-ANSWER", value=url, reason="địa chỉ không phải http hay https"))
    try:
        answer = requests.get(url, headers=headers, stream=stream, timeout=_TIMEOUT)
        answer.raise_for_status()
    except requests.RequestException as error:
        raise InputError(problem("E-FETCH-FAILED", value=url, reason=error)) from error
    return answer


def _download(url: str, folder: Path, checksum: str | None) -> Path:
    """The file, through pooch's cache: fetched under a temporary name, checked, then moved into place."""
    folder.mkdir(parents=True, exist_ok=True)
    name = Path(urlsplit(url).path).name or "download"
    (folder / name).unlink(missing_ok=True)
    pooch.get_logger().setLevel("ERROR")  # what there is to say is said by the command
    try:
        made = pooch.retrieve(
            url,
            known_hash=None if checksum is None else f"md5:{checksum}",
            fname=name,
            path=folder,
            downloader=_Resuming(folder / f"{name}.part"),
        )
    except InputError:
        raise
    except ValueError as error:  # pooch's word for a checksum that differs
        (folder / f"{name}.part").unlink(missing_ok=True)
        raise InputError(problem("E-FETCH-CHECKSUM", file=name, value=url)) from error
    (folder / f"{name}.part").unlink(missing_ok=True)
    return Path(made)


class _Resuming:
    """A downloader for pooch that keeps what it has in `part` and asks the server for the rest."""

    def __init__(self, part: Path) -> None:
        self.part = part

    def __call__(self, url: str, output_file: str, _pooch: object, check_only: bool = False) -> None:  # noqa: FBT001, FBT002 - pooch's call
        if check_only:
            return
        have = self.part.stat().st_size if self.part.is_file() else 0
        answer = _get(url, headers={"Range": f"bytes={have}-"} if have else None, stream=True)
        # A server that does not know ranges sends the whole again.
        goes_on = have > 0 and answer.status_code == requests.codes.partial_content
        try:
            with self.part.open("ab" if goes_on else "wb") as stream:
                for chunk in answer.iter_content(_CHUNK):
                    stream.write(chunk)
        except requests.RequestException as error:
            raise InputError(problem("E-FETCH-INTERRUPTED", value=url, reason=error)) from error
        expected = answer.headers.get("Content-Length")
        if expected is not None and self.part.stat().st_size != int(expected) + (have if goes_on else 0):
            raise InputError(problem("E-FETCH-INTERRUPTED", value=url, reason="thiếu dữ liệu"))
        Path(output_file).write_bytes(b"")
        self.part.replace(output_file)


def _read_record(folder: Path) -> dict[str, dict[str, str]]:
    try:
        record: dict[str, dict[str, str]] = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record


def _write_record(folder: Path, record: Mapping[str, object]) -> None:
    new = folder / f"{RECORD}.new"
    new.write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")
    new.replace(folder / RECORD)
