"""Pictures that came from outside: decoded with care, drawn anew, never passed on raw.

The only room that knows Pillow. Only JPEG, PNG and WebP are opened, only up to a size in
pixels, and what goes out is a new JPEG without metadata. Pure: bytes in, bytes out.
"""

from __future__ import annotations

import io
import warnings
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from survey.domain.limits import FILE_BYTES, LIMITS

FORMATS: Final = ("JPEG", "PNG", "WEBP")
PIXELS: Final = 50_000_000
"""Largest picture that is opened: a 48-megapixel phone photo fits."""

PIXELS_UNSCALED: Final = 8_000_000
"""PNG and WebP have no cheap smaller decoding: WebP takes some 17 bytes a pixel while it is read.

A screenshot of a large tablet fits; phones of ours send JPEG.
"""

SIDES: Final = {"full": 1_600, "thumbnail": 320}
"""Longest side in pixels of what is drawn, by the name of the size."""

QUALITY: Final = {"full": 85, "thumbnail": 78}


class ImageError(Exception):
    """These bytes are no picture that can be shown: damaged, too large or of another kind."""


def draw_safe_image(data: bytes, size: str) -> bytes:
    """Return a picture as a new JPEG, upright, at most SIDES[size] pixels on its longest side.

    Takes JPEG, PNG or WebP of at most FILE_BYTES and PIXELS; anything else, also a picture cut
    short, raises ImageError.
    """
    if not 0 < len(data) <= FILE_BYTES:
        raise ImageError("empty or too many bytes")
    try:
        with warnings.catch_warnings():
            # Pillow warns of odd EXIF and of bombs; both are answered here in their own way.
            warnings.simplefilter("ignore")
            return _draw(data, SIDES[size], QUALITY[size])
    except ImageError:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, ArithmeticError) as error:
        raise ImageError(str(error)) from error
    except (Image.DecompressionBombError, MemoryError, KeyError, IndexError, TypeError) as error:
        raise ImageError(type(error).__name__) from error


def looks_like_picture(data: bytes) -> bool:
    """Tell by the beginning of bytes whether they are a picture of a kind that is opened."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS):
                return True
    except Exception:  # Pillow raises many kinds on made-up bytes
        return False


def _draw(data: bytes, side: int, quality: int) -> bytes:
    with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        width, height = picture.size
        limit = PIXELS if picture.format == "JPEG" else PIXELS_UNSCALED
        if max(width, height) > LIMITS["image_side_px"].maximum or width * height > limit:
            raise ImageError(f"{width} x {height} pixels are too many")
        if picture.format == "JPEG":
            # Decodes at a half, a quarter or an eighth: less memory, never below the target.
            picture.draft(picture.mode, (side, side))
        picture.load()
        # Smaller first: turning copies the picture.
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        flat = _flatten(_turn_upright(picture))
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def _turn_upright(picture: Image.Image) -> Image.Image:
    """Turn as the camera said; a damaged EXIF leaves the picture as it lies."""
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # Pillow's EXIF reader raises many kinds on made-up bytes
        return picture.copy()


def _flatten(picture: Image.Image) -> Image.Image:
    """Return the picture in RGB on white paper: a new image, so no comment comes along."""
    paper = Image.new("RGB", picture.size, "white")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        paper.paste(clear, mask=clear.getchannel("A"))
    else:
        paper.paste(picture.convert("RGB"))
    return paper
