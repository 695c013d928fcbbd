"""Drawn pictures for demo data: hills, towers, roads and phone screens, each marked DEMO.

The same words and seed give the same picture. Nothing here looks like a photo of a person
or of a real place.
"""

from __future__ import annotations

import io
import math
from itertools import pairwise
from random import Random
from typing import Final

from PIL import Image, ImageDraw, ImageFont, ImageOps

SCENE_SIZE: Final = (720, 960)
SCREEN_SIZE: Final = (540, 1_080)
THUMBNAIL_SIDE: Final = 240
QUALITY: Final = 78

Colour = tuple[int, int, int]

SKIES: Final[tuple[tuple[Colour, Colour], ...]] = (
    ((96, 150, 196), (214, 228, 236)),
    ((120, 140, 158), (206, 210, 212)),
    ((236, 170, 110), (250, 226, 190)),
)
GREENS: Final[tuple[Colour, ...]] = ((120, 152, 120), (84, 124, 84), (54, 96, 58), (36, 70, 40))
WHITE: Final = (255, 255, 255)
SOIL: Final = (150, 116, 84)
STEEL: Final = (110, 112, 118)


def draw_scene(kind: str, seed: int, caption: list[str]) -> Image.Image:
    """Return a landscape for a photo kind (site, tower, access_road, power, other)."""
    random = Random(seed)  # noqa: S311 - a picture, no secret
    image = _sky(random)
    draw = ImageDraw.Draw(image)
    _hills(draw, random)
    if kind == "tower":
        _tower(draw, random)
    elif kind == "access_road":
        _road(draw, random)
    elif kind == "power":
        _power_line(draw, random)
    else:
        _houses(draw, random)
    _caption(draw, caption)
    return image


def draw_proof_screen(carrier: str, technology: str, bars: int, lines: list[str]) -> Image.Image:
    """Return a phone's screen: status bar with carrier and bars, then what it tells."""
    image = Image.new("RGB", SCREEN_SIZE, (246, 247, 249))
    draw = ImageDraw.Draw(image)
    width, height = SCREEN_SIZE
    draw.rectangle((0, 0, width, 46), fill=(32, 36, 44))
    draw.text((16, 10), carrier, fill=WHITE, font=_font(22))
    draw.text((width - 200, 10), technology, fill=WHITE, font=_font(22))
    for bar in range(4):
        left = width - 130 + bar * 16
        top = 34 - 7 * (bar + 1)
        colour = WHITE if bar < bars else (92, 98, 110)
        draw.rectangle((left, top, left + 10, 34), fill=colour)
    draw.text((width - 52, 10), "47%", fill=WHITE, font=_font(20))
    draw.text((24, 80), "Status SIM", fill=(20, 24, 32), font=_font(34))
    for number, line in enumerate(lines):
        top = 160 + number * 92
        draw.line((24, top - 16, width - 24, top - 16), fill=(216, 219, 224))
        draw.text((24, top), line, fill=(48, 54, 64), font=_font(26))
    draw.text((24, height - 60), "DEMO", fill=(176, 40, 40), font=_font(30))
    return image


def encode_jpeg(image: Image.Image) -> bytes:
    """Return a picture as JPEG without any metadata."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()


def encode_thumbnail(image: Image.Image) -> bytes:
    """Return a small picture as JPEG, under the wire's 12 kB for a thumbnail."""
    small = image.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.BILINEAR)
    return encode_jpeg(small)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _sky(random: Random) -> Image.Image:
    top, bottom = random.choice(SKIES)
    gradient = Image.linear_gradient("L").resize(SCENE_SIZE)
    return ImageOps.colorize(gradient, top, bottom)


def _hills(draw: ImageDraw.ImageDraw, random: Random) -> None:
    width, height = SCENE_SIZE
    for layer, colour in enumerate(GREENS):
        base = height * (0.42 + 0.13 * layer) + random.uniform(-24, 24)
        waves = [
            (random.uniform(0.004, 0.016), random.uniform(0, math.tau), random.uniform(14, 58))
            for _ in range(3)
        ]
        ridge = [
            (x, base + sum(high * math.sin(x * often + shift) for often, shift, high in waves))
            for x in range(0, width + 12, 12)
        ]
        draw.polygon([(0, height), *ridge, (width, height)], fill=colour)


