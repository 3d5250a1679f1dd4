"""What a product says of a source whose newest file is not what it shows."""

from ntmgis.store.snapshot import SourceNote

__all__ = ["source_state"]


def source_state(note: SourceNote) -> str:
    """Why the newest file of the source does not count, and what counts instead; "" where it does.

    >>> from datetime import date
    >>> source_state(SourceNote("xa", "unit", "Xã", date(2025, 6, 30), 102, failed=True, undone=True))
    'lần nhập tệp này đã được rút lại, dùng số liệu trước đó'
    >>> source_state(SourceNote("xa", "unit", "Xã", None, 0, failed=True))
    'tệp mới không đọc được, chưa có số liệu nào'
    """
    if not note.failed:
        return ""
    why = "lần nhập tệp này đã được rút lại" if note.undone else "tệp mới không đọc được"
    if note.rows:
        return f"{why}, dùng số liệu trước đó"
    return f"{why}, {'không còn' if note.undone else 'chưa có'} số liệu nào"
