from __future__ import annotations

import pytest

from evalkit.vocabulary import ss12000


def test_enumerations_are_exact() -> None:
    assert ss12000.enum("Person", "sex") == ("Man", "Kvinna", "Okänt")
    assert ss12000.enum("Person", "securityMarking") == ("Ingen", "Sekretessmarkering", "Skyddad folkbokföring")
    assert ss12000.enum("Grade", "semester") == ("HT", "VT")
    assert ss12000.named_enum("AbsenceEnum") == ("Beviljad ledighet", "Anmäld frånvaro")


def test_the_standards_misspellings_are_kept() -> None:
    assert ss12000.field("Enrolment", "enroledAt").required
    assert "Intruduktionsprogram" in ss12000.enum("Programme", "type")
    assert {"attendanceSchedule", "aggregatedAttendance", "studyplans"} <= set(ss12000.endpoints())


def test_required_fields_of_attendance() -> None:
    required = {field.name for field in ss12000.fields("Attendance") if field.required}
    assert required == {"id", "meta", "calendarEvent", "student", "isReported"}


def test_a_group_is_composed_of_its_two_schemas() -> None:
    names = [field.name for field in ss12000.fields("Group")]
    assert {"displayName", "groupType", "organisation", "groupMemberships"} <= set(names)
    assert len(names) == len(set(names))


def test_every_endpoint_serves_an_entity_that_exists() -> None:
    for entity in ss12000.endpoints().values():
        assert ss12000.fields(entity)
        assert entity in ss12000.entities()


def test_reported_activity_types_are_among_the_standards() -> None:
    assert set(ss12000.reported_activity_types()) < set(ss12000.enum("Activity", "activityType"))


def test_unknown_names_are_refused_with_those_known() -> None:
    with pytest.raises(KeyError, match="enroledAt"):
        ss12000.field("Enrolment", "enrolledAt")
    with pytest.raises(KeyError, match="no entity"):
        ss12000.fields("SchoolUnit")
    with pytest.raises(KeyError, match="does not enumerate"):
        ss12000.enum("Attendance", "absenceReason")
    with pytest.raises(KeyError, match="no enumeration"):
        ss12000.named_enum("DropoutReasonEnum")


def test_the_edition_is_told() -> None:
    assert "2.1.0" in ss12000.ss12000_provenance().source
