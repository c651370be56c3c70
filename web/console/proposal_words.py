"""What staff read of proposals and revocations."""

from domain.cycle import HoldMove
from domain.proposal import Answer, ProposalKind
from services.proposals import Shelf

KINDS = {
    ProposalKind.REFER_AS_LEAD: "列为疑点",
    ProposalKind.REVOKE_CERTIFICATION: "撤销认证",
}
ANSWERS = {
    Answer.CONFIRMED: "已同意",
    Answer.RETURNED: "已退回",
    Answer.WITHDRAWN: "已撤回",
}
ANSWER_MARKS = {Answer.CONFIRMED: "bad", Answer.RETURNED: "good", Answer.WITHDRAWN: ""}
HOLDS = {
    HoldMove.NONE: "不变",
    HoldMove.LIFT: "恢复",
    HoldMove.REOPEN: "变为已过期，要由人决定怎么办",
}
SHELVES = {
    Shelf.TO_ANSWER: "待我复核",
    Shelf.MINE: "我提出的",
    Shelf.ANSWERED: "已答复",
}
EFFECTS = {
    ProposalKind.REFER_AS_LEAD: "同意后立刻立为疑点：此人的自动认证都转人工，不影响待遇发放。",
    ProposalKind.REVOKE_CERTIFICATION: "同意后立刻撤销，有效期退回到上一次；系统不会停发待遇。",
}
SAID = {
    (ProposalKind.REFER_AS_LEAD, Answer.CONFIRMED): "已同意，疑点已立案。",
    (ProposalKind.REVOKE_CERTIFICATION, Answer.CONFIRMED): "已同意，认证已撤销。",
    (
        ProposalKind.REFER_AS_LEAD,
        Answer.RETURNED,
    ): "已退回，这件重新排队，您写的原因会给下一位审核的同事看。",
    (ProposalKind.REVOKE_CERTIFICATION, Answer.RETURNED): "已退回，认证照旧有效。",
    (ProposalKind.REFER_AS_LEAD, Answer.WITHDRAWN): "已撤回，这件重新排队。",
    (ProposalKind.REVOKE_CERTIFICATION, Answer.WITHDRAWN): "已撤回，认证照旧有效。",
}
SETS = {
    "proposal": {key.value: said for key, said in KINDS.items()},
    "answer": {key.value: said for key, said in ANSWERS.items()},
    "answer_mark": {key.value: said for key, said in ANSWER_MARKS.items()},
    "hold": {key.value: said for key, said in HOLDS.items()},
}
