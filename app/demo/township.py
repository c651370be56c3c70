"""The demo township of `jianzai serve --with-demo`: 300 synthetic people and a queue to work on.

Two townships with eight villages, one of which has no officer; staff of every seat; two years of
certifications; cases decided, waiting and claimed. Nobody in it exists.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

from app.demo import past
from app.demo.county import (
    COUNTY,
    OPERATOR,
    PLACES,
    RosterRow,
    Seeded,
    add_cast,
    add_places,
    import_roster_of,
)
from app.demo.flagged import CUES, DOORS, hand_in, hand_in_visit
from app.demo.log_ins import backend_at
from app.demo.office import OTHER_TOWN, SEATS, VILLAGES, Office
from app.demo.past import Lived, moment
from app.demo.playing import SCHEMES
from app.demo.residents import Resident, Standing, residents
from app.demo.sitting import Sittings
from app.demo.verdicts import add_appeals, add_contacts, add_verdicts
from domain.beneficiary import SuspensionCause
from services import reviews
from services.accounts import actor_of, scope_of
from services.backend import Backend
from services.eligibility import Claimed
from services.entitlements import drawn_by, suspend
from services.policies import legal_day
from services.visit_requests import request_visit

RESIDENTS = 296
"""With the four of the cast: three hundred."""
_OPENED = timedelta(days=790)
_REGISTERED = timedelta(days=760)
_REGISTERED_NEW = timedelta(days=15)
_ASK_FOR_VISITS = ("行动不便", "没有智能手机", "眼睛看不清", "家里没有信号")

_PORTRAITS = {"p1": (False, 61), "p2": (False, 68), "p3": (True, 61)}

Say = Callable[[str], None]


def seed_township(backend: Backend, home: Path, say: Say) -> Seeded:
    """Fill an empty installation. Raises what the services raise when it is not empty."""
    say("seeding a synthetic township …")
    _add_places(backend)
    office = Office.opened(backend, _OPENED, SEATS)
    everybody = _register(backend, office)
    say(f"  {len(everybody)} people, two years of certifications …")
    _live(backend, everybody)
    _hold_back(backend, office, everybody)
    decided = add_verdicts(backend, office, _standing(everybody, Standing.CURRENT))
    add_appeals(backend, office, decided)
    add_contacts(backend, _standing(everybody, Standing.OVERDUE)[:9])
    _ask_for_visits(backend, everybody)
    say(f"  {len(CUES)} submissions to be reviewed, filmed and measured (once, about a minute) …")
    sittings = Sittings(home)
    people = add_cast(backend, sittings.studio)
    _fill_queue(backend, sittings, everybody)
    _take_one(backend, office)
    return Seeded(staff=office.logins, people=people)


def _add_places(backend: Backend) -> None:
    then = backend_at(backend, backend.clock.now() - _OPENED)
    known = {path for path, *_ in PLACES}
    villages = [
        (path, name, "village", path[:9]) for path, name in VILLAGES.items() if path not in known
    ]
    add_places(then, (*PLACES, (OTHER_TOWN, "青石镇", "township", COUNTY), *villages))


def _register(backend: Backend, office: Office) -> list[Lived]:
    """Import everybody in two rosters: those of long ago, and those who are new."""
    now = backend.clock.now()
    everybody = list(residents(RESIDENTS, tuple(VILLAGES), legal_day(now)))
    new = [resident for resident in everybody if resident.standing is Standing.NEW]
    long_ago = [resident for resident in everybody if resident.standing is not Standing.NEW]
    for ago, some in ((_REGISTERED, long_ago), (_REGISTERED_NEW, new)):
        rows = [row for resident in some for row in _rows(resident)]
        import_roster_of(backend_at(backend, now - ago), rows)
    with backend.unit(OPERATOR.actor, OPERATOR.scope) as unit:
        people = backend.people(unit)
        ids = [people.find_by_id_number(resident.id_number) for resident in everybody]
    return [
        Lived(id=found, resident=resident, officer=office.visitor(resident.village))
        for found, resident in zip(ids, everybody, strict=True)
        if found is not None
    ]


def _rows(resident: Resident) -> list[RosterRow]:
    return [
        RosterRow(
            name=resident.name,
            id_number=resident.id_number,
            scheme=SCHEMES[scheme],
            village=resident.village,
            phone=resident.phone,
            started_on=resident.started_on,
            key_group=resident.key_group,
        )
        for scheme in resident.schemes
    ]


def _live(backend: Backend, everybody: Sequence[Lived]) -> None:
    """Play all certifications of two years in the order of their days."""
    acts = [
        (moment(act, one.resident.number), one, act)
        for one in everybody
        for act in one.resident.acts
    ]
    for _, one, act in sorted(acts, key=lambda found: found[0]):
        past.certify(backend, one, act)


def _hold_back(backend: Backend, office: Office, everybody: Sequence[Lived]) -> None:
    """Play the county's decisions of the last weeks to hold benefits back."""
    held = [one for one in everybody if one.resident.standing is Standing.SUSPENDED]
    bureau = office.member("bureau")
    for turn, one in enumerate(held):
        then = backend_at(backend, backend.clock.now() - timedelta(days=60 - 2 * turn, hours=3))
        cause = SuspensionCause.DEATH if turn == 0 else SuspensionCause.UNCERTIFIED
        with then.unit(actor_of(bureau), scope_of(bureau)) as unit:
            person = then.people(unit).load(one.id)
            assert person is not None, "registered before"
            for entitlement in drawn_by(then, unit, person):
                suspend(unit, entitlement, cause)


