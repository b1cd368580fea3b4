-- One row per publisher and cut line that stands on more than one of its pages.
create or replace view main.boilerplate_by_publisher as
select p.publisher, b.text, mode(b.label) as label, count(distinct b.capture_id) as pages,
    round(count(distinct b.capture_id) / any_value(n.pages), 3) as share_of_pages
from audit.cut_blocks as b
join audit.captures as c using (capture_id)
join main.articles as a using (article_id)
join main.publishers as p using (publisher_id)
join (
    select publisher_id, count(*) as pages
    from audit.captures join main.articles using (article_id)
    group by publisher_id
) as n on n.publisher_id = p.publisher_id
where b.text <> ''
group by p.publisher, b.text
having count(distinct b.capture_id) > 1;
comment on view main.boilerplate_by_publisher is 'One row per publisher and cut line that stands on more than one of its pages.';
comment on column main.boilerplate_by_publisher.text is 'The line.';
comment on column main.boilerplate_by_publisher.label is 'The label it was cut with most often.';
comment on column main.boilerplate_by_publisher.pages is 'Pages of the publisher it stands on.';
comment on column main.boilerplate_by_publisher.share_of_pages is 'Of all its loaded pages, 0 to 1.';
