"""The renderer of choice: a real Quarto, given a project of its own."""

from evalkit.reports.quarto.project import ProjectFiles, quarto_project
from evalkit.reports.quarto.render import render_with_quarto

__all__ = ["ProjectFiles", "quarto_project", "render_with_quarto"]
