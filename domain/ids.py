"""Identities. All are UUIDv7, made in `storage.ids`, so that they sort by time of birth."""

from typing import NewType
from uuid import UUID

BeneficiaryId = NewType("BeneficiaryId", UUID)
EntitlementId = NewType("EntitlementId", UUID)
ReferenceId = NewType("ReferenceId", UUID)
SessionId = NewType("SessionId", UUID)
AttemptId = NewType("AttemptId", UUID)
EvidenceId = NewType("EvidenceId", UUID)
CertificationId = NewType("CertificationId", UUID)
VisitId = NewType("VisitId", UUID)
ReviewId = NewType("ReviewId", UUID)
StaffId = NewType("StaffId", UUID)
