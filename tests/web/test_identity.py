"""Who it is: proved once, shown masked, bound to the phone; nothing to learn for anybody else."""

import asyncio
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import sqlalchemy as sa

from domain.audit import AuditAction
from services import identity
from services.identity import WRONG_PER_ADDRESS, WRONG_PER_NUMBER, Asking, Proof, Typed
from services.links import revoke_link
from storage.db.models.accounts import LoginFailure
from storage.db.models.identity import Link, Ticket
from tests.acts import refusal, together
from tests.backend_world import id_number
from tests.certification_world import TEST, County, Pensioner, audited, rows
from tests.clock import FixedClock
from tests.web.page_world import Page, code, erase, link_of
from web.phone.answers import not_before

ROOT = Path(__file__).parents[2]
UNKNOWN = id_number(998, "19411103")


@pytest.fixture
def page(county: County) -> Page:
    return Page(county)


def ending(person: Pensioner) -> str:
    return person.phone[-4:]


def wrong(person: Pensioner) -> str:
    return "0000" if ending(person) != "0000" else "1111"


def test_a_link_shows_its_person_masked_and_the_phone_keeps_a_ticket(
    county: County, person: Pensioner, page: Page
) -> None:
    answer = page.enter(link_of(county, person))
    assert answer.status_code == HTTPStatus.OK
    told = answer.json()
    assert told["masked_name"] == "李*田"
    assert told["masked_number"] == f"{person.id_number[:3]}*************{person.id_number[-2:]}"
    assert (told["may_show_face"], told["obstacle"], told["latest"]) == (True, None, None)
    assert told["notice"]["digest"] == county.backend.notice.digest
    assert told["window"]["name"] == "城关镇"
    assert person.id_number not in answer.text
    assert page.who().json() == told


@pytest.mark.parametrize(("address", "secure"), [("http://test", False), ("https://test", True)])
def test_no_script_reads_the_cookies_and_no_other_site_sends_them(
    county: County, person: Pensioner, *, address: str, secure: bool
) -> None:
    answer = Page(county, address).enter(link_of(county, person))
    given = answer.headers.get_list("set-cookie")
    kept = {cookie.partition("=")[0]: cookie for cookie in given if "Max-Age=0" not in cookie}
    assert set(kept) == {"jz_device", "jz_ticket"}
    for cookie in kept.values():
        assert {"HttpOnly", "Path=/m", "SameSite=strict"} <= set(cookie.split("; "))
        assert ("Secure" in cookie.split("; ")) is secure


@pytest.mark.parametrize("kind", ["phone", "letter"])
def test_a_number_and_its_second_factor_open_the_same(
    county: County, person: Pensioner, page: Page, kind: str
) -> None:
    link = link_of(county, person)
    value = ending(person) if kind == "phone" else link.letter_code
    assert len(link.letter_code) == 8
    typed = "".join(chr(ord(digit) + 0xFEE0) for digit in value)  # a Chinese keyboard's digits
    for shown in (value, f" {value[:2]} {value[2:]} ", typed):
        answer = page.prove(f" {person.id_number[:6]} {person.id_number[6:]}", shown, kind)
        assert answer.status_code == HTTPStatus.OK, answer.text
        assert answer.json()["masked_name"] == "李*田"


def test_without_a_ticket_nothing_is_shown(page: Page) -> None:
    for method, act in (("GET", "who"), ("GET", "status"), ("POST", "visit")):
        answer = page.ask(method, act, **({"json": {"reason": "不方便"}} if act == "visit" else {}))
        assert (answer.status_code, code(answer)) == (HTTPStatus.UNAUTHORIZED, "identity.needed")
    assert page.ask("POST", "forget").status_code == HTTPStatus.NO_CONTENT


def test_a_ticket_is_of_no_use_on_another_phone(
    county: County, person: Pensioner, page: Page
) -> None:
    page.enter(link_of(county, person))
    for device in ("", "another-phone-000001"):
        thief = Page(county, jar={"jz_ticket": page.jar["jz_ticket"], "jz_device": device})
        assert code(thief.who()) == "identity.needed"
    assert page.who().status_code == HTTPStatus.OK


def test_a_ticket_ends_when_it_is_forgotten(county: County, person: Pensioner, page: Page) -> None:
    page.enter(link_of(county, person))
    before = dict(page.jar)
    assert page.ask("POST", "forget").status_code == HTTPStatus.NO_CONTENT
    assert set(page.jar) == {"jz_device"}
    assert code(Page(county, jar=before).who()) == "identity.needed"
    assert len(audited(county.backend, AuditAction.TICKET_ENDED)) == 1


@pytest.mark.parametrize("kind", ["link", "letter"])
def test_a_ticket_ends_with_its_link(
    county: County, person: Pensioner, page: Page, kind: str
) -> None:
    link = link_of(county, person)
    if kind == "link":
        page.enter(link)
    else:
        page.prove(person.id_number, link.letter_code, kind)
    by_phone = Page(county)
    by_phone.prove(person.id_number, ending(person))
    revoke_link(county.backend, TEST, link.id)
    assert code(page.who()) == "identity.needed"
    assert by_phone.who().status_code == HTTPStatus.OK


