"""Asking the second matcher about one case: the selfie and the clip's best frame."""

from collections.abc import Sequence
from dataclasses import dataclass

from biometrics.detector import Image
from biometrics.reading import Nets, read_face
from biometrics.sandbox.decoder import Decoder
from biometrics.second.matcher import Descriptor, SecondMatcher
from domain.biometric import MediaFault
from domain.second_opinion import SecondMeasure


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondLook:
    """Finds faces as the first matcher does, and describes them for the second."""

    nets: Nets
    decoder: Decoder
    matcher: SecondMatcher

    def measure(
        self, references: Sequence[bytes], selfie: bytes, best: Image | None
    ) -> SecondMeasure:
        """Compare with enrolled photos; those that show no face are left out. Never raises."""
        read = [self._of_photo(photo) for photo in references]
        known = [descriptor for descriptor in read if descriptor is not None]
        return SecondMeasure(
            selfie=_nearest(self._of_photo(selfie), known),
            clip=None if best is None else _nearest(self._of_picture(best), known),
        )

    def _of_photo(self, photo: bytes) -> Descriptor | None:
        image = self.decoder.photo(photo)
        return None if isinstance(image, MediaFault) else self._of_picture(image)

    def _of_picture(self, image: Image) -> Descriptor | None:
        reading = read_face(self.nets, image)
        if reading is None:
            return None
        return self.matcher.describe(reading.image, reading.face)


def _nearest(face: Descriptor | None, known: Sequence[Descriptor]) -> float | None:
    if face is None:
        return None
    return min((SecondMatcher.distance(face, one) for one in known), default=None)
