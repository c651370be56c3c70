"""The measured process of deepface, in an environment of its own: imports none of ours.

    python deepface_probe.py

`["pair", LEFT, RIGHT]` runs `DeepFace.verify` as it comes (VGG-Face, OpenCV's detector). Its
weights are only to be had at run time, so made-up ones of the same shape stand in: the time is
right, the answer means nothing and is not looked at.
"""

import importlib
import json
import sys
import time
from typing import Any

answers, sys.stdout = sys.stdout, sys.stderr  # the library prints
weights = importlib.import_module("deepface.commons.weight_utils")


def _keep_random(model: Any, **_: Any) -> Any:
    return model


vars(weights).update(download_weights_if_necessary=lambda **_: "", load_model_weights=_keep_random)
library = importlib.import_module("deepface.DeepFace")


def pair(left: str, right: str) -> dict[str, float]:
    began = time.process_time()
    library.verify(left, right, enforce_detection=False, silent=True)
    return {"cpu_s": time.process_time() - began}


if __name__ == "__main__":
    answers.write("{}\n")
    answers.flush()
    for line in sys.stdin:
        _, one, other = json.loads(line)
        answers.write(json.dumps(pair(one, other)) + "\n")
        answers.flush()
