"""The figures that we promise, measured on a real `nexus up`: `make bench`."""
