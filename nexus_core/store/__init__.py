"""The SQL store: tables, migrations and repositories."""
