"""What `report.json` says of liveness; its keys stand in `docs/evaluation_report.schema.json`.

Rates as ISO/IEC 30107-3 defines them, for the whole product: an attack is taken for genuine when
it passes. APCER is per species, and the worst one counts. BPCER: bona fide that did not pass, of
those with a challenge; that showed a sign of attack, of those without, which can never pass.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from app.evaluation.intervals import Rate
from app.evaluation.liveness import OPTIONAL, REQUIRED, Judged, Kind, Presented
from app.evaluation.resampling import subject_interval
from domain.decision import Outcome
from domain.limits import Limits

_VALUES_MAX = 50  # a column with more is a name, not a group


def liveness_report(presented: Presented, limits: Limits) -> dict[str, Any]:
    """Work out everything that the decisions say."""
    attacks = _of_kind(presented.judged, Kind.ATTACK)
    bona_fide = _of_kind(presented.judged, Kind.BONA_FIDE)
    names = list(dict.fromkeys(case.presentation.species for case in attacks))
    species = [
        {"name": name, **attack_figures([c for c in attacks if c.presentation.species == name])}
        for name in names
    ]
    genuine = bona_fide_figures(bona_fide)
    return {
        "thresholds": {"accept": limits.accept, "review": limits.review},
        "species": species,
        "bona_fide": genuine,
        **_together(species, genuine),
        "identity": _identity(presented.judged),
        "selfies_from_clips": sum(_selfie_from_clip(case) for case in presented.judged),
        "by_column": _by_column(presented),
        "unreadable": list(presented.unreadable),
        "unreadable_why": dict(presented.unreadable),
        "left_out": {
            kind.value: sum(p.kind is kind for p in presented.presentations)
            - len(_of_kind(presented.judged, kind))
            for kind in Kind
        },
        "notes": _notes(presented, species),
    }


def attack_figures(cases: Sequence[Judged]) -> dict[str, Any]:
    """Count the outcomes of attacks of one species, or of several together."""
    apcer = _rate(cases, lambda case: _is(case, Outcome.PASS))
    return {
        **_counts(cases),
        "apcer": apcer.value,
        "apcer_upper": apcer.upper,
        "rates": {
            "apcer": apcer.as_json(),
            "apnrr": _rate(cases, lambda case: not case.result["responded"]).as_json(),
            **_common_rates(cases),
        },
    }


def bona_fide_figures(cases: Sequence[Judged]) -> dict[str, Any]:
    """Count the outcomes of bona fide presentations."""
    bpcer = _rate(cases, taken_for_attack)
    challenged = [case for case in cases if case.challenged]
    return {
        **_counts(cases),
        "bpcer": bpcer.value,
        "bpcer_upper": bpcer.upper,
        "rates": {
            "bpcer": bpcer.as_json(),
            "bpnrr": _rate(cases, lambda case: not case.result["responded"]).as_json(),
            "frr": _rate(challenged, lambda case: not _is(case, Outcome.PASS)).as_json(),
            **_common_rates(cases),
        },
    }


def taken_for_attack(case: Judged) -> bool:
    """Tell whether a bona fide presentation counts as an error."""
    return not _is(case, Outcome.PASS) if case.challenged else case.shows_attack


def _counts(cases: Sequence[Judged]) -> dict[str, Any]:
    return {
        "n": len(cases),
        "passes": sum(_is(case, Outcome.PASS) for case in cases),
        "reviews": sum(_is(case, Outcome.REVIEW) for case in cases),
        "retries": sum(_is(case, Outcome.RETRY) for case in cases),
        "flagged": sum(case.flagged for case in cases),
        "challenged": sum(case.challenged for case in cases),
        "non_responses": sum(not case.result["responded"] for case in cases),
        "signs": dict(Counter(sign for case in cases for sign in case.result["signs"])),
        "reasons": dict(Counter(reason for case in cases for reason in case.result["reasons"])),
    }


def _common_rates(cases: Sequence[Judged]) -> dict[str, Any]:
    return {
        "review": _rate(cases, lambda case: _is(case, Outcome.REVIEW)).as_json(),
        "retry": _rate(cases, lambda case: _is(case, Outcome.RETRY)).as_json(),
        "flagged": _rate(cases, lambda case: case.flagged).as_json(),
    }


def _rate(cases: Sequence[Judged], error: Callable[[Judged], bool]) -> Rate:
    numbers: dict[str, int] = {}
    subjects = [numbers.setdefault(c.presentation.subject, len(numbers)) for c in cases]
    who, errors = np.array(subjects, np.int64), np.array([error(case) for case in cases], np.bool_)
    interval = subject_interval(who, who, errors) if cases else None
    return Rate(errors=int(errors.sum()), n=len(cases), by_subject=interval)


def _is(case: Judged, outcome: Outcome) -> bool:
    return bool(case.result["outcome"] == outcome.value)


def _of_kind(cases: Sequence[Judged], kind: Kind) -> list[Judged]:
    return [case for case in cases if case.presentation.kind is kind]


def _together(species: Sequence[dict[str, Any]], genuine: dict[str, Any]) -> dict[str, Any]:
    """RIAPAR is IAPAR of the worst species plus FRR: what both failures cost together."""
    worst = max(species, key=lambda one: (one["apcer"], one["apcer_upper"]), default=None)
    frr = genuine["rates"]["frr"]["rate"]
    known = worst is not None and frr is not None
    return {
        "worst_species": None if worst is None else worst["name"],
        "apcer": None if worst is None else worst["apcer"],
        "apcer_upper": None if worst is None else worst["apcer_upper"],
        "frr": frr,
        "riapar": worst["apcer"] + frr if worst is not None and known else None,
    }


def _identity(cases: Sequence[Judged]) -> str:
    judged = sum(bool(case.presentation.enrolled) for case in cases)
    if judged == 0:
        return "not judged"
    return "judged" if judged == len(cases) else f"judged for {judged} of {len(cases)}"


def _selfie_from_clip(case: Judged) -> bool:
    return not case.presentation.selfie and bool(case.result["clip"])


def _by_column(presented: Presented) -> dict[str, list[dict[str, Any]]]:
    found = {}
    for column in presented.table.others({*REQUIRED, *OPTIONAL}):
        values = list(dict.fromkeys(c.presentation.row.cells[column] for c in presented.judged))
        if len(values) <= _VALUES_MAX:
            found[column] = [_of_value(presented, column, value) for value in values]
    return found


def _of_value(presented: Presented, column: str, value: str) -> dict[str, Any]:
    cases = [c for c in presented.judged if c.presentation.row.cells[column] == value]
    return {
        "name": value,
        "bona_fide": bona_fide_figures(_of_kind(cases, Kind.BONA_FIDE)),
        "attacks": attack_figures(_of_kind(cases, Kind.ATTACK)),
    }


def _notes(presented: Presented, species: Sequence[dict[str, Any]]) -> list[str]:
    """Say what a reader must know before quoting a figure."""
    notes = [
        f"{one['name']}: no presentation had a challenge, so none could pass; its APCER says no"
        " more than that"
        for one in species
        if not one["challenged"]
    ]
    if not any(case.presentation.enrolled for case in presented.judged):
        notes.append(
            "identity was not judged: no reference photo was given, the selfie (or the clip's best"
            " picture) stood for it"
        )
    taken = sum(_selfie_from_clip(case) for case in presented.judged)
    if taken:
        notes.append(
            f"{taken} clips came without a selfie; their own best picture stood for it, which"
            " flatters the likeness of selfie and clip"
        )
    stills = sum(not case.result["clip"] for case in presented.judged)
    if stills:
        notes.append(f"{stills} presentations are still photos: never a pass")
    notes.append("subjects: column subject, else the enrolled photos, else each clip its own")
    return notes
