from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.beneficiary import (
    Beneficiary,
    CertificationBlock,
    Entitlement,
    EntitlementStatus,
    KeyGroup,
    SuspensionCause,
    blocks_certification,
    mask_name,
    mask_phone,
    needs_guardian,
)
from domain.id_number import Sex, parse
from domain.ids import BeneficiaryId, EntitlementId
from domain.policy_values import Scheme
from domain.regions import DivisionPath

HERE = DivisionPath("990101101203")
PERSON = BeneficiaryId(UUID(int=1))
NUMBER = parse("99010119400229003X", on=date(2026, 1, 1))
C, ST, B = SuspensionCause, EntitlementStatus, CertificationBlock


def drawn(
    status: EntitlementStatus = ST.ACTIVE, cause: SuspensionCause | None = None
) -> Entitlement:
    return Entitlement(
        id=EntitlementId(UUID(int=2)),
        beneficiary_id=PERSON,
        scheme=Scheme.RESIDENT_PENSION,
        division=HERE,
        started_on=date(2000, 3, 1),
        status=status,
        suspended_for=cause,
    )


def stopped(cause: SuspensionCause) -> Entitlement:
    return drawn(ST.SUSPENDED, cause)


def person(name: str = "王桂英", phone: str | None = "13800001234") -> Beneficiary:
    return Beneficiary(
        id=PERSON,
        name=name,
        id_number=NUMBER,
        registered_in=HERE,
        lives_in=DivisionPath("990101102201"),
        phone=phone,
        key_groups=frozenset({KeyGroup.ADVANCED_AGE}),
    )


def test_who_is_paid_may_certify() -> None:
    assert blocks_certification([drawn()]) is None


def test_a_stop_for_want_of_certification_is_lifted_by_certifying() -> None:
    assert blocks_certification([stopped(C.UNCERTIFIED)]) is None


@pytest.mark.parametrize("cause", [c for c in C if c is not C.UNCERTIFIED])
def test_every_other_suspension_needs_the_route_without_a_face(cause: SuspensionCause) -> None:
    assert blocks_certification([stopped(cause)]) == cause.value


@pytest.mark.parametrize("cause", [C.DEATH, C.CUSTODY, C.IMPERSONATION, C.DUAL_HUKOU])
def test_a_cause_in_the_person_closes_all_entitlements(cause: SuspensionCause) -> None:
    assert blocks_certification([drawn(), stopped(cause)]) == cause.value


@pytest.mark.parametrize("cause", [C.DUPLICATE, C.NO_CARD, C.UNEXPLAINED, C.UNCERTIFIED])
def test_a_cause_in_one_payment_leaves_the_other_open(cause: SuspensionCause) -> None:
    assert blocks_certification([stopped(cause), drawn()]) is None


def test_the_gravest_cause_is_named() -> None:
    assert blocks_certification([stopped(C.DUAL_HUKOU), stopped(C.DEATH)]) is B.DEATH


def test_ended_entitlements_say_so_and_their_cause_is_history() -> None:
    assert blocks_certification([drawn(ST.TERMINATED)]) is B.ENDED
    assert blocks_certification([drawn(ST.TERMINATED), drawn()]) is None


def test_who_draws_nothing_has_nothing_to_certify() -> None:
    assert blocks_certification([]) is B.NOTHING_DRAWN


@given(st.lists(st.sampled_from([*C, None]), max_size=5))
def test_the_order_of_entitlements_never_matters(causes: list[SuspensionCause | None]) -> None:
    entitlements = [drawn() if cause is None else stopped(cause) for cause in causes]
    assert blocks_certification(entitlements) == blocks_certification(entitlements[::-1])


@pytest.mark.parametrize(
    ("status", "cause"),
    [(ST.SUSPENDED, None), (ST.ACTIVE, C.DEATH), (ST.TERMINATED, C.DEATH)],
)
def test_a_suspension_has_a_cause_and_nothing_else_has(
    status: EntitlementStatus, cause: SuspensionCause | None
) -> None:
    with pytest.raises(ValueError, match="cause"):
        drawn(status, cause)


def test_birth_date_and_sex_come_from_the_number() -> None:
    assert person().birth_date == date(1940, 2, 29)
    assert person().sex is Sex.MALE


def test_a_person_never_shows_in_a_log() -> None:
    shown = repr(person())
    assert "王桂英" not in shown
    assert "1940" not in shown
    assert "13800001234" not in shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("", ""),
        ("李", "李"),
        ("李四", "李*"),
        ("王桂英", "王*英"),
        ("阿依古丽·买买提", "阿******提"),
    ],
)
def test_a_name_shows_its_ends_only(name: str, shown: str) -> None:
    assert mask_name(name) == shown


def test_a_short_phone_number_is_hidden_whole() -> None:
    assert mask_phone("5551234") == "*******"


@pytest.mark.parametrize(("on", "child"), [(date(1954, 2, 28), True), (date(1954, 3, 1), False)])
def test_a_child_under_fourteen_needs_a_guardian(on: date, *, child: bool) -> None:
    assert needs_guardian(person(), on) is child
