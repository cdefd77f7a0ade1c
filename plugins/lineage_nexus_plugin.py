"""For an Airflow that has LineageNexus on its path but not installed: put this file in its plugins folder.

Where the package is installed its entry point registers the plugin, and this file does nothing.
"""

from importlib.metadata import entry_points

if not entry_points(group="airflow.plugins", name="lineage_nexus"):
    from nexus_ui_plugin.plugin import LineageNexusPlugin  # noqa: F401 Airflow finds it by its class
