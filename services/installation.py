"""What an installation keeps beside database and object store: its keys, models and anchors."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from biometrics.models import ModelStore
from storage.crypto.keyring import FileKeyRing


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Where the parts are, for whoever asks whether they are sound.

    `anchors` is the file of published heads of the audit chains. A worker that gave no sign for
    `worker_lost_after` counts as dead.
    """

    keys: FileKeyRing
    models: ModelStore
    anchors: Path
    worker_lost_after: timedelta
