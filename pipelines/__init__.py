"""Orchestration: Prefect flows that make and publish datasets over a Dask cluster."""
