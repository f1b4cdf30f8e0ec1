"""Dialogue forums: which pupils go to a school that has held one, how much of it there was, and what was heard.

Nothing tells which pupils took part in a forum. Exposure and dose are those of the school that a person goes to;
participants and statements are counted per school and term, in tables of their own.
"""

from evalkit.measures.forums.exposure import dose, exposed, weeks_since_first
from evalkit.measures.forums.schools import held, statements

__all__ = ["dose", "exposed", "held", "statements", "weeks_since_first"]
