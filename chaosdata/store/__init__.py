"""The bytes of a dataset: schema, Zarr template and shards, receipts, annotations, manifest, checks.

Nothing here knows how a trajectory is computed, so whoever only opens data loads no compiler.
"""
