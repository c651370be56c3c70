"""The measured process of `face_recognition`, in an environment of its own: imports none of ours.

    python face_recognition_probe.py FOLDER

`["frame", FILE]` finds and encodes every face of a picture as its README does (HOG, enlarged once);
`["chip", FILE]` describes one aligned face with the dlib wheel. Pictures are RGB arrays.
"""

import importlib
import json
import sys
import time
import warnings

import numpy as np

warnings.simplefilter("ignore")
library = importlib.import_module("face_recognition")
TIMES = 5
encoder = importlib.import_module("face_recognition.api").face_encoder


def frame(path: str) -> dict[str, float]:
    picture = np.load(path)
    began = time.process_time()
    places = library.face_locations(picture)
    library.face_encodings(picture, places)
    return {"cpu_s": time.process_time() - began, "faces": len(places)}


def chip(path: str) -> dict[str, float]:
    aligned = np.load(path)
    began = time.process_time()
    for _ in range(TIMES):
        encoder.compute_face_descriptor(aligned)
    return {"cpu_s": (time.process_time() - began) / TIMES}


if __name__ == "__main__":
    asked = {"frame": frame, "chip": chip}
    sys.stdout.write("{}\n")
    sys.stdout.flush()
    for line in sys.stdin:
        word, argument = json.loads(line)
        sys.stdout.write(json.dumps(asked[word](argument)) + "\n")
        sys.stdout.flush()
