"""Every geographic format comes through the intake with the right rows, names and places."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from shapely.geometry import LineString, MultiLineString, Point, Polygon, box

from ntmgis.errors import InputError
from ntmgis.intake.files import digest
from ntmgis.manifest import data_set, file_digest

NAMES = ["Xã Một", "Xã Hai"]
CODES = ["10001", "10002"]
CELLS = [box(107.5, 14.4, 107.6, 14.5), box(107.6, 14.4, 107.7, 14.5)]
TM3 = "EPSG:9216"


def codes(made: Any) -> list[str]:
    return [one.code for one in made.problems]


@pytest.mark.parametrize(
    ("name", "crs", "stated"),
    [
        ("a.gpkg", 9216, None),
        ("a.geojson", 4326, None),
        ("a.shp", 9216, None),
        ("a.gdb", 9216, None),
        ("a.fgb", 9216, None),
        ("a.parquet", 9216, None),
        ("a.tab", 9216, TM3),
        ("a.mif", 9216, TM3),
        ("a.kml", 4326, None),
    ],
)
def test_two_communes_in_every_format(case: Any, name: str, crs: int, stated: str | None) -> None:
    frame = gpd.GeoDataFrame({"code": CODES, "name": NAMES}, geometry=CELLS, crs=4326).to_crs(crs)
    path = case.folder / name
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".kml":
        frame.to_file(path, driver="LIBKML")
    elif path.suffix == ".gdb":
        frame.to_file(path, driver="OpenFileGDB")
    else:
        frame.to_file(path)
    made = case.take(path, "unit", crs=stated)
    frame = made.frame.sort_values("code")  # FlatGeobuf keeps rows in the order of its spatial index
    assert frame[["code", "name"]].to_numpy().tolist() == [list(one) for one in zip(CODES, NAMES, strict=True)]
    assert frame.crs == "EPSG:4326"
    for found, truth in zip(frame.geometry, CELLS, strict=True):
        assert shapely.hausdorff_distance(found, truth) < 2e-7  # MapInfo keeps a grid of some millimetres
    assert made.sha256 == digest(path)


def test_the_whole_gdb_folder_is_the_data_set(case: Any) -> None:
    path = case.folder / "a.gdb"
    frame = gpd.GeoDataFrame({"code": CODES, "name": NAMES}, geometry=CELLS, crs=4326)
    frame.to_file(path, driver="OpenFileGDB")
    before, parts = digest(path), data_set(path)
    assert len(parts) > 10
    (path / "_gdb.SPHINX.1234.sr.lock").write_text("")
    assert digest(path) == before
    assert data_set(path) == parts
    told = [file_digest(one) for one in parts]
    table = max(path.glob("*.gdbtable"))
    table.write_bytes(table.read_bytes() + b"x")
    assert digest(path) != before
    assert [file_digest(one) for one in data_set(path)] != told


def test_layer_of_a_gdb_is_chosen_by_kind_then_by_columns(case: Any) -> None:
    path = case.folder / "a.gdb"
    points = gpd.GeoDataFrame({"photo": ["1.jpg"]}, geometry=[Point(107.6, 14.4)], crs=4326)
    points.to_file(path, driver="OpenFileGDB", layer="anh")
    gpd.GeoDataFrame({"code": CODES, "name": NAMES}, geometry=CELLS, crs=4326).to_file(
        path, driver="OpenFileGDB", layer="xa"
    )
    made = case.take(path, "unit")
    assert made.frame["name"].tolist() == NAMES
    assert "W-LAYER-IGNORED" in codes(made)
    assert [one.rule for one in made.problems if one.code == "W-LAYER-IGNORED"] == ["các lớp không đọc: anh"]
    assert case.refused(path, "unit", layer="khong_co") == ["E-LAYER-UNKNOWN"]


def test_a_qfield_package_gives_the_layer_the_table_means(case: Any) -> None:
    """A project of several layers with attachments: the boundaries, then points with and without our columns."""
    path = case.folder / "du_an.gpkg"
    layers = {
        "ranh_gioi": (CELLS, {"name": NAMES}),
        "ghi_chu": ([Point(107.51, 14.41)], {"note": ["a"]}),
        "diem_nuoc": ([Point(107.52, 14.42)], {"ma": ["N1"], "loai": ["giếng"], "photo": ["DCIM/1.jpg"]}),
        "tuyen": ([LineString([(107.5, 14.4), (107.6, 14.4)])], {"ma": ["D1"]}),
    }
    for name, (shapes, rows) in layers.items():
        gpd.GeoDataFrame(rows, geometry=shapes, crs=4326).to_file(path, layer=name)
    made = case.take(path, "water_supply", fields={"id": "ma"})
    assert made.frame[["id", "kind"]].to_numpy().tolist() == [["N1", "borehole"]]
    ignored = next(one for one in made.problems if one.code == "W-LAYER-IGNORED")
    assert ignored.layer == "diem_nuoc"
    assert ignored.rule == "các lớp không đọc: ranh_gioi, ghi_chu, tuyen"
    assert case.take(path, "unit").frame["name"].tolist() == NAMES


def test_gpx_layers(case: Any) -> None:
    path = case.folder / "a.gpx"
    track = gpd.GeoDataFrame(
        {"name": ["Tuyến Đăk Rơ Wa"]}, geometry=[MultiLineString([[(107.5, 14.4), (107.6, 14.45)]])], crs=4326
    )
    track.to_file(path, driver="GPX", layer="tracks")
    made = case.take(path, "road", values={"class": "đường thôn"})
    assert made.frame["name"].tolist() == ["Tuyến Đăk Rơ Wa"]
    assert made.frame.geometry.iloc[0].length == pytest.approx(0.1118, abs=1e-4)
    path = case.folder / "b.gpx"
    waypoints = "".join(
        f'<wpt lat="14.4{i}" lon="107.5"><ele>500</ele><name>Giếng {i}</name></wpt>' for i in range(1, 4)
    )
    path.write_text(f'<?xml version="1.0"?><gpx version="1.1" creator="x">{waypoints}</gpx>', encoding="utf-8")
    made = case.take(path, "water_supply", values={"kind": "giếng"})
    assert made.frame["name"].tolist() == ["Giếng 1", "Giếng 2", "Giếng 3"]
    assert not {"W-LAYER-IGNORED"} & set(codes(made))  # GPX always lists five layers; empty ones are no news


# KML --------------------------------------------------------------------------------------------------------------


def placemark(name: str, shape: str, **data: str) -> str:
    told = "".join(f'<Data name="{key}"><value>{value}</value></Data>' for key, value in data.items())
    return f"<Placemark><name>{name}</name><ExtendedData>{told}</ExtendedData>{shape}</Placemark>"


def ring(shape: Polygon) -> str:
    words = " ".join(f"{x},{y},0" for x, y in shape.exterior.coords)
    return f"<outerBoundaryIs><LinearRing><coordinates>{words}</coordinates></LinearRing></outerBoundaryIs>"


def kml(body: str) -> str:
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">'
    return f"{head}<Document><name>Dự án</name>{body}</Document></kml>"


def test_kml_folders_and_vietnamese_fields(case: Any) -> None:
    path = case.folder / "a.kml"
    units = "".join(
        placemark(name, f"<Polygon>{ring(shape)}</Polygon>", **{"Mã xã": code, "Tên xã": name})
        for name, code, shape in zip(NAMES, CODES, CELLS, strict=True)
    )
    wells = "<Placemark><name>Giếng làng</name><description><![CDATA[<b>5 m</b>]]></description>"
    wells += "<Point><coordinates>107.55,14.45,0</coordinates></Point></Placemark>"
    link = "<NetworkLink><Link><href>http://127.0.0.1:9/x.kml</href></Link></NetworkLink>"
    wells = f"<Folder><name>Giếng</name><Folder><name>Sâu</name>{wells}</Folder></Folder>"
    body = f"{link}<Folder><name>Xã</name>{units}</Folder>{wells}"
    path.write_text(kml(body), encoding="utf-8")
    made = case.take(path, "unit", fields={"name": "Tên xã"})
    assert made.frame[["code", "name"]].to_numpy().tolist() == [list(one) for one in zip(CODES, NAMES, strict=True)]
    assert made.frame.geometry.iloc[1].equals(CELLS[1])
    made = case.take(path, "water_supply", values={"kind": "giếng"})
    assert made.frame["name"].tolist() == ["Giếng làng"]
    assert made.frame.geometry.iloc[0] == Point(107.55, 14.45)
    assert {"W-LAYER-IGNORED", "W-KML-DESCRIPTION"} <= set(codes(made))
    with pytest.raises(InputError, match="các lớp có trong tệp: Xã, Sâu"):
        case.take(path, "unit", layer="Xa")


def test_kml_geometry_of_every_kind(case: Any) -> None:
    line = "<LineString><coordinates>107.5,14.4 107.6,14.4</coordinates></LineString>"
    body = placemark("đường", line) + placemark(
        "đôi", f"<MultiGeometry>{line}{line.replace('14.4', '14.45')}</MultiGeometry>"
    )
    stops = "<gx:coord>107.5 14.4 0</gx:coord><gx:coord>107.6 14.5 0</gx:coord>"
    track = f'<gx:Track xmlns:gx="http://www.google.com/kml/ext/2.2">{stops}</gx:Track>'
    body += placemark("vết", track) + placemark("hỏng", line.replace("107.6,14.4", "107.6;14.4"))
    body += placemark("trống", "") + placemark("điểm", "<Point><coordinates>107.5,14.4</coordinates></Point>")
    path = case.folder / "a.kml"
    path.write_text(kml(body), encoding="utf-8")
    made = case.take(path, "river")
    assert made.frame["name"].tolist() == ["đường", "đôi", "vết"]
    assert made.frame.geom_type.tolist() == ["LineString", "MultiLineString", "LineString"]
    assert made.quarantine[["row", "code"]].to_numpy().tolist() == [
        [4, "E-GEOM-INVALID"],
        [5, "E-GEOM-MISSING"],
        [6, "E-GEOM-KIND"],
    ]


# Drawings -----------------------------------------------------------------------------------------------------------

METRES = gpd.GeoSeries(CELLS, crs=4326).to_crs(9216).tolist()


def dxf(
    path: Path, entities: list[tuple[str, str, Any]], *, codepage: str = "ANSI_1252", encoding: str = "cp1252"
) -> Path:
    """A DXF R2000 of (kind, layer, content): "closed" and "open" polylines of points, "text" of (x, y, words)."""
    lines = ["0", "SECTION", "2", "HEADER", "9", "$ACADVER", "1", "AC1015", "9", "$DWGCODEPAGE", "3", codepage]
    lines += ["0", "ENDSEC", "0", "SECTION", "2", "ENTITIES"]
    for number, (kind, layer, content) in enumerate(entities, start=0x100):
        if kind == "text":
            x, y, words = content
            lines += ["0", "TEXT", "5", f"{number:X}", "100", "AcDbEntity", "8", layer, "100", "AcDbText"]
            lines += ["10", str(x), "20", str(y), "30", "0", "40", "2.5", "1", words]
        elif kind == "point":
            lines += ["0", "POINT", "5", f"{number:X}", "100", "AcDbEntity", "8", layer, "100", "AcDbPoint"]
            lines += ["10", str(content[0]), "20", str(content[1]), "30", "0"]
        else:
            lines += ["0", "LWPOLYLINE", "5", f"{number:X}", "100", "AcDbEntity", "8", layer, "100", "AcDbPolyline"]
            lines += ["90", str(len(content)), "70", "1" if kind == "closed" else "0"]
            for x, y in content:
                lines += ["10", repr(x), "20", repr(y)]
    lines += ["0", "ENDSEC", "0", "EOF", ""]
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return path


def corners(shape: Any) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in shape.exterior.coords][:-1]


def middle(shape: Any) -> tuple[float, float]:
    return float(shape.centroid.x), float(shape.centroid.y)


def test_dxf_levels_and_texts(case: Any) -> None:
    first, second = METRES
    x, y = middle(first)
    right, top = second.bounds[2], middle(second)[1]
    entities = [
        ("closed", "RANH_GIOI", corners(first)),
        ("closed", "RANH_GIOI", corners(second)),
        ("open", "DUONG", [(x, y), (x + 500, y)]),
        ("text", "TEN", (x, y + 100, "Xa")),
        ("text", "TEN", (x, y, "\\U+0110\\u+1eaek %%uMot%%u 5%%d")),
        ("text", "MA", (x, y - 300, "10001")),
        ("text", "MA", (right + 40, top, "10002")),  # beside its polygon, within reach
        ("text", "TEN", (right + 5000, top, "TY LE 1:50 000")),
    ]
    path = dxf(case.folder / "a.dxf", entities)
    assert case.refused(path, "unit", fields={"code": "text MA"}) == ["E-CRS-MISSING"]
    made = case.take(path, "unit", fields={"code": "text MA"}, crs=TM3)
    assert made.frame["code"].tolist() == CODES
    for found, truth in zip(made.frame.geometry, CELLS, strict=True):
        assert shapely.hausdorff_distance(found, truth) < 1e-7
    named = case.take(path, "lake", fields={"name": "text TEN"}, crs=TM3)
    assert named.frame["name"].tolist()[0] == "Xa ĐẮk Mot 5°"
    left = {one.code: one.rule for one in made.problems}
    assert left["W-CAD-LEFT"] == "bỏ qua 1 đối tượng không thuộc dạng vùng: 1 đường ở mức DUONG"
    assert "TY LE 1:50 000" in left["W-CAD-TEXT"]
    roads = case.take(path, "road", layer="duong", crs=TM3, values={"class": "đường thôn"})
    assert roads.frame["row"].tolist() == [3]
    assert case.refused(path, "road", layer="SONG", crs=TM3, values={"class": "QL"}) == ["E-LAYER-UNKNOWN"]


def test_an_open_line_in_the_level_named_is_accounted_for(case: Any) -> None:
    entities = [("closed", "R", corners(METRES[0])), ("open", "R", corners(METRES[1]))]
    entities += [("text", "T", (*middle(METRES[0]), "10001"))]
    made = case.take(dxf(case.folder / "a.dxf", entities), "unit", layer="R", crs=TM3, fields={"code": "text"})
    assert made.frame["code"].tolist() == ["10001"]
    assert {(row, code) for row, code in zip(made.quarantine["row"], made.quarantine["code"], strict=True)} >= {
        (2, "E-GEOM-KIND")
    }


def test_points_of_a_drawing_get_the_nearest_text_or_are_texts(case: Any) -> None:
    x, y = middle(METRES[0])
    entities = [("point", "CHO", (x, y)), ("point", "CHO", (x + 900, y)), ("text", "TEN", (x + 30, y, "Cho moi"))]
    made = case.take(dxf(case.folder / "a.dxf", entities), "market", crs=TM3, fields={"name": "text"})
    assert made.frame["name"].fillna("").tolist() == ["Cho moi", ""]
    texts = [("text", "TRUONG", (x, y, "TH so 1")), ("text", "TRUONG", (x, y + 500, "TH so 2"))]
    made = case.take(dxf(case.folder / "b.dxf", texts), "school", crs=TM3, fields={"name": "text"})
    assert made.frame["name"].tolist() == ["TH so 1", "TH so 2"]


def test_dxf_text_goes_through_as_found(case: Any) -> None:
    """TCVN3 bytes under a Latin code page come as the Latin letters they look like; decoding is another step."""
    bytes_ = "X· Mét"
    entities = [("closed", "R", corners(METRES[0])), ("text", "T", (*middle(METRES[0]), bytes_))]
    from ntmgis.intake.cad import read_cad
    from ntmgis.intake.layers import Wanted

    path = dxf(case.folder / "a.dxf", entities)
    assert read_cad(path, layer=None, encoding=None, wanted=Wanted("polygon")).cells["text"].tolist() == [bytes_]


def dxf_with_blocks(path: Path) -> Path:
    """A block "CONG_TRINH" (a closed square of 20 m) inserted twice, with the attribute TEN."""
    x, y = middle(METRES[0])
    square = [(0.0, 0.0), (20.0, 0.0), (20.0, 20.0), (0.0, 20.0)]
    lines = [
        "0",
        "SECTION",
        "2",
        "HEADER",
        "9",
        "$ACADVER",
        "1",
        "AC1015",
        "0",
        "ENDSEC",
        "0",
        "SECTION",
        "2",
        "BLOCKS",
    ]
    lines += ["0", "BLOCK", "5", "20", "8", "0", "2", "CONG_TRINH", "70", "2", "10", "0", "20", "0", "30", "0"]
    lines += [
        "0",
        "LWPOLYLINE",
        "5",
        "21",
        "100",
        "AcDbEntity",
        "8",
        "NHA",
        "100",
        "AcDbPolyline",
        "90",
        "4",
        "70",
        "1",
    ]
    lines += [word for dx, dy in square for word in ("10", repr(dx), "20", repr(dy))]
    lines += ["0", "ENDBLK", "5", "22", "8", "0", "0", "ENDSEC", "0", "SECTION", "2", "ENTITIES"]
    for number, name in enumerate(("Cho trung tam", "Cho xa")):
        at = ["10", repr(x + 500 * number), "20", repr(y), "30", "0"]
        lines += [
            "0",
            "INSERT",
            "5",
            f"3{number}",
            "100",
            "AcDbEntity",
            "8",
            "CT",
            "66",
            "1",
            "100",
            "AcDbBlockReference",
        ]
        lines += ["2", "CONG_TRINH", *at]
        lines += ["0", "ATTRIB", "5", f"4{number}", "100", "AcDbEntity", "8", "CT", "100", "AcDbText", *at]
        lines += ["40", "2.5", "1", name, "100", "AcDbAttribute", "2", "TEN", "70", "0"]
        lines += ["0", "SEQEND", "5", f"5{number}", "8", "CT"]
    lines += ["0", "ENDSEC", "0", "EOF", ""]
    path.write_text("\n".join(lines))
    return path


def test_blocks_are_points_with_their_attributes_and_shapes_where_those_are_wanted(case: Any) -> None:
    path = dxf_with_blocks(case.folder / "a.dxf")
    made = case.take(path, "market", crs=TM3, fields={"name": "TEN", "kind": "block"})
    found = made.frame[["name", "kind"]].to_numpy().tolist()
    assert found == [["Cho trung tam", "CONG_TRINH"], ["Cho xa", "CONG_TRINH"]]
    truth = gpd.GeoSeries([Point(middle(METRES[0]))], crs=9216).to_crs(4326).iloc[0]
    assert made.frame.geometry.iloc[0].distance(truth) < 1e-9
    houses = case.take(path, "unit", crs=TM3, values={"code": "10001"}, layer="NHA")
    areas = gpd.GeoSeries([*houses.frame.geometry], crs=4326).to_crs(9216).area
    assert houses.rows_in == 2
    assert areas.round().unique().tolist() in ([], [400.0])


def _int32(value: int) -> bytes:
    b = struct.pack("<i", value)
    return bytes([b[2], b[3], b[0], b[1]])


def _vertex(data: bytes, at: int) -> int:
    value = data[at + 2] | data[at + 3] << 8 | data[at + 1] << 24 | data[at] << 16
    return value - 2**32 if value >= 2**31 else value


def dgn(path: Path, shapes: list[Any], texts: list[tuple[int, float, float, bytes]], level: int) -> Path:
    """A design file: shapes written by GDAL and put on `level`, text elements by hand (level, x, y, words)."""
    gpd.GeoDataFrame(geometry=shapes, crs=9216).to_file(path, driver="DGN")
    data = bytearray(path.read_bytes())
    at, elements = 0, []
    while data[at : at + 2] != b"\xff\xff":
        elements.append(at)
        at += 4 + 2 * struct.unpack_from("<H", data, at + 2)[0]
    drawn = [one for one in elements if data[one + 1] & 127 in {3, 4, 6, 12, 14}]
    for one in drawn:
        data[one] = level
    x0, y0 = shapes[0].exterior.coords[0] if shapes[0].geom_type == "Polygon" else shapes[0].coords[0]
    first = next(one for one in drawn if data[one + 1] & 127 in {3, 4, 6})
    shift_x = _vertex(data, first + 38) - round(x0 * 100)
    shift_y = _vertex(data, first + 42) - round(y0 * 100)
    made = b""
    for on, x, y, words in texts:
        ux, uy = round(x * 100) + shift_x, round(y * 100) + shift_y
        body = bytes(24) + bytes(8) + b"\0\0" + _int32(1000) * 2 + _int32(0) + _int32(ux) + _int32(uy)
        body += bytes([len(words), 0]) + words + b"\0" * (len(words) % 2)
        made += bytes([on, 17]) + struct.pack("<H", len(body) // 2) + body
    path.write_bytes(bytes(data[:at]) + made + b"\xff\xff")
    return path


def test_dgn_levels_and_texts(case: Any) -> None:
    shapes = [shapely.transform(one, np.round) for one in METRES]  # drawings keep centimetres here
    texts = [(20, *middle(one), code.encode()) for one, code in zip(shapes, CODES, strict=True)]
    texts += [(21, middle(shapes[0])[0], middle(shapes[0])[1] + 300, b"Xa Mot")]
    path = dgn(case.folder / "a.dgn", shapes, texts, level=7)
    made = case.take(path, "unit", layer="7", fields={"code": "text 20"}, crs=TM3)
    assert made.frame["code"].tolist() == CODES
    for found, truth in zip(made.frame.geometry, CELLS, strict=True):
        assert shapely.hausdorff_distance(found, truth) < 1e-5
    assert case.refused(path, "unit", layer="8", crs=TM3) == ["E-LAYER-UNKNOWN"]
    raw = dgn(case.folder / "b.dgn", shapes, [(20, *middle(shapes[0]), b"X\xb7 M\xe9t")], level=7)
    words = case.take(raw, "lake", crs=TM3, fields={"name": "text"}).frame["name"].tolist()[0]
    assert words in {"X· Mét", "Xã Một"}  # as found, or decoded by the step after


# OpenStreetMap ------------------------------------------------------------------------------------------------------

NODES = {1: (107.50, 14.40), 2: (107.55, 14.42), 3: (107.60, 14.44), 4: (107.52, 14.46), 5: (107.53, 14.46)}
NODES |= {6: (107.53, 14.47), 7: (107.56, 14.41)}
WAYS: dict[int, tuple[list[int], dict[str, str]]] = {
    10: ([1, 2], {"highway": "trunk", "ref": "QL.14", "surface": "asphalt", "width": "7,5 m"}),
    11: ([2, 3], {"highway": "primary", "ref": "ĐT.675", "name": "Đường tỉnh 675"}),
    12: ([1, 3], {"highway": "track", "surface": "ground"}),
    13: ([1, 4], {"highway": "footway"}),
    14: ([4, 5, 6, 4], {"amenity": "school", "name": "Trường THCS"}),
    15: ([1, 2, 3, 1], {"highway": "residential"}),
    16: ([2, 4], {"waterway": "stream", "name": "Suối Đăk Rơ Wa"}),
}
NODE_TAGS = {7: {"amenity": "school", "name": "Trường mầm non"}}


def osm_xml(path: Path) -> Path:
    def tags(found: dict[str, str]) -> str:
        return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in found.items())

    body = "".join(
        f'<node id="{i}" lon="{lon}" lat="{lat}">{tags(NODE_TAGS.get(i, {}))}</node>' for i, (lon, lat) in NODES.items()
    )
    body += "".join(
        f'<way id="{i}">{"".join(f"<nd ref={chr(34)}{n}{chr(34)}/>" for n in nodes)}{tags(found)}</way>'
        for i, (nodes, found) in WAYS.items()
    )
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">{body}</osm>', encoding="utf-8")
    return path


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 127:
        made.append(value & 127 | 128)
        value >>= 7
    return bytes([*made, value])


def _field(number: int, value: bytes | int) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _zigzag(value: int) -> int:
    return (value << 1) ^ (value >> 63)


def osm_pbf(path: Path) -> Path:
    """The same extract in protocol buffers: raw blobs, plain nodes."""
    texts = [""]

    def index(word: str) -> int:
        if word not in texts:
            texts.append(word)
        return texts.index(word)

    def tagged(found: dict[str, str]) -> bytes:
        keys = b"".join(_varint(index(key)) for key in found)
        values = b"".join(_varint(index(value)) for value in found.values())
        return _field(2, keys) + _field(3, values) if found else b""

    group = b""
    for i, (lon, lat) in NODES.items():
        place = _field(8, _zigzag(round(lat * 1e7))) + _field(9, _zigzag(round(lon * 1e7)))
        group += _field(1, _field(1, _zigzag(i)) + tagged(NODE_TAGS.get(i, {})) + place)
    ways = b""
    for i, (nodes, found) in WAYS.items():
        steps = b"".join(_varint(_zigzag(b - a)) for a, b in zip([0, *nodes], nodes, strict=False))
        ways += _field(3, _field(1, i) + tagged(found) + _field(8, steps))
    table = b"".join(_field(1, word.encode()) for word in texts)
    block = _field(1, table) + _field(2, group) + _field(2, ways)
    header = _field(4, b"OsmSchema-V0.6")
    data = b""
    for kind, content in ((b"OSMHeader", header), (b"OSMData", block)):
        blob = _field(1, content) + _field(2, len(content))
        head = _field(1, kind) + _field(3, len(blob))
        data += struct.pack(">I", len(head)) + head + blob
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(("name", "write"), [("a.osm", osm_xml), ("a.osm.pbf", osm_pbf)])
def test_osm_extract(case: Any, name: str, write: Callable[[Path], Path]) -> None:
    path = write(case.folder / name)
    roads = case.take(path, "road")
    found = roads.frame[["id", "name", "class", "surface", "width"]].astype(object)
    assert found.where(found.notna(), None).to_numpy().tolist() == [
        ["w10", "QL.14", "national", "asphalt", 7.5],
        ["w11", "Đường tỉnh 675", "provincial", None, None],
        ["w12", None, "field", "earth", None],
        ["w15", None, "village", None, None],
    ]
    assert roads.frame.geometry.iloc[0].equals(LineString([NODES[1], NODES[2]]))
    notes = {one.code: one.rule for one in roads.problems}
    assert notes["W-OSM-LEFT"].endswith("highway=footway (1)")
    assert notes["W-OSM-MAPPED"].startswith("4 đối tượng")
    schools = case.take(path, "school").frame
    assert schools["name"].tolist() == ["Trường mầm non", "Trường THCS"]
    assert schools["id"].tolist() == ["n7", "w14"]
    assert schools.geom_type.tolist() == ["Point", "Point"]
    assert Polygon([NODES[4], NODES[5], NODES[6]]).contains(schools.geometry.iloc[1])
    assert case.take(path, "river").frame["name"].tolist() == ["Suối Đăk Rơ Wa"]
    assert case.refused(path, "market") == ["E-FILE-EMPTY"]
    assert case.refused(path, "village") == ["E-OSM-TABLE"]


def test_osm_mapping_beside_the_extract_replaces_ours(case: Any) -> None:
    path = osm_xml(case.folder / "a.osm")
    before = digest(path)
    own = case.folder / "osm.toml"
    own.write_text('[road]\n[[road.rules]]\ntags = { highway = "foot*" }\nset = { class = "lane" }\n', encoding="utf-8")
    assert case.take(path, "road").frame[["id", "class"]].to_numpy().tolist() == [["w13", "lane"]]
    assert digest(path) != before
    assert data_set(path) == [path, own]
    for wrong in ("[road", "[road]\nx = 1", '[road]\n[[road.rules]]\ntags = { "a\\" b" = "c" }', "[road]\nrules = 3"):
        own.write_text(wrong, encoding="utf-8")
        with pytest.raises(InputError, match="E-OSM-MAPPING"):
            case.take(path, "road")


def test_every_table_of_the_shipped_mapping_can_be_read(case: Any) -> None:
    """Its fields are those of the table, its enum values are known, and GDAL understands the selection."""
    from ntmgis.intake.osm import load_mapping
    from ntmgis.programme.tables import table

    path = osm_xml(case.folder / "a.osm")
    for name, mapped in load_mapping().items():
        fields = {one.name for one in table(name).fields}
        assert set(mapped.columns) | {key for rule in mapped.rules for key in rule.set} <= fields, name
        try:
            told = case.take(path, name).quarantine["code"].tolist()
        except InputError as error:
            told = [one.code for one in error.problems]
        assert told in ([], ["E-FILE-EMPTY"]), name


def test_a_large_extract_is_read_layer_by_layer(case: Any) -> None:
    """More tagged nodes than GDAL would hold back while it looks for ways."""
    tag = '<tag k="amenity" v="bench"/>'
    nodes = "".join(f'<node id="{i}" lon="{107.5 + i * 1e-6:.6f}" lat="14.4">{tag}</node>' for i in range(1, 120_001))
    way = '<way id="1"><nd ref="1"/><nd ref="120000"/><tag k="highway" v="trunk"/></way>'
    path = case.folder / "a.osm"
    path.write_text(f'<?xml version="1.0"?><osm version="0.6">{nodes}{way}</osm>')
    assert case.take(path, "road").frame["class"].tolist() == ["national"]


def test_the_reader_has_the_drivers_it_needs() -> None:
    drivers = pyogrio.list_drivers(read=True)
    assert {"MapInfo File", "OpenFileGDB", "GPX", "DXF", "DGN", "OSM", "FlatGeobuf"} <= set(drivers)
