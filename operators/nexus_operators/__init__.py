"""LineageNexus in Airflow: operators, hook, provider, transport settings."""
