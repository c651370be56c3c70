"""Words of the quality pages."""

from domain.quality import Flag, Resolution

FLAGS = {
    Flag.FAST: "有不到 3 秒的结论",
    Flag.ALWAYS_CERTIFIES: "一律通过",
    Flag.DISAGREEING: "盲审一致率偏低",
    Flag.MISSES_KNOWN: "已知题有误",
}
RESOLUTIONS = {
    Resolution.STANDS: "维持原结论",
    Resolution.REVIEW_AGAIN: "重新核实（安排上门）",
    Resolution.REVOKE: "提请撤销认证",
}
SETS = {
    "quality_flag": {key.value: said for key, said in FLAGS.items()},
    "resolution": {key.value: said for key, said in RESOLUTIONS.items()},
}


def lasting(seconds: float | None) -> str:
    """Say how long somebody looked; a dash where nobody knows."""
    if seconds is None:
        return "—"
    if seconds < 10:
        return f"{seconds:.1f} 秒"
    if seconds < 90:
        return f"{seconds:.0f} 秒"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} 分钟"
    return f"{seconds / 3600:.0f} 小时"


def percent(part: int, whole: int) -> str:
    """Say a share; a dash of nothing. Rounding never makes a whole of what is none."""
    if not whole:
        return "—"
    rounded = round(100 * part / whole)
    return f"{rounded if part == whole else min(99, rounded)}%"
