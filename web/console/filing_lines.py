"""What a filing says of this installation, as a table that a spreadsheet opens."""

from collections.abc import Iterator

from domain.face_filing import ALARM_AT, FILING_AT, FILING_WORKING_DAYS
from edge.csv_lines import BOM, csv_line
from services.accounts import StaffMember
from services.stored_faces import StoredFaces
from services.system_status import Texts
from web.console import pages, words

_BASIS = "《人脸识别技术应用安全管理办法》第十五条"


def file(found: StoredFaces, texts: Texts, member: StaffMember) -> str:
    """Write the summary: numbers, days, texts; who took it when."""
    return BOM + "".join(csv_line(cells) for cells in _lines(found, texts, member))


def _lines(found: StoredFaces, texts: Texts, member: StaffMember) -> Iterator[list[object]]:
    filing = found.filing
    yield ["健在 人脸信息存储备案摘要"]
    yield ["导出人", f"{member.display_name}（{member.login}）"]
    yield ["统计时间", pages.moment(found.counted_at)]
    yield ["依据", _BASIS]
    yield ["存有人脸信息的人数（全系统，按人计）", filing.persons]
    yield ["预警线", ALARM_AT]
    yield ["备案线", FILING_AT]
    yield ["情况", words.word("stage", filing.stage)]
    yield ["达到备案线之日", pages.day(filing.reached_on)]
    deadline = filing.deadline
    yield [
        f"备案期限（{FILING_WORKING_DAYS} 个工作日，当日不计）",
        pages.day(deadline.day if deadline else None),
    ]
    if deadline and deadline.provisional:
        yield ["说明", "期限跨入尚未公布放假安排的年份，这是最早的可能日期"]
    yield ["按县", "人数"]
    for county in found.counties:
        yield [f"{county.name}（{county.county}）", county.persons]
    yield ["告知书版本", texts.version]
    yield ["告知书摘要（SHA-256）", texts.digest]
    yield ["同意书用途", "版本", "同意人数", "撤回人数"]
    for consent in texts.consents:
        purpose = words.word("consent_purpose", consent.purpose)
        yield [purpose, consent.text_version, consent.given, consent.withdrawn]
