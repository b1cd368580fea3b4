-- Stories: every cluster of two or more articles, in order of publication.
delete from main.stories
where story_id in (select story_id from main.story_articles where article_id in (select article_id from affected));
delete from main.story_articles where article_id in (select article_id from affected);

create or replace temp table members as
with printed as (
    select c.cluster, a.article_id, a.publisher_id, a.first_seen_at, s.hashes, s.body_sha256,
        row_number() over (
            partition by c.cluster
            order by
                cast(coalesce(r.published_at, a.first_seen_at) as date),
                -- a page with a date of day precision has no time of day
                case when r.published_precision <> 'day' then r.published_at end nulls last,
                a.first_seen_at,
                a.article_id
        ) as position
    from clusters as c
    join main.articles as a using (article_id)
    join main.revisions as r on r.revision_id = a.current_revision_id
    join main.sketches as s on s.article_id = a.article_id
),
firsts as (
    select cluster, article_id as first_article_id, hashes, body_sha256 from printed where position = 1
)
select desk_key('story' || chr(31) || f.first_article_id) as story_id, f.first_article_id, p.article_id,
    p.publisher_id, p.position, p.first_seen_at,
    case
        when p.body_sha256 = f.body_sha256 then 1.0
        else len(list_intersect(
                list_sort(list_distinct(list_concat(p.hashes, f.hashes)))[:32], list_intersect(p.hashes, f.hashes)
            )) / greatest(1, len(list_sort(list_distinct(list_concat(p.hashes, f.hashes)))[:32]))
    end as similarity
from printed as p join firsts as f using (cluster);

insert into main.stories
select story_id, any_value(first_article_id), count(*), count(distinct publisher_id), min(first_seen_at),
    max(first_seen_at)
from members
group by story_id;

insert into main.story_articles
select story_id, article_id, position, similarity from members;
