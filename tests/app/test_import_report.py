import io

from app.commands.imports import ReportFile
from services.roster import Complaint
from services.roster_cells import RowFault


def complaint(value: str) -> Complaint:
    return Complaint(
        sheet="花名册", row=3, column="险种", value=value, fault=RowFault.SCHEME_UNKNOWN
    )


def test_a_line_of_the_report_says_where_what_and_why() -> None:
    file = io.StringIO()

    ReportFile(file)(complaint("神秘险"))

    assert file.getvalue().splitlines()[1] == (
        "花名册,3,险种,神秘险,refused,scheme_unknown,险种名称无法识别"
    )


def test_no_cell_of_the_report_runs_as_a_formula() -> None:
    file = io.StringIO()

    for value in ("=1+1", "+1", "-1", "@x", "\tx"):
        ReportFile(file)(complaint(value))

    cells = [line.split(",")[3] for line in file.getvalue().splitlines() if ",险种," in line]
    assert len(cells) == 5
    assert all(cell.startswith("'") for cell in cells)
