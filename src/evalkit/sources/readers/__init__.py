"""Readers of one table each (CSV, Excel, Parquet, DuckDB, PostgreSQL), and column maps over what they read."""
