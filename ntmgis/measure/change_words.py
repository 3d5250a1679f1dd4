"""Why a change is told: from what to what, when, by which decision, and what a reader should check."""

from typing import Any

import pandas as pd

from ntmgis.measure.told import Told
from ntmgis.measure.wording import Lang, day_words, missing, plain, state_words
from ntmgis.store.snapshot import Snapshot

__all__ = ["LANGS", "put_right", "reason_of"]

LANGS: tuple[Lang, Lang] = ("vi", "en")
# What a correction can be about: Vietnamese, English.
FIELDS = {
    "state": ("kết quả", "result"),
    "standard_year": ("năm đạt chuẩn", "standard year"),
    "decision": ("số quyết định", "decision number"),
    "decision_date": ("ngày quyết định", "decision date"),
    "criteria_set": ("bộ tiêu chí", "criteria set"),
}
FLAGS = {
    "model": ("thôn NTM kiểu mẫu", "model NTM village"),
    "minority_ntm": ("thôn NTM vùng DTTS", "NTM village in an ethnic-minority area"),
    "smart": ("thôn thông minh", "smart village"),
}


def reason_of(
    level: str, what: str, kind: str, old: Told | None, new: Told | None, before: Snapshot, snapshot: Snapshot
) -> tuple[str, str]:
    """The reason of a change from `old` to `new` between two days, in Vietnamese and English."""

    def said(told: Told | None, lang: Lang) -> str:
        words = state_words(told.state if told else None, level=level, lang=lang)
        return f"{words} ({day_words(told.as_of, lang=lang)})" if told else words

    vi, en = (f"{_flag(what, lang)}{said(old, lang)} → {said(new, lang)}" for lang in LANGS)
    if new is None:
        return (
            f"{vi}: nguồn đang dùng không còn dòng này; không phải rút công nhận",
            f"{en}: the sources in use no longer have this row; this is no withdrawal",
        )
    parts = [(vi, en), *_decided(level, kind, old, new, before, snapshot)]
    return "; ".join(one for one, _ in parts), "; ".join(one for _, one in parts)


def _flag(what: str, lang: Lang) -> str:
    """Which of a village's states is meant."""
    return f"{FLAGS[what][LANGS.index(lang)]}: " if what in FLAGS else ""


def _decided(
    level: str, kind: str, old: Told | None, new: Told, before: Snapshot, snapshot: Snapshot
) -> list[tuple[str, str]]:
    """The decision behind a change, and doubts about it."""
    if level == "village" or (kind == "first_report" and new.state == "not_yet"):
        return []
    if kind == "corrected":
        return [("đổi cách ghi, không phải tăng hay giảm", "worded otherwise, neither a rise nor a fall")]
    # A decision is its number and its day: offices begin at 1 again each year.
    named = not missing(new.decision) and (
        old is None or (new.decision, plain(new.decision_date)) != (old.decision, plain(old.decision_date))
    )
    if named:
        return [_signed(new), *_late(kind, new, before, snapshot)]
    if kind in {"withdrawn", "down"}:
        return [
            (
                "số liệu không ghi quyết định thu hồi: cần kiểm tra trước khi kết luận",
                "no decision of withdrawal is on record: check before concluding",
            )
        ]
    return [("số liệu không ghi quyết định công nhận", "no decision of recognition is on record")]


def _signed(new: Told) -> tuple[str, str]:
    if missing(new.decision_date):
        return f"quyết định {new.decision}", f"decision {new.decision}"
    vi, en = (day_words(new.decision_date, lang=lang) for lang in LANGS)
    return f"quyết định {new.decision} ngày {vi}", f"decision {new.decision} of {en}"


def _late(kind: str, new: Told, before: Snapshot, snapshot: Snapshot) -> list[tuple[str, str]]:
    """What is odd about the day of a decision: recognition is told for the period in which it was decided."""
    if missing(new.decision_date):
        return []
    signed = pd.Timestamp(new.decision_date)
    if signed > pd.Timestamp(snapshot.as_of):
        return [("ngày quyết định sau ngày xem: kiểm tra lại", "dated after the day of the view: check")]
    if kind != "first_report" and signed <= pd.Timestamp(before.as_of):
        vi, en = (day_words(before.as_of, lang=lang) for lang in LANGS)
        return [(f"quyết định ký từ trước {vi}: có thể là báo cáo muộn", f"signed before {en}: possibly a late report")]
    return []


def put_right(level: str, what: str, old: Told, new: Told) -> tuple[str, str] | None:
    """Which facts of one unit were put right, in Vietnamese and English; None when none was."""
    fields = [name for name in FIELDS if plain(getattr(old, name)) != plain(getattr(new, name))]
    if not fields:
        return None

    def said(value: Any, name: str, lang: Lang) -> str:
        if name == "state":
            return _flag(what, lang) + state_words(value, level=level, lang=lang)
        if missing(value):
            return "(trống)" if lang == "vi" else "(blank)"
        return day_words(value, lang=lang) if name == "decision_date" else str(value)

    vi, en = (
        ", ".join(
            f"{FIELDS[name][place]} {said(getattr(old, name), name, lang)} → {said(getattr(new, name), name, lang)}"
            for name in fields
        )
        for place, lang in enumerate(LANGS)
    )
    return f"sửa {vi}", f"put right {en}"
