"""A domain model of Swedish school careers, from preschool to adult education, with a known truth."""

from evalkit.sources.simulation.careers.draw import Careers, draw_careers

__all__ = ["Careers", "draw_careers"]
