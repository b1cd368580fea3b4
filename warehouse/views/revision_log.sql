-- One row per article and time its text became another one, the first included; a text that came back has several.
create or replace view main.revision_log as
with steps as (
    select c.article_id, c.revision_id, t.captured_at, c.capture_id,
        lag(c.revision_id) over in_time as before_it
    from audit.capture_times as t join audit.captures as c using (capture_id)
    where c.outcome = 'loaded'
    window in_time as (partition by c.article_id order by t.captured_at, c.capture_id)
),
turns as (
    select *, lead(captured_at) over (partition by article_id order by captured_at, capture_id) as valid_to
    from steps
    where before_it is distinct from revision_id
)
select t.article_id, p.publisher, t.captured_at as valid_from, t.valid_to, r.number, r.title,
    t.before_it is not null and r.valid_from < t.captured_at as came_back,
    r.title_changed, r.paragraphs_added, r.paragraphs_removed, r.paragraphs_edited, t.revision_id,
    t.before_it as previous_revision_id
from turns as t
join main.revisions as r on r.revision_id = t.revision_id
join main.publishers as p on p.publisher_id = r.publisher_id;
comment on view main.revision_log is 'One row per article and time its text became another one; the change counts are against the text before its first appearance.';
comment on column main.revision_log.article_id is 'The article.';
comment on column main.revision_log.number is '1 is the first text that was seen.';
comment on column main.revision_log.came_back is 'Whether this text had stood there before.';
comment on column main.revision_log.revision_id is 'The text.';
