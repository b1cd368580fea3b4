select count(*) as records from (
    select 1 from audit.quarantine
    where ($source is null or source = $source)
        and ($rule is null or reason = $rule or list_contains(rules, $rule))
        and ($stage is null or stage = $stage)
        and ($resolved or resolved_at is null)
    limit 1001
)
