"""Charts as SVG, drawn in this process; nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from workbench.reports.extras import optional

_FONTS = re.compile(r'font-family="[^"]*"')


def svg(specification: Mapping[str, Any], number: int) -> str:
    """A Vega-Lite chart as one SVG element.

    Args:
        number: makes the ids inside it unlike those of other charts of the page.
    """
    vl_convert = optional("vl_convert", "report", "The report's charts")
    drawn = str(vl_convert.vegalite_to_svg(dict(specification), allowed_base_urls=[]))
    named = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>chart{number}-", drawn)
    return _FONTS.sub('font-family="sans-serif"', named)
