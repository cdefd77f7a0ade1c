"""The demonstration: a web shop's warehouse, Airflow and LineageNexus on one machine (`make demo`)."""
