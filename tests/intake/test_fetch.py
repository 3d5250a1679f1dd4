"""Downloads, from a real server on the loopback interface: metadata, resume, checksum, cache, refusals."""

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ntmgis.errors import InputError, UsageError
from ntmgis.intake.fetch import fetch, public_sets

BODY = bytes(range(256)) * 4000


@dataclass
class Server:
    """What the loopback server answers, and what it was asked."""

    address: str = ""
    pages: dict[str, bytes] = field(default_factory=dict)
    ranges: bool = True
    cut_after: int | None = None
    asked: list[tuple[str, str | None]] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    told = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            told.asked.append((self.path, wanted))
            body = told.pages.get(self.path)
            if body is None:
                self.send_error(404)
                return
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and told.ranges else 0
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body) - start))
            self.end_headers()
            part = body[start:]
            if told.cut_after is not None and len(body) > told.cut_after:
                part, told.cut_after = part[: told.cut_after], None
            self.wfile.write(part)

        def log_message(self, *_args: object) -> None:
            return

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.address = f"http://127.0.0.1:{running.server_port}"
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield told
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture
def osm(server: Server) -> Server:
    server.pages["/asia/vietnam-latest.osm.pbf"] = BODY
    md5 = hashlib.md5(BODY).hexdigest()
    server.pages["/asia/vietnam-latest.osm.pbf.md5"] = f"{md5}  vietnam-latest.osm.pbf\n".encode()
    return server


def test_a_file_with_its_checksum(osm: Server, tmp_path: Path) -> None:
    made = fetch("osm", tmp_path, server=osm.address)
    assert made.path.read_bytes() == BODY
    assert made.sha256 == hashlib.sha256(BODY).hexdigest()
    assert not made.cached
    assert made.licence == "ODbL 1.0"
    assert "không phải số liệu chính thức" in made.snippet
    assert {path.name for path in tmp_path.iterdir()} == {"vietnam-latest.osm.pbf", "fetched.json"}


def test_what_is_there_is_not_fetched_again(osm: Server, tmp_path: Path) -> None:
    fetch("osm", tmp_path, server=osm.address)
    asked = len(osm.asked)
    assert fetch("osm", tmp_path, server=osm.address).cached
    assert len(osm.asked) == asked
    assert not fetch("osm", tmp_path, server=osm.address, update=True).cached


def test_an_interrupted_download_goes_on_where_it_stopped(osm: Server, tmp_path: Path) -> None:
    osm.cut_after = 300_000
    with pytest.raises(InputError, match="E-FETCH-INTERRUPTED"):
        fetch("osm", tmp_path, server=osm.address)
    kept = (tmp_path / "vietnam-latest.osm.pbf.part").stat().st_size
    assert 0 < kept <= 300_000
    assert not (tmp_path / "vietnam-latest.osm.pbf").exists()
    assert fetch("osm", tmp_path, server=osm.address).path.read_bytes() == BODY
    assert osm.asked[-1] == ("/asia/vietnam-latest.osm.pbf", f"bytes={kept}-")


def test_a_server_without_ranges_sends_the_whole(osm: Server, tmp_path: Path) -> None:
    (tmp_path / "vietnam-latest.osm.pbf.part").write_bytes(b"something else")
    osm.ranges = False
    assert fetch("osm", tmp_path, server=osm.address).path.read_bytes() == BODY


def test_a_wrong_checksum_leaves_nothing_behind(osm: Server, tmp_path: Path) -> None:
    osm.pages["/asia/vietnam-latest.osm.pbf"] = BODY[:-1] + b"x"
    with pytest.raises(InputError, match="E-FETCH-CHECKSUM"):
        fetch("osm", tmp_path, server=osm.address)
    assert list(tmp_path.iterdir()) == []


def test_a_file_changed_on_disk_is_named(osm: Server, tmp_path: Path) -> None:
    made = fetch("osm", tmp_path, server=osm.address)
    made.path.write_bytes(b"changed")
    with pytest.raises(InputError, match="E-FETCH-CHANGED"):
        fetch("osm", tmp_path, server=osm.address)


def test_the_metadata_names_the_file_and_its_licence(server: Server, tmp_path: Path) -> None:
    told = {"gjDownloadURL": "/files/VNM-ADM2.geojson", "boundaryLicense": "CC BY 4.0"}
    server.pages["/api/current/gbOpen/VNM/ADM2/"] = json.dumps(told).encode()
    server.pages["/files/VNM-ADM2.geojson"] = b"{}"
    made = fetch("geoboundaries", tmp_path, level=2, server=server.address)
    assert (made.id, made.path.name, made.licence) == ("geoboundaries-2", "VNM-ADM2.geojson", "CC BY 4.0")


def test_a_data_set_lists_its_files(server: Server, tmp_path: Path) -> None:
    files = [{"format": "XLSX", "url": "/a.xlsx"}, {"format": "SHP", "url": "/a.zip"}]
    told = {"result": {"license_title": "CC BY-IGO", "resources": files}}
    server.pages["/api/3/action/package_show?id=cod-ab-vnm"] = json.dumps(told).encode()
    server.pages["/a.zip"] = b"zip"
    made = fetch("hdx", tmp_path, server=server.address)
    assert (made.path.name, made.licence) == ("a.zip", "CC BY-IGO")


@pytest.mark.parametrize(
    "answer", [b"<html>", b"[]", b"{}", b'{"gjDownloadURL": "file:///etc/passwd"}', b'{"gjDownloadURL": 3}']
)
def test_an_answer_that_makes_no_sense_is_named(server: Server, tmp_path: Path, answer: bytes) -> None:
    server.pages["/api/current/gbOpen/VNM/ADM3/"] = answer
    with pytest.raises(InputError, match="E-FETCH-ANSWER"):
        fetch("geoboundaries", tmp_path, server=server.address)


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="E-FETCH-FAILED"):
        fetch("geoboundaries", tmp_path, server="http://127.0.0.1:9")


def test_unknown_names_and_levels(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="geoboundaries"):
        fetch("geobondaries", tmp_path)
    with pytest.raises(UsageError):
        fetch("geoboundaries", tmp_path, level=9)


def test_every_set_of_the_catalogue_says_how_it_may_be_used() -> None:
    for one in public_sets().values():
        assert one.licence
        assert one.credit
        assert one.server.startswith("https://")
