"""The words of the data dictionary in Swedish and English."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.vocabulary.school_types import Language

WORDS: Mapping[Language, Mapping[str, str]] = {
    "sv": {
        "title": "Datakatalog",
        "about": "Tabellerna som evalkit håller, byggda ur schemat. Ändra aldrig filen för hand: kör `make docs`.",
        "intervals": "Intervall är halvöppna: slutet är dagen efter den sista. Koder och beteckningar är text.",
        "known": "Känd från säger när uppgiften fanns; det som blev känt senare syns aldrig i ett mått dessförinnan.",
        "restricted_means": "En skyddad kolumn visas bara sammanräknad och lämnar aldrig lagret rad för rad.",
        "key": "Nyckel",
        "known_from": "Känd från",
        "order": "Sorterad efter",
        "partition": "Uppdelning",
        "school_year": "en fil per läsår",
        "none": "ingen",
        "always": "alltid",
        "column": "Kolumn",
        "holds": "Innehåll",
        "type": "Typ",
        "unit": "Enhet",
        "codes": "Koder",
        "missing": "Får saknas",
        "refers": "Hänvisar till",
        "restricted": "Skyddad",
        "rules": "Regler",
        "checks": "Kontroller",
        "about_checks": "Det som `evalkit check` söker. Fel hindrar inläsningen; varningar måste analysen räkna med.",
        "yes": "ja",
        "no": "nej",
        "read_as": "nej, läses som {default}",
        "unknown_unless": "ja, okänd där {known_if} är falskt",
        "if_there": "{references}, om tabellen finns",
        "like": "såsom {example}",
        "identity_person": "pseudonym för en person",
        "identity_staff": "pseudonym för personal",
        "from_to": "{minimum} till {maximum}",
        "at_least": "minst {minimum}",
        "warning": "(varning)",
    },
    "en": {
        "title": "Data dictionary",
        "about": "The tables that evalkit keeps, made from the schema. Never edit this file by hand: run `make docs`.",
        "intervals": "Intervals are half-open: the end is the day after the last. Codes and identifiers are text.",
        "known": "Known from says when a fact existed; what became known later is in no measure before that.",
        "restricted_means": "A restricted column is shown in aggregates only and never leaves the store row by row.",
        "key": "Key",
        "known_from": "Known from",
        "order": "Sorted by",
        "partition": "Partition",
        "school_year": "one file per school year",
        "none": "none",
        "always": "always",
        "column": "Column",
        "holds": "What it holds",
        "type": "Type",
        "unit": "Unit",
        "codes": "Codes",
        "missing": "May be missing",
        "refers": "Refers to",
        "restricted": "Restricted",
        "rules": "Rules",
        "checks": "Checks",
        "about_checks": "What `evalkit check` looks for. Errors stop the import; analysis must reckon with warnings.",
        "yes": "yes",
        "no": "no",
        "read_as": "no, read as {default}",
        "unknown_unless": "yes, unknown where {known_if} is false",
        "if_there": "{references}, if the table is there",
        "like": "such as {example}",
        "identity_person": "pseudonym of a person",
        "identity_staff": "pseudonym of staff",
        "from_to": "{minimum} to {maximum}",
        "at_least": "at least {minimum}",
        "warning": "(warning)",
    },
}

TYPES: Mapping[Language, Mapping[str, str]] = {
    "sv": {"string": "text", "integer": "heltal", "number": "tal", "boolean": "ja eller nej", "date": "datum"},
    "en": {"string": "text", "integer": "integer", "number": "number", "boolean": "true or false", "date": "date"},
}

UNITS: Mapping[Language, Mapping[str, str]] = {
    "sv": {
        "minutes": "minuter",
        "minutes since midnight": "minuter efter midnatt",
        "persons": "personer",
        "hours": "timmar",
        "points": "poäng",
        "percent of full time": "procent av heltid",
        "events": "händelser",
    },
    "en": {
        unit: unit
        for unit in (
            "minutes",
            "minutes since midnight",
            "persons",
            "hours",
            "points",
            "percent of full time",
            "events",
        )
    },
}

RULES: Mapping[Language, Mapping[str, str]] = {
    "sv": {
        "not_more_than": "{left} är tillsammans högst {right}",
        "not_less_than": "{left} är tillsammans minst {right}",
        "end_after_start": "{end} är senare än {start}",
        "no_overlap": "intervallen från {start} till {end} med samma {per} överlappar inte varandra",
        "within_enrolment": "{date} ligger inom ett intervall i {of} med samma {per}",
        "when": "där {when} är sant",
        "tolerance": "med en tolerans på {tolerance}",
        "and": "och",
    },
    "en": {
        "not_more_than": "{left} together are at most {right}",
        "not_less_than": "{left} together are at least {right}",
        "end_after_start": "{end} is later than {start}",
        "no_overlap": "intervals from {start} to {end} with the same {per} do not overlap",
        "within_enrolment": "{date} lies within an interval of {of} with the same {per}",
        "when": "where {when} is true",
        "tolerance": "with a tolerance of {tolerance}",
        "and": "and",
    },
}
