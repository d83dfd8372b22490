"""Draw what the benchmark `growth` measured: time against foreground pixels.

Both axes are logarithmic. The lines beside the points have slope 1 and go through the
last ones: work that grows with the pixels stays on them.
"""

from __future__ import annotations

from math import floor, log10
from pathlib import Path

FIGURE = Path(__file__).parents[1] / "docs" / "images" / "growth.svg"
WIDTH, HEIGHT = 560, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 90, 36, 50
BLUE, ORANGE = "#0072b2", "#d55e00"

Points = list[tuple[float, float]]


def read(table: str) -> tuple[Points, Points]:
    """Read (foreground in px, ms) of builds and of cuts from the benchmark's table."""
    rows = [line.split("|")[1:-1] for line in table.splitlines() if "x" in line[:9]]
    numbers = [[float(cell.replace(",", "")) for cell in row[1:]] for row in rows]
    return [(n[0], n[2]) for n in numbers], [(n[0], n[4]) for n in numbers]


def decades(values: list[float]) -> tuple[int, int]:
    """Give the powers of ten that enclose positive values."""
    return floor(log10(min(values))), floor(log10(max(values))) + 1


def draw(table: str) -> str:
    """Draw the figure as SVG."""
    builds, cuts = read(table)
    x0, x1 = decades([x for x, _ in builds])
    y0, y1 = decades([y for _, y in builds + cuts])

    def at(x: float, y: float) -> tuple[float, float]:
        across = (log10(x) - x0) / (x1 - x0) * (WIDTH - LEFT - RIGHT)
        up = (log10(y) - y0) / (y1 - y0) * (HEIGHT - TOP - BOTTOM)
        return round(LEFT + across, 1), round(HEIGHT - BOTTOM - up, 1)

    parts = []
    for power in range(x0, x1 + 1):
        x, y = at(10**power, 10**y0)
        parts += [line(x, TOP, x, y), text(x, y + 18, f"10{SMALL[power]}", "middle")]
    for power in range(y0, y1 + 1):
        x, y = at(10**x0, 10.0**power)
        parts += [line(x, y, WIDTH - RIGHT, y), text(x - 8, y + 4, f"{10.0**power:g}")]
    for name, points, colour in (("build", builds, BLUE), ("cut", cuts, ORANGE)):
        last_x, last_y = points[-1]
        # from where the line enters the figure
        begin = max(points[0][0], last_x * 10**y0 / last_y)
        ends = *at(begin, last_y * begin / last_x), *at(last_x, last_y)
        parts.append(line(*ends, colour, "4 3"))
        for x, y in (at(*point) for point in points):
            parts.append(f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>')
        x, y = at(last_x, last_y)
        parts.append(text(x + 10, y + 4, name, "start", colour))
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(text(middle, HEIGHT - 10, "foreground (px)", "middle"))
    parts.append(text(LEFT - 8, 18, "ms"))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
    style = 'font-family="sans-serif" font-size="13">'
    ground = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
    return "\n".join([head + style, ground, *parts, "</svg>", ""])


SMALL = dict(enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹"))


def line(
    x0: float, y0: float, x1: float, y1: float, colour: str = "#ddd", dash: str = ""
) -> str:
    """Write a line."""
    ends = f'x1="{x0}" y1="{y0}" x2="{x1}" y2="{y1}"'
    return f'<line {ends} stroke="{colour}" stroke-dasharray="{dash or "none"}"/>'


def text(
    x: float, y: float, words: str, anchor: str = "end", colour: str = "#333"
) -> str:
    """Write words."""
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}">{words}</text>'
    )
