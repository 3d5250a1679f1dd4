"""The start page of a build: every product with a picture, its date and its sources. No script at all."""

import base64
import html
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from ntmgis.show.source_words import source_state
from ntmgis.show.symbols import symbols
from ntmgis.show.web.csp import PLACEHOLDER, seal
from ntmgis.show.words import day, number
from ntmgis.store.snapshot import SourceNote

__all__ = ["Entry", "write_index"]


# The class below has a field of that name.
Picture = bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One product on the start page.

    href       path relative to the start page
    kind       html, pdf, png, xlsx, gpkg...
    as_of      date of the data; None when it has none of its own
    note       one more line, empty for none
    thumbnail  small PNG or JPEG; None when there is no picture
    """

    title: str
    href: str
    kind: str
    bytes: int
    as_of: date | None = None
    note: str = ""
    thumbnail: Picture | None = None


_KINDS = {
    "html": ("Bản đồ tương tác", "mở bằng trình duyệt, không cần mạng"),
    "pdf": ("Bản in", "tệp PDF"),
    "png": ("Ảnh", "chèn vào báo cáo"),
    "xlsx": ("Bảng số liệu", "mở bằng Excel"),
    "csv": ("Bảng số liệu", "dạng CSV"),
    "gpkg": ("Dữ liệu GIS", "mở bằng QGIS"),
    "json": ("Báo cáo máy đọc", "dạng JSON"),
}


def write_index(
    path: Path,
    *,
    entries: Sequence[Entry],
    title: str,
    sample: bool,
    as_of: date,
    sources: Sequence[SourceNote],
    known: str = "",
) -> None:
    """Write the start page; links are relative, so that the folder can be moved or zipped as a whole.

    `known`: what products of an earlier state of knowledge must say (`ntmgis.show.words.known_words`); "" for others.
    """
    dated = ", ".join(filter(None, (f"số liệu đến {day(as_of)}", known)))
    path.write_text(_page(entries, title, sample, dated, sources), encoding="utf-8", newline="\n")


def _page(entries: Sequence[Entry], title: str, sample: bool, dated: str, sources: Sequence[SourceNote]) -> str:  # noqa: FBT001
    band = symbols()["sample"]
    mark = f'<p class="sample"><b>{_text(band["vi"])}</b> {_text(band["vi_long"])}.</p>' if sample else ""
    cards = "\n".join(_card(entry, sample=sample) for entry in entries)
    rows = "\n".join(_source(note) for note in sources)
    listed = (
        '<h2>Nguồn số liệu</h2>\n<div class="wide"><table><thead><tr><th>Nguồn</th><th>Thời điểm</th>'
        "<th>Số dòng</th><th>Xuất xứ</th></tr></thead>\n"
        f"<tbody>{rows}</tbody></table></div>"
        if sources
        else ""
    )
    return seal(
        "<!DOCTYPE html>\n"
        '<html lang="vi">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{PLACEHOLDER}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{_text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<header>{mark}<h1>{_text(title)}</h1>\n"
        f'<p class="quiet">{len(entries)} sản phẩm, {_text(dated)}. '
        "Trang và các tệp mở được không cần mạng.</p>"
        f'</header>\n<main>\n<ul class="cards">\n{cards}\n</ul>\n{listed}\n</main>\n</body>\n</html>\n'
    )


def _text(value: object) -> str:
    """Text for HTML: escaped, without control characters, encodable."""
    plain = "".join(sign for sign in str(value) if sign.isprintable())
    return html.escape(plain.encode("utf-8", "replace").decode("utf-8"))


def _link(href: str) -> str:
    """A relative link: a path is quoted whole, so that "javascript:" or "//host" in it stay the name of a file."""
    path = PurePosixPath(href.replace("\\", "/"))
    parts = [part for part in path.parts if part not in {"/", ".."}]
    return "./" + "/".join(quote(part.encode("utf-8", "replace"), safe="") for part in parts)


def _size(count: int) -> str:
    if count < 1_000_000:
        return f"{number(max(count, 0) / 1000, 0 if count >= 1000 else 1)} kB"
    return f"{number(count / 1_000_000, 1)} MB"


def _picture(entry: Entry) -> str:
    if entry.thumbnail is None:
        return f'<span class="blank">{_text(entry.kind.upper())}</span>'
    media = "png" if entry.thumbnail.startswith(b"\x89PNG") else "jpeg"
    data = base64.b64encode(entry.thumbnail).decode("ascii")
    return f'<img alt="" src="data:image/{media};base64,{data}">'


def _card(entry: Entry, *, sample: bool) -> str:
    what, how = _KINDS.get(entry.kind, ("Tệp", ""))
    facts = [f"{_text(entry.kind.upper())}, {_size(entry.bytes)}"]
    if entry.as_of is not None:
        facts.append(f"số liệu đến {day(entry.as_of)}")
    if how:
        facts.append(how)
    note = f'<p class="note">{_text(entry.note)}</p>' if entry.note else ""
    mark = f'<span class="mark">{_text(symbols()["sample"]["vi"])}</span>' if sample else ""
    return (
        f'<li><a href="{_link(entry.href)}"><span class="picture">{_picture(entry)}{mark}</span>'
        f'<span class="kind">{_text(what)}</span><b>{_text(entry.title)}</b></a>'
        f'<p class="quiet">{" · ".join(facts)}</p>{note}</li>'
    )


def _source(note: SourceNote) -> str:
    title = _text(note.title or note.id)
    if state := source_state(note):
        title += f' <b class="failed">{state}</b>'
    origin = "; ".join(part for part in (note.origin, note.licence) if part)
    return (
        f'<tr><td>{title}</td><td class="day">{day(note.as_of)}</td>'
        f'<td class="number">{number(note.rows)}</td><td>{_text(origin)}</td></tr>'
    )


_STYLE = """
:root{--ink:#1f2933;--quiet:#52606d;--line:#d5d9de;--accent:#0b5563}
*{box-sizing:border-box}
body{margin:0;background:#f3f1ec;color:var(--ink);
font:16px/1.45 "Segoe UI",Roboto,"Noto Sans",sans-serif}
header,main{max-width:1120px;margin:0 auto;padding:0 24px}
header{padding-top:20px}
h1{font-size:28px;line-height:1.2;margin:20px 0 6px;overflow-wrap:anywhere}
h2{font-size:18px;margin:36px 0 10px}
.quiet{color:var(--quiet);font-size:14px;margin:4px 0}
.note{font-size:14px;margin:4px 0}
.sample{margin:0;padding:6px 12px;background:#fde68a;color:#713f12;font-size:14px;border-radius:4px}
.cards{list-style:none;margin:24px 0 0;padding:0;display:grid;gap:20px;
grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr))}
.cards li{background:#fff;border:1px solid var(--line);border-radius:8px;padding:0 0 12px;overflow:hidden;
overflow-wrap:anywhere}
.cards p{margin-left:16px;margin-right:16px}
a{color:inherit;text-decoration:none;display:block}
a b{display:block;font-size:17px;line-height:1.3;margin:2px 16px 6px;color:var(--accent);text-decoration:underline;
text-decoration-thickness:1px;text-underline-offset:3px;max-height:8em;overflow:hidden}
a:hover b{text-decoration-thickness:2px}
a:focus-visible{outline:3px solid #b5179e;outline-offset:-3px;border-radius:8px}
.kind{display:block;margin:12px 16px 0;color:var(--quiet);font-size:13px}
.picture{display:flex;align-items:center;justify-content:center;height:190px;background:#e9ebef;position:relative;
overflow:hidden}
.picture img{width:100%;height:100%;object-fit:contain;background:#f3f1ec}
.blank{font-size:40px;font-weight:700;color:#7b8794;letter-spacing:.06em}
.mark{position:absolute;right:8px;bottom:8px;background:#fde68a;color:#713f12;font-size:12px;padding:2px 8px;
border-radius:3px}
.wide{overflow-x:auto;background:#fff;border:1px solid var(--line);border-radius:8px;margin-bottom:40px}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;padding:8px 16px;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere;
min-width:90px}
tbody tr:last-child td{border-bottom:0}
th{color:var(--quiet);font-weight:600}
.number{text-align:right}
.day,.number{white-space:nowrap}
@media screen and (max-width:640px){
thead{display:none}
tbody tr{display:block;padding:8px 0;border-bottom:1px solid var(--line)}
tbody tr:last-child{border-bottom:0}
td{display:inline;border:0;padding:0}
td:first-child{display:block;padding:0 12px}
td.day{padding-left:12px;color:var(--quiet)}
td.number{color:var(--quiet)}
td.number::before{content:" · "}
td.number::after{content:" dòng"}
td:last-child{display:block;padding:0 12px;color:var(--quiet)}
}
.failed{color:#8c2d04}
@media print{body{background:#fff}.cards li{break-inside:avoid}}
""".replace("\n", "")
