"""Which column is which field: by name, title and alias, and by the looser ways in which offices write headers."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cache, lru_cache, partial
from importlib.resources import files

from ntmgis.errors import Problem
from ntmgis.intake.raw import PATH, Place
from ntmgis.intake.text import fold_words, joined, listed, word_list
from ntmgis.programme.tables import Field, TableSpec, table
from ntmgis.workspace import Source, nearest

__all__ = ["Claims", "Sought", "claim_columns", "field_of", "fields_of", "header_words", "personal_columns"]

_WORD = re.compile(r"[^\W_]+")
_FORM_PATH = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)+")  # KoboToolbox, ODK: group/question
_NUMBERED = re.compile(r"^\s*(?:\(?\d{1,2}[.)]|\(?[A-Za-z][.)])\s*")
_IN_BRACKETS = re.compile(r"\s*\([^()]*\)\s*$")
_POSITION = re.compile(r"[_:.-](latitude|longitude)$")  # of a question of a form: "_gps_latitude", "gps-Latitude"
_CRITERION = re.compile(r"(?:tc|tieu chi)\s*(?:so\s*)?0*(\d{1,2})(?![\d]|[.,]\d)")
_BARE_NUMBER = re.compile(r"(?:so\s*)?0*(\d{1,2})(?:[.:)-]?\s+\D.*|[.:)]?)")


def fields_of(spec: TableSpec, *, tabular: bool) -> tuple[Field, ...]:
    """The fields a file of this table may bring; a point table in a sheet or text file also brings lon and lat.

    >>> [field.name for field in fields_of(table("market"), tabular=True)][-2:]
    ['lon', 'lat']
    """
    names = {field.name for field in spec.fields}
    if not tabular or spec.geometry not in {"point", "polygon_or_point"} or "lon" in names:
        return spec.fields
    address = table("address_point")
    return (*spec.fields, address.field("lon"), address.field("lat"))


@dataclass(frozen=True, slots=True)
class Sought:
    """What a table in a sheet or text file is looked through for.

    fields     of the table
    stated     columns that the source names in the configuration
    called     names of sheets that are taken before others
    districts  folded names of the districts known on the day, for group rows that hold a name and nothing else
    """

    fields: tuple[Field, ...]
    stated: Mapping[str, str] | None = None
    called: tuple[str, ...] = ()
    districts: frozenset[str] = frozenset()
    find: "Callable[[str], tuple[str, bool] | None]" = dataclass_field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "find", _finder(self.fields))

    def field(self, column: str) -> tuple[str, bool] | None:
        """The field that a column of this header is taken for, and whether it is called exactly so."""
        for name, stated in (self.stated or {}).items():
            if column == stated or joined(column) == joined(stated):
                return name, True
        return self.find(column)


@cache
def _keys(fields: tuple[Field, ...]) -> Mapping[str, str]:
    made: dict[str, str] = {}
    for field in fields:
        for word in (field.name, field.title_vi, *field.aliases):
            made.setdefault(joined(word), field.name)
    for field in fields:
        for word in word_list("headers", _role(field)):
            made.setdefault(joined(word), field.name)
    return made


def _role(field: Field) -> str:
    """The list of further headers in words.toml that this field has."""
    if field.of == "commune" and field.type == "text":
        return "district" if field.name == "district" else "commune"
    return field.values or field.name if field.type == "enum" else field.name


def header_words(fields: tuple[Field, ...], source: Source) -> frozenset[str]:
    """Folded words that mark a header row: titles and aliases of the fields, and the columns the source names."""
    return frozenset(_keys(fields)) | frozenset(joined(column) for column in (source.fields or {}).values())


@cache
def _finder(fields: tuple[Field, ...]) -> "Callable[[str], tuple[str, bool] | None]":
    """`field_of` for these fields, each header looked at once; to compare all fields takes longer than to look."""
    return lru_cache(maxsize=8192)(partial(_field_of, _keys(fields)))


def field_of(column: str, fields: tuple[Field, ...]) -> tuple[str, bool] | None:
    """The field that `column` is the header of, and True when it is called exactly by a name of the field.

    Looser ways: the last part of a path ("Nhóm / Tên xã", "nhom/ten_thon"), without a number in front or a unit in
    brackets behind ("2. Tên xã", "Dân số (người)"), and the number of a criterion ("TC1: Quy hoạch"; under a heading
    with "tiêu chí" the number alone).

    >>> fields = table("commune_status").fields
    >>> field_of("Xã", fields), field_of("Kết quả các tiêu chí / 19", fields), field_of("STT", fields)
    (('name', True), ('tc19', False), None)
    """
    return _finder(fields)(column)


def _field_of(keys: Mapping[str, str], column: str) -> tuple[str, bool] | None:
    found = keys.get(joined(column))
    if found is not None:
        return found, True
    parts = column.split(PATH)
    last = parts[-1].rpartition("/")[2] if _FORM_PATH.fullmatch(parts[-1]) else parts[-1]
    plain = _IN_BRACKETS.sub("", _NUMBERED.sub("", last))
    over = parts[-2] if len(parts) > 1 and not plain.strip() else last  # "Dân số / (người)"
    for way in (last, plain, over):
        if joined(way) and (found := keys.get(joined(way))):
            return found, False
    if (position := _POSITION.search(last.casefold())) and {"lon", "lat"} <= set(keys.values()):
        return {"longitude": "lon", "latitude": "lat"}[position[1]], False
    number = _criterion(fold_words(last), fold_words(PATH.join(parts[:-1])))
    name = f"tc{number}"
    return (name, False) if number and name in keys.values() else None


def _criterion(label: str, above: str) -> int | None:
    match = _CRITERION.match(label) or (_BARE_NUMBER.fullmatch(label) if "tieu chi" in above else None)
    return int(match[1]) if match and 1 <= int(match[1]) <= 19 else None


@dataclass(frozen=True, slots=True)
class Claims:
    """Field name → column of the file; columns nobody asked for; those with personal data; what is wrong."""

    columns: Mapping[str, str]
    unused: tuple[str, ...]
    personal: tuple[str, ...]
    problems: tuple[Problem, ...]


def claim_columns(
    columns: Iterable[str], fields: tuple[Field, ...], source: Source, *, place: Place, households: bool = False
) -> Claims:
    """Match the columns of a file to fields: first as the source says, then by name, title and aliases."""
    known = list(columns)
    problems: list[Problem] = []
    claimed: dict[str, str] = {}
    names = [field.name for field in fields]
    by_key = {joined(column): column for column in reversed(known)}
    for name, column in (source.fields or {}).items():
        if name not in names:
            words = {"known": listed(names), "nearest": nearest(name, names)}
            problems.append(place.problem("E-FIELD-UNKNOWN", column=name, **words))
            continue
        found = column if column in known else by_key.get(joined(column))
        if found is None or not joined(column):
            words = {"known": listed(known), "nearest": nearest(column, known)}
            problems.append(place.problem("E-COLUMN-UNKNOWN", column=column, **words))
        else:
            claimed[name] = found
    constants = set(source.values or {})
    stated = set(source.fields or {}) | constants
    found_by_key: dict[str, list[tuple[bool, str]]] = {}
    for column in known:
        field = field_of(_without_count(column, known), fields)
        if field is not None and column not in claimed.values() and field[0] not in stated:
            found_by_key.setdefault(field[0], []).append((field[1], column))
    for name, ways in found_by_key.items():
        best = max(exact for exact, _ in ways)
        candidates = [column for exact, column in ways if exact == best]
        if len(candidates) > 1:
            title = next(field.title_vi for field in fields if field.name == name)
            both = " và ".join(f"“{column}”" for column in candidates)
            problems.append(place.problem("E-COLUMN-TWICE", column=title, field=name, both=both))
        claimed[name] = candidates[0]
    for name in sorted(constants - set(names)):
        words = {"known": listed(names), "nearest": nearest(name, names)}
        problems.append(place.problem("E-FIELD-UNKNOWN", column=name, **words))
    ordered = {name: claimed[name] for name in names if name in claimed and name not in constants}
    rest = [column for column in known if column not in ordered.values()]
    personal = personal_columns(rest, households=households)
    unused = tuple(column for column in rest if column not in personal)
    return Claims(ordered, unused, personal, tuple(problems))


def _without_count(column: str, known: Sequence[str]) -> str:
    """The header behind "Xã (2)", when that is the second column of this name."""
    base = re.sub(r" \(\d+\)$", "", column)
    return base if base in known else column


@cache
def _phrases(name: str) -> tuple[str, ...]:
    raw = tomllib.loads((files("ntmgis.intake") / "data" / "personal.toml").read_text(encoding="utf-8"))
    return tuple(_spoken(phrase) for phrase in raw[name])


def _spoken(text: str) -> str:
    return " ".join(_WORD.findall(fold_words(text)))


def personal_columns(columns: Iterable[str], *, households: bool) -> tuple[str, ...]:
    """Those columns whose header says that they hold personal data; `households`: the rows are households.

    >>> personal_columns(["Mã", "HoTen", "Số điện thoại chủ hộ", "Dân tộc", "Kinh độ"], households=True)
    ('HoTen', 'Số điện thoại chủ hộ', 'Dân tộc')
    """
    phrases = _phrases("identity") + (_phrases("household") if households else ())
    together = {joined(phrase) for phrase in phrases}
    found = []
    for column in columns:
        spoken = f" {_spoken(column)} "
        if joined(column) in together or any(f" {phrase} " in spoken for phrase in phrases):
            found.append(column)
    return tuple(found)
