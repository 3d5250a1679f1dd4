"""A filled-in form against what is known now: three ways, because the form remembers what it was filled in with."""

from ntmgis.intake.diff import Change, ChangeKind
from ntmgis.intake.form import FilledForm, Items
from ntmgis.show.tables.form_review import Compared

__all__ = ["Compared", "compare"]


def compare(form: FilledForm, now: Items) -> Compared:
    """Every item of the form in one of: new, changed, conflict, same, invalid, gone.

    What the form says is a change when it differs from what is known now; a conflict when what is known has moved on
    since the form was made, so that nobody can tell whether the commune meant to contradict it. `now` is what a form
    made at this moment would hold.
    """
    changes: list[Change] = []
    same = gone = invalid = 0
    for item in form.before:
        if item in form.faulty:
            invalid += 1
        elif item not in form.typed:
            gone += 1
        elif (change := _change(form, item, now)) is not None:
            changes.append(change)
        else:
            same += 1
    return Compared(form, tuple(changes), same, invalid, gone)


def _change(form: FilledForm, item: str, now: Items) -> Change | None:
    typed, known = form.typed[item], now.get(item)
    was = form.before[item]
    place = form.places.get(item)
    key = (form.facts.code, form.facts.as_of.isoformat(), item)
    row = None if place is None else place.row
    if known is None:
        if dict(typed) == dict(was):
            return None
        told = tuple((name, was[name], value) for name, value in typed.items() if value != was[name])
        reason = "thôn này không còn trong danh sách thôn"
        return Change(key, "conflict", told, row=row, reason=reason, open=False)
    differ = tuple((name, known[name], value) for name, value in typed.items() if value != known[name])
    if not differ:
        return None
    stale = [name for name, *_ in differ if was[name] != known[name]]
    if stale:
        untouched = all(typed[name] == was[name] for name in stale)
        reason = "phiếu in ra trước khi kho có giá trị mới hơn"
        reason += "; xã để nguyên số cũ in sẵn" if untouched else "; xã cũng đã sửa"
        return Change(key, "conflict", differ, row=row, reason=reason)
    kind: ChangeKind = "changed" if any(value is not None for value in known.values()) else "new"
    cleared = kind == "changed" and any(value is None for _, _, value in differ)
    return Change(key, kind, differ, row=row, reason="xoá giá trị đã biết: sẽ thành chưa biết" if cleared else "")
