"""Pages for the person, as HTML from the server."""

from fastapi import APIRouter

router = APIRouter(tags=["pages"])
