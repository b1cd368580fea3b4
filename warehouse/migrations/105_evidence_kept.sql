-- What of a page's evidence is stored, where `[warehouse] evidence` is not "full".

alter table audit.captures add column evidence_kept varchar;
comment on column audit.captures.evidence_kept is 'What audit.evidence and audit.cut_blocks have of it: winners (the chosen candidates, no cut line) or none; null: everything.';
