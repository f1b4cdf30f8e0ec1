"""The invented rows of ``params/distansuniversitet/data``, in the form of the OULAD.

No student exists; names of files and headings are those of Kuzilek, Hlosta and Zdrahal, "Open University Learning
Analytics dataset", Scientific Data 4 (2017), 170171. Run this file to write the data anew.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "params" / "distansuniversitet" / "data"
STUDENTS = 40
LENGTHS = {("AAA", "2013J"): 268, ("BBB", "2014B"): 234, ("AAA", "2014J"): 269}
SITES = {"AAA": (546614, 546652, 546667), "BBB": (703721, 703732)}
ASSESSMENTS = {("AAA", "2013J"): (1752, 1753), ("BBB", "2014B"): (14991, 14992), ("AAA", "2014J"): (1758, 1759)}
DUE = (19, 117)
RESULTS = ("Pass", "Pass", "Pass", "Distinction", "Fail", "Withdrawn", "Withdrawn")
Rows = list[list[str]]


def files() -> dict[str, Rows]:
    """Return the rows of every file, headings first."""
    made: dict[str, Rows] = {
        "courses": [["code_module", "code_presentation", "module_presentation_length"]],
        "assessments": [["code_module", "code_presentation", "id_assessment", "assessment_type", "date", "weight"]],
        "vle": [["id_site", "code_module", "code_presentation", "activity_type", "week_from", "week_to"]],
        "studentInfo": [INFO.split()],
        "studentRegistration": [
            ["code_module", "code_presentation", "id_student", "date_registration", "date_unregistration"]
        ],
        "studentAssessment": [["id_assessment", "id_student", "date_submitted", "is_banked", "score"]],
        "studentVle": [["code_module", "code_presentation", "id_student", "id_site", "date", "sum_click"]],
        "presentations": [["code_presentation", "first_day", "term"]],
    }
    made["presentations"] += [
        ["2013J", "2013-10-01", "HT2013"],
        ["2014B", "2014-02-01", "VT2014"],
        ["2014J", "2014-10-01", "HT2014"],
    ]
    for (module, presentation), length in LENGTHS.items():
        where = [module, presentation]
        made["courses"].append([*where, str(length)])
        for number, day in zip(ASSESSMENTS[module, presentation], DUE, strict=True):
            made["assessments"].append([*where, str(number), "TMA", str(day), "50"])
        made["vle"] += [[str(site), *where, "oucontent", "", ""] for site in SITES[module]]
    chance = random.Random(170171)
    for person in range(STUDENTS):
        _add_student(made, 11_391 + 137 * person, chance)
    return made


INFO = (
    "code_module code_presentation id_student gender region highest_education imd_band age_band "
    "num_of_prev_attempts studied_credits disability final_result"
)


def _add_student(made: dict[str, Rows], student: int, chance: random.Random) -> None:
    gender = chance.choice("FM")
    taken = chance.choice(list(LENGTHS))
    again = taken == ("AAA", "2013J") and chance.random() < 0.4
    for attempt, (module, presentation) in enumerate([taken, ("AAA", "2014J")] if again else [taken]):
        where, result = [module, presentation], "Fail" if again and not attempt else chance.choice(RESULTS)
        background = [gender, "North Region", "HE Qualification", "50-60%", "35-55", str(attempt), "60", "N", result]
        left = chance.randint(-10, 150) if result == "Withdrawn" else None
        registered = str(chance.randint(-90, -12))
        made["studentInfo"].append([*where, str(student), *background])
        made["studentRegistration"].append([*where, str(student), registered, "" if left is None else str(left)])
        until = LENGTHS[module, presentation] if left is None else left
        made["studentVle"] += [[*where, str(student), *click] for click in _clicks(module, until, chance)]
        for number, day in zip(ASSESSMENTS[module, presentation], DUE, strict=True):
            if day < until:
                score = chance.randint(15, 39) if result == "Fail" else chance.randint(40, 100)
                handed_in = str(day - chance.randint(0, 3))
                made["studentAssessment"].append([str(number), str(student), handed_in, "0", str(score)])


def _clicks(module: str, until: int, chance: random.Random) -> Iterator[list[str]]:
    for day in sorted(chance.sample(range(-5, 230), 12)):
        if day < until:
            for site in sorted(chance.sample(SITES[module], chance.randint(1, 2))):
                yield [str(site), str(day), str(chance.randint(1, 24))]


def write(folder: Path) -> None:
    """Write the files as the data set has them: commas, every text in quotation marks, UTF-8."""
    for name, rows in files().items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    write(FOLDER)
