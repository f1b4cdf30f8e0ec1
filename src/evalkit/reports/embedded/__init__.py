"""The renderer that needs nothing but wheels: pandoc, one pair of filters, Typst."""

from evalkit.reports.embedded.page import render_page
from evalkit.reports.embedded.pdf import render_pdf
from evalkit.reports.embedded.word import render_word

__all__ = ["render_page", "render_pdf", "render_word"]
