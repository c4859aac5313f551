"""What stands in the head of every page: a style sheet for marimo's own frame, from before the first cell has run."""

from __future__ import annotations

HEAD = """<style>
[data-testid="notebook-actions-dropdown"],.fixed.right-8{display:none!important}
[data-connection-state] .py-8:has(>.animate-spin)::after{content:"This page is being opened …";margin-top:12px;
 font:14px ui-sans-serif,system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif}
</style>
<style title="marimo">.mo-label,.mo-label select{max-width:100%;min-width:0}</style>"""
"""marimo's menu of actions has no name, and its download fails; the marks at the right edge name cells.

marimo copies a sheet of its own title into every widget: a list with long names would else leave a phone's screen.

marimo 0.25.2; tests/notebooks/test_daily_pages_in_the_browser.py.
"""
