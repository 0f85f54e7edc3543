"""Estimators: one family a file, each returns an Estimate."""
