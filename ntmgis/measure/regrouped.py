"""Two dates on two boundary epochs: each new unit with what its predecessors were, never a rise or a fall."""

import pandas as pd

from ntmgis.measure.monitoring import Note
from ntmgis.measure.rebase import mixture_words, rebase_tiers
from ntmgis.measure.told import Place, Row, places_of, states_of, titles_of, told_of
from ntmgis.measure.wording import listed, missing, state_words
from ntmgis.store.snapshot import Snapshot

__all__ = ["regrouped"]


def regrouped(snapshot: Snapshot, before: Snapshot) -> tuple[list[Row], list[Note]]:
    """One row of changes for each new unit of which something was or is known, and what to say about it."""
    crosswalk = snapshot.unit_change
    notes = [
        Note(
            "epochs",
            f"Hai ngày thuộc hai thời kỳ địa giới ({before.epoch.title_vi}; {snapshot.epoch.title_vi}). Mỗi đơn vị mới "
            "được nêu cùng kết quả các đơn vị cũ hợp thành; không có đơn vị nào bị coi là tăng hay giảm. Thôn và huyện "
            "không được so.",
            f"The two days lie in two boundary epochs ({before.epoch.title_en}; {snapshot.epoch.title_en}). Each new "
            "unit is told with what its predecessors were; nothing is called a rise or a fall. Villages and districts "
            "are not compared.",
        )
    ]
    states = states_of(before)
    listed_codes = set(crosswalk["old_code"]) if len(crosswalk) else set()
    left = sorted(code for code in states if code not in listed_codes)
    if left:
        notes.append(
            Note(
                "crosswalk",
                f"{len(left)} đơn vị cũ không có trong bảng sắp xếp nên không so được: {listed(left)}.",
                f"{len(left)} old units are not in the table of changes and were left out: {listed(left, lang='en')}.",
            )
        )
    if not listed_codes:
        return [], notes
    mixed = rebase_tiers(pd.Series({code: one for code, one in states.items() if code in listed_codes}), crosswalk)
    was, now = told_of("commune", before), told_of("commune", snapshot)
    parents = crosswalk.groupby("new_code")["old_code"].apply(sorted).to_dict()
    places, titles = places_of("commune", snapshot), {**titles_of(before), **titles_of(snapshot)}
    current = states_of(snapshot)
    made = []
    for code, mixture, unchanged in zip(mixed.index, mixed["composition"], mixed["unchanged"], strict=True):
        old = [was[parent, "tier"] for parent in parents[code] if (parent, "tier") in was]
        new = now.get((code, "tier"))
        if new is None and not old:
            continue  # nothing was known of it, nothing is
        place = places.get(code, Place(code, None))
        vi, en = _reason(mixture, current.get(code, "not_reported"), unchanged=unchanged)
        source = (new or old[0]).source
        made.append(
            {
                "level": "commune",
                "code": code,
                "name": place.name,
                "district": place.district,
                "what": "tier",
                "kind": "regrouped",
                "before": None,
                "after": new.state if new else None,
                "before_as_of": max((one.as_of for one in old if not missing(one.as_of)), default=None),
                "after_as_of": new.as_of if new else None,
                "decision": new.decision if new else None,
                "decision_date": new.decision_date if new else None,
                "source": titles.get(str(source), source),
                "reason": vi,
                "reason_en": en,
                "mixture": mixture_words(mixture),
                "mixture_en": mixture_words(mixture, lang="en"),
            }
        )
    return made, notes


def _reason(mixture: dict[str, int], after: str, *, unchanged: bool) -> tuple[str, str]:
    words, words_en = mixture_words(mixture), mixture_words(mixture, lang="en")
    vi, en = state_words(after), state_words(after, lang="en")
    if unchanged:
        return f"giữ nguyên một đơn vị ({words}); nay {vi}", f"one unit as before ({words_en}); now {en}"
    count = sum(mixture.values())
    return (
        f"gộp {count} đơn vị: {words}; nay {vi}, không phải tăng hay giảm",
        f"formed from {count} units: {words_en}; now {en}, neither a rise nor a fall",
    )
