"""Airflow DAGs that harvest the sources listed in nexus_harvest.yaml."""

from nexus_operators.factory import harvest_dags

globals().update(harvest_dags(__file__))
