"""Acts of a certification: the session, its manifest and the parts that follow."""

from fastapi import APIRouter

router = APIRouter(tags=["upload"])
