"""Eligibility, merit points and diplomas counted slowly, person by person, from what was known: a witness for tests.

Written from the rules alone, with numbers of its own; it shares no code with the measures.
"""

from __future__ import annotations

from datetime import date

Row = dict[str, object]
POINTS = {"A": 20.0, "B": 17.5, "C": 15.0, "D": 12.5, "E": 10.0}
BLOCKS = {"NO": ("BI", "FY", "KE"), "SO": ("GE", "HI", "RE", "SH")}
SAME = {"ENGE1000X": "ENGENG05", "ENGELSKA5": "ENGENG05", "MATE1A00X": "MATMAT01A", "SVASVA01": "SVESVE01"}
NEEDS = {
    "vocational": (8, ("SV", "EN", "MA")),
    "arts": (12, ("SV", "EN", "MA")),
    "social": (12, ("SV", "EN", "MA", "GE", "HI", "RE", "SH")),
    "science": (12, ("SV", "EN", "MA", "BI", "FY", "KE")),
}
CORE = ("SVESVE01", "ENGENG05", "MATMAT01", "GYAR")


def finished_year_9(person: str, rows: dict[str, list[Row]], end: date) -> date | None:
    """Return the 1 July after which a person is judged by final grades, if that was before ``end``."""
    theirs = [r for r in rows["enrolments"] if r["person_id"] == person and r["known_from"] < end and r["start"] < end]
    school = [r for r in theirs if r["school_type"] == "GR"]
    days = []
    for row in school:
        summer = date(row["start"].year + (row["start"].month >= 6), 7, 1)
        left = row["end"] if row["end"] is not None and row["end"] < end else date.max
        if row["year_group"] == 9 and row["start"] <= date(summer.year, 6, 1) < left and summer <= end:
            days.append(summer)
    if days:
        return max(days)
    finals = [r["registered"] for r in _grades(person, rows, end) if r["final"] and not r.get("course")]
    if school or not finals:
        return None
    first = min(finals)
    summer = date(first.year + (first.month >= 7), 7, 1)
    return summer if summer <= end else None


def counting_grades(person: str, rows: dict[str, list[Row]], end: date) -> dict[str, str]:
    """Return the letter that counts in each subject."""
    own: dict[str, tuple[object, ...]] = {}
    block: dict[str, tuple[object, ...]] = {}
    for row in _grades(person, rows, end):
        if not row["final"] or row.get("course"):
            continue
        told = (row["registered"], POINTS.get(str(row["grade"]), 0.0), row["grade"])
        subjects = BLOCKS.get(str(row["subject"]), (str(row["subject"]),))
        place = block if row["subject"] in BLOCKS else own
        for subject in subjects:
            place[subject] = max(place.get(subject, (date.min, 0.0, "")), told)
    letters = {subject: str(told[2]) for subject, told in (block | own).items()}
    second = letters.pop("SVA", None)
    if second is not None:
        first = letters.get("SV", "-")
        letters["SV"] = max(first, second, key=lambda letter: (POINTS.get(letter, 0.0), letter != "-"))
    return letters


def eligible(person: str, rows: dict[str, list[Row]], end: date, group: str) -> int | None:
    """Return whether final grades open a group of programmes; None where nobody judges yet."""
    if finished_year_9(person, rows, end) is None:
        return None
    passed = {subject for subject, letter in counting_grades(person, rows, end).items() if letter in POINTS}
    number, needed = NEEDS[group]
    return int(len(passed) >= number and passed >= set(needed))


def merit(person: str, rows: dict[str, list[Row]], end: date) -> float | None:
    """Return merit points; None for who is not judged or has no grade."""
    letters = counting_grades(person, rows, end)
    if finished_year_9(person, rows, end) is None or all(letter == "-" for letter in letters.values()):
        return None
    points = {subject: POINTS.get(letter, 0.0) for subject, letter in letters.items()}
    languages = [worth for subject, worth in points.items() if subject.startswith("M2")]
    others = sorted((worth for subject, worth in points.items() if not subject.startswith("M2")), reverse=True)
    return sum(others[:16]) + max(languages, default=0.0)


def diploma_day(person: str, rows: dict[str, list[Row]]) -> date | None:
    """Return the first day on which what was known makes a diploma, tried day by day."""
    theirs = [r for r in rows["grades"] if r["person_id"] == person and r.get("course")]
    for day in sorted({max(r["registered"], r["known_from"]) for r in theirs}):
        if _makes_diploma(
            [r for r in theirs if max(r["registered"], r["known_from"]) <= day], _begun(person, rows, day)
        ):
            return day
    return None


def _makes_diploma(grades: list[Row], kind: str) -> bool:
    graded: dict[str, float] = {}
    passed: dict[str, float] = {}
    for row in grades:
        code = SAME.get(str(row["course"]).upper(), str(row["course"]).upper())
        if code.startswith("GRN"):
            continue
        if row["grade"] != "-":
            graded[code] = float(str(row["points"]))
        if row["grade"] in POINTS:
            passed[code] = float(str(row["points"]))
    plan = max((float(str(r["plan_points"])) for r in grades if r["plan_points"] is not None), default=2500.0)
    whole = 2400.0 if kind == "adult" else plan
    needed = [*CORE, "SVESVE02"] if kind == "preparatory" else CORE
    core = all(any(code.startswith(each) for code in passed) for each in needed)
    return core and sum(graded.values()) >= whole and sum(passed.values()) >= 2250


def _begun(person: str, rows: dict[str, list[Row]], day: date) -> str:
    begun = []
    for row in (*rows["enrolments"], *rows["courses"]):
        since = max(row["start"], row["known_from"])
        if row["person_id"] == person and since <= day and row["school_type"] in ("GY", "VUXGY"):
            kinds = {"BA": "vocational", "NANAT": "preparatory", "IMV": "introductory"}
            kind = "adult" if row["school_type"] == "VUXGY" else kinds.get(str(row.get("programme")), "unknown")
            begun.append((-since.toordinal(), kind))
    return min(begun)[1] if begun else "unknown"


def _grades(person: str, rows: dict[str, list[Row]], end: date) -> list[Row]:
    theirs = [row for row in rows["grades"] if row["person_id"] == person]
    return [row for row in theirs if row["known_from"] < end and row["registered"] < end]
