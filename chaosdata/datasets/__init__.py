"""The making of datasets: recipe, plan, simulate, annotate, build, verify."""
