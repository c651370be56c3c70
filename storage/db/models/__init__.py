"""All tables, so that one import fills the metadata."""

from storage.db.base import Base
from storage.db.models import (
    accounts,
    audit,
    cases,
    certification,
    clips,
    identity,
    policy,
    quality,
    registry,
    running,
    uploads,
)

__all__ = [
    "Base",
    "accounts",
    "audit",
    "cases",
    "certification",
    "clips",
    "identity",
    "policy",
    "quality",
    "registry",
    "running",
    "uploads",
]
