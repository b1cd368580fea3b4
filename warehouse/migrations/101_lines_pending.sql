-- Lines are counted once per capture, whichever runs bring it.

alter table audit.captures add column lines_pending boolean;
comment on column audit.captures.lines_pending is 'True where the bytes could not be read when the lines of the page were to be counted: they are not in audit.boilerplate yet, and are added when the capture is read again. Null: nothing is pending.';
