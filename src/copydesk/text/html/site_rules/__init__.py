"""Load, match and apply the user's rules for single sites."""
