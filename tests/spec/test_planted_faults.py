"""The checks find what the simulator planted, at the site where it planted it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from small_study import simulate_exports, small_params, write_study

from evalkit.studies.checking import check_study

FOUND_BY = {
    "duplicate_rows": {"duplicate_key"},
    "overlapping_enrolments": {"overlapping_intervals"},
    "attendance_outside_enrolment": {"outside_enrolment"},
    "missing_school": {"missing_reference", "unreadable_source"},
    "wrong_check_digit": {"unreadable_identity", "unreadable_source"},
    "late_registration": {"late_registration"},
    "minutes_too_many": {"sum_above_limit"},
    "uniform_attendance_class": {"uniform_attendance"},
    "routine_change": {"routine_change"},
}
"""Fault, and the checks of which at least one tells of it."""
SITES = ("ale", "goteborg", "lerum", "molndal")


@pytest.mark.slow
def test_every_planted_fault_is_found_where_it_is(tmp_path: Path) -> None:
    study = small_params(tmp_path)
    content = yaml.safe_load((study / "study.yml").read_text(encoding="utf-8"))
    names, missed = list(FOUND_BY), []
    while names:
        planted = {site: names.pop() for site in SITES if names}
        for site in SITES:
            content["simulation"]["sites"][site]["faults"] = [planted[site]] if site in planted else []
        write_study(study, content)
        simulate_exports(study, tmp_path / "data" / "skolanknytning")
        for done in check_study(study, tuple(planted), language="en"):
            found = {one.check for one in done.checked.findings}
            if not found & FOUND_BY[planted[done.site]]:
                missed.append((planted[done.site], done.site, sorted(found)))
    assert missed == []
