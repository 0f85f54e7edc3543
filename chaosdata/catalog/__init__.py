"""The published side: the catalog file, publishing, opening, the dataset card.

Nothing here knows how a trajectory is computed, so whoever only opens data loads no compiler; xarray and Zarr
are imported only when data is opened.
"""
