"""Lines of a CSV file that a spreadsheet opens without running anything in it.

A cell that begins like a formula would be one to Excel and WPS: it gets an apostrophe in front,
which both take as "this is text".
"""

import csv
import io
from collections.abc import Sequence

BOM = "\ufeff"
"""Without it Excel on a Chinese PC reads the file as GBK."""
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(value: object) -> str:
    """Write a value so that no spreadsheet reads it as a formula."""
    if isinstance(value, bool | int | float):
        return str(value)
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" \u3000").startswith(_STARTS_FORMULA) else text


def csv_line(cells: Sequence[object]) -> str:
    """Write one line, its end included."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([safe_cell(cell) for cell in cells])
    return line.getvalue()
