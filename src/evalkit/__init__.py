"""evalkit: from the records of schools and adult education to evaluation reports."""
