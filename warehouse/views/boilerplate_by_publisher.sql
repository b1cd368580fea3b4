-- One row per publisher and cut line that stands on the pages of more than one of its articles.
create or replace view main.boilerplate_by_publisher as
with cut as (
    select a.publisher_id, a.article_id, b.text, b.label
    from main.articles as a
    join main.revisions as r on r.revision_id = a.current_revision_id
    join audit.cut_blocks as b on b.capture_id = r.capture_id
    where b.text <> ''
),
printed as (
    select publisher_id, count(*) as articles from main.articles group by publisher_id
)
select p.publisher, c.text, mode(c.label) as label, count(distinct c.article_id) as pages,
    round(count(distinct c.article_id) / any_value(n.articles), 3) as share_of_pages
from cut as c
join main.publishers as p using (publisher_id)
join printed as n using (publisher_id)
group by p.publisher, c.text
having count(distinct c.article_id) > 1;
comment on view main.boilerplate_by_publisher is 'One row per publisher and cut line that stands on more than one of its articles'' pages.';
comment on column main.boilerplate_by_publisher.text is 'The line.';
comment on column main.boilerplate_by_publisher.label is 'The label it was cut with most often.';
comment on column main.boilerplate_by_publisher.pages is 'Articles whose page it stands on.';
comment on column main.boilerplate_by_publisher.share_of_pages is 'Of all its articles, 0 to 1.';
