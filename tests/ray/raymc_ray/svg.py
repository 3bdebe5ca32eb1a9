"""A few shapes as SVG text, enough for the plots of a report."""

from __future__ import annotations

from html import escape

_STYLE = "text{font:12px sans-serif;fill:#333} .title{font-weight:bold;font-size:14px} .axis{stroke:#999;stroke-width:1} .grid{stroke:#e4e4e4;stroke-width:1}"


class Picture:
    """Collects shapes; coordinates are pixels."""

    def __init__(self, width: int, height: int, title: str) -> None:
        self._size = (width, height)
        self._title = title
        self._shapes = [f'<text class="title" x="12" y="22">{escape(title)}</text>']

    def line(self, x1: float, y1: float, x2: float, y2: float, style: str = "axis") -> None:
        self._shapes.append(f'<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')

    def bar(self, x: float, y: float, width: float, height: float, colour: str, tip: str) -> None:
        self._shapes.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.5):.1f}" height="{height:.1f}" fill="{colour}"><title>{escape(tip)}</title></rect>'
        )

    def dot(self, x: float, y: float, colour: str, tip: str) -> None:
        self._shapes.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"><title>{escape(tip)}</title></circle>')

    def text(self, x: float, y: float, words: str, anchor: str = "start") -> None:
        self._shapes.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>')

    def __str__(self) -> str:
        width, height = self._size
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(self._title)}">'
        return "\n".join([head, f"<style>{_STYLE}</style>", '<rect width="100%" height="100%" fill="#fff"/>', *self._shapes, "</svg>"]) + "\n"


def ticks(top: float) -> list[float]:
    """Round numbers from 0 to at least `top`, four to eight of them."""
    step = next(size * 10**power for power in range(-3, 6) for size in (1, 2, 5) if size * 10**power * 6 >= top)
    count = int(top / step + 0.999)
    return [round(step * index, 6) for index in range(max(count, 1) + 1)]
