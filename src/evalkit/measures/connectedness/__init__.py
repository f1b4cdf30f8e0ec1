"""School connectedness as pupils answer it in the survey.

Of the four dimensions two can be seen by others: the behavioural and the academic one are also told by records
(attendance, punctuality, incidents; grades and courses), and instruments such as the SEI ask about the affective and
the cognitive one alone. Here a dimension is measured only where a survey asks about it; what records tell is measured
by `attendance`, `progression` and `completion`, and no item is made up from them.
"""

from evalkit.measures.connectedness.instruments import own_instrument
from evalkit.measures.connectedness.moments import item_moments
from evalkit.measures.connectedness.responses import dont_know_share, response_rate, share_positive
from evalkit.measures.connectedness.scores import index

__all__ = ["dont_know_share", "index", "item_moments", "own_instrument", "response_rate", "share_positive"]
