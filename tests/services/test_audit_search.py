"""Searching the trail: what is found, what stays out of sight, and that searching is on record."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from domain.audit import Actor, ActorKind, AuditAction
from domain.regions import DivisionPath, DivisionScope
from domain.roles import Role
from services import accounts, audit_search
from services.accounts import StaffMember
from services.audit_search import Record, Search
from storage.db.repositories import audit_trail
from storage.ids import uuid7
from tests.acts import refusal
from tests.backend_world import id_number
from tests.certification_world import County, audited, member
from tests.clock import FixedClock
from tests.places import COUNTY, OTHER_COUNTY, OTHER_COUNTY_VILLAGE, TOWNSHIP

WORKER = Actor(kind=ActorKind.SYSTEM, id="decision_worker")


def record(
    county: County,
    action: AuditAction = AuditAction.ATTEMPT_DECIDED,
    actor: Actor = WORKER,
    place: DivisionPath = COUNTY,
    **details: Any,
) -> None:
    with county.backend.unit(actor, DivisionScope(path=place)) as unit:
        unit.audit(action, **details)


def find(county: County, by: StaffMember, **wanted: Any) -> tuple[Record, ...]:
    return audit_search.search(county.backend, by, Search(**wanted)).records


def seen(county: County, by: StaffMember, **wanted: Any) -> list[object]:
    """The marks of the records found, of those that carry one."""
    found = find(county, by, **wanted)
    return [each.details["mark"] for each in found if "mark" in each.details]


def test_the_newest_record_comes_first(county: County) -> None:
    by = member(county)
    for mark in ("a", "b", "c"):
        record(county, mark=mark)
    assert seen(county, by) == ["c", "b", "a"]
    assert [each.seq for each in find(county, by)] == sorted(
        (each.seq for each in find(county, by)[1:]), reverse=True
    )


@pytest.mark.parametrize(
    ("wanted", "marks"),
    [
        ({"action": "review.opened"}, ["opened"]),
        ({"actor": "bureau"}, ["opened", "by staff"]),
        ({"actor": " Bureau "}, ["opened", "by staff"]),
        ({"actor": "{staff}"}, ["opened", "by staff"]),
        ({"actor": "{STAFF}"}, ["opened", "by staff"]),
        ({"actor": "staff:{staff}"}, ["opened", "by staff"]),
        ({"actor": "system:decision_worker"}, ["of person", "listed"]),
        ({"actor": "person:{staff}"}, []),
        ({"person": "{person}"}, ["of person"]),
        ({"person": "{number}"}, ["of person"]),
        ({"person": " {number} "}, ["of person"]),
        ({"object_id": "{object}"}, ["opened", "listed"]),
        ({"object_id": " {OBJECT} "}, ["opened", "listed"]),
        ({"object_id": "{part}"}, []),
        ({"object_id": "$.* ? (1 == 1)"}, []),
        ({"object_id": '" || true || "'}, []),
        ({"actor": "bureau", "action": "review.opened"}, ["opened"]),
        ({"person": "{number}", "actor": "bureau"}, []),
    ],
)
def test_every_condition_narrows(county: County, wanted: dict[str, str], marks: list[str]) -> None:
    by = member(county, login="bureau")
    person = county.person()
    thing = str(uuid7())
    ids = {"staff": by.id, "person": person.id, "number": person.id_number, "object": thing}
    ids |= {"STAFF": str(by.id).upper(), "OBJECT": thing.upper(), "part": thing[:8]}
    own = accounts.actor_of(by)
    record(county, mark="listed", seen=[thing, "x"])
    record(county, mark="of person", beneficiary=str(person.id))
    record(county, actor=own, mark="by staff")
    record(county, AuditAction.REVIEW_OPENED, own, mark="opened", review=thing)
    asked: dict[str, Any] = {name: text.format(**ids) for name, text in wanted.items()}
    if "action" in asked:
        asked["action"] = AuditAction(asked["action"])
    assert seen(county, by, **asked) == marks


def test_days_are_legal_days_and_both_count(county: County, clock: FixedClock) -> None:
    by = member(county)
    clock.set(clock.now().replace(hour=15, minute=59, second=59))  # 23:59:59 in Shanghai
    record(county, mark="2 March")
    clock.advance(timedelta(seconds=1))
    record(county, mark="3 March")
    second, third = date(2026, 3, 2), date(2026, 3, 3)
    assert seen(county, by, since=second, until=second) == ["2 March"]
    assert seen(county, by, since=third) == ["3 March"]
    assert seen(county, by, until=second) == ["2 March"]
    assert seen(county, by, since=second, until=third) == ["3 March", "2 March"]
    assert seen(county, by, since=third, until=second) == []


def test_a_county_reads_its_own_chain_only(county: County) -> None:
    by = member(county)
    record(county, place=OTHER_COUNTY, mark="elsewhere")
    assert seen(county, by) == []
    assert audit_search.search(county.backend, by, Search()).chains == (COUNTY,)
    for chain in (OTHER_COUNTY, "system", "9901", "99", "x", "' or true"):
        refused = refusal(partial(find, county, by, chain=chain))
        assert refused.code == "audit.chain_unknown"


def test_an_inspector_reads_every_chain_below_and_no_other(county: County) -> None:
    by = member(county, Role.INSPECTOR, DivisionPath("9901"))
    record(county, mark="here")
    record(county, place=OTHER_COUNTY, mark="there")
    found = audit_search.search(county.backend, by, Search())
    assert (found.chain, found.chains) == ("9901", ("9901", COUNTY, OTHER_COUNTY))
    assert seen(county, by, chain=COUNTY) == ["here"]
    assert seen(county, by, chain=OTHER_COUNTY) == ["there"]
    assert refusal(partial(find, county, by, chain="system")).code == "audit.chain_unknown"


def test_who_asks_for_a_person_is_led_to_the_persons_county(county: County) -> None:
    by = member(county, Role.INSPECTOR, DivisionPath("9901"))
    person = county.person(household=OTHER_COUNTY_VILLAGE)
    record(county, place=OTHER_COUNTY, mark="theirs", beneficiary=str(person.id))
    found = audit_search.search(county.backend, by, Search(person=person.id_number))
    assert (found.chain, found.beneficiary) == (OTHER_COUNTY, person.id)
    assert [each.details["mark"] for each in found.records] == ["theirs"]


@pytest.mark.parametrize("by_number", [True, False])
def test_a_person_out_of_sight_is_not_found(county: County, *, by_number: bool) -> None:
    by = member(county)
    hidden = county.person(household=OTHER_COUNTY_VILLAGE)
    record(county, place=OTHER_COUNTY, beneficiary=str(hidden.id))
    asked = hidden.id_number if by_number else str(hidden.id)
    assert refusal(partial(find, county, by, person=asked)).code == "person.not_found"
    unknown = id_number(999, "19310101")
    assert refusal(partial(find, county, by, person=unknown)).code == "person.not_found"


@pytest.mark.parametrize("typed", ["12345", "周桂香", "x' or 1=1", "99010119500101001Z"])
def test_what_is_no_number_is_said_to_be_none(county: County, typed: str) -> None:
    by = member(county)
    assert refusal(partial(find, county, by, person=typed)).code.startswith("id_number.")


@pytest.mark.parametrize("typed", ["nobody", "staff", "elsewhere", "root:1", "%"])
def test_an_actor_that_is_not_in_sight_is_not_found(county: County, typed: str) -> None:
    by = member(county)
    county.staff(Role.COUNTY_BUREAU, OTHER_COUNTY, login="elsewhere")
    assert refusal(partial(find, county, by, actor=typed)).code == "audit.actor_unknown"


def test_the_acts_of_a_closed_account_can_still_be_found(county: County) -> None:
    admin = member(county, Role.COUNTY_ADMIN)
    gone = member(county, Role.TOWNSHIP_CLERK, TOWNSHIP, login="gone")
    record(county, actor=accounts.actor_of(gone), mark="old")
    accounts.disable_staff(county.backend, admin, gone.id)
    assert seen(county, admin, actor="gone") == ["old"]


def test_pages_follow_one_another_while_the_chain_grows(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_search, "PAGE", 4)
    by = member(county)
    for mark in range(10):
        record(county, mark=mark)
    marks: list[object] = []
    after = None
    for _ in range(10):
        wanted = Search(action=AuditAction.ATTEMPT_DECIDED)
        found = audit_search.search(county.backend, by, wanted, after=after)
        marks += [each.details["mark"] for each in found.records]
        record(county, AuditAction.REVIEW_OPENED)
        after = found.after
        if after is None:
            break
    assert marks == list(range(9, -1, -1))


def test_a_search_is_on_record_by_ids_and_never_by_number(county: County) -> None:
    by = member(county)
    person = county.person()
    find(county, by, person=person.id_number, action=AuditAction.REVIEW_OPENED)
    (event,) = audited(county.backend, AuditAction.AUDIT_SEARCHED)
    assert event == {
        "chain": COUNTY,
        "acts": "review.opened",
        "beneficiary": str(person.id),
        "after": None,
        "count": 0,
    }
    assert person.id_number not in str(event)


def test_whoever_looks_at_a_persons_trail_becomes_part_of_it(county: County) -> None:
    by = member(county)
    person = county.person()
    find(county, by, person=person.id_number)
    (found,) = find(county, by, person=person.id_number)
    assert (found.action, found.actor) == ("audit.searched", f"staff:{by.id}")


def test_names_are_of_staff_in_sight(county: County) -> None:
    by = member(county, name="县局甲")
    stranger = county.staff(Role.COUNTY_BUREAU, OTHER_COUNTY, name="邻县乙")
    record(county, staff=str(stranger.id), reviewer=str(by.id))
    found = audit_search.search(county.backend, by, Search())
    assert found.names == {by.id: "县局甲"}


def test_a_search_that_reads_too_long_says_to_narrow_it(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = member(county)

    def slow(_text: str) -> sa.ColumnElement[bool]:
        return sa.literal_column("pg_sleep(2) is not null", sa.Boolean())

    monkeypatch.setattr(audit_trail, "SEARCH_MS", 50)
    monkeypatch.setattr(audit_trail, "_mentions", slow)
    for act in (audit_search.search, audit_search.export):
        refused = refusal(partial(act, county.backend, by, Search(object_id="x")))
        assert refused.code == "audit.search_too_wide"


def test_an_export_holds_what_was_counted_though_the_chain_grows(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_search, "_EXPORT_BATCH", 3)
    by = member(county)
    for mark in range(7):
        record(county, mark=mark)
    export = audit_search.export(county.backend, by, Search(action=AuditAction.ATTEMPT_DECIDED))
    record(county, mark="late")
    marks = [each.details["mark"] for each, _ in export.records]
    assert marks == list(range(6, -1, -1))
    assert export.count == 7
    (event,) = audited(county.backend, AuditAction.AUDIT_EXPORTED)
    assert event == {"chain": COUNTY, "acts": "attempt.decided", "count": 7}


def test_an_export_is_bounded(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_search, "MOST_EXPORTED", 5)
    by = member(county)
    for _ in range(6):
        record(county)
    act = partial(audit_search.export, county.backend, by, Search())
    assert refusal(act).code == "audit.export_too_large"
    assert audited(county.backend, AuditAction.AUDIT_EXPORTED) == []
