"""The report in words: a few tables, every rate with its n and interval."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]


def in_words(report: Json, digest: str) -> str:
    """Write `report.md` from the very content of `report.json`, whose digest it names."""
    body = _verification(report) if report["kind"] == "verification" else _liveness(report)
    return "\n".join([*_head(report, digest), *body, *_tail(report)]) + "\n"


def rate_in_words(rate: Json) -> str:
    """Write one rate: share, count, interval; the rule of three when no error was seen."""
    if not rate["n"]:
        return "no data"
    counted = f"{rate['errors']:,} of {rate['n']:,}"
    if not rate["errors"]:
        return f"0 ({counted}; at most {_share(rate['rule_of_three'])} by the rule of three)"
    interval = f"{_share(rate['low'])} to {_share(rate['high'])}"
    subjects = rate["by_subject"]
    by_subject = f"; by subject {_share(subjects[0])} to {_share(subjects[1])}" if subjects else ""
    return f"{_share(rate['rate'])} ({counted}; {interval}{by_subject})"


def _share(value: float) -> str:
    return f"{100 * value:.3g} %"


def _number(value: float | None, digits: int = 4) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _table(heading: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    yield ""
    yield f"| {' | '.join(heading)} |"
    yield "|---" * len(heading) + "|"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |"
    yield ""


def _head(report: Json, digest: str) -> Iterator[str]:
    yield f"# Evaluation: {report['kind']}"
    yield ""
    yield report["statement"]
    yield ""
    yield f"- made {report['made_at']}; SHA-256 of report.json `{digest}`"
    source, limits = report["data"], report["thresholds"]
    yield f"- data {source['file']}, {source['rows']:,} rows, digest `{source['digest']}`"
    yield f"- thresholds: accept {limits['accept']}, review {limits['review']}"
    yield f"- models: {', '.join(f'{k} {v}' for k, v in report['models'].items())}"
    yield f"- code digest `{report['code_digest']}`"


def _verification(report: Json) -> Iterator[str]:
    yield "\n## Errors at the product's thresholds"
    rates = report["rates"]
    names = {
        "fmr_at_accept": "FMR at accept (an impostor would pass)",
        "fmr_at_review": "FMR at review (an impostor is not named as different)",
        "fnmr_at_accept": "FNMR at accept (a human must look)",
        "fnmr_at_review": "FNMR at review (named as different; still a human looks)",
    }
    yield from _table(
        ("rate", "result"), ((words, rate_in_words(rates[name])) for name, words in names.items())
    )
    failures = report["failure_to_acquire"]
    yield f"Failure to acquire: {rate_in_words(failures['photos'])} photos show no usable face."
    yield f"{failures['pairs_not_compared']:,} pairs were not compared and count nowhere else."
    yield "\n## Errors at set false match rates"
    yield from _table(
        ("FMR aimed at", "support", "threshold", "FNMR", "threshold with FMR bounded", "FNMR"),
        (_point(point) for point in report["operating_points"]),
    )
    equal = report["eer"]
    yield f"- EER {'-' if equal is None else _share(equal['rate'])}"
    yield f"- Cllr {_number(report['cllr'])}, minCllr {_number(report['min_cllr'])} bits: "
    yield f"  {report['cllr_basis']}"
    yield f"- d' {_number(report['d_prime'], 2)}"
    yield "\n## Groups"
    yield from _group_tables(report)


def _point(point: Json) -> Sequence[str]:
    target = f"{point['target_fmr']:g}"
    if point["fmr"] is None:
        return target, point["support"], "-", "-", "-", "-"
    bounded = point["bounded"]
    return (
        target,
        point["support"],
        _number(point["threshold"]),
        rate_in_words(point["fnmr"]),
        "-" if bounded is None else _number(bounded["threshold"]),
        "-" if bounded is None else rate_in_words(bounded["fnmr"]),
    )


def _group_tables(report: Json) -> Iterator[str]:
    for column, groups in {"group": report["groups"], **report["by_column"]}.items():
        rows = (
            (
                g["name"] or "-",
                rate_in_words(g["fmr_at_accept"]),
                rate_in_words(g["fnmr_at_accept"]),
            )
            for g in groups
        )
        yield from _table((column, "FMR at accept", "FNMR at accept"), rows)
    for rate, spread in report["worst_to_best"].items():
        ratio = "not defined (no error in the best group)"
        if spread["ratio"] is not None:
            ratio = f"{spread['ratio']:.2f} ({spread['worst']} to {spread['best']})"
        yield f"- worst to best group, {rate}: {ratio}"


def _liveness(report: Json) -> Iterator[str]:
    yield "\n## Attacks, by species"
    rows = ((one["name"], *_outcomes(one), rate_in_words(one["rates"]["apcer"]),
             rate_in_words(one["rates"]["apnrr"])) for one in report["species"])  # fmt: skip
    heading = ("n", "with challenge", "pass", "review", "retry", "flagged")
    yield from _table(("species", *heading, "APCER", "APNRR"), rows)
    yield "\n## Bona fide"
    genuine = report["bona_fide"]
    row = (*_outcomes(genuine), rate_in_words(genuine["rates"]["bpcer"]),
           rate_in_words(genuine["rates"]["bpnrr"]))  # fmt: skip
    yield from _table((*heading, "BPCER", "BPNRR"), iter([row]))
    yield f"FRR of those with a challenge: {rate_in_words(genuine['rates']['frr'])}\n"
    riapar = report["riapar"]
    worst = report["worst_species"]
    yield f"- worst species: {'-' if worst is None else worst}"
    told = "not defined" if riapar is None else _share(riapar)
    yield f"- RIAPAR (IAPAR of the worst species + FRR): {told}"
    yield f"- identity: {report['identity']}"
    for column, parts in report["by_column"].items():
        yield from _table((column, "BPCER", "APCER"), (_of_value(part) for part in parts))


def _of_value(part: Json) -> Sequence[str]:
    bpcer, apcer = part["bona_fide"]["rates"]["bpcer"], part["attacks"]["rates"]["apcer"]
    return part["name"] or "-", rate_in_words(bpcer), rate_in_words(apcer)


def _outcomes(part: Json) -> list[str]:
    names = ("n", "challenged", "passes", "reviews", "retries", "flagged")
    return [f"{part[name]:,}" for name in names]


def _tail(report: Json) -> Iterator[str]:
    yield "\n## Notes"
    yield from (f"- {note}" for note in report["notes"])
    yield f"- {report['intervals']}"
    for name, why in report["unreadable_why"].items():
        yield f"- unreadable: {name} ({why})"
