-- A search without the full-text extension: the articles with every word as it stands, latest first.
with matched as (
    select l.article_id, l.publisher, l.source, l.language, 'article' as kind, coalesce(l.authors, []) as authors,
        coalesce(l.section_path, []) as sections, coalesce(l.published_at, l.first_seen_at) as printed_at
    from latest_articles as l join article_text as t using (article_id)
    where list_bool_and(list_transform(
        $words::varchar[], lambda w: contains(lower(coalesce(l.title, '') || ' ' || t.text), lower(w))))
)
select article_id::varchar from matched where {where} order by printed_at desc, article_id limit $most
