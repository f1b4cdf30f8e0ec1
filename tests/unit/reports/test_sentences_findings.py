from __future__ import annotations

import math
from dataclasses import replace

import pytest
from shown_values import association, change, effect, smallest

from evalkit.reports.labels import Words, without_no_break
from evalkit.reports.sentences import certainty_of, find, read, verdict_of
from evalkit.reports.sentences.findings import topic_lead
from evalkit.values import Protected

SV, EN = Words("sv"), Words("en")


def text(protected: Protected, words: Words = SV) -> str:
    return without_no_break(find(protected.value, words).text)  # type: ignore[arg-type]


def judged(protected: Protected) -> tuple[str, int, str]:
    reading = read(protected.value, SV)  # type: ignore[arg-type]
    verdict = verdict_of(reading)
    certainty = certainty_of(reading, verdict)
    return verdict, certainty.bars, without_no_break(certainty.reason)


def test_increased() -> None:
    assert text(change()) == (
        "Närvaron ökade med 1,6 procentenheter från 88,7 % höstterminen 2021 till 90,3 % höstterminen 2024. "
        "Värden mellan 0,8 och 2,4 stämmer väl med våra data."
    )
    assert text(change(), EN) == (
        "Attendance rose by 1.6 percentage points from 88.7% in autumn 2021 to 90.3% in autumn 2024. "
        "Values between 0.8 and 2.4 fit our data well."
    )


def test_decreased() -> None:
    fall = change(-2.7, -5.0, -0.4, outcome="high_absence", levels=(18.4, 15.7))
    assert text(fall) == (
        "Andelen elever med hög frånvaro minskade med 2,7 procentenheter från 18,4 % höstterminen 2021 till 15,7 % "
        "höstterminen 2024. Minskningen kan vara så liten som 0,4 eller så stor som 5,0 procentenheter."
    )


def test_no_clear_change() -> None:
    assert text(effect()) == (
        "Vi ser ingen tydlig skillnad. Närvaron blev 0,8 procentenheter högre än väntat i de två skolorna med "
        "dialogtorg, men allt från 0,7 lägre till 2,4 högre stämmer med våra data."
    )


def test_too_little_data_is_said_in_whole_numbers() -> None:
    wide = effect(2.1, -9.2, 13.1, details=(("largest_plausible_effect", 1.0),))
    assert text(wide) == (
        "För lite data. Osäkerheten är mycket stor: från 9 lägre till 13 högre, räknat i procentenheter."
    )


def test_the_plausible_bound_is_about_attendance_alone() -> None:
    facts = (("detectable_effect", 2.1), ("largest_plausible_effect", 1.0))
    about = [replace(change(outcome=outcome).value, details=facts) for outcome in ("attendance_rate", "high_absence")]  # type: ignore[type-var]
    bounded, free = (find(one, SV) for one in about)  # type: ignore[arg-type]
    assert (bounded.verdict, free.verdict) == ("too_little", "increased")
    assert bounded.certainty is not None
    assert bounded.certainty.reason.startswith("Bara förändringar över 2,1 procentenheter skulle märkas")


def test_no_end_is_rounded_to_nothing() -> None:
    assert "från 12,1 lägre till 0,2 högre" in text(change(-6.0, -12.1, 0.2))


def test_an_association_is_never_a_cause() -> None:
    said = text(association())
    assert said.startswith("Närvaron är 2,1 procentenheter högre när samma elevs skolanknytning är ett steg högre")
    assert "ökade" not in said
    assert judged(association())[2] == "Det gäller sambandet, inte vad som orsakar vad."


def test_a_change_is_never_called_effect() -> None:
    for protected in (change(), change(-1.0, -2.0, -0.1), change(0.2, -1.0, 1.0)):
        assert "effekt" not in text(protected)
        assert "effect" not in text(protected, EN)


def test_what_differs_by_nothing_is_said_to_be_the_same() -> None:
    assert "Närvaron blev som väntat" in text(effect(0.01, -1.5, 1.5))


def test_the_smallest_effect() -> None:
    assert text(smallest()) == (
        "Effekter under 2,1 procentenheter kan vi lätt missa. Med två skolor behöver effekten vara minst "
        "2,1 procentenheter för att vi ska upptäcka den i åtta fall av tio."
    )
    assert text(smallest(None)) == "Ingen rimlig effekt är stor nog för att vi ska upptäcka den."


