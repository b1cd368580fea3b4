-- Persons, organisations, places and topics of the revisions that this load writes.

create or replace temp table named_mentions as
select w.revision_id, i.position, i.entity_id::uuid as entity_id, i.kind::main.entity_kind as kind, i.name, i.country,
    i.known, i.field, i.paragraph, i.start_char, i.end_char, i.text, i.full_name, i.role, i.rule
from in_mentions as i join written_revisions as w on w.part = i.part and w.capture_key = i.capture_id;

insert into main.mentions by name
select revision_id, position, entity_id, kind, field, paragraph, start_char, end_char, text, full_name, role, rule
from named_mentions;

-- Who speaks: the person whose words the speaker's are, for "he" whose name is the fullest the article gives, for "the
-- Iranian president" who bears that role.
update main.quotes as q set person_id = s.entity_id
from (
    select q.revision_id, q.position, arg_min(m.entity_id, m.position) as entity_id
    from main.quotes as q join named_mentions as m using (revision_id)
    where m.kind = 'person' and m.entity_id is not null
        and (
            lower(q.speaker_name) in (lower(m.text), lower(m.name), 'the ' || lower(m.role))
            or (
                m.field = 'body' and m.paragraph = q.speaker_paragraph and m.start_char < q.speaker_end_char
                and m.end_char > q.speaker_start_char
                and (ends_with(lower(q.speaker_name), lower(m.text)) or starts_with(lower(q.speaker_name), lower(m.text)))
            )
        )
    group by q.revision_id, q.position
) as s
where s.revision_id = q.revision_id and s.position = q.position;

-- One row per entity that this load names, as the gazetteer has it.
create or replace temp table named_entities as
select entity_id, any_value(kind) as kind, min(name) as name, min(name) filter (known) as known_name,
    min(country) as country
from named_mentions where entity_id is not null
group by entity_id;

insert into changed_entities select entity_id from named_entities;

insert into main.revision_topics by name
select w.revision_id, i.topic, i.origin, i.score, i.evidence
from in_topics as i join written_revisions as w on w.part = i.part and w.capture_key = i.capture_id;
