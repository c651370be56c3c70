"""Whether an editing, streaming or converting tool wrote the file."""

from biometrics.container_facts import ContainerFacts
from domain.capture import Cue, CueScore

_TOOLS = (
    # library or program, as it signs; looked for in lower case, anywhere in the file's free text
    "lavf",  # FFmpeg's muxers, and all that build on them (OBS, most face-swap tools)
    "lavc",
    "ffmpeg",
    "x264",  # phones encode in hardware, browsers with OpenH264: neither signs the stream
    "x265",
    "libx26",
    "handbrake",
    "obs studio",
    "obs-studio",
    "capcut",
    "jianying",
    "剪映",
    "kinemaster",
    "inshot",
    "vn video",
    "premiere",
    "after effects",
    "adobe media encoder",
    "davinci",
    "final cut",
    "imovie",
    "movavi",
    "filmora",
    "wondershare",
    "camtasia",
    "bandicam",
    "xsplit",
    "vmix",
    "manycam",
    "gstreamer",
    "gpac",
    "l-smash",
    "mkvmerge",
    "libmatroska",
    "mp4-muxer",
    "webm-muxer",
    "moviepy",
    "opencv",
    "comfyui",
    "unity webm",
    "playwright",
    "vpxenc",
)


def encoder_tag(facts: ContainerFacts) -> CueScore:
    """1.0 where a tool signed; some messengers re-encode with such tools too."""
    text = "\n".join(facts.writers).lower()
    signed = any(tool in text for tool in _TOOLS)
    return CueScore(cue=Cue.ENCODER_TAG, value=float(signed), limit=1.0)
