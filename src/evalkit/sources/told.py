"""How readers tell of rows: by count and first place, never by value."""


def rows_phrase(count: int) -> str:
    """Return such as ``"3 rows, the first of them here"``."""
    return "1 row" if count == 1 else f"{count} rows, the first of them here"
