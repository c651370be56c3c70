"""Everything by which a decision can be made again, bit for bit: how it is kept and read back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from domain.biometric import FaceEvidence
from domain.decision import Decision, decide
from domain.light import LightRule
from domain.limits import Limits
from domain.policy_values import PolicyValues
from domain.second_opinion import SecondOpinion


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a decision rests on beside the evidence. `faces` are the references compared with."""

    open_leads: int
    tries_left: int
    limits: Limits
    faces: tuple[UUID, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the form that is stored."""
        return {
            "open_leads": self.open_leads,
            "tries_left": self.tries_left,
            "limits": asdict(self.limits),
            "faces": [str(face) for face in self.faces],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Inputs":
        """Read back what `as_json` wrote. Raises `KeyError` for a decision older than this form."""
        return cls(
            open_leads=stored["open_leads"],
            tries_left=stored["tries_left"],
            limits=Limits(**stored["limits"]),
            faces=tuple(UUID(face) for face in stored["faces"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """A decision with what it was made from."""

    evidence: FaceEvidence
    decision: Decision
    inputs: Mapping[str, Any]
    material_id: UUID | None = None  # what a reviewer is shown

    def as_row(self) -> dict[str, Any]:
        """Return the columns of the decision that do not depend on whose it is."""
        return {
            "outcome": self.decision.outcome.value,
            "reasons": [reason.value for reason in self.decision.reasons],
            "checks": [asdict(check) for check in self.decision.checks],
            "evidence": asdict(self.evidence),
            "models": dict(self.evidence.models),
            "inputs": dict(self.inputs),
            "material_id": self.material_id,
        }


def decided(evidence: FaceEvidence, inputs: Inputs) -> Decision:
    """Apply the rules, now or years later."""
    return decide(
        evidence, inputs.limits, open_leads=inputs.open_leads, tries_left=inputs.tries_left
    )


def limits_of(values: PolicyValues) -> Limits:
    """Return the thresholds that policy sets for a face."""
    return Limits(
        accept=values.face.accept,
        review=values.face.review,
        references=values.face.references,
        light_required=values.challenge.light is LightRule.REQUIRED,
        second_distance=_second_distance(values),
        **asdict(values.liveness),
    )


def _second_distance(values: PolicyValues) -> float | None:
    asked = values.face.second_opinion is SecondOpinion.REVIEW
    return values.face.second_distance if asked else None