def test_a_ticket_ends_after_a_week_and_never_outlives_its_link(
    county: County, person: Pensioner, page: Page, clock: FixedClock
) -> None:
    link = link_of(county, person)
    page.enter(link)
    clock.advance(timedelta(days=7))
    assert code(page.who()) == "identity.needed"
    clock.set(link.expires_at - timedelta(days=1))
    page.enter(link)
    clock.set(link.expires_at - timedelta(seconds=1))
    assert page.who().status_code == HTTPStatus.OK
    clock.set(link.expires_at)
    assert code(page.who()) == "identity.needed"


def test_a_link_that_is_unknown_revoked_past_or_of_somebody_erased_gives_one_answer(
    county: County, person: Pensioner, page: Page, clock: FixedClock
) -> None:
    revoked, past, live = (link_of(county, person) for _ in range(3))
    erased = county.person("周甲")
    of_erased = link_of(county, erased)
    erase(county, erased)
    revoke_link(county.backend, TEST, revoked.id)
    answers = [page.ask("POST", "who", json={"link": "x" * 43}), page.enter(revoked)]
    answers.append(page.enter(of_erased))
    assert page.enter(live).status_code == HTTPStatus.OK
    clock.set(past.expires_at)
    answers.append(page.enter(past))
    assert {code(answer) for answer in answers} == {"link.ended"}
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1


def test_who_comes_next_on_the_same_phone_ends_the_ticket_before(
    county: County, person: Pensioner, page: Page
) -> None:
    other = county.person("周甲")
    page.enter(link_of(county, person))
    before = dict(page.jar)
    page.jar["jz_session"] = "a-session-of-the-first-one"
    page.enter(link_of(county, person))
    assert "jz_session" in page.jar, "the same person goes on where they were"
    page.enter(link_of(county, other))
    assert "jz_session" not in page.jar
    assert page.who().json()["masked_name"] == "周*"
    assert page.jar["jz_device"] == before["jz_device"]
    assert code(Page(county, jar=before).who()) == "identity.needed"


def test_somebody_erased_since_is_nobody(county: County, person: Pensioner, page: Page) -> None:
    page.enter(link_of(county, person))
    erase(county, person)
    assert code(page.who()) == "identity.needed"


