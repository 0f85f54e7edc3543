"""Time stepping: from kernels and initial states to trajectories."""
