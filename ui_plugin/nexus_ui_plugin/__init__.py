"""The web UI: its build, and the Airflow plugin that shows it."""
