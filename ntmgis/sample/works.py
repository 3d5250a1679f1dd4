"""The works of Plan 305 in the sample: water, waste, schools and the rest, placed where such works stand."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ntmgis.sample.grid import Floats, child
from ntmgis.sample.terrain import Terrain
from ntmgis.sample.villages import Village

__all__ = ["Work", "make_works"]


@dataclass(frozen=True)
class Work:
    """One work: id, place in EPSG:9216 metres, and its attributes; None is unknown."""

    id: str
    xy: Floats
    attributes: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class _Place:
    """What the makers see: villages with their names, streets and heights."""

    villages: list[Village]
    places: Floats
    titles: list[str]
    homes: list[list[Floats]]
    terrain: Terrain
    capitals: frozenset[int]
    heads: dict[int, int]


def make_works(
    villages: list[Village],
    places: Floats,
    titles: list[str],
    homes: list[list[Floats]],
    terrain: Terrain,
    capitals: frozenset[int],
    *,
    seed: int,
) -> dict[str, list[Work]]:
    """Table id → works. `titles` are the villages' names, `capitals` the communes that are a district's seat."""
    heads: dict[int, int] = {}
    for number, village in enumerate(villages):
        heads.setdefault(village.commune, number)
    place = _Place(villages, places, titles, homes, terrain, capitals, heads)
    return {table: make(place, child(seed, table)) for table, make in _MAKERS.items()}


def _spot(place: _Place, village: int, rng: np.random.Generator, *, away: float = 35.0, centre: float = 1.0) -> Floats:
    """A point beside a street of the village; `centre` above 1 draws it to the middle."""
    lines = place.homes[village]
    if not lines:
        return np.asarray(place.places[village] + rng.uniform(-60, 60, 2))
    line = lines[int(rng.integers(len(lines)))]
    at = rng.random() ** centre * (len(line) - 1)
    low = min(int(at), len(line) - 2)
    step = line[low + 1] - line[low]
    side = np.array([-step[1], step[0]]) / max(float(np.hypot(*step)), 1.0) * (1 if rng.random() < 0.5 else -1)
    return np.asarray(line[low] + step * (at - low) + side * (away + rng.uniform(0, 15)), dtype=np.float64)


def _out(place: _Place, village: int, rng: np.random.Generator, *, low: float, high: float) -> Floats:
    """A point outside the village, `low` to `high` metres from its middle."""
    angle, far = rng.uniform(-np.pi, np.pi), rng.uniform(low, high)
    centre = place.places[village]
    return np.asarray(centre + far * np.array([np.cos(angle), np.sin(angle)]))


def _maybe(value: object, rng: np.random.Generator, share: float) -> object:
    """The value, or None (unknown) for `share` of the rows."""
    return None if rng.random() < share else value


def _operation(rng: np.random.Generator, *, good: float) -> str:
    roll = rng.random()
    return "works" if roll < good else "poor" if roll < good + (1 - good) * 0.7 else "broken"


def _water(place: _Place, rng: np.random.Generator) -> list[Work]:
    made: list[Work] = []
    for number, village in enumerate(place.villages):
        head = place.heads[village.commune] == number
        share = 0.70 if head else 0.12 if village.urban else 0.31
        if rng.random() > share:
            continue
        xy = _out(place, number, rng, low=150, high=700)
        high = float(place.terrain.grid.sample(place.terrain.heights, xy[None])[0]) > 750
        if village.urban or (head and rng.random() < 0.5):
            kind, title = "piped", "Cấp nước tập trung"
        elif high or rng.random() < 0.6:
            kind, title = "gravity", "Cấp nước tự chảy"
        else:
            kind, title = ("borehole", "Giếng khoan") if rng.random() < 0.75 else ("household", "Cụm bể nước")
        serves = int(max(12, village.households * rng.uniform(0.4, 0.95) * (3.5 if kind == "piped" else 1)))
        made.append(
            Work(
                f"N{len(made) + 1:04d}",
                xy,
                {
                    "name": f"{title} {place.titles[number]}",
                    "kind": kind,
                    "capacity": _maybe(float(max(5, round(serves * rng.uniform(0.35, 0.7) / 5) * 5)), rng, 0.10),
                    "households": _maybe(serves, rng, 0.06),
                    "operation": _maybe(_operation(rng, good=0.62 if kind == "gravity" else 0.8), rng, 0.07),
                    "meets_qcvn": _maybe(bool(rng.random() < (0.8 if kind == "piped" else 0.35)), rng, 0.22),
                },
            )
        )
    return made


def _waste(place: _Place, rng: np.random.Generator) -> list[Work]:
    made: list[Work] = []

    def add(kind: str, title: str, xy: Floats, capacity: float | None) -> None:
        made.append(
            Work(
                f"R{len(made) + 1:04d}",
                xy,
                {
                    "name": title,
                    "kind": kind,
                    "capacity": None if capacity is None else _maybe(round(capacity, 1), rng, 0.15),
                    "operation": _maybe(_operation(rng, good=0.75), rng, 0.08),
                },
            )
        )

    for number, village in enumerate(place.villages):
        title = place.titles[number]
        if place.heads[village.commune] == number:
            if village.commune in place.capitals:
                add(
                    "landfill",
                    f"Bãi chôn lấp {title}",
                    _out(place, number, rng, low=2200, high=4000),
                    rng.uniform(8, 40),
                )
                add(
                    "transfer",
                    f"Trạm trung chuyển {title}",
                    _out(place, number, rng, low=700, high=1500),
                    rng.uniform(5, 20),
                )
            elif rng.random() < 0.12:
                add(
                    "incinerator",
                    f"Lò đốt {title}",
                    _out(place, number, rng, low=900, high=1800),
                    rng.uniform(0.3, 1.5),
                )
        if rng.random() < (0.30 if village.urban else 0.13):
            add("collection", f"Điểm tập kết {title}", _spot(place, number, rng), rng.uniform(0.2, 3.0))
        if not village.urban and rng.random() < 0.05:
            add("pesticide_tank", f"Bể thu gom bao gói {title}", _out(place, number, rng, low=300, high=1100), None)
    return made


def _works(
    prefix: str,
    pick: Callable[[_Place, int, np.random.Generator], tuple[str, str] | None],
    *,
    standard: float,
    good: float = 0.85,
    outside: tuple[float, float] | None = None,
    away: float = 35.0,
) -> Callable[[_Place, np.random.Generator], list[Work]]:
    """A maker of one layer of common rows: `pick` gives (title, kind) for a village, or None for no work."""

    def make(place: _Place, rng: np.random.Generator) -> list[Work]:
        made: list[Work] = []
        for number in range(len(place.villages)):
            chosen = pick(place, number, rng)
            if chosen is None:
                continue
            if outside is None:
                xy = _spot(place, number, rng, away=away, centre=1.8)
            else:
                xy = _out(place, number, rng, low=outside[0], high=outside[1])
            made.append(
                Work(
                    f"{prefix}{len(made) + 1:04d}",
                    xy,
                    {
                        "name": f"{chosen[0]} {place.titles[number]}",
                        "kind": chosen[1],
                        "meets_standard": _maybe(bool(rng.random() < standard), rng, 0.08),
                        "operation": _maybe(_operation(rng, good=good), rng, 0.05),
                    },
                )
            )
        return made

    return make


def _share(
    title: str, kind: str, share: float, *, head: float | None = None, urban: float | None = None
) -> Callable[[_Place, int, np.random.Generator], tuple[str, str] | None]:
    """A work in `share` of the villages; `head` is the share at commune seats, `urban` in towns."""

    def pick(place: _Place, number: int, rng: np.random.Generator) -> tuple[str, str] | None:
        village = place.villages[number]
        chance = share
        if urban is not None and village.urban:
            chance = urban
        if head is not None and place.heads[village.commune] == number:
            chance = head
        return (title, kind) if rng.random() < chance else None

    return pick


def _school(place: _Place, number: int, rng: np.random.Generator) -> tuple[str, str] | None:
    if place.heads[place.villages[number].commune] == number:
        return ("Trường trung học cơ sở", "trung học cơ sở") if rng.random() < 0.6 else ("Trường tiểu học", "tiểu học")
    roll = rng.random()
    if roll < 0.10:
        return "Trường tiểu học", "tiểu học"
    if roll < 0.28:
        return "Điểm trường mầm non", "mầm non"
    if roll < 0.30:
        return "Trường trung học phổ thông", "trung học phổ thông"
    return None


_MAKERS: dict[str, Callable[[_Place, np.random.Generator], list[Work]]] = {
    "water_supply": _water,
    "waste_point": _waste,
    "school": _works("T", _school, standard=0.66),
    "health_station": _works("Y", _share("Trạm y tế", "trạm y tế", 0.0, head=1.0), standard=0.8),
    "culture_house": _works("V", _share("Nhà văn hóa", "nhà văn hóa thôn", 0.86, head=1.0, urban=0.7), standard=0.7),
    "market": _works("M", _share("Chợ", "chợ", 0.008, head=0.42), standard=0.55),
    "irrigation": _works("L", _share("Đập dâng", "đập dâng", 0.16, urban=0.02), standard=0.6, outside=(500, 1800)),
    "power": _works("Đ", _share("Trạm biến áp", "trạm hạ áp", 0.42, urban=0.7), standard=0.85, good=0.95, away=20),
    "production_zone": _works(
        "S", _share("Vùng nguyên liệu", "vùng nguyên liệu", 0.045, urban=0.0), standard=0.5, outside=(600, 1600)
    ),
    "telecom": _works("B", _share("Trạm thu phát sóng", "trạm BTS", 0.22, head=0.9), standard=0.9, outside=(200, 900)),
    "post_point": _works("P", _share("Điểm bưu điện văn hóa xã", "điểm bưu điện", 0.0, head=0.95), standard=0.75),
    "wastewater": _works(
        "W", _share("Xử lý nước thải", "cụm xử lý", 0.012, urban=0.05), standard=0.4, outside=(300, 900)
    ),
    "pollution_site": _works("O", _share("Khu vực", "nguồn thải chăn nuôi", 0.025), standard=0.1, outside=(500, 1500)),
    "cemetery": _works("G", _share("Nghĩa trang", "nghĩa trang", 0.11, head=0.75), standard=0.45, outside=(700, 1800)),
}  # fmt: skip
