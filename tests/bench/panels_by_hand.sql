-- All attendance measures by person and period, as somebody would write them by hand for this store: lessons are known
-- on their day, and every period lies in one school year. Needs the macro period_of(day), the first day of its period,
-- and the table periods(period, start, until), both in panels_by_hand.py.
WITH lesson AS NOT MATERIALIZED (
    SELECT person_id, date, period_of(date) AS period, school_id, class_id, start_minute, mode, reason, reported,
        isodow(date) AS weekday,
        minutes_offered AS offered,
        if(reported, minutes_offered, 0) AS told,
        if(reported, coalesce(minutes_attended, 0), 0) AS attended,
        if(reported, coalesce(minutes_other, 0), 0) AS other,
        if(reported, coalesce(minutes_valid_absence, 0), 0) AS valid,
        if(reported, coalesce(minutes_invalid_absence, 0), 0) AS invalid,
        attended + other AS present,
        valid + invalid AS absent
    FROM attendance
),
sums AS (
    SELECT person_id, period,
        sum(offered) AS offered_minutes,
        sum(told) AS reported_minutes,
        sum(present) AS present_minutes,
        sum(attended) AS attended_minutes,
        sum(other) AS other_minutes,
        sum(valid) AS valid_absence_minutes,
        sum(invalid) AS invalid_absence_minutes,
        sum(if(mode = 'campus', offered, 0)) AS offered_minutes_campus,
        sum(if(mode = 'campus', told, 0)) AS reported_minutes_campus,
        sum(if(mode = 'campus', present, 0)) AS present_minutes_campus,
        sum(if(mode = 'online', offered, 0)) AS offered_minutes_online,
        sum(if(mode = 'online', told, 0)) AS reported_minutes_online,
        sum(if(mode = 'online', present, 0)) AS present_minutes_online,
        sum(if(weekday IN (1, 5), offered, 0)) AS offered_minutes_weekdays_1_5,
        sum(if(weekday IN (1, 5), told, 0)) AS reported_minutes_weekdays_1_5,
        sum(if(weekday IN (1, 5), present, 0)) AS present_minutes_weekdays_1_5,
        sum(if(reason = 'physical_illness', absent, 0)) AS reason_minutes_physical_illness,
        sum(if(reason IS NOT NULL, absent, 0)) AS any_reason_minutes_physical_illness,
        sum(if(weekday IN (1, 5), absent, 0)) AS monday_friday_absent_minutes,
        sum(if(mode <> 'unknown', offered, 0)) AS known_mode_minutes,
        sum(if(present > 0 AND absent = 0, 1, 0)) AS on_time_lessons,
        sum(if(present > 0 AND absent <= 20, 1, 0)) AS timed_lessons,
        sum(if(reported, 1, 0)) AS punctuality_reported,
        count(*) AS punctuality_lessons
    FROM lesson GROUP BY ALL
),
day AS (
    SELECT person_id, date, min(start_minute) AS start_minute,
        sum(told) > 0 AS known,
        sum(present) > 0 AS there,
        sum(absent) AS absent,
        sum(if(mode = 'online', present, 0)) > 0 AS online
    FROM lesson GROUP BY ALL
),
firsts AS (
    SELECT person_id, period,
        sum(offered) AS offered_minutes_first,
        sum(told) AS reported_minutes_first,
        sum(present) AS present_minutes_first,
        sum(if(present > 0 AND absent = 0, 1, 0)) AS on_time_lessons_first,
        sum(if(present > 0 AND absent <= 20, 1, 0)) AS timed_lessons_first,
        sum(if(reported, 1, 0)) AS punctuality_reported_first,
        count(*) AS punctuality_lessons_first
    FROM lesson SEMI JOIN day USING (person_id, date, start_minute) GROUP BY ALL
),
days AS (
    SELECT person_id, period_of(date) AS period,
        count(*) AS days,
        sum(if(known, 1, 0)) AS known_days,
        sum(if(known AND NOT there, 1, 0)) AS absent_days
    FROM day GROUP BY ALL
),
active AS (
    SELECT person_id, period_of(date) AS period, count(*) AS activity_days
    FROM (
        SELECT person_id, date FROM checkins WHERE direction = 'activity'
        UNION
        SELECT person_id, date FROM day WHERE online
    )
    GROUP BY ALL
),
counted AS (
    SELECT person_id, date, year(date + INTERVAL 184 DAY) AS school_year, there, absent = 0 AS whole,
        sum(if(there, 0, 1)) OVER known_days AS away,
        sum(if(absent = 0, 1, 0)) OVER known_days AS wholes
    FROM day WHERE known
    WINDOW known_days AS (PARTITION BY person_id, year(date + INTERVAL 184 DAY) ORDER BY date)
),
ran AS (
    SELECT person_id, date, school_year, there,
        away - coalesce(max(if(there, away, NULL)) OVER until_today, 0) AS spell,
        wholes - coalesce(max(if(whole, NULL, wholes)) OVER until_today, 0) AS streak,
        away - coalesce(max(if(there, away, NULL)) OVER before, 0) AS spell_before,
        max(if(there, date, NULL)) OVER before AS last_there
    FROM counted
    WINDOW
        until_today AS (PARTITION BY person_id, school_year ORDER BY date),
        before AS (
            PARTITION BY person_id, school_year ORDER BY date ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )
),
spells AS (
    SELECT person_id, period_of(date) AS period,
        max(spell) AS longest_spell,
        sum(if(spell = 1 AND NOT there, 1, 0)) AS spells,
        if(max(spell) >= 5, 1, 0) AS long_spell_5,
        if(max(spell) >= 10, 1, 0) AS long_spell_10,
        max(streak) AS longest_streak
    FROM ran GROUP BY ALL
),
about AS (SELECT DISTINCT person_id, date FROM contacts WHERE about = 'absence'),
answers AS (
    SELECT about.person_id, last_there, min(about.date) AS answered
    FROM about ASOF JOIN ran
        ON about.person_id = ran.person_id AND ran.date <= about.date
        AND year(about.date + INTERVAL 184 DAY) = school_year
    WHERE spell_before > 0 AND last_there IS NOT NULL AND (NOT there OR ran.date = about.date)
    GROUP BY ALL
),
waits AS (
    SELECT person_id, period_of(answered) AS period, avg(answered - last_there) AS days_to_contact
    FROM answers GROUP BY ALL
),
long AS (
    SELECT person_id, min(date) FILTER (spell = 1) AS began, min(date) FILTER (spell = 5) AS reached
    FROM ran WHERE NOT there GROUP BY person_id, school_year, last_there HAVING reached IS NOT NULL
),
due AS (
    SELECT person_id, period_of(until) AS period, count(*) AS due_spells, sum(if(met, 1, 0)) AS contacted_spells
    FROM (
        SELECT long.person_id, reached, (reached + INTERVAL 14 DAY)::DATE AS until, bool_or(about.date IS NOT NULL) AS met
        FROM long LEFT JOIN about
            ON about.person_id = long.person_id AND about.date > began AND about.date <= (reached + INTERVAL 14 DAY)
        GROUP BY ALL
    )
    GROUP BY ALL
),
placed AS (
    SELECT person_id, period, school_id, class_id, count(*) AS lessons FROM lesson GROUP BY ALL
),
place AS (
    SELECT person_id, period, school_id AS school, class_id
    FROM (
        SELECT *, sum(lessons) OVER (PARTITION BY person_id, period, school_id) AS at_school
        FROM placed
    )
    QUALIFY row_number() OVER (
        PARTITION BY person_id, period ORDER BY at_school DESC, school_id, class_id IS NULL, lessons DESC, class_id
    ) = 1
),
grid AS (
    SELECT person_id, periods.start AS period, school_id, year_group, sex
    FROM enrolments JOIN persons USING (person_id)
    JOIN periods ON enrolments.start < until AND (enrolments."end" IS NULL OR enrolments."end" > periods.start)
)
SELECT grid.person_id, grid.period, coalesce(place.school, grid.school_id) AS school, class_id, year_group, sex,
    sums.* EXCLUDE (person_id, period),
    if(reported_minutes > 0, present_minutes / reported_minutes, NULL) AS attendance_rate,
    if(reported_minutes_campus > 0, present_minutes_campus / reported_minutes_campus, NULL) AS attendance_rate_campus,
    if(reported_minutes_online > 0, present_minutes_online / reported_minutes_online, NULL) AS attendance_rate_online,
    if(reported_minutes_weekdays_1_5 > 0, present_minutes_weekdays_1_5 / reported_minutes_weekdays_1_5, NULL)
        AS attendance_rate_weekdays_1_5,
    firsts.* EXCLUDE (person_id, period),
    if(reported_minutes_first > 0, present_minutes_first / reported_minutes_first, NULL) AS attendance_rate_first,
    valid_absence_minutes + invalid_absence_minutes AS absent_minutes,
    if(any_reason_minutes_physical_illness > 0,
        reason_minutes_physical_illness / any_reason_minutes_physical_illness, NULL) AS absence_reason_physical_illness,
    if(absent_minutes > 0, invalid_absence_minutes / absent_minutes, NULL) AS invalid_share,
    if(absent_minutes > 0, monday_friday_absent_minutes / absent_minutes, NULL) AS monday_friday_share,
    if(known_mode_minutes > 0, offered_minutes_online / known_mode_minutes, NULL) AS online_share,
    if(timed_lessons > 0, on_time_lessons / timed_lessons, NULL) AS punctuality,
    if(timed_lessons_first > 0, on_time_lessons_first / timed_lessons_first, NULL) AS punctuality_first,
    days.* EXCLUDE (person_id, period),
    if(known_days > 0, absent_days / known_days, NULL) AS absent_day_share,
    coalesce(activity_days, 0) AS activity_days,
    if(reported_minutes > 0, if(absent_minutes * 20 >= reported_minutes * 3, 1.0, 0.0), NULL) AS high_absence,
    if(reported_minutes > 0, if(absent_minutes * 10 >= reported_minutes, 1.0, 0.0), NULL) AS chronic_absence,
    CASE
        WHEN coalesce(reported_minutes, 0) = 0 THEN NULL
        WHEN absent_minutes * 20 < reported_minutes THEN '0-5'
        WHEN absent_minutes * 10 < reported_minutes THEN '5-10'
        WHEN absent_minutes * 20 < reported_minutes * 3 THEN '10-15'
        WHEN absent_minutes * 5 < reported_minutes THEN '15-20'
        WHEN absent_minutes * 10 < reported_minutes * 3 THEN '20-30'
        WHEN absent_minutes * 2 < reported_minutes THEN '30-50'
        ELSE '50-100'
    END AS absence_band,
    spells.* EXCLUDE (person_id, period),
    days_to_contact, coalesce(due_spells, 0) AS due_spells, coalesce(contacted_spells, 0) AS contacted_spells,
    if(due_spells > 0, contacted_spells / due_spells, NULL) AS spells_contacted
FROM grid
LEFT JOIN place ON place.person_id = grid.person_id AND place.period = grid.period
LEFT JOIN sums ON sums.person_id = grid.person_id AND sums.period = grid.period
LEFT JOIN firsts ON firsts.person_id = grid.person_id AND firsts.period = grid.period
LEFT JOIN days ON days.person_id = grid.person_id AND days.period = grid.period
LEFT JOIN active ON active.person_id = grid.person_id AND active.period = grid.period
LEFT JOIN spells ON spells.person_id = grid.person_id AND spells.period = grid.period
LEFT JOIN waits ON waits.person_id = grid.person_id AND waits.period = grid.period
LEFT JOIN due ON due.person_id = grid.person_id AND due.period = grid.period
