"""Find persons, organisations and places in an article: rules and gazetteers, no model."""