def _standing(everybody: Sequence[Lived], *standings: Standing) -> list[Lived]:
    return [one for one in everybody if one.resident.standing in standings]


def _ask_for_visits(backend: Backend, everybody: Sequence[Lived]) -> None:
    for turn, one in enumerate(_standing(everybody, Standing.OVERDUE)[::4]):
        then = backend_at(backend, backend.clock.now() - timedelta(days=9 - turn, hours=turn))
        claimed = Claimed(
            id_number=one.resident.id_number, name=one.resident.name, address="127.0.0.1"
        )
        request_visit(then, claimed, _ASK_FOR_VISITS[turn % len(_ASK_FOR_VISITS)])


def _fill_queue(backend: Backend, sittings: Sittings, everybody: Sequence[Lived]) -> None:
    today = legal_day(backend.clock.now())
    free = _standing(everybody, Standing.DUE_SOON, Standing.OVERDUE, Standing.NEW)
    for number, cue in enumerate(CUES, start=1):
        one = _fitting(free, cue.face, today)
        free.remove(one)
        hand_in(backend, sittings, one, cue, number=number)
    for door in DOORS:
        one = _fitting(free, door.face, today)
        free.remove(one)
        hand_in_visit(backend, sittings, one, door)


def _take_one(backend: Backend, office: Office) -> None:
    """Leave one case in the hands of a colleague, as it would be at any moment of a day."""
    colleague = office.member("clerk2")
    waiting = reviews.queue_page(backend, colleague, after=None, limit=3).cases
    reviews.claim_case(backend, colleague, waiting[-1].id)


def _fitting(free: Sequence[Lived], face: str, today: date) -> Lived:
    """Choose whose age and sex the face could be."""
    female, age = _looks(face)

    def unlike(one: Lived) -> tuple[bool, int]:
        years = (today - one.resident.born).days // 365
        return one.resident.female is not female, abs(years - age)

    return min(free, key=unlike)


def _looks(face: str) -> tuple[bool, int]:
    """Read a rendered head's name, or know the portrait: female, and how old."""
    if face in _PORTRAITS:
        return _PORTRAITS[face]
    _, sex, age = face.split("-")
    return sex == "f", int(age)
