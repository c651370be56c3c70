"""Acts on who it is: identity, visits, status, forgetting."""

from fastapi import APIRouter

router = APIRouter(tags=["who"])
