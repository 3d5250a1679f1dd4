"""Two counts of criteria met, compared only where they count the same thing: two sets are two sets, not a fall."""

from dataclasses import dataclass
from datetime import date

__all__ = ["Comparison", "Count", "compare_counts"]


@dataclass(frozen=True, slots=True)
class Count:
    """Criteria met, of `total`, by one set (None: the set is not stated) on a day (None: not stated)."""

    set: str | None
    met: int
    total: int
    day: date | None = None

    @property
    def vi(self) -> str:
        """For example "72/114 (bộ 2021-2025, 31/12/2022)"."""
        return self._words("bộ", "không ghi bộ tiêu chí")

    @property
    def en(self) -> str:
        """For example "72/114 (set 2021-2025, 31/12/2022)"."""
        return self._words("set", "criteria set not stated")

    def _words(self, word: str, unstated: str) -> str:
        told = unstated if self.set is None else f"{word} {self.set}"
        return f"{self.met}/{self.total} ({told}{f', {self.day:%d/%m/%Y}' if self.day else ''})"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`change` is after less before; None where the two may not be compared, and `vi`, `en` say why."""

    before: Count
    after: Count
    change: int | None
    vi: str
    en: str

    @property
    def comparable(self) -> bool:
        """Whether the two count the same thing."""
        return self.change is not None


def compare_counts(before: Count, after: Count) -> Comparison:
    """The change between two counts, or the words that they may not be compared.

    Counts compare when they are of one stated set and of the same total (the same number of communes).

    >>> compare_counts(Count("2016-2020", 105, 114), Count("2021-2025", 72, 114)).vi
    '105/114 (bộ 2016-2020) và 72/114 (bộ 2021-2025): hai bộ tiêu chí khác nhau, không phải là giảm.'
    >>> compare_counts(Count("2021-2025", 70, 114), Count("2021-2025", 72, 114)).change
    2
    """
    pair_vi, pair_en = f"{before.vi} và {after.vi}", f"{before.en} and {after.en}"
    if before.set is None or after.set is None:
        why_vi, why_en = "không rõ bộ tiêu chí, không so sánh", "the criteria set is not stated: not compared"
    elif before.set != after.set:
        fall = after.met < before.met
        why_vi = f"hai bộ tiêu chí khác nhau, không phải là {'giảm' if fall else 'tăng'}"
        why_en = f"two different sets, not a {'fall' if fall else 'rise'}"
        if after.met == before.met:
            why_vi, why_en = "hai bộ tiêu chí khác nhau, không so sánh", "two different sets: not compared"
    elif before.total != after.total:
        why_vi, why_en = "tính trên số xã khác nhau, không so sánh", "of different totals: not compared"
    else:
        change = after.met - before.met
        told_vi = "không đổi" if not change else f"{'tăng' if change > 0 else 'giảm'} {abs(change)} tiêu chí"
        noun = "criterion" if abs(change) == 1 else "criteria"
        told_en = "no change" if not change else f"{'up' if change > 0 else 'down'} {abs(change)} {noun}"
        return Comparison(before, after, change, f"{pair_vi}: {told_vi}.", f"{pair_en}: {told_en}.")
    return Comparison(before, after, None, f"{pair_vi}: {why_vi}.", f"{pair_en}: {why_en}.")
