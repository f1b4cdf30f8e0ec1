from __future__ import annotations

from shown_values import association, by_term, change, effect, flow, smallest

from evalkit.reports.labels import Words, without_no_break
from evalkit.reports.sentences import conclude
from evalkit.reports.sentences.headlines import headline_page, headline_what
from evalkit.reports.sentences.reading import read

SV = Words("sv")


def test_what_can_and_cannot_be_said() -> None:
    said = conclude((change(), effect(), association(), by_term()), SV)
    assert [without_no_break(text) for text in said.can] == [
        "Närvaron har ökat.",
        "Närvaron är högre när samma elevs skolanknytning är ett steg högre.",
        "Minst 96 % av lektionstiden är rapporterad varje termin, så det mesta är känt.",
    ]
    assert [without_no_break(text) for text in said.cannot] == [
        "Att det är projektet som har gjort skillnaden. Annat kan ha hänt under samma tid.",
        "Att dialogtorgen saknar betydelse. En effekt under 2,1 procentenheter kan finnas utan att vi ser den.",
        "Att det ena orsakar det andra, bara att närvaron och skolanknytningen följs åt.",
        "Hur det gick för enskilda elever eller mycket små grupper. De redovisas aldrig.",
    ]


def test_nothing_is_said_twice() -> None:
    said = conclude((change(), change(-1.0, -1.5, -0.5, outcome="high_absence")), SV)
    assert len(said.cannot) == len(set(said.cannot)) == 2


def test_no_clear_effect_is_never_no_effect() -> None:
    said = conclude((effect(detectable=None),), SV)
    assert any("kan finnas utan att vi ser den" in text for text in said.cannot)
    assert not any("ingen effekt" in text for text in said.can)


def test_low_coverage_is_something_that_cannot_be_said() -> None:
    from shown_values import COVERAGE, PERSONS, RATE, TERM, table

    rows = [("HT2021", 240, 0.9, 0.72), ("VT2022", 240, 0.9, 0.95)]
    said = conclude((table(rows, (TERM,), (PERSONS, RATE, COVERAGE)),), SV)
    assert any("72" in text for text in said.cannot)
    assert not said.can


def test_the_least_coverage_is_never_rounded_upwards() -> None:
    from shown_values import COVERAGE, PERSONS, RATE, TERM, table

    rows = [("HT2021", 240, 0.9, 0.939), ("VT2022", 240, 0.9, 0.97)]
    said = conclude((table(rows, (TERM,), (PERSONS, RATE, COVERAGE)),), SV)
    assert without_no_break(said.can[0]).startswith("Minst 93 % av lektionstiden")


def test_a_clear_effect_of_few_schools_has_no_cause() -> None:
    said = conclude((effect(1.8, 0.4, 3.0),), SV)
    assert said.can[0].startswith("Närvaron blev högre än väntat i de två skolorna")
    assert said.can[0].endswith("Varför kan vi inte säga.")


def test_included_share_comes_from_the_flow() -> None:
    assert without_no_break(conclude((flow(),), SV).can[0]) == "91 % av eleverna i urvalet ingår i analysen."


def test_what_would_make_us_surer() -> None:
    said = conclude((effect(), smallest(2.1), smallest(1.4, treated=5)), SV)
    assert without_no_break(said.surer) == (
        "Om fem skolor i stället för två höll dialogtorg skulle vi upptäcka effekter från 1,4 procentenheter "
        "i stället för 2,1."
    )
    assert conclude((effect(),), SV).surer.startswith("Fler skolor")


def test_the_page_takes_its_title_from_the_first_finding() -> None:
    title, lead = headline_page((change().value, effect().value), SV)  # type: ignore[arg-type]
    assert without_no_break(title) == "Närvaron ökade med 1,6 procentenheter"
    assert without_no_break(lead).endswith("Om dialogtorgen har bidragit kan vi inte avgöra.")
    title, _ = headline_page((change(0.1, -1.0, 1.2).value,), SV)  # type: ignore[arg-type]
    assert title == "Närvaron har inte ändrats tydligt"


def test_what_stands_above_each_finding() -> None:
    whats = [headline_what(read(one.value, SV)) for one in (change(), effect(), association())]  # type: ignore[arg-type]
    assert whats == [
        "Närvaron, procentenheter",
        "Två skolor jämförda med 28 andra, procentenheter",
        "Samma elev i olika terminer, procentenheter",
    ]
    people = change(-1.0, -2.0, -0.5, outcome="high_absence")
    assert headline_what(read(people.value, SV)) == "Elever med minst 15 procents frånvaro"  # type: ignore[arg-type]
