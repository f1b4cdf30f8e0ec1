"""Words of the field and the schema, as dated data with source and certainty, and thin typed readers."""

from evalkit.vocabulary import ss12000
from evalkit.vocabulary.absence_bands import (
    AbsenceBand,
    absence_band_of,
    absence_band_provenance,
    absence_bands,
)
from evalkit.vocabulary.absence_thresholds import (
    FIRST_THRESHOLDS,
    AbsenceThreshold,
    absence_threshold,
    absence_thresholds,
)
from evalkit.vocabulary.calendar import Closure, Holiday, SchoolCalendar, easter, holidays, school_calendar
from evalkit.vocabulary.certainty import Certainty, Provenance
from evalkit.vocabulary.connectedness import (
    AnswerScale,
    Dimension,
    answer_scale,
    dimension,
    dimensions,
    label_set_provenance,
)
from evalkit.vocabulary.identity import (
    IdentityError,
    IdentityNumber,
    check_digit,
    explain_fault,
    normalise,
    read_identity,
    sex_of,
    test_number,
)
from evalkit.vocabulary.municipalities import Municipality, counties, municipalities, municipality
from evalkit.vocabulary.school_types import SchoolType, school_type, school_types
from evalkit.vocabulary.terms import SchoolYear, Term, school_year, school_year_of, term, term_of, terms_of

__all__ = [
    "FIRST_THRESHOLDS",
    "AbsenceBand",
    "AbsenceThreshold",
    "AnswerScale",
    "Certainty",
    "Closure",
    "Dimension",
    "Holiday",
    "IdentityError",
    "IdentityNumber",
    "Municipality",
    "Provenance",
    "SchoolCalendar",
    "SchoolType",
    "SchoolYear",
    "Term",
    "absence_band_of",
    "absence_band_provenance",
    "absence_bands",
    "absence_threshold",
    "absence_thresholds",
    "answer_scale",
    "check_digit",
    "counties",
    "dimension",
    "dimensions",
    "easter",
    "explain_fault",
    "holidays",
    "label_set_provenance",
    "municipalities",
    "municipality",
    "normalise",
    "read_identity",
    "school_calendar",
    "school_type",
    "school_types",
    "school_year",
    "school_year_of",
    "sex_of",
    "ss12000",
    "term",
    "term_of",
    "terms_of",
    "test_number",
]
