"""Study by site: parameters, store, runs."""
