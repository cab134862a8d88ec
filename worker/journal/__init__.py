"""The journal on PostgreSQL: every submission's state and evidence, dead letters, cached code lists."""
