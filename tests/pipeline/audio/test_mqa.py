from __future__ import annotations

import pytest

from pipeline.audio.mqa import claims_mqa
from pipeline.audio.tag_names import Tags


@pytest.mark.parametrize(
    "tags",
    [
        {"mqaencoder": ("MQAEncode v1.1",)},
        {"mqa": ("1",)},
        {"originalsamplerate": ("96000",), "encoder": ("MQAEncode v1.1",)},
    ],
)
def test_the_marks_of_an_mqa_encoder(tags: Tags) -> None:
    assert claims_mqa(tags)


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"title": ("MQA",), "comment": ("not mqa",)},
        {"originalsamplerate": ("96000",)},
        {"originalsamplerate": ("96000",), "encoder": ("reference libFLAC 1.4.3",)},
    ],
)
def test_other_tags_claim_nothing(tags: Tags) -> None:
    assert not claims_mqa(tags)
