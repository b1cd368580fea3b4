-- What a publisher's name is, since pages from files are filed under what they say of themselves.

comment on column main.publishers.publisher is 'As configured, else the registered domain of the page, else the site''s name, the source''s name, or the folder of a file that no source declares.';
