-- Articles that meet all conditions of a watch, the earliest first.
-- $words: pattern or ''; $person: words of a name or ''; $topic, $publisher: '' for any; $run, $since: only articles of
-- that run, or of runs that started at or after $since; null: all articles.
with candidates as (
    select a.article_id, a.current_revision_id as revision_id, r.title, p.publisher, a.address, a.uri,
        coalesce(r.published_at, a.first_seen_at) as printed_at, a.first_seen_at
    from main.articles as a
    join main.revisions as r on r.revision_id = a.current_revision_id
    join main.publishers as p on p.publisher_id = a.publisher_id
    where ($publisher = '' or p.publisher = $publisher)
        and (
            $since::timestamptz is null
            or a.article_id in (
                select article_id from audit.captures
                where run_id = $run or run_id in (select run_id from ops.runs where started_at >= $since)
            )
        )
        and (
            $topic = ''
            or a.current_revision_id in (select revision_id from main.revision_topics where topic = $topic)
        )
        and (
            $person = ''
            or a.current_revision_id in (
                select m.revision_id
                from main.mentions as m join main.entities as e using (entity_id)
                where e.kind = 'person' and m.field <> 'byline'
                    and list_has_all(
                        string_split(lower(strip_accents(e.name)), ' '), string_split(lower(strip_accents($person)), ' ')
                    )
            )
        )
)
select c.article_id::varchar as article_id, c.title, c.publisher, c.address, c.uri, c.printed_at,
    coalesce(s.story_id, c.article_id)::varchar as story
from candidates as c left join main.story_articles as s using (article_id)
where $words = ''
    or regexp_matches(lower(strip_accents(coalesce(c.title, ''))), $words)
    or exists (
        from main.paragraphs as q
        where q.revision_id = c.revision_id and regexp_matches(lower(strip_accents(q.text)), $words)
    )
order by c.printed_at, c.article_id;
