"""Who may do what: roles, permissions, and the level of a role's division.

Roles are the actors of the sources (requirements A.0). This module knows a division only by the
number of digits of its path, because `regions` lies in the same tier.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """A seat that a member of staff holds."""

    VILLAGE_OFFICER = "village_officer"  # 村(社区)协办员
    TOWNSHIP_CLERK = "township_clerk"  # 乡镇社保中心经办
    TOWNSHIP_HEAD = "township_head"  # 乡镇社保中心负责人
    COUNTY_BUREAU = "county_bureau"  # 县社会保险局
    COUNTY_ADMIN = "county_admin"  # 县级系统管理员
    INSPECTOR = "inspector"  # 稽核、纪检
    UNIT_OFFICER = "unit_officer"  # 参保单位经办


class Permission(StrEnum):
    """What a route needs. `PUBLIC` and `SELF` mark routes that no member of staff is asked for."""

    PUBLIC = "public"  # anyone, before any log-in
    SELF = "self"  # the pensioner (or who holds the phone), by session token
    SIGNED_IN = "signed_in"  # any member of staff, for the own account
    ATTEMPT_READ = "attempt.read"
    ATTEMPT_REVIEW = "attempt.review"  # decide a flagged case
    REVIEW_READ = "review.read"
    REVIEW_CLAIM = "review.claim"
    EVIDENCE_READ = "evidence.read"
    VISIT_SUBMIT = "visit.submit"
    VISIT_READ = "visit.read"
    ENROLMENT_WRITE = "enrolment.write"
    LINK_WRITE = "link.write"  # make and revoke a person's link to the phone page
    REGISTRY_READ = "registry.read"
    REGISTRY_IMPORT = "registry.import"
    APPEAL_WRITE = "appeal.write"  # take an appeal down for somebody
    APPEAL_ANSWER = "appeal.answer"
    CONTACT_WRITE = "contact.write"
    PERSON_OPEN = "person.open"  # see name, number and faces in full, for a reason on record
    PROPOSAL_ANSWER = "proposal.answer"  # be the second person
    QUALITY_READ = "quality.read"
    QUALITY_ANSWER = "quality.answer"  # say what two readings come to, keep the known answers
    CERTIFICATION_REVOKE = "certification.revoke"
    REGISTRY_EXPORT = "registry.export"  # masked lists; in full only with PERSON_OPEN
    POLICY_READ = "policy.read"
    POLICY_CHANGE = "policy.change"  # propose a county's own value, or approve another's
    SYSTEM_READ = "system.read"  # key ring, jobs, consent texts, stored faces
    STAFF_CREATE = "staff.create"
    STAFF_READ = "staff.read"
    AUDIT_READ = "audit.read"


MARKERS = frozenset({Permission.PUBLIC, Permission.SELF})
"""Permissions that no role holds: such a route authenticates in another way, or not at all."""

_ANY_STAFF = frozenset({Permission.SIGNED_IN, Permission.POLICY_READ})
_FIELD = _ANY_STAFF | {
    Permission.REGISTRY_READ,
    Permission.VISIT_SUBMIT,
    Permission.VISIT_READ,
    Permission.ENROLMENT_WRITE,
    Permission.LINK_WRITE,
    Permission.APPEAL_WRITE,
    Permission.CONTACT_WRITE,
}
_REVIEWER = _ANY_STAFF | {
    Permission.REGISTRY_READ,
    Permission.ATTEMPT_READ,
    Permission.ATTEMPT_REVIEW,
    Permission.REVIEW_READ,
    Permission.REVIEW_CLAIM,
    Permission.EVIDENCE_READ,
    Permission.VISIT_READ,
    Permission.ENROLMENT_WRITE,
    Permission.LINK_WRITE,
    Permission.APPEAL_WRITE,
    Permission.APPEAL_ANSWER,
    Permission.CONTACT_WRITE,
    Permission.PERSON_OPEN,
    Permission.PROPOSAL_ANSWER,
    Permission.REGISTRY_EXPORT,
}

ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.VILLAGE_OFFICER: _FIELD,
        Role.UNIT_OFFICER: _ANY_STAFF | {Permission.REGISTRY_READ},
        Role.TOWNSHIP_CLERK: _REVIEWER | {Permission.VISIT_SUBMIT},
        Role.TOWNSHIP_HEAD: _REVIEWER
        | {
            Permission.STAFF_READ,
            Permission.QUALITY_READ,
            Permission.QUALITY_ANSWER,
            Permission.CERTIFICATION_REVOKE,
        },
        Role.COUNTY_BUREAU: _REVIEWER
        | {
            Permission.REGISTRY_IMPORT,
            Permission.CERTIFICATION_REVOKE,
            Permission.QUALITY_READ,
            Permission.QUALITY_ANSWER,
            Permission.POLICY_CHANGE,
            Permission.STAFF_CREATE,
            Permission.STAFF_READ,
            Permission.SYSTEM_READ,
            Permission.AUDIT_READ,
        },
        # Keeps accounts and reads the log; sees no face and decides no case (等保: roles apart).
        Role.COUNTY_ADMIN: _ANY_STAFF
        | {
            Permission.STAFF_CREATE,
            Permission.STAFF_READ,
            Permission.SYSTEM_READ,
            Permission.AUDIT_READ,
        },
        # Reads everything and changes nothing.
        Role.INSPECTOR: _ANY_STAFF
        | {
            Permission.REGISTRY_READ,
            Permission.ATTEMPT_READ,
            Permission.REVIEW_READ,
            Permission.VISIT_READ,
            Permission.EVIDENCE_READ,
            Permission.PERSON_OPEN,
            Permission.QUALITY_READ,
            Permission.STAFF_READ,
            Permission.SYSTEM_READ,
            Permission.AUDIT_READ,
        },
    }
)

_ONE_FACTOR = frozenset({Role.VILLAGE_OFFICER, Role.UNIT_OFFICER})


def needs_second_factor(role: Role) -> bool:
    """Whether a password alone is not enough: so it is for reviewers and above (等保, E.2 S1)."""
    return role not in _ONE_FACTOR


_COUNTY, _TOWNSHIP, _VILLAGE = 6, 9, 12
_SEAT_DIGITS: Mapping[Role, frozenset[int]] = MappingProxyType(
    {
        Role.VILLAGE_OFFICER: frozenset({_VILLAGE}),
        Role.TOWNSHIP_CLERK: frozenset({_TOWNSHIP}),
        Role.TOWNSHIP_HEAD: frozenset({_TOWNSHIP}),
        Role.COUNTY_BUREAU: frozenset({_COUNTY}),
        Role.COUNTY_ADMIN: frozenset({_COUNTY}),
        Role.INSPECTOR: frozenset({2, 4, _COUNTY}),
        Role.UNIT_OFFICER: frozenset({_COUNTY, _TOWNSHIP}),
    }
)
_MAY_CREATE: Mapping[Role, frozenset[Role]] = MappingProxyType(
    {
        Role.COUNTY_BUREAU: frozenset(
            {Role.VILLAGE_OFFICER, Role.TOWNSHIP_CLERK, Role.TOWNSHIP_HEAD, Role.UNIT_OFFICER}
        ),
        Role.COUNTY_ADMIN: frozenset(
            {
                Role.VILLAGE_OFFICER,
                Role.TOWNSHIP_CLERK,
                Role.TOWNSHIP_HEAD,
                Role.UNIT_OFFICER,
                Role.COUNTY_BUREAU,
            }
        ),
    }
)


def may(role: Role, permission: Permission) -> bool:
    """Whether a role holds a permission. Markers are held by nobody."""
    return permission in ROLE_PERMISSIONS[role]


def fits_division(role: Role, division_path: str) -> bool:
    """Whether a seat of this role can lie at a division, by the width of its path."""
    return len(division_path) in _SEAT_DIGITS[role]


def may_create(creator: Role, creator_path: str, *, role: Role, division_path: str) -> bool:
    """Whether a member of staff may open an account for `role` at a division.

    Only inside the own subtree, only at a level that fits the role, and never the own role or an
    inspector: those are opened from the command line, so that nobody appoints who checks them.
    """
    return (
        bool(creator_path)
        and role in _MAY_CREATE.get(creator, frozenset())
        and division_path.startswith(creator_path)
        and fits_division(role, division_path)
    )
