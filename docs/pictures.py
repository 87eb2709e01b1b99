"""Draw the pictures of the README: the running program on a pseudo-terminal, as PNG.

    pip install '.[pictures]' && python docs/pictures.py

Needs Debian's fonts-dejavu-core (or any DejaVuSansMono.ttf that --font names).
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import select
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyte
from PIL import Image, ImageDraw, ImageFont

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"
CELL = (10, 20)
INK, PAPER = "#e0e0e0", "#121212"
PATIENCE = 60.0  # seconds until a text must be on the screen
KEYS = {"space": " ", "enter": "\r", "down": "\x1b[B", "up": "\x1b[A"}

# name, size, arguments, and what is done: a text to wait for, or @ and a key to press
PICTURES: tuple[tuple[str, tuple[int, int], list[str], list[str]], ...] = (
    ("course", (100, 30), [], ["The ReLU net of the question", "9 min"]),
    ("chain-explodes", (80, 24), ["goodfellow-chain"], ["‖∂J/∂W‖", "@space", "step 1 ", "@space", "DIVERGED"]),
    (
        "chain-normalized",
        (120, 40),
        ["goodfellow-chain"],
        ["‖∂J/∂W‖", "@b", "BN on", "@space", "step 1 ", "@space", "step 2 ", "@space", "step 3 "],
    ),
    (
        "sigmoid-normalized",
        (120, 40),
        ["sigmoid-net"],
        ["‖∂J/∂W‖", "@space", "step 1 ", "@space", "step 2 ", "@b", "BN on", "@5", "BN(z)", "@space", "step 3 "],
    ),
)


def main() -> None:
    """Write every picture into the folder of this file, or into another."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--font", default=FONT)
    parser.add_argument("--into", type=Path, default=Path(__file__).parent, metavar="FOLDER")
    options = parser.parse_args()
    for name, size, arguments, deeds in PICTURES:
        screen = played([sys.executable, "-m", "bntui", *arguments], size, deeds)
        path = options.into / f"{name}.png"
        drawn(screen, ImageFont.truetype(options.font, 16)).save(path, optimize=True)
        print(path.name)


def played(command: list[str], size: tuple[int, int], deeds: list[str]) -> pyte.Screen:
    """The screen after the deeds are done, one after another."""
    columns, rows = size
    screen = pyte.Screen(columns, rows)
    stream = pyte.ByteStream(screen)
    with tempfile.TemporaryDirectory() as home:  # where nothing was done before
        tree = str(Path(__file__).resolve().parents[1])
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "HOME": home}
        process, terminal = pty.fork()
        if process == 0:
            os.execvpe(command[0], command, {**environment, "PYTHONPATH": tree})
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        for deed in deeds:
            if deed.startswith("@"):
                os.write(terminal, KEYS.get(deed[1:], deed[1:]).encode())
            else:
                read_until(terminal, stream, partial(shows, screen, deed))
        read_until(terminal, stream, lambda: not select.select([terminal], [], [], 0.5)[0])
        os.write(terminal, b"q")
        os.waitpid(process, 0)
    return screen


def shows(screen: pyte.Screen, text: str) -> bool:
    """Whether a text is on the screen."""
    return text in "\n".join(screen.display)


def read_until(terminal: int, stream: pyte.ByteStream, done: Callable[[], bool]) -> None:
    """Feed the screen until it shows what is waited for. Raises TimeoutError."""
    end = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > end:
            raise TimeoutError("the screen never showed what was waited for")
        if select.select([terminal], [], [], 0.05)[0]:
            stream.feed(os.read(terminal, 1 << 16))


def drawn(screen: pyte.Screen, font: ImageFont.FreeTypeFont) -> Image.Image:
    """The screen as an image, a box of ten by twenty a character."""
    width, height = CELL
    image = Image.new("RGB", (screen.columns * width, screen.lines * height), PAPER)
    pen = ImageDraw.Draw(image)
    for row in range(screen.lines):
        for column in range(screen.columns):
            cell = screen.buffer[row][column]
            box = (column * width, row * height, (column + 1) * width - 1, (row + 1) * height - 1)
            if cell.bg != "default":
                pen.rectangle(box, fill=f"#{cell.bg}")
            ink = INK if cell.fg == "default" else f"#{cell.fg}"
            draw_cell(pen, cell.data, box, ink, font)
    return image


def draw_cell(
    pen: ImageDraw.ImageDraw, glyph: str, box: tuple[int, int, int, int], ink: str, font: ImageFont.FreeTypeFont
) -> None:
    """One character; blocks and braille are drawn as shapes, for fonts leave gaps between them."""
    left, top, right, bottom = box
    code = ord(glyph[0]) if glyph else 32
    if 0x2581 <= code <= 0x2588:
        pen.rectangle((left, bottom + 1 - (code - 0x2580) * (bottom - top + 1) // 8, right, bottom), fill=ink)
    elif 0x2800 <= code <= 0x28FF:
        for bit, (column, row) in enumerate(((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))):
            if (code - 0x2800) >> bit & 1:
                x, y = left + 1 + 5 * column, top + 1 + 5 * row
                pen.rectangle((x, y, x + 2, y + 2), fill=ink)
    elif glyph.strip():
        pen.text((left, top), glyph, font=font, fill=ink)


if __name__ == "__main__":
    main()
