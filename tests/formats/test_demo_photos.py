from __future__ import annotations

import io

import pytest
from PIL import Image

from survey.domain.limits import PHOTO_KINDS, PHOTO_TARGET_BYTES, THUMBNAIL_BYTES
from survey.formats.demo_photos import (
    draw_proof_screen,
    draw_scene,
    encode_jpeg,
    encode_thumbnail,
)


@pytest.mark.parametrize("kind", PHOTO_KINDS)
def test_a_scene_is_a_jpeg_that_keeps_the_limits_of_the_wire(kind: str) -> None:
    image = draw_scene(kind, 7, ["Jorong Bukit Malintang"])
    data = encode_jpeg(image)

    assert Image.open(io.BytesIO(data)).format == "JPEG"
    assert len(data) <= PHOTO_TARGET_BYTES
    assert len(encode_thumbnail(image)) <= THUMBNAIL_BYTES


def test_the_same_seed_draws_the_same_picture_and_another_a_different_one() -> None:
    first, again, other = (encode_jpeg(draw_scene("tower", seed, ["x"])) for seed in (1, 1, 2))

    assert first == again
    assert first != other


def test_a_proof_screen_keeps_the_limits_of_the_wire() -> None:
    image = draw_proof_screen("Telkomsel", "4G", 1, ["Kekuatan sinyal: -108 dBm 32 asu"])

    assert len(encode_jpeg(image)) <= PHOTO_TARGET_BYTES
    assert len(encode_thumbnail(image)) <= THUMBNAIL_BYTES
