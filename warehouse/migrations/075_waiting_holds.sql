-- Batches that wait for a person are rows, too: SQL knows of a held batch from the moment it is held.

alter table ops.holds alter column decided_at drop not null;
alter table ops.holds add column held_at timestamptz;
alter table ops.holds add column held_captures bigint;
comment on table ops.holds is 'One row per run and source whose batch was held: it waits, or was released or dropped.';
comment on column ops.holds.decision is 'waiting, released or dropped.';
comment on column ops.holds.decided_at is 'When it was released or dropped (UTC); null while it waits.';
comment on column ops.holds.held_at is 'When the batch was held (UTC); null for batches decided on before this column was there.';
comment on column ops.holds.held_captures is 'Captures in the batch.';
