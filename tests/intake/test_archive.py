"""Archives and XML from strangers: the one data set inside comes in; what is hostile ends in one named problem."""

import contextlib
import io
import stat
import struct
import warnings
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from ntmgis.errors import InputError
from ntmgis.intake import archive

NAMES = ["Xã Một", "Xã Hai"]
CODES = ["10001", "10002"]
CELLS = [box(107.5, 14.4, 107.6, 14.5), box(107.6, 14.4, 107.7, 14.5)]


def communes(path: Path, **more: Any) -> Path:
    gpd.GeoDataFrame({"code": CODES, "name": NAMES}, geometry=CELLS, crs=4326).to_file(path, **more)
    return path


def packed(path: Path, folder: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for one in sorted(folder.rglob("*")):
            if one.is_file():
                made.write(one, prefix + one.relative_to(folder).as_posix())
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "goc"
    made.mkdir()
    return made


@pytest.mark.parametrize("name", ["xã.shp", "xa.geojson", "xa.gpkg", "xa.gdb", "XA.tab"])
@pytest.mark.parametrize("prefix", ["", "Dữ liệu 2025/"])
def test_one_set_in_a_zip(case: Any, folder: Path, name: str, prefix: str) -> None:
    communes(folder / name, **({"driver": "OpenFileGDB"} if name.endswith(".gdb") else {}))
    (folder / "doc me.txt").write_text("ghi chú")
    path = packed(case.folder / "goi.zip", folder, prefix)
    made = case.take(path, "unit", crs="EPSG:4326" if name.endswith(".tab") else None)
    assert made.frame["name"].tolist() == NAMES
    assert all(one.file == "goi.zip" for one in made.problems)
    assert {one.name for one in case.folder.iterdir()} == {"goc", "goi.zip"}  # nothing is left beside the archive


def test_a_table_in_a_zip(case: Any, folder: Path) -> None:
    (folder / "bang.csv").write_text("Mã xã,Xã,Kết quả\n10001,Xã Một,Đạt chuẩn NTM\n", encoding="utf-8")
    path = packed(case.folder / "goi.zip", folder)
    made = case.take(path, "commune_status", values={"as_of": "2025-06-30"})
    assert made.frame["code"].tolist() == ["10001"]


def test_several_sets_must_be_named(case: Any, folder: Path) -> None:
    communes(folder / "xa.shp")
    line = gpd.GeoDataFrame({"ma": ["D1"]}, geometry=[LineString([(107.5, 14.4), (107.6, 14.4)])], crs=4326)
    line.to_file(folder / "duong.shp")
    path = packed(case.folder / "goi.zip", folder)
    assert case.refused(path, "unit") == ["E-LAYER-CHOOSE"]
    with pytest.raises(InputError, match=r"duong\.shp, xa\.shp"):
        case.take(path, "unit", layer="khac")
    for layer in ("xa", "xa.shp"):
        assert case.take(path, "unit", layer=layer).frame["name"].tolist() == NAMES


def test_a_layer_inside_the_one_set(case: Any, folder: Path) -> None:
    communes(folder / "du_an.gpkg", layer="xa")
    gpd.GeoDataFrame({"ma": ["1"]}, geometry=[Point(107.5, 14.4)], crs=4326).to_file(folder / "du_an.gpkg", layer="anh")
    path = packed(case.folder / "goi.zip", folder)
    made = case.take(path, "unit", layer="xa")
    assert made.frame["name"].tolist() == NAMES
    assert case.refused(path, "unit", layer="xã") == ["E-LAYER-UNKNOWN"]


def test_kmz(case: Any, folder: Path) -> None:
    mark = "<Placemark><name>Giếng làng</name><Point><coordinates>107.55,14.45</coordinates></Point></Placemark>"
    (folder / "doc.kml").write_text(f"<kml><Document>{mark}</Document></kml>", encoding="utf-8")
    (folder / "files").mkdir()
    (folder / "files" / "a.png").write_bytes(b"\x89PNG")
    (folder / "files" / "other.kml").write_text("<kml/>")
    made = case.take(packed(case.folder / "a.kmz", folder), "water_supply", values={"kind": "giếng"})
    assert made.frame["name"].tolist() == ["Giếng làng"]
    (folder / "doc.kml").write_text("<kml><Document>", encoding="utf-8")
    assert case.refused(packed(case.folder / "a.kmz", folder), "water_supply") == ["E-FILE-FORMAT"]


# Hostile ------------------------------------------------------------------------------------------------------------


def archive_of(path: Path, entries: list[tuple[Any, bytes]]) -> Path:
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        warnings.simplefilter("ignore")  # a name that stands twice
        for name, data in entries:
            made.writestr(name, data)
    return path


def link(name: str, target: str) -> tuple[zipfile.ZipInfo, bytes]:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info, target.encode()


GOOD = ("xa.geojson", b'{"type": "FeatureCollection", "features": []}')


@pytest.mark.parametrize("suffix", [".zip", ".kmz"])
@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([("../../etc/cron.d/x", b"x"), GOOD], "E-ARCHIVE-PATH"),
        ([("a/../../x.geojson", b"{}")], "E-ARCHIVE-PATH"),
        ([("/etc/passwd", b"x"), GOOD], "E-ARCHIVE-PATH"),
        ([("C:\\Windows\\x.shp", b"x")], "E-ARCHIVE-PATH"),
        ([("..\\..\\x.shp", b"x")], "E-ARCHIVE-PATH"),
        ([("\\\\server\\share\\x.shp", b"x")], "E-ARCHIVE-PATH"),
        ([GOOD, ("XA.geojson", b"{}")], "E-ARCHIVE-PATH"),
        ([link("xa.geojson", "/etc/passwd")], "E-ARCHIVE-LINK"),
        ([link("thu_muc", "../.."), GOOD], "E-ARCHIVE-LINK"),
        ([("doc me.txt", b"x")], "E-ARCHIVE-EMPTY"),
        ([("trong.zip", b"PK\x03\x04")], "E-ARCHIVE-EMPTY"),
        ([("__MACOSX/xa.geojson", b"{}"), (".xa.kml", b"<kml/>")], "E-ARCHIVE-EMPTY"),
    ],
)
def test_hostile_archives(case: Any, suffix: str, entries: list[tuple[Any, bytes]], code: str) -> None:
    path = archive_of(case.folder / f"a{suffix}", entries)
    before = sorted(case.folder.parent.rglob("*"))
    assert case.refused(path, "unit") == [code]
    assert sorted(case.folder.parent.rglob("*")) == before


