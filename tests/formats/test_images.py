"""Pictures from outside: drawn anew and upright, or a fault; never bytes passed through."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from survey.formats import images
from survey.formats.images import ImageError, draw_safe_image


def encode(picture: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def halves(width: int = 400, height: int = 200) -> Image.Image:
    """Left half red, right half blue."""
    picture = Image.new("RGB", (width, height), "blue")
    picture.paste("red", (0, 0, width // 2, height))
    return picture


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data), formats=("JPEG",))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_accepted_kinds_come_out_as_jpeg_of_the_asked_size(form: str) -> None:
    drawn = opened(draw_safe_image(encode(halves(1000, 500), form), "thumbnail"))
    assert drawn.size == (320, 160)
    assert drawn.mode == "RGB"


@pytest.mark.parametrize("form", ["GIF", "BMP", "TIFF", "ICO", "PPM"])
def test_other_kinds_are_a_fault(form: str) -> None:
    with pytest.raises(ImageError):
        draw_safe_image(encode(halves(64, 64), form), "full")


def test_small_picture_is_not_blown_up() -> None:
    assert opened(draw_safe_image(encode(halves(), "PNG"), "full")).size == (400, 200)


def test_metadata_does_not_come_out() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Pembuat"
    exif.get_ifd(0x8825)[1] = "S"
    data = encode(halves(), "JPEG", exif=exif, comment=b"rahasia")
    assert b"Pembuat" in data
    drawn = draw_safe_image(data, "full")
    assert dict(opened(drawn).getexif()) == {}
    assert b"Pembuat" not in drawn
    assert b"rahasia" not in drawn


def test_picture_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side: turn 90 degrees clockwise
    drawn = opened(draw_safe_image(encode(halves(), "JPEG", exif=exif), "full"))
    assert drawn.size == (200, 400)
    red, _, blue = drawn.getpixel((100, 50))  # type: ignore[misc]
    assert red > 200 > 60 > blue


def test_made_up_exif_does_not_stop_the_picture() -> None:
    data = encode(halves(), "JPEG", exif=b"Exif\x00\x00MM\x00\x2a\xff\xff\xff\xffgarbage")
    assert opened(draw_safe_image(data, "full")).size == (400, 200)


def test_transparent_becomes_white_paper() -> None:
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    assert opened(draw_safe_image(encode(clear, "PNG"), "full")).getpixel((20, 20)) == (
        255,
        255,
        255,
    )


@pytest.mark.parametrize(
    "data",
    [b"", b"<html>not found</html>", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP"],
    ids=["empty", "html", "jpeg start", "png start", "webp start"],
)
def test_bytes_that_are_no_picture_are_a_fault(data: bytes) -> None:
    with pytest.raises(ImageError):
        draw_safe_image(data, "full")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_picture_cut_short_is_a_fault(form: str) -> None:
    data = encode(Image.effect_noise((200, 200), 80).convert("RGB"), form)
    with pytest.raises(ImageError):
        draw_safe_image(data[: len(data) // 2], "full")


@pytest.mark.parametrize(("extra", "fault"), [(-1, False), (0, False), (1, True)])
def test_pixels_just_below_on_and_above_the_bound(
    extra: int, fault: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "PIXELS_UNSCALED", 10_000)
    data = encode(Image.new("RGB", (100 + extra, 100)), "PNG")
    if fault:
        with pytest.raises(ImageError):
            draw_safe_image(data, "full")
    else:
        assert opened(draw_safe_image(data, "full")).width == 100 + extra


def test_bomb_of_declared_gigapixels_is_a_fault_before_it_is_decoded() -> None:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    data = (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", len(header))
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + b"\0\0\0\0IDAT\x35\xaf\x06\x1e\0\0\0\0IEND\xaeB`\x82"
    )
    with pytest.raises(ImageError):
        draw_safe_image(data, "full")


def test_too_many_bytes_are_a_fault() -> None:
    with pytest.raises(ImageError):
        draw_safe_image(b"\xff" * 25_000_001, "full")
