"""What the kinds, paces and risks of a review are called; page, workbook and command line say the same."""

from collections.abc import Mapping
from typing import Any

from ntmgis.measure.monitoring import CHANGE_KINDS, CRITERIA_CHANGE_KINDS, PACES, RISKS
from ntmgis.measure.wording import Lang, missing, state_words
from ntmgis.programme.tables import values

__all__ = [
    "LEVELS",
    "change_word",
    "criteria_change_word",
    "level_word",
    "measure_word",
    "pace_word",
    "risk_word",
    "row_state_word",
    "state_word",
]

Pair = tuple[str, str]
LEVELS: Mapping[str, Pair] = {
    "province": ("tỉnh", "province"),
    "district": ("huyện", "district"),
    "city": ("thành phố", "city"),
    "commune": ("xã", "commune"),
    "village": ("thôn", "village"),
}
_CHANGES: Mapping[str, Pair] = {
    "withdrawn": ("Không còn được công nhận", "Recognition withdrawn"),
    "down": ("Xuống mức", "Down"),
    "newly_recognised": ("Mới được công nhận", "Newly recognised"),
    "up": ("Lên mức", "Up"),
    "first_report": ("Có số liệu lần đầu", "First report"),
    "no_longer_reported": ("Không còn số liệu", "No longer reported"),
    "regrouped": ("Sắp xếp đơn vị", "Units regrouped"),
    "corrected": ("Sửa số liệu (không phải thay đổi)", "Data corrected (no change)"),
}
_CRITERIA: Mapping[str, Pair] = {
    "lost": ("Không còn đạt", "Lost"),
    "gained": ("Mới đạt", "Gained"),
    "first_report": ("Có số liệu lần đầu", "First report"),
    "no_longer_reported": ("Không còn số liệu", "No longer reported"),
    "corrected": ("Sửa số liệu", "Data corrected"),
}
_PACES: Mapping[str, Pair] = {
    "reached": ("Đã đạt", "Reached"),
    "on_track": ("Đúng tiến độ", "On track"),
    "behind": ("Chậm tiến độ", "Behind"),
    "missed": ("Hết hạn, chưa đạt", "Missed"),
    "unknown": ("Chưa xác định", "Unknown"),
    "no_target": ("Không nêu chỉ tiêu", "No target stated"),
}
_RISKS: Mapping[str, Pair] = {
    "withdrawable": ("Thuộc diện thu hồi", "To be withdrawn"),
    "at_risk": ("Có nguy cơ", "At risk"),
    "none": ("Không", "None"),
    "unknown": ("Chưa rõ", "Unknown"),
    "not_applicable": ("Không xét", "Not applicable"),
}
_ROWS: Mapping[str, Pair] = {
    "in_use": ("đang dùng", "in use"),
    "overruled": ("nguồn khác mới hơn", "overruled by a newer source"),
    "replaced": ("đã thay bằng lần nhập sau", "replaced by a later import"),
    "taken_back": ("đã rút (undo)", "taken back (undo)"),
    "dropped": ("nguồn không còn khai", "source no longer named"),
}
_MEASURES: Mapping[str, Pair] = {
    "communes": ("Số xã", "Communes"),
    "reported": ("Xã có số liệu", "Communes reported"),
    "ntm": ("Xã đạt chuẩn trở lên", "NTM or higher"),
    "advanced": ("Xã nâng cao trở lên", "Advanced or higher"),
    "model": ("Xã kiểu mẫu", "Model"),
    "criteria_communes": ("Xã có số liệu tiêu chí", "Communes with criteria"),
    "criteria_met_total": ("Tổng tiêu chí đạt", "Criteria met"),
    "criteria_total": ("Tổng số tiêu chí", "Criteria in all"),
    "criteria_mean": ("Tiêu chí đạt bình quân/xã", "Mean criteria met"),
}
assert _CHANGES.keys() == set(CHANGE_KINDS)
assert _CRITERIA.keys() == set(CRITERIA_CHANGE_KINDS)
assert _PACES.keys() == set(PACES)
assert _RISKS.keys() == set(RISKS)


def _said(words: Mapping[str, Pair], key: str, lang: Lang) -> str:
    return words[key][0 if lang == "vi" else 1] if key in words else key


def change_word(kind: str, lang: Lang = "vi") -> str:
    """Words for a kind of change.

    >>> change_word("newly_recognised"), change_word("corrected", "en")
    ('Mới được công nhận', 'Data corrected (no change)')
    """
    return _said(_CHANGES, kind, lang)


def criteria_change_word(kind: str, lang: Lang = "vi") -> str:
    """Words for a change of one criterion."""
    return _said(_CRITERIA, kind, lang)


def pace_word(pace: str, lang: Lang = "vi") -> str:
    """Words for how a target stands."""
    return _said(_PACES, pace, lang)


def risk_word(risk: str, lang: Lang = "vi") -> str:
    """Words for the risk of withdrawal."""
    return _said(_RISKS, risk, lang)


def row_state_word(state: str, lang: Lang = "vi") -> str:
    """Words for what became of a recorded value."""
    return _said(_ROWS, state, lang)


def level_word(level: str, lang: Lang = "vi") -> str:
    """Words for a level of units."""
    return _said(LEVELS, level, lang)


def measure_word(measure: str, origin: str = "counted", lang: Lang = "vi") -> str:
    """Words for a measure of a trend; a published total is called what the text counts, which may be less clear."""
    known = values("total_measure")
    if origin == "published" and measure in known:
        text = str(getattr(known[measure], lang))
        return text[:1].upper() + text[1:]
    return _said(_MEASURES, measure, lang)


def state_word(state: Any, level: str = "commune", lang: Lang = "vi") -> str:
    """Words for a tier, a district's tier or a village's yes and no; nothing reported says so."""
    return state_words(None if missing(state) else str(state), level=level, lang=lang)
