"""The face engine as the settings want it."""

from app.settings import Settings
from biometrics.engine import FaceEngine
from biometrics.models import ModelStore


def face_engine(settings: Settings) -> FaceEngine:
    """Load the models. Raises `ModelMissing` or `ModelAltered`."""
    return FaceEngine(
        ModelStore(settings.models_folder),
        passive=settings.passive_model,
        runtime=settings.face_runtime,
    )
