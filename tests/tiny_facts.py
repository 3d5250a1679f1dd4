"""Facts of the tiny province by hand: what a person reads off the drawing in `tiny`."""

from typing import Any

import pandas as pd
import tiny

from ntmgis.measure.facts import TIER_STATES, Facts

NAN = float("nan")
# Each commune: 10 households 50 to 450 m from its middle; 8 coded, 6 notified, 4 plated, all located.
ADDRESSES = {
    "address_total": 10.0,
    "address_coded_share": 0.8,
    "address_notified_share": 0.6,
    "address_plated_share": 0.4,
    "address_located_share": 1.0,
    "suppressed": False,
}
ROADS = [
    ("10001", "national", "asphalt", 10.0),
    ("10001", "village", "earth", 10.0),
    ("10002", "national", "asphalt", 10.0),
    ("10003", "village", "earth", 10.0),
    ("10005", "national", "asphalt", 10.0),
]


def measures(hardened: float, earth: float, *, road: float, water: float, waste: float) -> dict[str, Any]:
    km = float(hardened + earth)
    return {
        "road_km": km,
        "road_km_hardened": float(hardened),
        "road_km_surface_known": km,
        "road_hardened_share": hardened / km if km else NAN,
        "households_located": 10.0,
        "near_road_share": float(road),
        "near_water_share": float(water),
        "near_waste_share": float(waste),
        **ADDRESSES,
    }


MEASURES = {
    "10001": measures(10, 10, road=1, water=1, waste=0),
    "10002": measures(10, 0, road=1, water=0, waste=1),
    "10003": measures(0, 10, road=1, water=0, waste=0),
    "10004": measures(0, 0, road=0, water=0, waste=0),
    "10005": measures(10, 0, road=1, water=0, waste=0),
    "10006": measures(0, 0, road=0, water=0, waste=0),
}
WHOLE = {**measures(30, 20, road=4 / 6, water=1 / 6, waste=1 / 6), "households_located": 60.0, "address_total": 60.0}


def facts(**changes: Any) -> Facts:
    snapshot = tiny.snapshot()
    units = snapshot.communes.set_index("code")
    status = snapshot.commune_status.set_index("code").reindex(units.index)
    met = snapshot.criteria.groupby("code")["state"].agg(lambda s: (s == "met").sum())
    known = snapshot.criteria.groupby("code").size()
    communes = pd.DataFrame(
        {
            "name": units["name"],
            "kind": units["kind"],
            "district_code": units["district_code"],
            "district": units["district"],
            "tier": status["tier"].where(units["rural"], "not_applicable").fillna("not_reported"),
            "standard_year": status["standard_year"],
            "decision": status["decision"],
            "decision_date": status["decision_date"],
            "status_as_of": status["as_of"],
            "criteria_met": met.reindex(units.index).astype("Int64"),
            "criteria_known": known.reindex(units.index).fillna(0).astype("Int64"),
            "composition": None,
            "area_km2": 100.0,
            "population": 5560.4,
        },
        index=units.index,
    ).join(pd.DataFrame.from_dict(MEASURES, orient="index"))
    own = snapshot.village_status.set_index("village_code")
    villages = snapshot.villages.set_index("code")[["name", "commune_code", "kind", "households"]]
    villages = villages.join(own[["model", "minority_ntm", "smart"]])
    villages = villages.join(pd.DataFrame.from_dict({f"{k}-01": v for k, v in MEASURES.items()}, orient="index"))
    counts = {
        "901": {"units": 4, "rural": 4, "model": 1, "advanced": 1, "ntm": 1, "not_yet": 1},
        "902": {"units": 2, "rural": 1, "not_reported": 1, "not_applicable": 1},
    }
    rows = {
        "901": {**measures(20, 20, road=0.75, water=0.25, waste=0.25), "households_located": 40.0},
        "902": {**measures(10, 0, road=0.5, water=0, waste=0), "households_located": 20.0},
    }
    districts = pd.DataFrame.from_dict(
        {
            code: {
                "name": tiny.DISTRICTS[code],
                "units": counts[code]["units"],
                "rural": counts[code]["rural"],
                **{state: counts[code].get(state, 0) for state in TIER_STATES},
                "ntm_or_higher": 3 if code == "901" else 0,
                "tier": "ntm" if code == "901" else "not_reported",
                "population": counts[code]["units"] * 5560.4,
                **rows[code],
            }
            for code in counts
        },
        orient="index",
    )
    tiers = {"model": 1, "advanced": 1, "ntm": 1, "not_yet": 1, "not_reported": 1, "not_applicable": 1}
    province = pd.Series(
        {
            "name": "Tỉnh Tí Hon",
            "units": 6,
            "rural": 5,
            **tiers,
            "ntm_or_higher": 3,
            "tier": "not_reported",
            "population": 6 * 5560.4,
            **WHOLE,
        }
    )
    plan = pd.DataFrame(
        [
            {
                "id": "commune_ntm",
                "label": "Xã đạt chuẩn nông thôn mới",
                "gloss": "Communes newly meeting the NTM standard",
                "level": "commune",
                "kind": "increment",
                "unit": "xã",
                "target": 8.0,
                "baseline": 0.0,
                "actual": 3.0,
                "done": 3.0,
                "share": 0.375,
                "status": "short",
                "note": "Chỉ tiêu là số tăng thêm, kế hoạch không nêu tên xã và số xã gốc.",
                "district_code": None,
            },
            {
                "id": "village_minority",
                "label": "Thôn nông thôn mới ở vùng đồng bào dân tộc thiểu số",
                "gloss": "NTM villages in ethnic-minority areas",
                "level": "village",
                "kind": "minimum_share",
                "unit": "thôn",
                "target": NAN,
                "baseline": NAN,
                "actual": NAN,
                "done": NAN,
                "share": NAN,
                "status": "unknown",
                "note": "Kế hoạch không nêu chỉ tiêu cho huyện này.",
                "district_code": "902",
            },
        ]
    )
    made: dict[str, Any] = {
        "communes": communes,
        "villages": villages,
        "districts": districts,
        "province": province,
        "tiers": tiers,
        "roads": pd.DataFrame(ROADS, columns=["code", "class", "surface", "km"]),
        "plan": plan,
        "limits": {"road": 500.0, "water_supply": 1000.0, "waste_point": 1000.0},
    }
    return Facts(**{**made, **changes})