# -- nothing to learn ------------------------------------------------------------------------


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect what is asked of the database, without its values and its savepoints' numbers."""
    said: list[str] = []

    def hear(*event: Any) -> None:
        said.append(re.sub(r"\d+", "#", event[2]))

    sa.event.listen(sa.Engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", hear)


@contextmanager
def steps() -> Iterator[list[str]]:
    """Collect which functions of ours are called, in which order."""
    ours = tuple(str(ROOT / package) for package in ("domain", "services", "storage"))
    taken: list[str] = []

    def see(frame: FrameType, event: str, _arg: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(ours):
            taken.append(code.co_qualname)

    sys.setprofile(see)
    try:
        yield taken
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize("proof", [Proof.PHONE, Proof.LETTER])
def test_the_same_steps_are_taken_for_an_unknown_number_a_wrong_proof_and_somebody_erased(
    county: County, person: Pensioner, proof: Proof
) -> None:
    gone = county.person("周乙")
    erase(county, gone)
    asking = Asking(device_id="phone-00000001", address="192.0.2.1")
    walked = []
    for number in (UNKNOWN, UNKNOWN, person.id_number, gone.id_number):
        typed = Typed(id_number=number, proof=proof, value=wrong(person))
        with steps() as taken:
            refused = refusal(partial(identity.open_by_proof, county.backend, typed, asking))
        assert refused.code == "identity.not_confirmed"
        walked.append(taken)
    first, *others = walked[1:]  # the very first one also fills caches
    assert others == [first, first]
    assert {"Vault.open", "DataKey.open", "on_record", "live_letter"} <= set(first)


@pytest.mark.parametrize("kind", ["phone", "letter"])
def test_an_unknown_number_a_wrong_proof_and_somebody_erased_are_told_and_done_the_same(
    county: County, person: Pensioner, kind: str
) -> None:
    phoneless, gone = county.person("周甲"), county.person("周乙")
    with county.backend.unit(TEST.actor, TEST.scope) as unit:
        forget = sa.text("update beneficiaries set phone_sealed = null where id = :id")
        unit.session.execute(forget, {"id": phoneless.id})
    code_of_gone = link_of(county, gone).letter_code
    right = ending(gone) if kind == "phone" else code_of_gone
    erase(county, gone)
    false = wrong(person) if kind == "phone" else "00000000"
    tried = [(UNKNOWN, false), (person.id_number, false), (phoneless.id_number, false)]
    tried += [(phoneless.id_number, "----"), (gone.id_number, right)]
    answers, asked = [], []
    for number, value in tried:
        with statements() as said:
            answers.append(Page(county).prove(number, value, kind))
        asked.append(said)
    assert code(answers[0]) == "identity.not_confirmed"
    assert len({(a.status_code, a.text, str(a.headers.raw)) for a in answers}) == 1
    assert all(said == asked[0] for said in asked)
    assert len(asked[0]) > 6


@pytest.mark.parametrize("is_known", [True, False])
def test_after_five_wrong_proofs_a_number_rests_for_an_hour_known_or_not(
    county: County, person: Pensioner, clock: FixedClock, *, is_known: bool
) -> None:
    number = person.id_number if is_known else UNKNOWN
    tries = [Page(county).prove(number, wrong(person)) for _ in range(WRONG_PER_NUMBER + 1)]
    assert [code(answer) for answer in tries] == (
        ["identity.not_confirmed"] * WRONG_PER_NUMBER + ["identity.try_later"]
    )
    assert tries[-1].status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert tries[-1].headers["retry-after"] == "3600"
    assert code(Page(county).prove(number, ending(person))) == "identity.try_later"
    assert Page(county).enter(link_of(county, person)).status_code == HTTPStatus.OK
    clock.advance(timedelta(hours=1))
    then = Page(county).prove(number, ending(person))
    assert then.status_code == (HTTPStatus.OK if is_known else HTTPStatus.UNAUTHORIZED)


def test_an_address_that_goes_through_numbers_is_stopped(county: County, person: Pensioner) -> None:
    backend = county.backend

    def guess(number: str, address: str = "192.0.2.1") -> str:
        typed = Typed(id_number=number, proof=Proof.PHONE, value="0000")
        asking = Asking(device_id="phone-00000001", address=address)
        return str(together([partial(identity.open_by_proof, backend, typed, asking)])[0])

    numbers = [id_number(serial, "19420202") for serial in range(WRONG_PER_ADDRESS + 1)]
    told = [guess(number) for number in numbers]
    assert told == ["identity.not_confirmed"] * WRONG_PER_ADDRESS + ["identity.try_later"]
    assert guess(numbers[-1], "192.0.2.2") == "identity.not_confirmed"


@pytest.mark.committing
def test_proofs_tried_at_once_do_not_slip_past_the_limit(county: County, person: Pensioner) -> None:
    typed = Typed(id_number=person.id_number, proof=Proof.PHONE, value=wrong(person))
    asking = Asking(device_id="phone-00000001", address="192.0.2.1")
    told = together([partial(identity.open_by_proof, county.backend, typed, asking)] * 9)
    assert told.count("identity.not_confirmed") == WRONG_PER_NUMBER
    assert told.count("identity.try_later") == 9 - WRONG_PER_NUMBER
    assert len(rows(county.backend, LoginFailure)) == 2 * WRONG_PER_NUMBER


def test_what_is_no_number_is_said_before_anything_is_looked_up(page: Page) -> None:
    with statements() as said:
        answer = page.prove("11010119500101123", "0000")
    assert (answer.status_code, code(answer)) == (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "id_number.malformed",
    )
    assert said == []


def test_a_malformed_request_names_fields_and_repeats_nothing(
    page: Page, person: Pensioner
) -> None:
    for body in ({"id_number": person.id_number}, {"link": 5}, {"link": "x", "id_number": "y"}):
        answer = page.ask("POST", "who", json=body)
        assert code(answer) == "request.invalid"
        assert person.id_number not in answer.text


def test_an_answer_waits_for_its_moment_even_when_it_is_a_refusal() -> None:
    order = []

    async def refused() -> None:
        async with not_before(0.2):
            raise LookupError
        order.append("never")

    async def slower() -> None:
        await asyncio.sleep(0.1)
        order.append("what takes longer")

    async def both() -> None:
        waiting = asyncio.create_task(slower())
        with pytest.raises(LookupError):
            await refused()
        order.append("the refusal")
        await waiting

    asyncio.run(both())
    assert order == ["what takes longer", "the refusal"]


# -- what is kept ----------------------------------------------------------------------------


def test_neither_link_nor_letter_nor_ticket_can_be_read_from_what_is_kept(
    county: County, person: Pensioner, page: Page
) -> None:
    link = link_of(county, person)
    page.prove(person.id_number, link.letter_code, "letter")
    Page(county).prove(person.id_number, wrong(person))
    kept = [
        vars(row) for table in (Link, Ticket, LoginFailure) for row in rows(county.backend, table)
    ]
    written = repr(kept) + repr([audited(county.backend, action) for action in AuditAction])
    for secret in (link.token, link.letter_code, page.jar["jz_ticket"], page.jar["jz_device"]):
        assert secret not in written
        assert secret.encode().hex() not in written
    assert person.id_number not in written
    (opened,) = audited(county.backend, AuditAction.TICKET_OPENED)
    assert (opened["beneficiary"], opened["proof"]) == (str(person.id), "letter")


def test_one_persons_letter_code_opens_nobody_else(
    county: County, person: Pensioner, page: Page
) -> None:
    other = county.person("周甲")
    link = link_of(county, person)
    assert code(page.prove(other.id_number, link.letter_code, "letter")) == "identity.not_confirmed"
    assert page.prove(person.id_number, link.letter_code, "letter").status_code == HTTPStatus.OK