@pytest.mark.parametrize(
    ("protected", "verdict", "bars"),
    [
        (change(1.6, 0.8, 2.4), "increased", 3),
        (change(1.6, 0.1, 3.1), "increased", 2),
        (change(1.6, 0.8, 2.4, coverage=0.7), "increased", 2),
        (change(1.6, 0.8, 2.4, clusters=4), "increased", 2),
        (change(-1.6, -2.4, -0.8), "decreased", 3),
        (change(0.2, -1.0, 1.4), "unclear", 1),
        (effect(3.0, 2.0, 4.0), "increased", 1),
        (effect(3.0, 2.0, 4.0, treated=8), "increased", 3),
        (effect(0.8, -0.7, 2.4), "unclear", 1),
        (effect(persons=9), "too_little", 0),
        (effect(treated=1), "too_little", 0),
        (effect(0.8, -math.inf, 2.4), "too_little", 0),
        (effect(None), "too_little", 0),
        (effect(details=(("largest_plausible_effect", 2.0),)), "too_little", 0),
        (effect(details=(("largest_plausible_effect", 5.0),)), "unclear", 1),
    ],
)
def test_verdict_and_certainty_follow_one_rule(protected: Protected, verdict: str, bars: int) -> None:
    assert judged(protected)[:2] == (verdict, bars)


def test_zero_at_the_very_end_of_the_interval_is_no_clear_change() -> None:
    assert judged(change(0.8, 0.0, 1.6))[0] == "unclear"


def test_reasons_name_what_could_be_missed_and_who_is_missing() -> None:
    assert judged(effect())[2] == (
        "Bara 2 av 30 skolor höll dialogtorg. Effekter under 2,1 procentenheter kan vi lätt missa."
    )
    partly = effect(details=(("sites_missing", "lerum, molndal"),))
    assert judged(partly)[0] == "unclear"
    assert judged(partly)[2].endswith("kan vi lätt missa. Uppgifter saknas från Lerum och Mölndal.")
    alone = effect(None, details=(("sites_missing", "goteborg, lerum, molndal"),))
    assert judged(alone) == ("too_little", 0, "Uppgifter saknas från Göteborg, Lerum och Mölndal.")
    assert text(alone) == "Studien kan inte svara än. Svaret bygger på alla kommuner i studien tillsammans."
    assert judged(change())[2] == "Det gäller att närvaron ökade, inte varför."


def test_open_ends_are_said_in_words() -> None:
    assert "från 0,7 lägre och uppåt" in text(effect(0.8, -0.7, math.inf))
    assert "från 2,4 högre och nedåt" in text(effect(0.8, -math.inf, 2.4))
    assert text(effect(0.8, -math.inf, math.inf)) == "För lite data. Det går inte att säga hur stor osäkerheten är."


def test_under_a_heading_every_sentence_is_whole() -> None:
    found = [find(one.value, SV).own for one in (effect(3.0, 2.0, 4.0), association(), change(), change(levels=None))]  # type: ignore[arg-type]
    assert [without_no_break(own.split(". ")[0]) for own in found] == [
        "Det gäller de två skolorna med dialogtorg, jämfört med andra skolor",
        "Varje elev jämförs med sig själv i en annan termin",
        "Från 88,7 % höstterminen 2021 till 90,3 % höstterminen 2024",
        "Det är förändringen från höstterminen 2021 till höstterminen 2024",
    ]


def test_leads_that_stand_alone_say_what_they_are_about() -> None:
    reading = read(effect().value, SV)  # type: ignore[arg-type]
    assert topic_lead(find(effect().value, SV), reading) == "Dialogtorgen: ingen tydlig skillnad"  # type: ignore[arg-type]


def test_shares_are_read_as_percentage_points() -> None:
    from dataclasses import replace

    from evalkit.values import Segment

    value = replace(change().value, unit="share", value=0.016, interval=(Segment(0.008, 0.024),))  # type: ignore[type-var]
    assert text(change()).split(" från ")[0] == without_no_break(find(value, SV).lead)  # type: ignore[arg-type]
