"""Where a submission is cut off, and how the product is brought to stand exactly there.

Server points come in rounds: several phones stand at different places, and one SIGKILL hits all.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from http import HTTPStatus

from tests.e2e.database import no_commit_in, no_reading_of, no_writes_to
from tests.e2e.phones import SELFIE, VIDEO, Phone
from tests.e2e.server import Command, ended, until
from tests.e2e.stage import Stage
from tests.phone_world import digest
from tests.places import COUNTY

PART_ROW = "select count(*) from evidence where sha256 = %s and beneficiary_id = %s"
ATTEMPT_ROW = "select count(*) from attempts where client_id = %s"
JOBS = "select count(*) from procrastinate_jobs where status = %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What stays as it is until the kill: lines kept open, locks held."""

    stage: Stage
    props: ExitStack

    def sends(self, phone: Phone, request: bytes, share: float = 1.0) -> None:
        """Have a phone send (the beginning of) a request and never read the answer."""
        self.props.enter_context(phone.begin(request, share))

    def holds(self, statement: str, *given: object) -> None:
        self.props.enter_context(self.stage.eye.holding(statement, *given))

    def waits_for_blocked(self, sessions: int = 1) -> None:
        self.stage.eye.waits_for_blocked(sessions)

    def both_parts(self, phone: Phone) -> None:
        phone.put(SELFIE)
        phone.put(VIDEO)


Arm = Callable[[Scene, Phone], None]


def nothing_sent(scene: Scene, phone: Phone) -> None:
    scene.sends(phone, b"")


def half_a_head(scene: Scene, phone: Phone) -> None:
    scene.sends(phone, phone.part_request(SELFIE)[:60])


def half_a_photo(scene: Scene, phone: Phone) -> None:
    scene.sends(phone, phone.part_request(SELFIE), 0.5)


def all_but_one_byte(scene: Scene, phone: Phone) -> None:
    phone.put(SELFIE)
    scene.sends(phone, phone.part_request(VIDEO)[:-1])


def between_parts(_scene: Scene, phone: Phone) -> None:
    phone.put(SELFIE)


def before_the_manifest(scene: Scene, phone: Phone) -> None:
    scene.both_parts(phone)


def half_a_manifest(scene: Scene, phone: Phone) -> None:
    scene.both_parts(phone)
    scene.sends(phone, phone.manifest_request(), 0.8)


def part_stored_and_answer_lost(scene: Scene, phone: Phone) -> None:
    scene.sends(phone, phone.part_request(VIDEO))
    scene.stage.eye.waits_for(PART_ROW, digest(phone.content[VIDEO]), phone.person.id)


def accepted_and_answer_lost(scene: Scene, phone: Phone) -> None:
    scene.both_parts(phone)
    scene.sends(phone, phone.manifest_request())
    scene.stage.eye.waits_for(ATTEMPT_ROW, phone.client_id)


def right_after_the_answer(scene: Scene, phone: Phone) -> None:
    scene.both_parts(phone)
    phone.submit()


def while_asking_for_the_outcome(scene: Scene, phone: Phone) -> None:
    right_after_the_answer(scene, phone)
    scene.sends(phone, phone.status_request())


IN_ONE_GO: tuple[tuple[tuple[str, Arm], ...], ...] = (
    (
        ("connected, nothing sent", nothing_sent),
        ("half a request head", half_a_head),
        ("half a photo", half_a_photo),
        ("all of the clip but one byte", all_but_one_byte),
        ("between two parts", between_parts),
        ("parts stored, no manifest yet", before_the_manifest),
        ("most of the manifest", half_a_manifest),
    ),
    (
        ("part stored, answer unread", part_stored_and_answer_lost),
        ("accepted, answer unread", accepted_and_answer_lost),
        ("right after the 202", right_after_the_answer),
        ("outcome asked, answer unread", while_asking_for_the_outcome),
    ),
)


def kill_server_in_one_go(stage: Stage, arms: tuple[tuple[str, Arm], ...]) -> list[str]:
    """Bring a phone to each place, kill the server, start it, and let all phones go on."""
    phones = [stage.phone() for _ in arms]
    with ExitStack() as props:
        scene = Scene(stage=stage, props=props)
        for (_, arm), phone in zip(arms, phones, strict=True):
            arm(scene, phone)
        stage.kill_server()
    go_on(stage, phones)
    return [name for name, _ in arms]


