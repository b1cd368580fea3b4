"""Which requests are allowed: robots.txt, opt-outs from text mining, and addresses that are never contacted."""