def test_all_faults_of_an_archive_come_at_once(case: Any) -> None:
    path = archive_of(case.folder / "a.zip", [("../x", b"x"), link("y", "/"), GOOD])
    assert case.refused(path, "unit") == ["E-ARCHIVE-PATH", "E-ARCHIVE-LINK"]


def test_a_locked_archive(case: Any) -> None:
    path = archive_of(case.folder / "a.zip", [GOOD])
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    path.write_bytes(data)
    assert case.refused(path, "unit") == ["E-ARCHIVE-LOCKED"]


def test_bombs_by_ratio_by_size_and_by_number(case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_SMALL", 1 << 20)
    path = archive_of(case.folder / "a.zip", [("xa.geojson", b"{" + b" " * (4 << 20))])
    with pytest.raises(InputError, match=r"E-ARCHIVE-BOMB.*lần, giới hạn 200 lần"):
        case.take(path, "unit")
    monkeypatch.setattr(archive, "MAX_BYTES", 2 << 20)
    with pytest.raises(InputError, match=r"E-ARCHIVE-BOMB.*bung ra 4 MB, giới hạn 2 MB"):
        case.take(path, "unit")
    many = archive_of(case.folder / "b.zip", [(f"{i}.txt", b"") for i in range(archive.MAX_ENTRIES + 1)])
    with pytest.raises(InputError, match=r"E-ARCHIVE-BOMB.*5001 mục"):
        case.take(many, "unit")


def test_a_bomb_that_lies_about_its_size(case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The directory says ten bytes; what unfolds is counted (or the reader notices the lie first)."""
    monkeypatch.setattr(archive, "MAX_BYTES", 1 << 20)
    path = archive_of(case.folder / "a.zip", [("xa.geojson", b"{" + b" " * (8 << 20))])
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.index(mark) + at, 10)
    path.write_bytes(data)
    assert case.refused(path, "unit") in (["E-ARCHIVE-BOMB"], ["E-FILE-FORMAT"])


def test_truncated_archive_and_damaged_entry(case: Any, folder: Path) -> None:
    communes(folder / "xa.shp")
    path = packed(case.folder / "a.zip", folder)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert case.refused(path, "unit") == ["E-FILE-FORMAT"]
    at = whole.index(b"xa.shp") + 10
    path.write_bytes(whole[:at] + b"\xff" * 20 + whole[at + 20 :])
    assert case.refused(path, "unit") == ["E-FILE-FORMAT"]


def test_names_that_are_no_text_and_packings_nobody_knows(case: Any) -> None:
    path = archive_of(case.folder / "a.zip", [("xã.geojson", b"{}")])
    whole = path.read_bytes()
    path.write_bytes(whole.replace("ã".encode(), b"\xff\xfe"))
    assert case.refused(path, "unit") == ["E-FILE-FORMAT"]
    data = bytearray(whole)
    for mark, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        data[data.index(mark) + at] = 97
    path.write_bytes(data)
    assert case.refused(path, "unit") == ["E-FILE-FORMAT"]


def test_a_vrt_in_a_zip_opens_nothing(case: Any) -> None:
    secret = communes(case.folder / "bi_mat.gpkg")
    layer = f"<OGRVRTLayer name='x'><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer>"
    vrt = f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>"
    for name in ("a.geojson", "a.gpkg", "a.tab", "a.kml", "a.gpx", "a.osm", "a.dxf", "a.dgn", "a.pbf"):
        path = archive_of(case.folder / "a.zip", [(name, vrt.encode())])
        assert case.refused(path, "road", crs="EPSG:4326") == ["E-FILE-FORMAT"], name
        (case.folder / name).write_text(vrt)
        assert case.refused(case.folder / name, "road", crs="EPSG:4326") == ["E-FILE-FORMAT"], name


LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "ha"}">' for i in range(12))
DOCTYPES = {
    "laughs": f"<!DOCTYPE r [{LAUGHS}]>",
    "file": '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    "dtd": '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">',
    "parameter": '<!DOCTYPE r [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
}
BODIES = {
    ".kml": "<kml><Placemark><name>{}</name><Point><coordinates>107,14</coordinates></Point></Placemark></kml>",
    ".gpx": '<gpx version="1.1" creator="x"><wpt lat="14" lon="107"><name>{}</name></wpt></gpx>',
    ".osm": '<osm version="0.6"><node id="1" lat="14" lon="107"><tag k="amenity" v="marketplace"/></node>{}</osm>',
}


@pytest.mark.parametrize("suffix", BODIES)
@pytest.mark.parametrize("kind", DOCTYPES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_entities_are_refused(case: Any, suffix: str, kind: str, encoding: str) -> None:
    path = case.folder / f"a{suffix}"
    inside = {"laughs": "&l11;", "file": "&x;"}.get(kind, "")
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n{DOCTYPES[kind]}\n{BODIES[suffix].format(inside)}'
    path.write_bytes(text.encode(encoding))
    assert case.refused(path, "market") == ["E-XML-DOCTYPE"]
    packed_ = archive_of(case.folder / "a.zip", [(f"a{suffix}", text.encode(encoding))])
    assert case.refused(packed_, "market") == ["E-XML-DOCTYPE"]


@pytest.mark.parametrize("suffix", BODIES)
def test_xml_cut_short_of_another_kind_or_too_deep(case: Any, suffix: str) -> None:
    path = case.folder / f"a{suffix}"
    text = BODIES[suffix].format("")
    path.write_text(text)
    assert len(case.take(path, "market").frame) == 1
    path.write_text(text[:-8])
    with pytest.raises(InputError, match="cắt cụt ở dòng 1"):
        case.take(path, "market")
    for wrong in ("<html><body/></html>", "<r/>", "<" + "a" * 100, "<kml:x:y>"):
        path.write_text(wrong)
        assert case.refused(path, "market") == ["E-FILE-FORMAT"]
    root = suffix[1:]
    path.write_text(f"<{root}>" + "<Folder>" * 500_000)
    with pytest.raises(InputError, match="quá 200 cấp"):
        case.take(path, "market")


def test_formats_that_must_be_exported_say_how(case: Any) -> None:
    for name, head, code in (
        ("a.dgn", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "E-DGN-V8"),
        ("a.dwg", b"AC1032" + bytes(100), "E-DWG"),
    ):
        (case.folder / name).write_bytes(head)
        assert case.refused(case.folder / name, "unit") == [code]
    with pytest.raises(InputError, match="V7 DGN"):
        case.take(case.folder / "a.dgn", "unit")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.dgn", b"\x08\x09\xfe\x02" + bytes(40)),
        ("a.dgn", b"%PDF-1.4"),
        ("a.dxf", b"AC1032\x00\x00"),
        ("a.dxf", b"  0\nSECTION\n  2\nENTITIES\n  0\nLINE\n"),
        ("a.dxf", b"AutoCAD Binary DXF\r\n\x1a\x00"),
        ("a.dxf", b"  0\nEOF"),
        ("a.kml", b"PK\x03\x04"),
        ("a.kmz", b"<kml/>"),
        ("a.zip", b"Rar!\x1a\x07\x00"),
        ("a.zip", b"PK\x05\x06" + bytes(18)),
        ("a.pbf", b"\x00\x00\x00\x0d\n\x09OSMHeader" + bytes(20)),
        ("a.pbf", b"\x1a\x05water"),
        ("a.mif", b"Version 300\nColumns x"),
        ("a.mif", b"<?xml version='1.0'?>"),
        ("a.tab", b'!table\n!version 300\n\nDefinition Table\n  File "/etc/passwd"\n  Type "RASTER"\n'),
        ("a.tab", b'!table\n!version 100\nOpen Table "bi_mat" Hide\nCreate View a As Select * From bi_mat\n'),
        ("a.gdb", b"khong phai thu muc"),
    ],
)
def test_wrong_content_under_a_known_name(case: Any, name: str, content: bytes) -> None:
    (case.folder / name).write_bytes(content)
    assert case.refused(case.folder / name, "road", crs="EPSG:4326") in (["E-FILE-FORMAT"], ["E-FILE-EMPTY"])


def test_a_gdb_that_lacks_files_or_holds_links(case: Any) -> None:
    path = case.folder / "a.gdb"
    cells = [box(107.5 + i / 1000, 14.4, 107.501 + i / 1000, 14.5) for i in range(300)]
    gpd.GeoDataFrame({"ten": "x"}, geometry=cells, crs=4326, index=range(300)).to_file(path, driver="OpenFileGDB")
    table = max(path.glob("*.gdbtable"), key=lambda one: one.stat().st_size)
    table.write_bytes(table.read_bytes()[: table.stat().st_size * 2 // 3])
    with pytest.raises(InputError, match=r"E-FILE-FORMAT.*bị cắt cụt →"):
        case.take(path, "lake")
    table.unlink()
    table.symlink_to("/etc/passwd")
    assert case.refused(path, "unit") == ["E-ARCHIVE-LINK"]
    (case.folder / "b.gdb").mkdir()
    assert case.refused(case.folder / "b.gdb", "unit") == ["E-FILE-FORMAT"]


@pytest.mark.parametrize("name", ["a.fgb", "a.tab", "a.mif", "a.dgn", "a.dxf", "a.gpkg"])
def test_truncated_files_are_never_read_in_part(case: Any, name: str) -> None:
    path = case.folder / name
    columns = {} if path.suffix in {".dgn", ".dxf"} else {"code": [f"{i:05}" for i in range(300)]}
    cells = [box(107.5 + i / 1000, 14.4, 107.501 + i / 1000, 14.5) for i in range(300)]
    frame = gpd.GeoDataFrame(columns, geometry=cells, crs=4326)
    frame.to_file(path, **({"driver": "DGN"} if name == "a.dgn" else {}))
    victim = path.with_suffix(".map") if name == "a.tab" else path
    whole = victim.read_bytes()
    victim.write_bytes(whole[: len(whole) * 2 // 3 // 2 * 2 + 1])
    with contextlib.suppress(InputError):
        made = case.take(path, "lake", crs="EPSG:4326")
        told = " ".join(one.code for one in made.problems)
        assert len(made.frame) == 300 or made.quarantined or "W-READER" in told, told


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=300),
    suffix=st.sampled_from([".kml", ".gpx", ".osm", ".pbf", ".dxf", ".dgn", ".tab", ".mif", ".zip", ".kmz"]),
)
def test_any_bytes_end_in_rows_or_in_our_own_error(case: Any, data: bytes, suffix: str) -> None:
    heads = {
        ".dgn": b"\x08\x09\xfe\x02",
        ".dxf": b"0\n",
        ".pbf": b"\x00\x00\x00\x0d\n\x09OSMHeader",
        ".mif": b"Version 300\n",
    }
    heads |= {".tab": b"!table\nType NATIVE\n", ".zip": b"PK\x03\x04", ".kmz": b"PK\x03\x04"}
    ends = {".dxf": b"\n0\nEOF"}
    path = case.folder / f"f{suffix}"
    path.write_bytes(heads.get(suffix, b"<") + data + ends.get(suffix, b""))
    with contextlib.suppress(InputError):
        case.take(path, "water_supply")


def test_the_entry_read_is_the_one_checked(case: Any) -> None:
    """A second central directory hidden before the first is not looked at."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as made:
        made.writestr("../x.geojson", "{}")
    path = archive_of(case.folder / "a.zip", [GOOD])
    path.write_bytes(inner.getvalue() + path.read_bytes())
    assert case.refused(path, "road") in (["E-FILE-EMPTY"], ["E-FILE-FORMAT"])
