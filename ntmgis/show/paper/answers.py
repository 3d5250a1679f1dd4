"""What a sheet says of itself: the answer in its title, and where and when below it."""

from collections import Counter
from dataclasses import replace

from ntmgis.measure.facts import Facts
from ntmgis.show.paper.content import Scope
from ntmgis.show.paper.font import clean
from ntmgis.show.paper.signs import sign_state
from ntmgis.show.words import data_day, day, known_words, lower, number, place_words, subtitle
from ntmgis.store.snapshot import Snapshot

__all__ = ["WORKS_TITLE", "of_district", "place_of", "tiers_of", "works_answer"]

WORKS_TITLE = "Hạ tầng và công trình"


def of_district(headline: str, scope: Scope) -> str:
    """The answer with the name of the district in front; that of the province as it is."""
    return headline if scope.level == "province" else f"{scope.name}: {lower(headline)}"


def works_answer(snapshot: Snapshot, scope: Scope) -> str:
    """The answer of the map of works: how many of the water schemes work; one commune is answered on its own page."""
    dates = [note.as_of for note in snapshot.sources if note.table == "water_supply" and note.as_of is not None]
    when = f", đến {day(max(dates, default=data_day(snapshot)))}"
    if scope.level == "commune":
        return f"{scope.name}: {lower(WORKS_TITLE)}{when}"
    layer = snapshot.layers.get("water_supply")
    if layer is None or "operation" not in layer:
        return f"{WORKS_TITLE}{when}"
    moved = layer.to_crs(snapshot.metric_crs)
    inside = moved.geometry.centroid.intersects(scope.area)
    states = Counter(sign_state(value) for value in layer.loc[inside.to_numpy(), "operation"])
    if not states or states["unknown"] == states.total():
        return f"{WORKS_TITLE}{when}"
    ratio = f"{number(states['works'])}/{number(states.total())}"
    return f"{'Ít nhất ' if states['unknown'] else ''}{ratio} công trình cấp nước hoạt động tốt{when}"


def _names(snapshot: Snapshot, scope: Scope) -> tuple[str | None, ...]:
    """Of the unit and those around it, the smallest first; two communes may share a name."""
    if scope.level == "province":
        return (clean(snapshot.province_name),)
    districts = snapshot.communes.loc[snapshot.communes["code"].astype(str).eq(scope.code), "district"].dropna()
    district = clean(districts.iloc[0]) if len(districts) else None
    return (scope.name, district, clean(snapshot.province_name))


def place_of(snapshot: Snapshot, scope: Scope) -> str:
    """Where, on which boundaries, known when if not now."""
    where = f"{place_words(*_names(snapshot, scope))}, {snapshot.epoch.title_vi}"
    known = known_words(snapshot)
    return f"{where} · {known}" if known else where


def tiers_of(snapshot: Snapshot, facts: Facts, scope: Scope) -> str:
    """The subtitle of the tiers, with the name of the district or commune in front."""
    inside = snapshot.communes["code"].astype(str).isin(list(scope.codes))
    own = replace(snapshot, communes=snapshot.communes[inside], province_name=place_words(*_names(snapshot, scope)))
    return subtitle(own, facts)
