"""Cases of the last weeks that the demo's reviewers decided, appeals, and tries to reach people."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.demo.county import TOWN
from app.demo.log_ins import backend_at
from app.demo.office import Office
from app.demo.past import Flag, Lived, flag
from domain.appeal import AppealChannel, AppealOutcome
from domain.checks import Check
from domain.contact import ContactChannel, ContactOutcome
from domain.decision import Decision, Outcome
from domain.proposal import Answer
from domain.reasons import Reason
from domain.review import Method, Verdict
from services import appeal_answers, contacts, proposals, reviews
from services.appeal_answers import Finding
from services.appeal_raising import WrittenDown, write_down
from services.backend import Backend
from services.contacts import NewContact
from services.proposals import Reply
from services.reviews import Ruling

_UNCERTAIN = Decision(
    outcome=Outcome.REVIEW,
    reasons=(Reason.FACE_UNCERTAIN,),
    checks=(
        Check(name="selfie_match", value=0.338, threshold=0.363, ok=False),
        Check(name="clip_match", value=0.351, threshold=0.363, ok=False, at_ms=2400),
    ),
)
_DIFFERS = Decision(
    outcome=Outcome.REVIEW,
    reasons=(Reason.FACE_DIFFERS,),
    checks=(
        Check(name="selfie_match", value=0.091, threshold=0.363, ok=False),
        Check(name="clip_match", value=0.117, threshold=0.363, ok=False, at_ms=1900),
    ),
)
_LIMITED = Decision(
    outcome=Outcome.REVIEW,
    reasons=(Reason.CHALLENGE_LIMITED,),
    checks=(
        Check(name="selfie_match", value=0.612, threshold=0.363, ok=True),
        Check(name="step_kinds", value=1, threshold=2, ok=False),
    ),
)
_UNSEEN = Decision(
    outcome=Outcome.REVIEW,
    reasons=(Reason.CHALLENGE_UNSEEN, Reason.TRIES_EXHAUSTED),
    checks=(
        Check(name="selfie_match", value=0.547, threshold=0.363, ok=True),
        Check(name="clip_match", value=0.529, threshold=0.363, ok=True, at_ms=3100),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Old:
    """One decided case: by whom, how many days ago, after how long, how long it took."""

    reviewer: str
    decision: Decision
    ago_days: float
    waited_h: float
    worked_min: float
    verdict: Verdict
    method: Method | None = None
    findings: str

    @property
    def ruling(self) -> Ruling:
        """What the reviewer found."""
        return Ruling(verdict=self.verdict, method=self.method, findings=self.findings)


def _certified(
    reviewer: str, decision: Decision, ago_days: float, *, method: Method, how: tuple[float, float]
) -> Old:
    words = {
        Method.CALL_BACK: "电话回访本人,能说出住址和家人姓名,健在",
        Method.DOCUMENTS: "核对了新照的身份证和近照,面容一致",
        Method.KNOWLEDGE_QUESTIONS: "视频问答三题全对,本人",
        Method.VISIT: "协办员当日上门见到本人",
    }
    return Old(
        reviewer=reviewer,
        decision=decision,
        ago_days=ago_days,
        waited_h=how[0],
        worked_min=how[1],
        verdict=Verdict.CERTIFIED,
        method=method,
        findings=words[method],
    )


_CALL, _PAPERS = Method.CALL_BACK, Method.DOCUMENTS
_ASKED, _VISIT = Method.KNOWLEDGE_QUESTIONS, Method.VISIT
OLD: tuple[Old, ...] = (
    _certified("clerk", _LIMITED, 26.1, method=_CALL, how=(3.0, 6.5)),
    _certified("clerk2", _UNCERTAIN, 24.3, method=_PAPERS, how=(5.5, 4.2)),
    _certified("clerk3", _LIMITED, 22.2, method=_CALL, how=(2.0, 7.1)),
    Old(
        reviewer="clerk",
        decision=_UNSEEN,
        ago_days=20.4,
        waited_h=20.0,
        worked_min=3.4,
        verdict=Verdict.ASK_AGAIN,
        findings="光线太暗,请家人白天帮助再拍一次",
    ),
    _certified("clerk4", _UNSEEN, 19.0, method=_VISIT, how=(21.0, 9.8)),
    _certified("clerk2", _LIMITED, 17.2, method=_CALL, how=(1.2, 5.0)),
    Old(
        reviewer="clerk2",
        decision=_DIFFERS,
        ago_days=15.5,
        waited_h=4.0,
        worked_min=8.3,
        verdict=Verdict.SEND_VISIT,
        findings="照片年代久远难以判断,请协办员上门见面",
    ),
    _certified("clerk", _UNCERTAIN, 13.3, method=_ASKED, how=(6.0, 11.2)),
    _certified("head", _LIMITED, 12.1, method=_CALL, how=(2.5, 4.7)),
    Old(
        reviewer="clerk",
        decision=_DIFFERS,
        ago_days=10.2,
        waited_h=3.0,
        worked_min=14.0,
        verdict=Verdict.REFER_AS_LEAD,
        findings="录像中明显不是本人,回访电话由他人接听且说法前后不一",
    ),
    Old(
        reviewer="clerk3",
        decision=_UNSEEN,
        ago_days=8.4,
        waited_h=2.0,
        worked_min=2.9,
        verdict=Verdict.ASK_AGAIN,
        findings="动作没有跟上提示,已电话说明,请再试一次",
    ),
    _certified("clerk2", _UNCERTAIN, 6.1, method=_CALL, how=(1.5, 3.8)),
    _certified("clerk4", _LIMITED, 5.2, method=_CALL, how=(0.8, 5.6)),
    Old(
        reviewer="clerk2",
        decision=_DIFFERS,
        ago_days=2.2,
        waited_h=1.0,
        worked_min=12.5,
        verdict=Verdict.REFER_AS_LEAD,
        findings="自拍与录像是两个人,家属承认由邻居代拍,本人情况不明",
    ),
)
_CONFIRMED_BY = {"clerk": "head"}
"""Whose proposals were answered already, and by whom; the others wait for a second person."""


def add_verdicts(backend: Backend, office: Office, people: Sequence[Lived]) -> list[Lived]:
    """Flag and decide every old case; returns whose they were, in the order of `OLD`."""
    in_town = iter([one for one in people if one.resident.village.startswith(TOWN)])
    elsewhere = iter([one for one in people if not one.resident.village.startswith(TOWN)])
    of_town = {"clerk", "clerk2", "head"}
    chosen = [next(in_town if old.reviewer in of_town else elsewhere) for old in OLD]
    for old, one in zip(OLD, chosen, strict=True):
        _settle(backend, office, old, one)
    return chosen


def _settle(backend: Backend, office: Office, old: Old, lived: Lived) -> None:
    """Flag an attempt of the past, and let its reviewer take it and rule on it."""
    came = backend.clock.now() - timedelta(days=old.ago_days)
    review_id = flag(backend, Flag(person=lived, at=came, decision=old.decision))
    taken = came + timedelta(hours=old.waited_h)
    ruled = taken + timedelta(minutes=old.worked_min)
    reviewer = office.signed_in(old.reviewer, ruled)
    reviews.claim_case(backend_at(backend, taken), reviewer, review_id)
    done = reviews.decide(backend_at(backend, ruled), reviewer, review_id, old.ruling)
    if done.proposal_id is not None and old.reviewer in _CONFIRMED_BY:
        _confirm(backend_at(backend, ruled + timedelta(hours=3)), office, old, done.proposal_id)


def _confirm(backend: Backend, office: Office, old: Old, proposal_id: UUID) -> None:
    second = office.signed_in(_CONFIRMED_BY[old.reviewer], backend.clock.now())
    proposals.answer(backend, second, proposal_id, Reply(answer=Answer.CONFIRMED, note="情况属实"))


def add_appeals(backend: Backend, office: Office, decided: Sequence[Lived]) -> None:
    """Two people asked again: one was answered, one waits."""
    asked = [
        one
        for old, one in zip(OLD, decided, strict=True)
        if old.verdict in (Verdict.ASK_AGAIN, Verdict.SEND_VISIT)
    ]
    first, second = asked[0], asked[1]
    now = backend.clock.now()
    brought = _brought(first, AppealChannel.WINDOW, "家里灯光就是暗,我本人来窗口了,请重新看")
    appeal_id = write_down(
        backend_at(backend, now - timedelta(days=18)), office.member("clerk2"), brought
    )
    then = now - timedelta(days=17, hours=4)
    finding = Finding(
        outcome=AppealOutcome.CERTIFIED, method=_PAPERS, findings="本人持身份证到窗口,当面核对无误"
    )
    head = office.signed_in("head", then)
    appeal_answers.answer(backend_at(backend, then), head, appeal_id, finding)
    waiting = _brought(second, AppealChannel.HOTLINE, "老人说本人拍的,不明白为什么还要上门")
    write_down(backend_at(backend, now - timedelta(days=1)), office.member("clerk"), waiting)


def _brought(one: Lived, channel: AppealChannel, statement: str) -> WrittenDown:
    return WrittenDown(person_id=one.id, channel=channel, statement=statement)


_TRIES = (
    (ContactChannel.CALL, ContactOutcome.NO_ANSWER, ""),
    (ContactChannel.SMS, ContactOutcome.MESSAGE_LEFT, "短信提醒认证"),
    (ContactChannel.VISIT, ContactOutcome.NO_ANSWER, "家中无人,邻居说去了外地儿子家"),
    (ContactChannel.RELATIVE, ContactOutcome.PROMISED, "女儿说周末帮老人认证"),
    (ContactChannel.CALL, ContactOutcome.WRONG_NUMBER, "号码已换,请村里核实"),
)


def add_contacts(backend: Backend, overdue: Sequence[Lived]) -> None:
    """Let officers try to reach those who are overdue; one of them nobody could reach."""
    now = backend.clock.now()
    for turn, one in enumerate(overdue):
        for made, (channel, outcome, note) in enumerate(_tries_of(turn)):
            at = now - timedelta(days=12 - 2 * made, hours=turn)
            tried = NewContact(channel=channel, outcome=outcome, contacted_at=at, note=note)
            then = backend_at(backend, at + timedelta(minutes=5))
            contacts.record(then, one.officer, one.id, tried)
    contacts.mark_unreachable(
        backend_at(backend, now - timedelta(days=5)), overdue[0].officer, overdue[0].id
    )


def _tries_of(turn: int) -> Iterator[tuple[ContactChannel, ContactOutcome, str]]:
    """Three fruitless tries for the first; fewer, and others, for whoever comes after."""
    yield from _TRIES[:3] if turn == 0 else _TRIES[turn % 4 : turn % 4 + 2]
