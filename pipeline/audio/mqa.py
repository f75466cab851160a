"""Whether tags say that lossless audio carries MQA, which is lossy and which sites refuse as FLAC."""

from __future__ import annotations

from .tag_names import Tags

ENCODER_TAGS = ("encoder", "encodedby", "encodersettings")


def claims_mqa(tags: Tags) -> bool:
    """Tells whether an MQA encoder left its name or its own tags; the audio itself is not looked at."""
    if any(name.startswith("mqa") for name in tags):
        return True
    encoders = (value.casefold() for name in ENCODER_TAGS for value in tags.get(name, ()))
    return "originalsamplerate" in tags and any("mqa" in encoder for encoder in encoders)
