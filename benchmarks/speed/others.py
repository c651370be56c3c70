"""Throw-away environments for what we are compared with. Nothing of them stays or touches ours."""

import subprocess
import sys
from pathlib import Path

from benchmarks.speed.child import Child, Unmeasured

_HERE = Path(__file__).parent
_INSTALL_S = 900
_FACE_RECOGNITION = (
    ("setuptools==80.10.2",),  # face_recognition_models looks its files up with pkg_resources
    ("numpy>=2,<3", "pillow>=12", "dlib-bin==20.0.1.post1", "face_recognition==1.3.0"),
    ("--no-build-isolation", "face_recognition_models==0.3.0"),
)
_DEEPFACE = (
    (
        "deepface==0.0.103",
        "tf-keras==2.21.0",
        "tensorflow-cpu==2.21.0",
        "werkzeug>=3",  # imported and not declared
        "opencv-contrib-python-headless<5",  # 5 ships no cascades
    ),
)


def face_recognition(folder: Path) -> Child:
    """`face_recognition` 1.3.0 on the dlib wheel. Raises `Unmeasured`."""
    python = _environment(folder / "face_recognition", _FACE_RECOGNITION, "--no-deps")
    return Child([str(python), str(_HERE / "face_recognition_probe.py")])


def deepface(folder: Path) -> Child:
    """deepface 0.0.103 with made-up weights: its own are downloaded at run time. Timing only."""
    python = _environment(folder / "deepface", _DEEPFACE)
    command = [str(python), str(_HERE / "deepface_probe.py")]
    home = {"DEEPFACE_HOME": str(folder), "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
    home |= dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1")
    return Child(command, home)


def _environment(folder: Path, steps: tuple[tuple[str, ...], ...], *options: str) -> Path:
    python = folder / "bin" / "python"
    _run([sys.executable, "-m", "venv", str(folder)])
    pip = [str(python), "-m", "pip", "install", "--quiet", "--no-compile"]
    for packages in steps:
        _run([*pip, *options, *packages])
    return python


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_INSTALL_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise Unmeasured(f"its installation took over {_INSTALL_S} s") from None
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR:")]
        raise Unmeasured(f"it cannot be installed: {(errors or ['no reason given'])[-1]}")
