-- Databases beside the store: of the keys of events, apart from it, and of the services.
CREATE DATABASE nexus_keys;
CREATE DATABASE airflow;
CREATE DATABASE keycloak;
\connect nexus
CREATE EXTENSION IF NOT EXISTS pg_trgm;