def _tower(draw: ImageDraw.ImageDraw, random: Random) -> None:
    foot, top = random.uniform(260, 460), random.uniform(180, 280)
    bottom = 720.0
    steps = 9
    for number in range(steps):
        low = bottom - (bottom - top) * number / steps
        high = bottom - (bottom - top) * (number + 1) / steps
        wide, narrow = 46 * (1 - number / steps) + 5, 46 * (1 - (number + 1) / steps) + 5
        left, right = (foot - wide, low), (foot + wide, low)
        upper_left, upper_right = (foot - narrow, high), (foot + narrow, high)
        for line in ((left, upper_left), (right, upper_right)):
            draw.line(line, fill=STEEL, width=4)
        for line in ((left, upper_right), (right, upper_left), (upper_left, upper_right)):
            draw.line(line, fill=STEEL, width=2)
    for side in (-1, 0, 1):
        panel = (foot + side * 18 - 5, top - 40, foot + side * 18 + 5, top + 24)
        draw.rectangle(panel, fill=WHITE)


def _road(draw: ImageDraw.ImageDraw, random: Random) -> None:
    width, height = SCENE_SIZE
    end = random.uniform(280, 440)
    near, far = (width * 0.12, width * 0.88), (end - 10, end + 10)
    horizon = height * 0.62
    draw.polygon(
        [(near[0], height), (far[0], horizon), (far[1], horizon), (near[1], height)], fill=SOIL
    )
    for _ in range(40):
        depth = random.random() ** 2
        x = end + random.uniform(-1, 1) * (10 + 0.36 * width * depth)
        y = horizon + (height - horizon) * depth
        size = 2 + 10 * depth
        draw.ellipse((x, y, x + size * 2, y + size), fill=(122, 94, 68))


def _power_line(draw: ImageDraw.ImageDraw, random: Random) -> None:
    tops = []
    for number in range(3):
        x = 110 + number * 250 + random.uniform(-20, 20)
        top = 330 + number * 30
        draw.line((x, top, x, 860), fill=(92, 74, 58), width=12)
        draw.line((x - 46, top + 26, x + 46, top + 26), fill=(92, 74, 58), width=8)
        tops.append((x, top + 26))
    for (x1, y1), (x2, y2) in pairwise(tops):
        sag = [(x1 + (x2 - x1) * t / 10, y1 + (y2 - y1) * t / 10 + t * (10 - t)) for t in range(11)]
        draw.line(sag, fill=(40, 40, 44), width=3)


def _houses(draw: ImageDraw.ImageDraw, random: Random) -> None:
    for _ in range(random.randint(2, 5)):
        x, y = random.uniform(40, 560), random.uniform(690, 840)
        size = random.uniform(60, 110)
        wall = (random.randint(150, 220), random.randint(120, 180), random.randint(100, 150))
        draw.rectangle((x, y, x + size, y + size * 0.6), fill=wall)
        # The roof of a rumah gadang rises at both ends.
        roof = [
            (x - 12, y - size * 0.5),
            (x + size * 0.25, y - size * 0.16),
            (x + size * 0.75, y - size * 0.16),
            (x + size + 12, y - size * 0.5),
            (x + size, y),
            (x, y),
        ]
        draw.polygon(roof, fill=(98, 48, 36))


def _caption(draw: ImageDraw.ImageDraw, caption: list[str]) -> None:
    width, height = SCENE_SIZE
    lines = ["DEMO - gambar, bukan foto", *caption]
    top = height - 20 - 30 * len(lines)
    draw.rectangle((0, top - 12, width, height), fill=(18, 22, 28))
    for number, line in enumerate(lines):
        draw.text((20, top + 30 * number), line, fill=WHITE, font=_font(22))
