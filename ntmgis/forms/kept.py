"""Accepted forms as files of the workspace: one table per reporting day, named in ntmgis.toml; the originals beside it.

A table of its own per day, because a source has one date and one boundary epoch. Nothing else is needed for the next
build: the tables are read like any other file.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ntmgis.errors import UsageError, problem
from ntmgis.intake.form import FLAGS, FilledForm, FormFacts, Items
from ntmgis.programme.tables import table, values
from ntmgis.show import words
from ntmgis.show.tables._sheet import Book
from ntmgis.take_in import TakenIn
from ntmgis.workspace import CONFIG_NAME, Source

__all__ = ["FORMS", "Kept", "keep_day", "receive"]

FORMS = Path("data") / "forms"
_RECEIVED = "da_nhan"  # the forms as received, inside FORMS
_NUMBERS = range(1, 20)
_FIELDS = {"tc": "state", "sl": "value", "mc": "evidence"}
_YES_NO = {"yes": "Có", "no": "Không"}


@dataclass(frozen=True, slots=True)
class Kept:
    """The files written for one day and the sources they are."""

    files: tuple[Path, ...]
    sources: tuple[str, ...]


def receive(root: Path, form: FilledForm, content: bytes) -> Path:
    """Keep the form as received, under a name that says whose it is; the same form twice is one file."""
    folder = root / FORMS / _RECEIVED
    folder.mkdir(parents=True, exist_ok=True)
    suffix = Path(form.file).suffix.lower()
    path = folder / f"{form.facts.as_of.isoformat()}_{form.facts.code}_{form.sha256[:12]}{suffix}"
    _write_whole(path, content)
    return path


def keep_day(taken: TakenIn, day: date, facts: Mapping[str, FormFacts], items: Mapping[str, Items]) -> Kept:
    """Write the accepted values of the communes in `items` (by code) for `day`; those kept before stay.

    The tables are `data/forms/xa_DAY.xlsx` and, where a village has a flag, `thon_DAY.xlsx`; missing entries are
    appended to ntmgis.toml, whose text is otherwise left as it is.
    """
    communes = _kept(taken, _id("xa", day), "commune_status", "code")
    villages = _kept(taken, _id("thon", day), "village_status", "village_code")
    for code, own in items.items():
        communes[code] = _commune_row(facts[code], own)
        for item, cells in own.items():
            if not item.startswith("tc") and (item in villages or any(cells[name] is not None for name in FLAGS)):
                flags = {name: _YES_NO.get(cells[name] or "") for name in FLAGS}
                villages[item] = {"village_code": item, "as_of": day, **flags}
    made: list[tuple[str, str, Path]] = []
    for short, table_id, rows in (("xa", "commune_status", communes), ("thon", "village_status", villages)):
        if rows:
            path = _path(taken, _id(short, day), short, day)
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_table(path, table_id, [rows[key] for key in sorted(rows)], day)
            made.append((_id(short, day), table_id, path))
    _name_sources(taken, day, made)
    return Kept(tuple(path for *_, path in made), tuple(id_ for id_, *_ in made))


def _id(short: str, day: date) -> str:
    return f"phieu_{short}_{day.isoformat()}"


def _source(taken: TakenIn, id_: str) -> Source | None:
    return next((one for one in taken.workspace.sources if one.id == id_), None)


def _path(taken: TakenIn, id_: str, short: str, day: date) -> Path:
    source = _source(taken, id_)
    return source.path if source is not None else taken.workspace.root / FORMS / f"{short}_{day.isoformat()}.xlsx"


def _kept(taken: TakenIn, id_: str, table_id: str, key: str) -> dict[str, dict[str, object]]:
    """The rows accepted before for this day, as they are written."""
    imports = [one for one in taken.imports if one.source_id == id_]
    if not imports:
        return {}
    spec = table(table_id)
    made: dict[str, dict[str, object]] = {}
    for record in taken.store.rows(table_id, imports).to_dict("records"):
        row: dict[str, object] = {}
        for field in spec.fields:
            value = record[field.name]
            known = values(field.values) if field.values else {}
            row[field.name] = known[value].vi if value in known else value
        made[str(record[key])] = row
    return made


def _commune_row(facts: FormFacts, items: Items) -> dict[str, object]:
    """One line of the table of communes. No tier: a form does not recognise anybody."""
    states = values("criterion_state")
    row: dict[str, object] = {
        "code": facts.code,
        "name": facts.name,
        "district": facts.district or None,
        "as_of": facts.as_of,
        "criteria_set": facts.criteria_set,
    }
    for no in _NUMBERS:
        cells = items.get(f"tc{no}", {})
        for short, name in _FIELDS.items():
            value = cells.get(name)
            known = states.get(value or "") if short == "tc" else None
            row[f"{short}{no}"] = value if known is None else known.vi
    return row


def _write_table(path: Path, table_id: str, rows: Sequence[Mapping[str, object]], day: date) -> None:
    spec = table(table_id)
    with Book(path, title=spec.title_vi, as_of=day, sample=False) as book:
        sheet = book.sheet("Phiếu")
        for col, field in enumerate(spec.fields):
            sheet.set_column(col, col, 14)
            book.put(sheet, 0, col, field.title_vi, bold=True, bg_color="#e4e7eb", text_wrap=True)
            form = {"num_format": "@"} if field.type in {"code", "text"} else {}
            for number, row in enumerate(rows, start=1):
                book.put(sheet, number, col, row.get(field.name), **form)
        sheet.freeze_panes(1, 2)


def _name_sources(taken: TakenIn, day: date, made: Iterable[tuple[str, str, Path]]) -> None:
    """Append the entries that ntmgis.toml does not have yet."""
    root, sample = taken.workspace.root, taken.workspace.sample
    blocks = [
        _entry(id_, table_id, path.relative_to(root).as_posix(), day, sample=sample)
        for id_, table_id, path in made
        if _source(taken, id_) is None
    ]
    if not blocks:
        return
    config = root / CONFIG_NAME
    said = "\n".join(blocks)
    text = config.read_bytes()
    text += b"" if text.endswith(b"\n") else b"\n"
    text += b"\n" + said.encode()
    try:
        tomllib.loads(text.decode("utf-8-sig"))
        _write_whole(config, text)
    except (tomllib.TOMLDecodeError, OSError) as error:
        raise UsageError(problem("E-FORM-CONFIG", file=CONFIG_NAME, reason=error, entry=said)) from error


def _entry(id_: str, table_id: str, path: str, day: date, *, sample: bool) -> str:
    of = "Phiếu xã" if table_id == "commune_status" else "Phiếu xã, phần thôn"
    lines = [
        "[[source]]",
        f'id = "{id_}"',
        f'table = "{table_id}"',
        f'path = "{path}"',
        f"epoch = {day.isoformat()}",
        f"as_of = {day.isoformat()}",
        *(['blank = "unknown"'] if table_id == "commune_status" else []),
        f'title = "{of} {words.day(day)}{" (minh hoạ)" if sample else ""}"',
        'origin = "phiếu do xã gửi, đã xem từng dòng"',
    ]
    return "\n".join(lines) + "\n"


def _write_whole(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