def kill_server_at_its_commits(stage: Stage) -> list[str]:
    """All is written, in a part and in a manifest, and not committed."""
    part, manifest, waiting = (stage.phone() for _ in range(3))
    with ExitStack() as props:
        scene = Scene(stage=stage, props=props)
        scene.both_parts(manifest)
        scene.both_parts(waiting)
        scene.holds("select 1 from sessions where id = %s for update", waiting.session_id)
        scene.holds(no_commit_in(COUNTY))
        for phone, request in (
            (part, part.part_request(SELFIE)),
            (manifest, manifest.manifest_request()),
            (waiting, waiting.manifest_request()),
        ):
            scene.sends(phone, request)
        scene.waits_for_blocked(3)
        stage.kill_server()
    go_on(stage, [part, manifest, waiting])
    return [
        "part written, not committed",
        "manifest written, not committed",
        "manifest, its session held by another",
    ]


BEFORE_A_ROW = (
    ("evidence", "object stored, no row yet"),
    ("attempts", "before the attempt's row"),
    ("attempt_parts", "before the rows of its parts"),
    ("video_digests", "before the claim of the clip"),
    ("procrastinate_jobs", "before the job"),
)


def kill_server_before_row(stage: Stage, table: str) -> None:
    """Kill it when the next thing it would write is a row of `table`."""
    phone = stage.phone()
    with ExitStack() as props:
        scene = Scene(stage=stage, props=props)
        if table != "evidence":
            scene.both_parts(phone)
        scene.holds(no_writes_to(table))
        asked = phone.part_request(SELFIE) if table == "evidence" else phone.manifest_request()
        scene.sends(phone, asked)
        scene.waits_for_blocked()
        stage.kill_server()
    go_on(stage, [phone])


def kill_server_without_store(stage: Stage) -> str:
    """Refuse a part that could not be stored, and know nothing of it ever after."""
    phone = stage.phone()
    objects, away = stage.folder / "objects", stage.folder / "objects-away"
    objects.rename(away)
    try:
        refused = phone.try_put(SELFIE)
        assert refused.status_code == HTTPStatus.SERVICE_UNAVAILABLE, refused.text
        stage.kill_server()
    finally:
        away.rename(objects)
    assert stage.eye.count(PART_ROW, digest(phone.content[SELFIE]), phone.person.id) == 0
    go_on(stage, [phone])
    return "part refused, the store being away"


def go_on(stage: Stage, phones: list[Phone]) -> None:
    stage.restart_server()
    for phone in phones:
        phone.hand_in()


Reach = Callable[[Stage, Command, ExitStack], None]
"""Waits until the worker stands where it is to be killed."""


def blocked_at(statement: str) -> Reach:
    def reach(stage: Stage, worker: Command, props: ExitStack) -> None:
        del worker
        props.enter_context(stage.eye.holding(statement))
        stage.eye.waits_for_blocked()

    return reach


def decoding(stage: Stage, worker: Command, props: ExitStack) -> None:
    del stage, props
    until(lambda: len(worker.family()) >= 3, "a decoder's child")


def after(seconds: float) -> Reach:
    def reach(stage: Stage, worker: Command, props: ExitStack) -> None:
        del worker, props
        stage.eye.waits_for(JOBS, "doing")
        time.sleep(seconds)

    return reach


def decided_but_not_reported(stage: Stage, worker: Command, props: ExitStack) -> None:
    """The decision is committed; that the job is done never gets written."""
    del worker
    with stage.eye.holding(no_commit_in(COUNTY)):
        stage.eye.waits_for_blocked()
        props.enter_context(stage.eye.holding(no_writes_to("procrastinate_jobs")))
    stage.eye.waits_for_blocked()
    props.callback(stage.eye.end_blocked)  # before the lock is let go


def done(stage: Stage, worker: Command, props: ExitStack) -> None:
    del worker, props
    before = stage.eye.count(JOBS, "succeeded")
    until(lambda: stage.eye.count(JOBS, "succeeded") > before, "a job is done")


WORKER_POINTS: tuple[tuple[str, Reach], ...] = (
    ("the case is being read", blocked_at(no_reading_of("reference_photos"))),
    ("the clip is being decoded", decoding),
    ("0.2 s into a case", after(0.2)),
    ("0.6 s into a case", after(0.6)),
    ("1.2 s into a case", after(1.2)),
    ("before the decision's row", blocked_at(no_writes_to("attempt_decisions"))),
    ("before the certification's row", blocked_at(no_writes_to("certifications"))),
    ("before validity moves", blocked_at(no_writes_to("validities"))),
    ("all written, not committed", blocked_at(no_commit_in(COUNTY))),
    ("decided, job not marked done", decided_but_not_reported),
    ("right after a job was done", done),
)


def kill_worker(stage: Stage, worker: Command, reach: Reach) -> None:
    """Kill it at its place; its decoder must not outlive it."""
    with ExitStack() as props:
        reach(stage, worker, props)
        family = worker.family()
        worker.kill()
        until(lambda: ended(family), "the decoder of the killed worker ended", 20)
