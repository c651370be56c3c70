"""Liveness figures as counted by hand; terms of ISO/IEC 30107-3."""

from pathlib import Path
from typing import Any

import pytest

from app.evaluation.liveness import Judged, Kind, Presentation, Presented
from app.evaluation.liveness_report import liveness_report
from app.evaluation.running import Measured
from app.evaluation.tables import Row, Table
from domain.decision import Outcome
from domain.limits import Limits

PASS, REVIEW, RETRY = Outcome.PASS, Outcome.REVIEW, Outcome.RETRY


def shown(
    outcome: Outcome,
    *,
    species: str = "",
    challenged: bool = True,
    flagged: bool = False,
    responded: bool = True,
    device: str = "A",
    subject: str | None = None,
    sign: str = "still_image",
) -> Judged:
    number = shown.count = getattr(shown, "count", 0) + 1  # type: ignore[attr-defined]
    presentation = Presentation(
        path=f"{number}.mp4",
        kind=Kind.ATTACK if species else Kind.BONA_FIDE,
        species=species,
        challenge="asked.json" if challenged else "",
        enrolled=("photo.jpg",) if challenged else (),
        selfie="selfie.jpg",
        subject=subject or f"{number}",
        earlier=(),
        client=None,
        row=Row(line=number, cells={"device": device}),
    )
    result = {
        "outcome": outcome.value,
        "reasons": ["face_matches"],
        "signs": [sign] if flagged else [],
        "responded": responded,
        "clip": True,
    }
    return Judged(presentation=presentation, result=result)


def reported(*judged: Judged) -> dict[str, Any]:
    presented = Presented(
        table=Table(path=Path("clips.csv"), columns=("path", "kind", "species", "device"), rows=()),
        presentations=[case.presentation for case in judged],
        judged=judged,
        unreadable={},
        digest="",
        measured=Measured(
            results={}, died=frozenset(), fresh=0, reused=0, seconds=0.0, cpu_seconds=0.0
        ),
    )
    return liveness_report(presented, Limits())


def test_attacks_are_counted_by_species_and_the_worst_one_counts() -> None:
    # print: 1 of 4 passes. screen: 2 of 5 pass. mask: none of 2.
    prints = [shown(PASS, species="print"), *(shown(REVIEW, species="print") for _ in range(3))]
    screens = [shown(PASS, species="screen") for _ in range(2)]
    screens += [shown(RETRY, species="screen", flagged=True) for _ in range(3)]
    masks = [shown(RETRY, species="mask", responded=False), shown(REVIEW, species="mask")]
    report = reported(*prints, *masks, *screens)
    table = {
        one["name"]: (one["n"], one["passes"], one["reviews"], one["retries"], one["apcer"])
        for one in report["species"]
    }
    assert table == {
        "print": (4, 1, 3, 0, 0.25),
        "mask": (2, 0, 1, 1, 0.0),
        "screen": (5, 2, 0, 3, 0.4),
    }
    assert (report["worst_species"], report["apcer"]) == ("screen", 0.4)
    by_name = {one["name"]: one for one in report["species"]}
    assert (by_name["screen"]["flagged"], by_name["screen"]["signs"]) == (3, {"still_image": 3})
    assert by_name["mask"]["rates"]["apnrr"]["rate"] == 0.5
    assert by_name["screen"]["rates"]["retry"]["rate"] == pytest.approx(0.6)


def test_no_attack_that_passed_is_bounded_by_the_one_sided_interval() -> None:
    report = reported(*(shown(REVIEW, species="print") for _ in range(150)))
    (prints,) = report["species"]
    assert prints["apcer"] == 0.0
    assert prints["apcer_upper"] == pytest.approx(1 - 0.05 ** (1 / 150))


def test_of_species_without_a_pass_the_one_with_fewest_trials_is_the_worst() -> None:
    many = [shown(REVIEW, species="print") for _ in range(10)]
    assert reported(*many, shown(REVIEW, species="mask"))["worst_species"] == "mask"


def test_how_an_unasked_clip_was_encoded_is_no_error_and_is_told() -> None:
    cut = shown(REVIEW, challenged=False, flagged=True, sign="injection_suspected")
    genuine = reported(cut, shown(REVIEW, challenged=False))["bona_fide"]
    assert (genuine["bpcer"], genuine["flagged"]) == (0.0, 1)
    assert genuine["signs"] == {"injection_suspected": 1}


def test_bona_fide_errors_are_no_pass_with_a_challenge_and_a_sign_of_attack_without() -> None:
    challenged = [shown(PASS), shown(PASS, flagged=True), shown(REVIEW), shown(RETRY)]
    alone = [shown(REVIEW, challenged=False), shown(REVIEW, challenged=False, flagged=True)]
    genuine = reported(*challenged, *alone)["bona_fide"]
    assert (genuine["n"], genuine["passes"], genuine["reviews"], genuine["retries"]) == (6, 2, 3, 1)
    assert genuine["bpcer"] == pytest.approx(3 / 6)
    assert genuine["rates"]["frr"]["rate"] == pytest.approx(2 / 4)
    assert (genuine["flagged"], genuine["challenged"]) == (2, 4)


def test_riapar_is_the_worst_species_and_the_false_rejections_together() -> None:
    report = reported(
        shown(PASS, species="mask"),
        shown(REVIEW, species="mask"),
        *(shown(PASS) for _ in range(3)),
        shown(RETRY),
    )
    assert report["riapar"] == pytest.approx(1 / 2 + 1 / 4)


@pytest.mark.parametrize(
    "cases",
    [
        [shown(PASS)],
        [shown(REVIEW, species="mask")],
        [shown(REVIEW, challenged=False), shown(REVIEW, species="mask")],
    ],
)
def test_riapar_needs_attacks_and_challenged_bona_fide(cases: list[Judged]) -> None:
    assert reported(*cases)["riapar"] is None


def test_rates_come_by_every_further_column() -> None:
    report = reported(
        shown(PASS, device="A"), shown(RETRY, device="B"), shown(PASS, species="mask", device="B")
    )
    found = {
        part["name"]: (part["bona_fide"]["bpcer"], part["attacks"]["n"])
        for part in report["by_column"]["device"]
    }
    assert found == {"A": (0.0, 0), "B": (1.0, 1)}


def test_people_who_come_more_than_once_are_redrawn_together() -> None:
    often = [shown(RETRY, subject="one") for _ in range(4)] + [shown(PASS) for _ in range(4)]
    low, high = reported(*often)["bona_fide"]["rates"]["bpcer"]["by_subject"]
    assert (low, high) == (0.0, pytest.approx(0.9, abs=0.1))
    once = reported(shown(RETRY), shown(PASS))["bona_fide"]["rates"]["bpcer"]
    assert once["by_subject"] is None


@pytest.mark.parametrize(
    ("challenged", "said"),
    [((1, 1), "judged"), ((0, 0), "not judged"), ((1, 0), "judged for 1 of 2")],
)
def test_the_report_says_whether_identity_was_judged(
    challenged: tuple[int, int], said: str
) -> None:
    assert (
        reported(*(shown(REVIEW, challenged=bool(one)) for one in challenged))["identity"] == said
    )
