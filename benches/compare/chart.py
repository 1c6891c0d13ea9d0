"""A bar chart as SVG, for light and dark pages."""

import math
from xml.sax.saxutils import escape

WIDTH, ROW, LEFT, RIGHT = 760, 34, 300, 90


def chart(ratios):
    """Bars of how many times as long as the first; the scale is logarithmic."""
    most = max(ratio for _, ratio in ratios)
    scale = (WIDTH - LEFT - RIGHT) / math.log10(max(most, 10) * 2)
    height = ROW * len(ratios) + 60
    rows = []
    for index, (name, ratio) in enumerate(ratios):
        top = 40 + index * ROW
        width = max(2.0, math.log10(ratio * 2) * scale)
        kind = "own" if name == "bluejayctl" else "other"
        rows.append(
            f'<text class="name" x="{LEFT - 10}" y="{top + 16}">{escape(name)}</text>'
            f'<rect class="{kind}" x="{LEFT}" y="{top}" width="{width:.1f}" height="22" rx="3"/>'
            f'<text x="{LEFT + width + 8:.1f}" y="{top + 16}">{ratio:.1f}</text>'
        )
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"
     aria-label="How many times as long as bluejayctl">
<style>
text {{ font: 13px system-ui, sans-serif; fill: #24292f }}
.name {{ text-anchor: end }}
.title {{ font-weight: 600 }}
.own {{ fill: #1a7f37 }}
.other {{ fill: #8c959f }}
@media (prefers-color-scheme: dark) {{
  text {{ fill: #e6edf3 }}
  .own {{ fill: #3fb950 }}
  .other {{ fill: #6e7681 }}
}}
</style>
<text class="title" x="10" y="22">Times as long as bluejayctl, whole processes (logarithmic)</text>
{chr(10).join(rows)}
</svg>
"""
