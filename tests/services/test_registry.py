import pytest
import sqlalchemy as sa

from domain.audit import Actor, ActorKind
from domain.errors import AppError
from domain.policy_values import Scheme
from domain.regions import DivisionPath, DivisionScope
from services import registry
from services.evidence import Caller
from services.registry import ChangeReason
from storage.db.models.audit import AuditRow
from storage.db.models.registry import BeneficiaryChange
from storage.db.repositories.people import PHONE
from storage.ids import uuid7
from tests.certification_world import TEST, County

CLERK = Caller(
    actor=Actor(kind=ActorKind.STAFF, id=str(uuid7())),
    scope=DivisionScope(path=DivisionPath("990101100")),
)


def test_a_person_is_found_by_number_and_shown_masked(county: County) -> None:
    person = county.person("周桂香", schemes=(Scheme.RESIDENT_PENSION, Scheme.WORK_INJURY))

    seen = registry.find_person(county.backend, CLERK, f" {person.id_number.lower()} ")

    assert seen.id == person.id
    assert (seen.name, seen.age, seen.household.name) == ("周*香", 75, "东街村")
    assert seen.id_number == person.id_number[:3] + "*" * 13 + person.id_number[-2:]
    assert seen.phone == "*******" + person.phone[-4:]
    assert [e.scheme for e in seen.entitlements] == ["resident_pension", "work_injury"]


def test_out_of_scope_and_unknown_give_one_answer(county: County) -> None:
    far = county.person(household=DivisionPath("990101101001"))

    with pytest.raises(AppError) as unseen:
        registry.find_person(county.backend, CLERK, far.id_number)
    with pytest.raises(AppError) as unknown:
        registry.find_person(county.backend, CLERK, "990101193001010011")

    assert unseen.value.code == "person.not_found"
    assert unknown.value.code in {"person.not_found", "id_number.check_digit"}
    with pytest.raises(AppError) as page:
        registry.view_person(county.backend, CLERK, far.id)
    assert page.value.code == "person.not_found"


def test_a_corrected_phone_keeps_the_old_one_sealed_as_history(county: County) -> None:
    person = county.person()

    seen = registry.correct_phone(
        county.backend,
        CLERK,
        person.id,
        phone="+86 199-0000-1234",
        reason=ChangeReason.TOLD_BY_FAMILY,
    )

    assert seen.phone == "*******1234"
    assert [(c.field, c.reason) for c in seen.changes] == [("phone", "told_by_family")]
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        change = unit.session.scalars(sa.select(BeneficiaryChange)).one()
        key = county.backend.people(unit).load_key(person.id)
        assert change.before_sealed is not None
        assert key.open(change.before_sealed, PHONE).decode() == person.phone
        audited = unit.session.scalars(sa.select(AuditRow)).one()
    assert audited.action == "beneficiary.changed"
    assert b"19900001234" not in audited.body


def test_the_same_phone_again_changes_nothing(county: County) -> None:
    person = county.person()

    seen = registry.correct_phone(
        county.backend, CLERK, person.id, phone=person.phone, reason=ChangeReason.TYPING_ERROR
    )

    assert seen.changes == ()


@pytest.mark.parametrize("phone", ["12345", "not a phone", "无", "23800000000"])
def test_what_is_no_phone_number_is_refused(county: County, phone: str) -> None:
    person = county.person()

    with pytest.raises(AppError) as caught:
        registry.correct_phone(
            county.backend, CLERK, person.id, phone=phone, reason=ChangeReason.TYPING_ERROR
        )

    assert caught.value.code == "person.phone_malformed"
